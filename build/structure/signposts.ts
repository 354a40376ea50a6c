/** Signposts: where a side quest leaves its chapter, and where one comes back to. */
import { posix } from "node:path";
import type { Token } from "markdown-it";
import { createIds } from "../text/ids.ts";
import { roadPageOf, sectionMark, type Page } from "./outline.ts";

/** A block quote that begins with **Side quest:** and a link. */
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
}

/** What every signpost begins with. */
export const opening = "**Side quest:**";

const pattern = /^\*\*Side quest:\*\* \[[^\]]*\]\(([^)\s]+)\)/u;

/** The signposts of a chapter, as far as they lead to its own side quests. */
export function signpostsOf(page: Page, pages: readonly Page[]): Signpost[] {
  const { tokens, path } = page.chapter;
  const idOf = createIds("side-quest");
  return tokens.flatMap(({ type, map }, token) => {
    const link = pattern.exec(tokens[token + 2]?.content ?? "")?.[1];
    if (type !== "blockquote_open" || link === undefined) return [];
    const wanted = posix.join(posix.dirname(path), link);
    const quest = pages.find(({ chapter }) => chapter.path === wanted);
    if (!quest || quest === page || roadPageOf(quest, pages) !== page)
      return [];
    const id = idOf(posix.basename(quest.file, ".html"));
    const mark = sectionMark(page, (map?.[0] ?? 0) + 1);
    return [{ quest, token, id, href: `${page.file}#${id}`, mark }];
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

/** What an author wrote on a signpost: the words of its link, and those after it. */
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

/** Whether an author wrote nothing but the link. */
export const isBare = ({ rest }: { rest: readonly Token[] }): boolean =>
  rest.every(({ type, content }) => type === "text" && content.trim() === "");
