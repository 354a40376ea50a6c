// npm run stats [-- --sections] [--holes]: what the road costs its readers, and the side
// quests, and which promise about that is broken: budgets (book.config.ts),
// holes, how soon something runs, what README.md says. Exits with 1 if one is.
// Which sections end well is taken from what `npm run stages -- types` found
// before; with --sections the rest is checked now. --holes names those that
// wait where each chapter has most of them.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { book as config } from "../book.config.ts";
import { readBlocks } from "../tangle/book/book.ts";
import { isQuest, labelOf, type Book } from "../tangle/book/chapter.ts";
import { unreadable } from "../tangle/book/parse.ts";
import { orSay, refusal } from "../tangle/book/words.ts";
import type { Holes } from "../tangle/road/holes.ts";
import {
  brokenPromises,
  grouped,
  roadInWords,
  roadOf,
  saysRoad,
  statsOf,
  sumOf,
  type Stats,
  type Sum,
} from "../tangle/road/stats.ts";
import { sectionEnds } from "./prove/section-ends.ts";
import { knownVerdicts, typeErrors } from "./prove/types.ts";

function findBroken(stats: readonly Stats[]): string[] {
  const readme = saysRoad(readFileSync("README.md", "utf8"), stats) ? []
    : [`README.md does not say within a twentieth: "${roadInWords(stats)}"`];
  return [...brokenPromises(stats, config.budget), ...readme];
}

/** For each part how many of its sections end with code that type-checks: "12 of 14", with a question mark for those nobody has looked at. */
async function endings(book: Book, now: boolean): Promise<string[]> {
  const parts = book.chapters.map((chapter) =>
    sectionEnds(chapter, book, !isQuest(chapter.number))
  );
  const all = parts.flat();
  if (now) await typeErrors(all);
  const known = knownVerdicts();
  return parts.map((ends) => {
    const verdicts = ends.map(({ key }) => known(key));
    const good = verdicts.filter((each) => each === true).length;
    const open = verdicts.filter((each) => each === undefined).length;
    return `${good} of ${ends.length}${open > 0 ? ` (${open}?)` : ""}`;
  });
}

const columns = ["", "", "words", "code", "chunks", "no run", "no drawing",
  "holes", "most", "end well", "hours"];

function print(stats: readonly Stats[], ends: readonly string[]): void {
  console.log(
    "words: of prose, outside of fences. code: lines of file=, chunk= and replaces= fences that\n"
      + "are neither blank nor a reference; comments count. chunks: such fences. no run: most lines\n"
      + "of Markdown without an experiment. no drawing: most words without one. holes: chunks to\n"
      + "which the road refers and that are not there at a chapter's end, since they wait for a later\n"
      + "one + for side quests alone; most: at once. end well: sections after which the types are right\n"
      + "(of a chapter on the road). hours: at 200 words or 20 lines of code a minute\n",
  );
  const rows = [columns,
    ...stats.map((each, index) => rowOf(each, ends[index])),
    sumRow("the road", sumOf(roadOf(stats))), sumRow("all", sumOf(stats))];
  const widths = columns.map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  for (const row of rows)
    console.log(
      row.map((text, column) =>
        column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column])
      ).join("  ").trimEnd(),
    );
}

function rowOf(each: Stats, end: string): string[] {
  const { number, name, withoutExperiment, withoutDrawing, holes } = each;
  const { words, lines, chunks, hours } = inFigures(each);
  return [labelOf(number), name, words, lines, chunks,
    grouped(withoutExperiment), grouped(withoutDrawing), countOf(holes?.atEnd),
    countOf(holes?.most), end, hours];
}

function printHoles(stats: readonly Stats[]): void {
  for (const { path, holes } of stats)
    if (holes && holes.most.waiting.length > 0)
      console.log(
        `${path}:${holes.most.line}: ${holes.most.waiting.map((name) => `<<${name}>>`).join(", ")}`,
      );
}

/** "12+30" */
function countOf(holes: Holes | undefined): string {
  return holes ? `${holes.waiting.length}+${holes.aside.length}` : "";
}

function sumRow(name: string, sum: Sum): string[] {
  const { words, lines, chunks, hours } = inFigures(sum);
  return ["", name, words, lines, chunks, "", "", "", "", "", hours];
}

const inFigures = ({ words, lines, chunks, minutes }: Sum) => ({
  words: grouped(words),
  lines: grouped(lines),
  chunks: grouped(chunks),
  hours: (minutes / 60).toFixed(1),
});

await orSay(async () => {
  const { values } = parseArgs({
    options: { sections: { type: "boolean" }, holes: { type: "boolean" } },
  });
  const book = readBlocks();
  const [lost] = unreadable(book);
  if (lost !== undefined) throw refusal(lost);
  const stats = statsOf(book);
  const ends = await endings(book, values.sections ?? false);
  print(stats, ends);
  console.log(`\n${roadInWords(stats)}`);
  if (values.holes) printHoles(stats);
  const broken = findBroken(stats);
  for (const line of broken) console.log(`broken: ${line}`);
  console.log(
    `${broken.length === 0 ? "no" : broken.length} promises are broken`,
  );
  process.exitCode = broken.length > 0 ? 1 : 0;
});
