// npm run bench:tangle: how long the tangler takes for the whole book, and
// for the same text ten times over: from Markdown to files and maps in
// memory, and with the writing of a whole new tree. The start of the process
// is not counted. Other work on the computer only ever adds to a time, so of
// several rounds the best one counts. The first time in a process, before the
// engine has warmed to the code, is measured in processes of its own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readSources } from "../tangle/book/book.ts";
import { expandBook } from "../tangle/tree/expand.ts";
import { makeManifest } from "../tangle/tree/manifest.ts";
import { type ChapterSource } from "../tangle/book/chapter.ts";
import { blocksOnly, parseBook } from "../tangle/book/parse.ts";
import { wholeBook } from "../tangle/book/stage.ts";
import { tangle } from "../tangle/tangle.ts";
import { verify } from "../tangle/rules/verify.ts";

const goal = 150;
const repetitions = 10;
const rounds = 7;

const once = readSources().filter(({ source }) => source !== undefined);
const copies = Array.from({ length: repetitions }, (_, copy) => copy);
const manyTimes = copies.flatMap((copy) =>
  once.map((chapter) => makeDistinct(chapter, copy))
);

const { values } = parseArgs({ options: { first: { type: "boolean" } } });
if (values.first) console.log(timeToDisk(once, 1));
else report();

function report(): void {
  const first = best(3, timeOfFirst);
  const [memory, tenfold] = [timeInMemory(once), timeInMemory(manyTimes)];
  console.log(`the book: ${describe(once)}`);
  print("first time in a process, new tree", first,
    ` (goal: under ${goal} ms)`);
  print("later, new tree", timeToDisk(once, rounds));
  print("later, nothing changed", timeToDisk(once, rounds, false));
  print("later, in memory", memory);
  console.log(`${repetitions} times over: ${describe(manyTimes)}`);
  print("new tree", timeToDisk(manyTimes, 3));
  print("in memory", tenfold);
  console.log(
    `ratio in memory: ${(tenfold / memory).toFixed(1)} for ${repetitions} times the text`,
  );
  process.exitCode = first < goal ? 0 : 1;
}

function print(what: string, milliseconds: number, remark = ""): void {
  console.log(
    `  ${what.padEnd(34)} ${milliseconds.toFixed(0).padStart(5)} ms${remark}`,
  );
}

/** What another process measures. */
function timeOfFirst(): number {
  const command = ["tangle/run.mjs", "tests/bench-tangle.ts", "--first"];
  return Number(execFileSync(process.execPath, command, { encoding: "utf8" }));
}

function timeInMemory(sources: ChapterSource[]): number {
  return best(rounds, () =>
    timed(() => {
      const book = parseBook(sources, blocksOnly);
      const problems = verify(book).filter((problem) => !problem.draft);
      if (problems.length > 0) throw new Error(
          "the book has errors: see `npm run tangle`",
        );
      makeManifest(wholeBook(book), expandBook(book, wholeBook(book)),
        "tangled");
    }));
}

function timeToDisk(sources: ChapterSource[], count: number,
  anew = true): number
{
  const root = mkdtempSync(join(tmpdir(), "bench-tangle-"));
  try {
    if (!anew) run(sources, root);
    return best(count, () => {
      if (anew) rmSync(join(root, "tangled"), { recursive: true, force: true });
      return timed(() => run(sources, root));
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

function best(count: number, measure: () => number): number {
  return Math.min(...Array.from({ length: count }, measure));
}

/** Milliseconds. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function run(sources: ChapterSource[], root: string): void {
  const { errors } = tangle({
    root,
    book: parseBook(sources, blocksOnly),
    draft: true,
  });
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** The same chapter with file and chunk names of its own. */
function makeDistinct({ name, path, source, number, quest }: ChapterSource,
  copy: number): ChapterSource
{
  const text = source!
    .replace(/\bfile=(?=\S)/g, `file=copy-${copy}/`)
    .replace(/\b(chunk|replaces)="((?:[^"\\]|\\.)*)"/g, `$1="$2 (${copy})"`)
    .replace(/<<((?:(?!<<|>>).)+)>>(?=\s*(?:\*\/|-->)?\s*$)/gmu,
      `<<$1 (${copy})>>`)
    .replace(/\]\((side-quests\/[^)]*)\.md\)/g, `]($1-${copy}.md)`);
  const leansOn = quest?.leansOn.map((other) => `${other} ${copy}`) ?? [];
  return {
    name: `${name} ${copy}`,
    path: path.replace(".md", `-${copy}.md`),
    source: text,
    number: number! + 100 * copy,
    ...(quest ? { quest: { ...quest, leansOn } } : {}),
  };
}

function describe(sources: ChapterSource[]): string {
  const book = parseBook(sources, blocksOnly);
  const words = sources.reduce(
    (sum, { source }) => sum + source!.split(/\s+/).length,
    0,
  );
  const fences = book.chapters.flatMap((chapter) => chapter.fences);
  const lines = fences.reduce((sum, fence) => sum + fence.lines.length, 0);
  return `${book.chapters.length} chapters, ${words} words, ${lines} lines of code`;
}
