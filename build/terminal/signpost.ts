/** Side quests in the terminal: the box that leads to one, and how one begins. */
import { isQuest } from "../../tangle/book/chapter.ts";
import { roadPageOf, type Page } from "../structure/outline.ts";
import { readingTime } from "../structure/reading-time.ts";
import { capital } from "../text/html-text.ts";
import {
  reasonFor,
  signpostTo,
  type Signpost,
} from "../structure/signposts.ts";
import type { Setting } from "./setting.ts";
import { wrap } from "./wrap.ts";

/** A signpost; without words of its author it says what the book's description does. */
export function signpostBox({ quest }: Signpost,
  { title, lines }: { title: string; lines: readonly string[] },
  { page, ink, width }: Setting): string[]
{
  const said = lines.length > 0 ? lines : wrap(reasonFor(quest), width - 2);
  return [
    `┌ ${ink.style(`Side quest ${quest.numeral}:`, "bold")} ${title}`,
    ...said.map((line) => `│ ${line}`.trimEnd()),
    ...wrap(`${costOf(quest)}.`, width - 2).map((line) => `│ ${line}`),
    `└ ${ink.style(commandFor(quest, page), "dim")}`,
  ];
}

/** "About 25 minutes: 2,100 words, 397 lines of code; leans on Sixteen bits" */
function costOf(quest: Page): string {
  const names = quest.chapter.quest?.leansOn ?? [];
  const leaning = names.length === 0 ? "" : `; leans on ${names.join(" and ")}`;
  return capital(readingTime(quest)) + leaning;
}

/** The command that prints a side quest: its chapter's, and its name as one word of a shell. */
export function commandFor({ chapter: { name } }: Page, road: Page): string {
  const word = name.includes("'") ? JSON.stringify(name) : `'${name}'`;
  return `npm run ${road.chapter.name} -- ${/^\w+$/u.test(name) ? name : word}`;
}

/** What stands above the title of a side quest; nothing above that of a chapter. */
export function startOfQuest({ page, pages, ink, width }: Setting): string[] {
  const road = roadPageOf(page, pages);
  if (!isQuest(page.chapter.number) || !road) return [];
  const mark = signpostTo(page, pages)?.mark;
  const where = mark === undefined ? "" : ` You left the road in ${mark}.`;
  const words =
    `Side quest of part ${road.numeral}, ${road.chapter.name}.${where} ${costOf(page)}.`;
  return ["", ...wrap(words, width).map((line) => ink.style(line, "dim"))];
}

/** What stands below a side quest; nothing below a chapter. */
export function wayBack(page: Page, pages: readonly Page[]): string[] {
  const road = roadPageOf(page, pages);
  if (!road || road === page) return [];
  const mark = signpostTo(page, pages)?.mark;
  const where = mark === undefined ? "" : `, in ${mark}`;
  return [`(Back to the road${where}: npm run ${road.chapter.name})`];
}
