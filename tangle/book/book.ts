// Where the chapters are read from.
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import type { Book, ChapterEntry, ChapterSource, Quest } from "./chapter.ts";
import { blocksOnly, parseBook } from "./parse.ts";
import { readText } from "./text-file.ts";
import { refusal } from "./words.ts";

/** Reads the chapters that book.config.ts names, below the folder `root`. */
export function readBook(root = "."): Book {
  return parseBook(readSources(root));
}

/** The same in half the time: without the tokens within paragraphs. */
export function readBlocks(root = "."): Book {
  return parseBook(readSources(root), blocksOnly);
}

/** The texts of all chapters and side quests, in order, or why they cannot be read. */
export function readSources(root = "."): ChapterSource[] {
  return parts().map((part) => {
    const { path } = part, read = readText(join(root, path));
    if (read === undefined || typeof read === "string")
      return { ...part, source: read };
    const { line, column, message } = read;
    const problem = { place: { path, line, column }, message };
    return { ...part, source: undefined, problem };
  });
}

/** What book.config.ts names, in the order of tangling: a chapter, its side quests, the next. */
export function parts(): Part[] {
  const chapters: readonly ChapterEntry[] = config.chapters;
  return chapters.flatMap(({ name, path, sideQuests = [] }, index) => [
    { name, path, number: index + 1 },
    ...sideQuests.map((each, place) => ({
      name: each.name,
      path: each.path,
      number: numberOf(index + 1, place + 1, sideQuests.length),
      quest: { reason: each.reason, leansOn: each.leansOn ?? [] },
    })),
  ]);
}

/** A chapter or a side quest, before it is read. */
export interface Part {
  name: string;
  path: string;
  number: number;
  quest?: Quest;
}

/** 1.3 for the third side quest of chapter 1; up to nine have a number each. */
function numberOf(chapter: number, place: number, count: number): number {
  if (count > 9) {
    throw refusal(
      `book.config.ts: chapter ${chapter} has ${count} side quests; `
        + "there are numbers for nine",
    );
  }
  return Number(`${chapter}.${place}`);
}
