/** "Chapter V" in a sentence leads there. */
import type { Token } from "markdown-it";
import { placeIn, type Loom } from "./loom.ts";
import { roadOf, type Page } from "../structure/outline.ts";
import { linkTo } from "../text/addresses.ts";

/** A word before a numeral, or what joins numerals: "chapters V and". */
const joint = /\bchapters?(?:\s+[IVX]+(?:,|\s+(?:and|or|to)))*$/iu;
const numeral = /^[IVX]+\b/u;

/**
 * The words of a sentence, with links where they name a chapter: "chapter V" is one, "chapters V and VI" are two. The
 * page's own chapter and what is a link already stay words. A chapter that is not there is complained of.
 */
export function linkChapters(sentence: Token, words: readonly Token[],
  loom: Loom): Token[]
{
  let said = "", depth = 0;
  return words.flatMap((word) => {
    depth += word.type === "link_open" ? 1 : word.type === "link_close" ? -1
      : 0;
    if (word.type === "softbreak") said += " ";
    else if (word.type !== "text" || depth > 0) said = "";
    if (word.type !== "text" || depth > 0) return [word];
    const pieces = word.content.split(/(?<=\s)(?=[IVX]+\b)|^(?=[IVX]+\b)/u);
    return pieces.flatMap((piece) => {
      const found = joint.test(said.trimEnd()) ? numeral.exec(piece) : null;
      said += piece;
      if (!found) return [as(word, piece)];
      const target = pageOf(found[0], sentence, loom);
      const rest = piece.slice(found[0].length);
      return [...target ? linked(word, found[0], target, loom.page)
        : [as(word, found[0])], as(word, rest)];
    });
  });
}

/** The page of a chapter that is not the one we are on. */
function pageOf(name: string, sentence: Token, { page, pages, complain }: Loom):
  | Page
  | undefined
{
  const target = roadOf(pages).find((each) => each.numeral === name);
  if (!target) {
    const place = placeIn(page, sentence, name);
    complain({ place, message: `there is no chapter ${name}` });
  }
  return target === page ? undefined : target;
}

function linked(word: Token, name: string, target: Page, page: Page): Token[] {
  const open = {
    type: "link_open",
    tag: "a",
    nesting: 1 as const,
    content: "",
    attrs: [["href", linkTo(target.file, page.file)]] as [string, string][],
  };
  const close = {
    type: "link_close",
    tag: "a",
    nesting: -1 as const,
    content: "",
  };
  return [copy(word, open), as(word, name), copy(word, close)];
}

const as = (word: Token, content: string): Token => copy(word, { content });

/** A token like another, but for some of its fields. */
const copy = (token: Token, fields: Partial<Token>): Token =>
  Object.assign(Object.create(Object.getPrototypeOf(token) as object) as Token,
    token, fields);
