/**
 * `npm run Preparation!` and its kin: a chapter in the terminal; `npm run Guest -- 'small print'`: a side quest.
 * `Beer` is all of the book, `Puppy` is for those who finish.
 */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { book } from "../book.config.ts";
import { readSources } from "../tangle/book/book.ts";
import { isQuest, type Book } from "../tangle/book/chapter.ts";
import { parseBook, unreadable } from "../tangle/book/parse.ts";
import { loadHighlight, type Highlight } from "./colours/highlight.ts";
import { indexChunks } from "./structure/chunks.ts";
import { outline, type Page } from "./structure/outline.ts";
import { chapterLines } from "./terminal/chapter.ts";
import { choose, type Chosen } from "./terminal/choose.ts";
import { createInk, depthOf } from "./terminal/ink.ts";
import { wayBack } from "./terminal/signpost.ts";
import { frames } from "./terminal/puppy.ts";
import { complain, readOptions, runTool } from "./command-line.ts";
import { visible } from "./text/control-characters.ts";

const width = Math.min(80, process.stdout.columns ?? 80);

/** Announces a part, between two rules. */
function banner({ numeral, chapter }: Page): string[] {
  const rule = "═".repeat(width);
  const kind = isQuest(chapter.number) ? "Side quest" : "Part";
  return [rule, `  ${kind} ${numeral} · ${chapter.name}`, rule];
}

async function printPages(source: Book, { pages: chosen, isWhole }: Chosen,
  pages: readonly Page[]): Promise<void>
{
  const ink = createInk(depthOf(process.env, process.stdout.isTTY));
  const shared = {
    ink,
    width,
    pages,
    index: indexChunks(source, pages),
    highlight: ink.depth === 1 ? plain : await loadHighlight(),
  };
  for (const page of chosen) {
    if (isWhole) await show(banner(page));
    await show(chapterLines({ ...shared, page }));
    if (!isWhole) await show(wayBack(page, pages));
  }
  if (isWhole) await show(farewell);
}

/** Code without colours. */
const plain: Highlight = () => undefined;

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
async function showPuppy(wanted: string | undefined): Promise<void> {
  if (wanted !== undefined) return fail(`the puppy does not know "${wanted}"`);
  const last = frames.at(-1) ?? "";
  if (!process.stdout.isTTY) return void process.stdout.write(last);
  for (const frame of frames) {
    process.stdout.write(`\x1b[2J\x1b[H${frame}`);
    await setTimeout(frame === last ? 0 : 900);
  }
}

async function print(script: string,
  wanted: string | undefined): Promise<void>
{
  if (/^puppy!?$/iu.test(script)) return showPuppy(wanted);
  const source = readVisibly();
  const unread = unreadable(source);
  if (unread.length > 0) return fail(...unread);
  const names = [...book.chapters.map(({ name }) => name), "Beer", "Puppy"];
  const pages = outline(source);
  const choice = choose(script, wanted, pages, names);
  if ("fault" in choice) return fail(choice.fault);
  return printPages(source, choice, pages);
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

/** The name is what npm's script says; behind it the user may name a side quest. There are no options. */
const [script = "", ...rest] = process.argv.slice(2);
await runTool(`npm run ${script}`, () => {
  const words = rest.filter((word) => !word.startsWith("-"));
  readOptions({}, rest.filter((word) => word.startsWith("-")));
  return print(script, words.length === 0 ? undefined : words.join(" "));
});
