/** Signposts: where a side quest leaves its chapter, and where one comes back to. */
import { posix } from "node:path";
import type { Token } from "markdown-it";
import * as road from "../../tangle/road/signposts.ts";
import { capital } from "../text/html-text.ts";
import { createIds } from "../text/ids.ts";
import { roadPageOf, sectionMark, type Page } from "./outline.ts";

/** A signpost in its place in the site. */
export interface Signpost {
  /** The page of the side quest. */
  quest: Page;
  /** Index of the token that opens the block quote. */
  token: number;
  id: string;
  /** Its address in the site. */
  href: string;
  /** The section it stands in. */
  mark: string;
  /** What its author says there of the side quest, in Markdown. */
  words: string;
}

/** The signposts of a chapter, as far as they lead to its own side quests. */
export function signpostsOf(page: Page, pages: readonly Page[]): Signpost[] {
  const { chapter } = page;
  const idOf = createIds("side-quest");
  return road.signpostsOf(chapter).flatMap(({ path, words, from }) => {
    const quest = pages.find((each) => each.chapter.path === path);
    if (!quest || quest === page || roadPageOf(quest, pages) !== page)
      return [];
    const id = idOf(posix.basename(quest.file, ".html"));
    const token = chapter.tokens.findIndex(({ type, map }) =>
      type === "blockquote_open" && map?.[0] === from - 1
    );
    const mark = sectionMark(page, from);
    return [{ quest, token, id, href: `${page.file}#${id}`, mark, words }];
  });
}

/** The signpost at which one left the road for a side quest. */
export function signpostTo(quest: Page, pages: readonly Page[]): Signpost
  | undefined
{
  const road = roadPageOf(quest, pages);
  if (!road || road === quest) return undefined;
  return signpostsOf(road, pages).find((each) => each.quest === quest);
}

/** What an author wrote: the words of the link, and those after it. */
export function wordsOn(
  { children }: Token,
): { title: Token[]; rest: Token[] } {
  const all = children ?? [];
  const [from, to] = ["link_open", "link_close"].map((type) =>
    all.findIndex((child) => child.type === type)
  ) as [number, number];
  const [stop, ...others] = all.slice(to + 1);
  const rest = stop?.type === "text"
    ? [{ ...stop, content: stop.content.replace(/^\.?\s*/u, "") } as Token,
      ...others]
    : all.slice(to + 1);
  return { title: all.slice(from + 1, to), rest };
}

/** Why one would go on a side quest, as a sentence: what the book's description says. */
export function reasonFor({ chapter }: Page): string {
  const words = chapter.quest?.reason.trim() ?? "";
  return capital(/[.!?]$/u.test(words) || words === "" ? words : `${words}.`);
}
