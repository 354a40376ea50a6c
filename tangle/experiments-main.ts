// npm run experiments [-- --update]: runs every experiment that is tangled,
// and compares what it prints with the book; or makes the book say so.
import { parseArgs } from "node:util";
import { book as config } from "../book.config.ts";
import { readSources } from "./book/book.ts";
import { diffLines } from "./back/diff.ts";
import {
  editChapters,
  writeChapters,
  type LineEdit,
} from "./back/edit-chapter.ts";
import { experimentsOf } from "./tree/expand.ts";
import {
  experimentsAt,
  runExperiment,
  titleOf,
  type Outcome,
} from "./testing/experiments.ts";
import { treeFolder } from "./tree/home.ts";
import { withLock } from "./tree/lock.ts";
import { readManifest } from "./tree/manifest.ts";
import { type Book, type ChapterSource } from "./book/chapter.ts";
import { blocksOnly, parseBook } from "./book/parse.ts";
import { inParallel } from "./testing/pool.ts";
import { stageAgain, type Stage } from "./book/stage.ts";
import { isCurrent, tangle } from "./tangle.ts";
import { format } from "./book/chapter.ts";
import { verify } from "./rules/verify.ts";
import { orSay, refusal } from "./book/words.ts";
import { lockOf } from "./tree/write.ts";

await orSay(async () => {
  const { values } = parseArgs({ options: { update: { type: "boolean" } } });
  const manifest = readManifest(config.tangled);
  if (!manifest)
    throw refusal(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
  await main(manifest.stage, values.update ?? false);
});

async function main(stage: Stage, update: boolean): Promise<void> {
  const sources = readSources();
  const book = parseBook(sources, blocksOnly);
  refuse(findReasons(book, stage, update));
  const experiments = experimentsAt(book, stageAgain(stage, book));
  const outcomes = await inParallel(experiments, 2,
    (experiment) => runExperiment(experiment));
  const differing = outcomes.filter((outcome) => outcome.differs);
  const updated = update
    ? differing.filter((outcome) => fitsIntoItsFence(outcome, sources)) : [];
  if (updated.length > 0) updateBook(updated, sources, stage);
  for (const outcome of outcomes) report(outcome, updated.includes(outcome));
  const failed =
    outcomes.filter((outcome) => outcome.problem && !updated.includes(outcome))
      .length;
  const fine = outcomes.length - failed - updated.length;
  console.log(
    `${fine} experiments as in the book, ${updated.length} updated, ${failed} failed`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}

function refuse(errors: readonly string[]): void {
  for (const error of errors.slice(0, -1)) console.error(error);
  if (errors.length > 0) throw refusal(errors.at(-1)!);
}

/** Why no experiment is run: what it prints must belong to what the chapters say now. */
function findReasons(book: Book, stage: Stage, update: boolean): string[] {
  const problems = verify(book).filter((problem) => !problem.draft).map(format);
  if (problems.length > 0 || !update || isCurrent(stage)) return problems;
  return [
    `${config.tangled}/ is not what the chapters say now: run \`npm run tangle\` first`,
  ];
}

function report({ experiment, problem }: Outcome, updated: boolean): void {
  if (updated) console.log(`updated ${titleOf(experiment)}`);
  else if (problem) console.error(problem);
}

/** Whether the fence would still hold what was printed, and nothing else be changed by it. */
function fitsIntoItsFence(outcome: Outcome,
  sources: readonly ChapterSource[]): boolean
{
  const { experiment: { name }, printed } = outcome;
  if (printed.some((line) => /[\0\uFFFD]/.test(line))) return false;
  const texts = editChapters(sources, editsFor(outcome));
  const book = parseBook(sources.map((each) => ({
    ...each,
    source: texts.get(each.path) ?? each.source,
  })), blocksOnly);
  const found = experimentsOf(book).find((each) => each.name === name);
  return book.problems.every((problem) => problem.draft) && found !== undefined
    && found.output.lines.join("\n") === printed.join("\n");
}

function editsFor({ experiment: { output }, printed }: Outcome): LineEdit[] {
  const { place: { path }, firstLine, lines: before } = output;
  return diffLines(before, printed).map(({ start, end, lines }) => ({
    path,
    line: firstLine + start,
    count: end - start,
    lines,
  }));
}

function updateBook(outcomes: Outcome[], sources: readonly ChapterSource[],
  stage: Stage): void
{
  const texts = editChapters(sources, outcomes.flatMap(editsFor));
  refuse(
    withLock(lockOf(treeFolder()), () => writeChapters(".", sources, texts)),
  );
  for (
    const error of tangle({
      through: stage.name,
      road: stage.road,
      draft: true,
    }).errors
  )
    console.error(error);
}
