/**
 * `npm run Preparation!` and its kin: a chapter in the terminal. `Beer` is all of them, `Puppy` is
 * for those who finish.
 */
import { setTimeout } from "node:timers/promises";
import { book } from "../book.config.ts";
import { readBook, unreadable, type Book } from "../tangle/parse.ts";
import { suggestion } from "../tangle/nearest.ts";
import { indexChunks } from "./chunks.ts";
import { loadHighlight } from "./highlight.ts";
import { outline, type Page } from "./outline.ts";
import { chapterLines } from "./terminal/chapter.ts";
import { createInk, depthOf } from "./terminal/ink.ts";
import { frames } from "./terminal/puppy.ts";

const width = Math.min(80, process.stdout.columns ?? 80);

/** Announces a part, between two rules. */
function banner({ numeral, chapter }: Page): string[] {
  const rule = "═".repeat(width);
  return [rule, `  Part ${numeral} · ${chapter.name}`, rule];
}

async function printChapters(
  source: Book,
  pages: readonly Page[],
  isWhole: boolean,
): Promise<void> {
  const ink = createInk(depthOf(process.env, process.stdout.isTTY));
  const shared = {
    ink,
    width,
    index: indexChunks(source, outline(source)),
    highlight: await loadHighlight(),
  };
  const lines = pages.flatMap((page) => [
    ...(isWhole ? banner(page) : []),
    ...chapterLines({ ...shared, page }),
  ]);
  const farewell = isWhole
    ? [
        "That was all seven. Whoever sent you here owes you a beer.",
        "(There is also `npm run Puppy`.)",
        "",
      ]
    : [];
  process.stdout.write([...lines, ...farewell].join("\n"));
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
  const source = readBook();
  const unread = unreadable(source);
  if (unread.length > 0) return fail(unread.join("\n"));
  const pages = outline(source);
  if (name === "beer") return printChapters(source, pages, true);
  const page = pages.find(({ chapter }) => chapter.name.toLowerCase() === name);
  if (page) return printChapters(source, [page], false);
  const names = [...book.chapters.map((chapter) => chapter.name), "Beer", "Puppy"];
  const isPlanned = names.some((each) => each.toLowerCase() === name);
  const hint = isPlanned
    ? " yet"
    : suggestion(argument, names) || ` (there are ${names.join(", ")})`;
  fail(`there is no chapter "${argument}"${hint}`);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

/** A reader that has seen enough, as `head` does, is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

await print(process.argv[2] ?? "");
