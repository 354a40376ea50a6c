/** The order of the book: its pages, their sections, and the numbers of both. */
import { basename } from "node:path";
import type { Token } from "markdown-it";
import type { Book, Chapter } from "../../tangle/book/chapter.ts";
import { createHeadingIds } from "../text/ids.ts";

/** A heading below the title of a chapter. */
export interface Section {
  /** 2 for `##`, and so on. */
  level: number;
  /** "1.3"; only sections of level 2 are numbered. */
  number: string;
  id: string;
  /** Its words without markup. */
  title: string;
  /** Its line in the chapter, from 1. */
  line: number;
}

/** A chapter and its place in the site. */
export interface Page {
  chapter: Chapter;
  numeral: string;
  /** Name of the HTML file. */
  file: string;
  sections: Section[];
}

const numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
  "XI", "XII"];

export const numeralOf = (number: number): string =>
  numerals[number - 1] ?? String(number);

/** The HTML file that a chapter at `path` is woven into. */
export const pageFile = (path: string): string =>
  `${basename(path, ".md")}.html`;

export function outline(book: Book): Page[] {
  return book.chapters.map((chapter) => ({
    chapter,
    numeral: numeralOf(chapter.number),
    file: pageFile(chapter.path),
    sections: sectionsOf(chapter),
  }));
}

/** The words of an inline token without markup. */
export function plainText(token: Token | undefined): string {
  if (!token?.children) return token?.content ?? "";
  const words = token.children.filter((child) => child.type !== "html_inline");
  return words.map((
    child,
  ) => (child.type === "softbreak" ? " " : child.content)).join("");
}

function sectionsOf({ number, tokens }: Chapter): Section[] {
  const idOf = createHeadingIds();
  let count = 0;
  return tokens.flatMap((token, index) => {
    if (token.type !== "heading_open") return [];
    const title = plainText(tokens[index + 1]);
    const level = Number(token.tag.slice(1));
    const line = (token.map?.[0] ?? 0) + 1;
    return [
      {
        level,
        id: idOf(title, line),
        title: title.trim(),
        line,
        number: level === 2 ? `${number}.${++count}` : "",
      },
    ];
  });
}

/** "§1.3", the section in which a line of the chapter stands; "§1" before the first. */
export function sectionMark(page: Page, line: number): string {
  const section = page.sections.findLast((each) =>
    each.number !== "" && each.line <= line
  );
  return `§${section?.number ?? page.chapter.number}`;
}

/** Whether a paragraph is verse: several lines, each of which begins and ends in italics. */
export function isVerse({ children }: Token): boolean {
  const parts = (children ?? []).filter((child) =>
    child.type !== "text" || child.content !== ""
  );
  const breaks = parts.flatMap((child,
    at) => (child.type.endsWith("break") ? [at] : [])
  );
  const starts = [0, ...breaks.map((at) => at + 1)];
  const ends = [...breaks.map((at) => at - 1), parts.length - 1];
  return (
    breaks.length > 0
    && starts.every((at) => parts[at]?.type === "em_open")
    && ends.every((at) => parts[at]?.type === "em_close")
  );
}
