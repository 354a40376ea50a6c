// Where the side quests leave the road: a block quote that begins
// > **Side quest:** [Title](side-quests/SLUG.md).
// and goes on with what lies there, and who should go.
import { posix } from "node:path";
import type { Chapter, Place } from "../book/chapter.ts";
import { splitLines } from "../book/parse.ts";

export interface Signpost {
  /** The file of the side quest, as book.config.ts names it; undefined without a link. */
  path: string | undefined;
  /** The words of its link. */
  title: string;
  /** The words behind the link. */
  words: string;
  /** Where the words "Side quest" or, if there is one, the link's address stand. */
  place: Place;
  /** The lines of the block quote, from 1. */
  from: number;
  to: number;
}

/** What the text of a signpost begins with. */
export const opening = "**Side quest:**";

const form =
  /^\*\*Side quest:\*\* \[((?:[^\]\\]|\\.)*)\]\(([^)\s]+)\)\.?(?:\s+(.*))?$/su;

/** Whatever its author meant as one. */
const like = /^\W{0,4}side[\s-]?quests?\b\W{0,4}:/iu;

/** The signposts of a chapter, and what looks like one. */
export function signpostsOf({ tokens, path, source }: Chapter): Signpost[] {
  return tokens.flatMap(({ type, level, map }, index) => {
    const text = tokens[index + 2]?.content ?? "";
    if (type !== "blockquote_open" || level > 0 || !map) return [];
    if (!text.startsWith(opening) && !like.test(text)) return [];
    const isAlone = tokens[index + 4]?.type === "blockquote_close";
    const [, title = "", link, words = ""] = (isAlone && form.exec(text)) || [];
    return [{
      path: link === undefined ? undefined
        : posix.join(posix.dirname(path), link),
      title,
      words: words.replace(/\s+/gu, " ").trim(),
      place: placeOf(path, splitLines(source), map, link),
      from: map[0] + 1,
      to: map[1],
    }];
  });
}

/** Where the link of a block quote leads from, or where its words begin. */
function placeOf(path: string, lines: readonly string[],
  [from, to]: readonly [number, number], link: string | undefined): Place
{
  const wanted = link === undefined ? /[^\s>]/u : `](${link})`;
  for (let at = from; at < to; at++) {
    const column = typeof wanted === "string" ? lines[at].indexOf(wanted)
      : lines[at].search(wanted);
    const further = typeof wanted === "string" ? 2 : 0;
    if (column >= 0)
      return { path, line: at + 1, column: column + 1 + further };
  }
  return { path, line: from + 1, column: 1 };
}
