/**
 * `npm run Preparation!` and its kin: a chapter in the terminal. `Beer` is all of them, `Puppy` is
 * for those who finish.
 */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { book } from "../book.config.ts";
import { readSources } from "../tangle/book/book.ts";
import { suggestion } from "../tangle/book/nearest.ts";
import { type Book } from "../tangle/book/chapter.ts";
import { parseBook, unreadable } from "../tangle/book/parse.ts";
import { indexChunks } from "./structure/chunks.ts";
import { loadHighlight } from "./colours/highlight.ts";
import { outline, type Page } from "./structure/outline.ts";
import { chapterLines } from "./terminal/chapter.ts";
import { createInk, depthOf } from "./terminal/ink.ts";
import { frames } from "./terminal/puppy.ts";
import { complain, readOptions, runTool } from "./command-line.ts";
import { visible } from "./text/control-characters.ts";

const width = Math.min(80, process.stdout.columns ?? 80);

/** Announces a part, between two rules. */
function banner({ numeral, chapter }: Page): string[] {
  const rule = "═".repeat(width);
  return [rule, `  Part ${numeral} · ${chapter.name}`, rule];
}

async function printChapters(source: Book, pages: readonly Page[],
  isWhole: boolean): Promise<void>
{
  const ink = createInk(depthOf(process.env, process.stdout.isTTY));
  const shared = {
    ink,
    width,
    index: indexChunks(source, outline(source)),
    highlight: await loadHighlight(),
  };
  for (const page of pages) {
    if (isWhole) await show(banner(page));
    await show(chapterLines({ ...shared, page }));
  }
  if (isWhole) await show(farewell);
}

const farewell = [
  "That was all seven. Whoever sent you here owes you a beer.",
  "(There is also `npm run Puppy`.)",
];

/** Shows lines, and waits for a reader who is behind. */
async function show(lines: readonly string[]): Promise<void> {
  const text = lines.map((line) => `${line}\n`).join("");
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Three frames on a terminal, only the last one elsewhere. */
async function showPuppy(): Promise<void> {
  const last = frames.at(-1) ?? "";
  if (!process.stdout.isTTY) return void process.stdout.write(last);
  for (const frame of frames) {
    process.stdout.write(`\x1b[2J\x1b[H${frame}`);
    await setTimeout(frame === last ? 0 : 900);
  }
}

async function print(argument: string): Promise<void> {
  const name = argument.replace(/!$/u, "").toLowerCase();
  if (name === "puppy") return showPuppy();
  const source = readVisibly();
  const unread = unreadable(source);
  if (unread.length > 0) return fail(...unread);
  const pages = outline(source);
  if (name === "beer") return printChapters(source, pages, true);
  const page = pages.find(({ chapter }) => chapter.name.toLowerCase() === name);
  if (page) return printChapters(source, [page], false);
  const names = [...book.chapters.map((chapter) => chapter.name), "Beer",
    "Puppy"];
  const isPlanned = names.some((each) => each.toLowerCase() === name);
  const hint = isPlanned
    ? " yet"
    : suggestion(argument, names) || ` (there are ${names.join(", ")})`;
  fail(`there is no chapter "${argument}"${hint}`);
}

function fail(...lines: readonly string[]): void {
  for (const line of lines) complain(line);
  process.exitCode = 1;
}

/** The book, with nothing in it that a terminal would obey. */
function readVisibly(): Book {
  const sources = readSources();
  return parseBook(sources.map((each) => ({
    ...each,
    source: each.source && visible(each.source),
  })));
}

/** The name is what npm's script says; what the user adds are options, and there are none. */
const [name = ""] = process.argv.splice(2, 1);
await runTool(`npm run ${name}`, () => {
  readOptions({});
  return print(name);
});
