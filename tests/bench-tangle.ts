// npm run bench:tangle: how long the tangler takes for the whole book, and
// for the same text ten times over: from Markdown to files and maps in
// memory, and with the writing of a whole new tree. The start of the process
// is not counted; of several rounds the best counts, except for the first
// time, when the engine has not warmed to the code yet.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSources } from "../tangle/book.ts";
import { expandBook } from "../tangle/expand.ts";
import { makeManifest } from "../tangle/manifest.ts";
import { blocksOnly, parseBook, type ChapterSource } from "../tangle/parse.ts";
import { wholeBook } from "../tangle/stage.ts";
import { tangle } from "../tangle/tangle.ts";
import { verify } from "../tangle/verify.ts";

const goal = 150;
const repetitions = 10;
const rounds = 7;

const once = readSources().filter(({ source }) => source !== undefined);
const copies = Array.from({ length: repetitions }, (_, copy) => copy);
const manyTimes = copies.flatMap((copy) => once.map((chapter) => makeDistinct(chapter, copy)));

const first = timeToDisk(once, 1);
const single = { memory: timeInMemory(once), disk: timeToDisk(once, rounds) };
const unchanged = timeToDisk(once, rounds, false);
const tenfold = { memory: timeInMemory(manyTimes), disk: timeToDisk(manyTimes, 3) };
const ratio = tenfold.memory / single.memory;

console.log(`the book: ${describe(once)}`);
console.log(`  first time in a process, new tree  ${first.toFixed(0)} ms (goal: under ${goal} ms)`);
console.log(`  later, new tree                    ${single.disk.toFixed(0)} ms`);
console.log(`  later, nothing changed             ${unchanged.toFixed(0)} ms`);
console.log(`  later, in memory                   ${single.memory.toFixed(1)} ms`);
console.log(`${repetitions} times over: ${describe(manyTimes)}`);
console.log(`  new tree                           ${tenfold.disk.toFixed(0)} ms`);
console.log(`  in memory                          ${tenfold.memory.toFixed(1)} ms`);
console.log(`ratio in memory: ${ratio.toFixed(1)} for ${repetitions} times the text`);
process.exitCode = first < goal ? 0 : 1;

function timeInMemory(sources: ChapterSource[]): number {
  return best(rounds, () => {
    const book = parseBook(sources, blocksOnly);
    const problems = verify(book).filter((problem) => !problem.draft);
    if (problems.length > 0) throw new Error("the book has errors: see `npm run tangle`");
    makeManifest(wholeBook(book), expandBook(book, wholeBook(book)), "tangled");
  });
}

function timeToDisk(sources: ChapterSource[], count: number, anew = true): number {
  const root = mkdtempSync(join(tmpdir(), "bench-tangle-"));
  try {
    if (!anew) run(sources, root);
    const prepare = (): void => {
      if (anew) rmSync(join(root, "tangled"), { recursive: true, force: true });
    };
    return best(count, () => run(sources, root), prepare);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The least time of several rounds, in milliseconds. */
function best(count: number, work: () => void, prepare: () => void = () => {}): number {
  const times = Array.from({ length: count }, () => {
    prepare();
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return Math.min(...times);
}

function run(sources: ChapterSource[], root: string): void {
  const { errors } = tangle({ root, book: parseBook(sources, blocksOnly), draft: true });
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** The same chapter with file and chunk names of its own. */
function makeDistinct({ name, path, source }: ChapterSource, copy: number): ChapterSource {
  const text = source!
    .replace(/\bfile=(?=\S)/g, `file=copy-${copy}/`)
    .replace(/\b(chunk|replaces)="((?:[^"\\]|\\.)*)"/g, `$1="$2 (${copy})"`)
    .replace(/<<((?:(?!<<|>>).)+)>>(?=\s*(?:\*\/|-->)?\s*$)/gmu, `<<$1 (${copy})>>`);
  return { name: `${name} ${copy}`, path: path.replace(".md", `-${copy}.md`), source: text };
}

function describe(sources: ChapterSource[]): string {
  const book = parseBook(sources, blocksOnly);
  const words = sources.reduce((sum, { source }) => sum + source!.split(/\s+/).length, 0);
  const fences = book.chapters.flatMap((chapter) => chapter.fences);
  const lines = fences.reduce((sum, fence) => sum + fence.lines.length, 0);
  return `${book.chapters.length} chapters, ${words} words, ${lines} lines of code`;
}
