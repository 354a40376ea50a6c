// Where the chapters are read from.
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { type Book, type ChapterSource } from "./chapter.ts";
import { blocksOnly, parseBook } from "./parse.ts";
import { readText } from "./text-file.ts";

/** Reads the chapters that book.config.ts names, below the folder `root`. */
export function readBook(root = "."): Book {
  return parseBook(readSources(root));
}

/** The same in half the time: without the tokens within paragraphs. */
export function readBlocks(root = "."): Book {
  return parseBook(readSources(root), blocksOnly);
}

/** The texts of all chapters, in order, or why they cannot be read. */
export function readSources(root = "."): ChapterSource[] {
  return config.chapters.map(({ name, path }) => {
    const read = readText(join(root, path));
    if (read === undefined || typeof read === "string")
      return { name, path, source: read };
    const { line, column, message } = read;
    const problem = { place: { path, line, column }, message };
    return { name, path, source: undefined, problem };
  });
}
