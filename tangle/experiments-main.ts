// npm run experiments [-- --update]: runs every experiment that is tangled,
// and compares what it prints with the book; or makes the book say so.
import { parseArgs } from "node:util";
import { book as config } from "../book.config.ts";
import { readBlocks } from "./book.ts";
import { editChapters, writeChapters, type LineEdit } from "./edit-chapter.ts";
import { experimentsAt, runExperiment, titleOf, type Outcome } from "./experiments.ts";
import { readManifest } from "./manifest.ts";
import { inParallel } from "./pool.ts";
import { parseStage, type Stage } from "./stage.ts";
import { tangle } from "./tangle.ts";

const { values } = parseArgs({ options: { update: { type: "boolean" } } });
const manifest = readManifest(config.tangled);
if (!manifest) fail(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
await main(manifest.stage, values.update ?? false);

async function main({ name }: Stage, update: boolean): Promise<void> {
  const book = readBlocks();
  const experiments = experimentsAt(book, parseStage(name, book));
  const outcomes = await inParallel(experiments, 2, (experiment) => runExperiment(experiment));
  const differing = outcomes.filter((outcome) => outcome.differs);
  const updated = update ? differing.filter(fitsIntoItsFence) : [];
  if (updated.length > 0) updateBook(updated, name);
  for (const outcome of outcomes) report(outcome, updated.includes(outcome));
  const failed = outcomes.filter((outcome) => outcome.problem && !updated.includes(outcome)).length;
  const fine = outcomes.length - failed - updated.length;
  console.log(`${fine} experiments as in the book, ${updated.length} updated, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function report({ experiment, problem }: Outcome, updated: boolean): void {
  if (updated) console.log(`updated ${titleOf(experiment)}`);
  else if (problem) console.error(problem);
}

/** A printed line like the fence's own end would close it early. */
function fitsIntoItsFence({ printed }: Outcome): boolean {
  return !printed.some((line) => /^ {0,3}(```|~~~)/.test(line));
}

function updateBook(outcomes: Outcome[], stage: string): void {
  const edits = outcomes.map(({ experiment: { output }, printed }): LineEdit => {
    const { place: { path }, firstLine: line, lines: { length: count } } = output;
    return { path, line, count, lines: printed };
  });
  writeChapters(".", editChapters(".", edits));
  for (const error of tangle({ through: stage, draft: true }).errors) console.error(error);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
