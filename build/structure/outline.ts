/** The order of the book: its pages, their sections, and the numbers of both. */
import { posix } from "node:path";
import type { Token } from "markdown-it";
import { book as config } from "../../book.config.ts";
import {
  chapterOf,
  labelOf,
  numeralOf,
  isQuest,
  type Book,
  type Chapter,
} from "../../tangle/book/chapter.ts";
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

/** A chapter or a side quest, and its place in the site. */
export interface Page {
  chapter: Chapter;
  /** "II" is a chapter, "2a" its first side quest. */
  numeral: string;
  /** What the numbers of its sections and experiments begin with: "2", "2a". */
  number: string;
  /** Path of the HTML file in the site. */
  file: string;
  sections: Section[];
}

/** The HTML file that a chapter or a side quest at `path` is woven into. */
export const pageFile = (path: string): string =>
  posix.relative(config.chaptersFolder, path).replace(/\.md$/u, ".html");

export const outline = (book: Book): Page[] => book.chapters.map(pageOf);

function pageOf(chapter: Chapter): Page {
  const number = labelOf(chapter.number);
  return {
    chapter,
    numeral: isQuest(chapter.number) ? number : numeralOf(chapter.number),
    number,
    file: pageFile(chapter.path),
    sections: sectionsOf(chapter, number),
  };
}

/** The pages of the chapters, without their side quests. */
export const roadOf = (pages: readonly Page[]): Page[] =>
  pages.filter(({ chapter }) => !isQuest(chapter.number));

/** The side quests that hang on the chapter of a page, which may itself be one of them. */
export function questsOf({ chapter }: Page, pages: readonly Page[]): Page[] {
  const road = chapterOf(chapter.number);
  return pages.filter(({ chapter: { number } }) =>
    isQuest(number) && chapterOf(number) === road
  );
}

/** The chapter on which the side quest of a page hangs; the page of a chapter is its own. */
export function roadPageOf(page: Page, pages: readonly Page[]): Page
  | undefined
{
  const road = chapterOf(page.chapter.number);
  return pages.find(({ chapter }) => chapter.number === road);
}

/** The words of an inline token without markup. */
export function plainText(token: Token | undefined): string {
  if (!token?.children) return token?.content ?? "";
  const words = token.children.filter((child) => child.type !== "html_inline");
  return words.map((
    child,
  ) => (child.type === "softbreak" ? " " : child.content)).join("");
}

function sectionsOf({ tokens }: Chapter, number: string): Section[] {
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

/** The numbered section of a page that a line of its chapter stands in; undefined before the first. */
export const sectionAt = (page: Page, line: number): Section | undefined =>
  page.sections.findLast((each) => each.number !== "" && each.line <= line);

/** "§1.3", the section in which a line of the chapter stands; "§1" before the first. */
export function sectionMark(page: Page, line: number): string {
  return `§${sectionAt(page, line)?.number ?? page.number}`;
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
