// How far the book has been read: `--through Guest`, `--through "Host: demand paging"`,
// `--through "Host: Fourth landing: hypercalls"`.
import type { Book, Chapter, Fence } from "./chapter.ts";
import { suggestion } from "./nearest.ts";
import { findSection, sectionsOf, type Section } from "./sections.ts";

/** A point in the book up to which it is tangled. */
export interface Stage {
  /** As --through would have it. */
  name: string;
  /** The number of the chapter that this stage ends in. */
  chapter: number;
  /** Whether that chapter is there to its end. */
  complete: boolean;
  /** Whether this is the whole book. */
  whole: boolean;
  /** The last line of that chapter where a fence may open; all count without it. */
  lastLine?: number;
}

/** The stage at the end of the book, as far as it is written. */
export function wholeBook(book: Book): Stage {
  const last = book.chapters.at(-1);
  if (last) return stageAfter(last, book);
  return {
    name: "nothing",
    chapter: 0,
    complete: true,
    whole: book.paths.length === 0,
  };
}

/**
 * The stage that `through` names: a chapter, or `Chapter: chunk` for the
 * last fence in that chapter which adds to the chunk, or `Chapter: section`
 * for the end of that section. Throws an Error with the nearest name when
 * there is no such thing.
 */
export function parseStage(through: string, book: Book): Stage {
  const [, chapterName, part] = /^\s*([^:]*?)\s*(?::\s*(.*?)\s*)?$/su.exec(
    through,
  )!;
  const chapter = findChapter(chapterName!, book);
  if (part === undefined) return stageAfter(chapter, book);
  const chunk = findChunk(part, chapter);
  if (chunk) return stageAt(chapter, part, chunk.place.line);
  const section = findSection(part, sectionsOf(chapter));
  if (section) return stageAt(chapter, section.title, section.to);
  throw new Error(unknownPart(part, chapter));
}

/** The stage at the end of a section. */
export function stageThrough({ title, chapter, to }: Section,
  book: Book): Stage
{
  return stageAt(book.chapters.find(({ number }) => number === chapter)!, title,
    to);
}

function stageAt({ name, number }: Chapter, part: string,
  lastLine: number): Stage
{
  return {
    name: `${name}: ${part}`,
    chapter: number,
    complete: false,
    whole: false,
    lastLine,
  };
}

function stageAfter({ name, number }: Chapter, book: Book): Stage {
  return {
    name,
    chapter: number,
    complete: true,
    whole: number === book.paths.length,
  };
}

/** The chapter of this name. Throws an Error with the nearest one. */
export function findChapter(name: string, book: Book): Chapter {
  const wanted = name.replace(/!$/, "").toLowerCase();
  const names = book.chapters.map((chapter) => chapter.name);
  const found = book.chapters.find((chapter) =>
    chapter.name.toLowerCase() === wanted
  );
  if (found) return found;
  const hint = suggestion(name, names)
    || `: the chapters are ${names.join(", ")}`;
  throw new Error(`there is no chapter "${name}"${hint}`);
}

/** The last fence of the chapter that adds to a chunk. */
export function findChunk(name: string, chapter: Chapter): Fence | undefined {
  return chapter.fences.findLast((fence) => chunkOf(fence) === name);
}

function unknownPart(name: string, chapter: Chapter): string {
  const chunks = chapter.fences.map(chunkOf).filter((chunk) =>
    chunk !== undefined
  );
  const hint = suggestion(name, [...chunks,
    ...sectionsOf(chapter).map(({ title }) => title)]);
  return `no section has that name, and chapter ${chapter.name} defines no chunk "${name}"${hint}`;
}

/** The chunk that a fence defines, appends to or replaces. */
export function chunkOf(fence: Fence): string | undefined {
  return fence.chunk ?? fence.replaces;
}

/** Whether the stage has reached this fence. */
export function isReached(fence: Fence, stage: Stage): boolean {
  if (fence.chapter !== stage.chapter) return fence.chapter < stage.chapter;
  return stage.lastLine === undefined || fence.place.line <= stage.lastLine;
}
