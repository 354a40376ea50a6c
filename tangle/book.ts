// Where the chapters are read from.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { book as config } from "../book.config.ts";
import { blocksOnly, parseBook, type Book, type ChapterSource } from "./parse.ts";

/** Reads the chapters that book.config.ts names, below the folder `root`. */
export function readBook(root = "."): Book {
  return parseBook(readSources(root));
}

/** The same in half the time: without the tokens within paragraphs. */
export function readBlocks(root = "."): Book {
  return parseBook(readSources(root), blocksOnly);
}

/** The texts of all chapters, in order. */
export function readSources(root = "."): ChapterSource[] {
  return config.chapters.map(({ name, path }) =>
    ({ name, path, source: readIfThere(join(root, path)) }));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
