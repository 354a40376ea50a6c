/** Which pages a reader wants: `Guest`, `Guest 'small print'`, `Beer`. */
import { suggestion } from "../../tangle/book/nearest.ts";
import {
  questsOf,
  roadOf,
  roadPageOf,
  type Page,
} from "../structure/outline.ts";
import { commandFor } from "./signpost.ts";

/** The pages to print. */
export interface Chosen {
  pages: readonly Page[];
  /** Whether they are all of the book. */
  isWhole?: true;
}

/** The pages to print, or why there are none. */
export type Choice = Chosen | { fault: string };

/** What is meant by the name of a script and, behind it, part of a side quest's name; `names` are those of all scripts. */
export function choose(script: string, wanted: string | undefined,
  pages: readonly Page[], names: readonly string[]): Choice
{
  const name = script.replace(/!$/u, "").toLowerCase();
  if (name === "beer") {
    return wanted === undefined ? { pages, isWhole: true }
      : { fault: `Beer is all of the book: it goes without "${wanted}"` };
  }
  const page = roadOf(pages).find(({ chapter }) =>
    chapter.name.toLowerCase() === name
  );
  if (!page) return { fault: noChapter(script, names) };
  return wanted === undefined ? { pages: [page] }
    : chooseQuest(wanted, page, pages);
}

function noChapter(script: string, names: readonly string[]): string {
  const isPlanned = names.some((each) =>
    each.toLowerCase() === script.replace(/!$/u, "").toLowerCase()
  );
  const hint = isPlanned ? " yet"
    : suggestion(script, names) || ` (there are ${names.join(", ")})`;
  return `there is no chapter "${script}"${hint}`;
}

/** The one side quest of a chapter in whose name or title the words stand; a whole name is enough. */
function chooseQuest(wanted: string, page: Page,
  pages: readonly Page[]): Choice
{
  const quests = questsOf(page, pages);
  const found = matching(wanted, quests);
  if (found.length === 1) return { pages: found };
  if (found.length > 1) {
    return {
      fault: `"${wanted}" may be ${listed(found, " or ")}: say more of the name`,
    };
  }
  return {
    fault: `${page.chapter.name} has no side quest "${wanted}"${hintAt(wanted, quests, pages)}`,
  };
}

function matching(wanted: string, quests: readonly Page[]): readonly Page[] {
  const words = wanted.trim().toLowerCase();
  const whole = quests.filter(({ chapter }) =>
    chapter.name.toLowerCase() === words
  );
  if (whole.length > 0) return whole;
  return quests.filter(({ chapter: { name, title } }) =>
    [name, title].some((each) => each.toLowerCase().includes(words))
  );
}

/** What the reader may have meant, where it is, or what there is. */
function hintAt(wanted: string, quests: readonly Page[],
  pages: readonly Page[]): string
{
  const names = quests.map(({ chapter }) => chapter.name);
  const [other] = matching(wanted,
    pages.filter((each) => roadPageOf(each, pages) !== each));
  const road = other && roadPageOf(other, pages);
  if (other && road) return `; did you mean \`${commandFor(other, road)}\`?`;
  const all = quests.length === 0 ? ": it has none"
    : ` (there are ${listed(quests, ", ")})`;
  return suggestion(wanted, names) || all;
}

const listed = (pages: readonly Page[], between: string): string =>
  pages.map(({ chapter }) => `"${chapter.name}"`).join(between);
