// Where the chapters are read from.
import { join, posix } from "node:path";
import { book as config } from "../../book.config.ts";
import type { Book, ChapterEntry, ChapterSource, Quest } from "./chapter.ts";
import { blocksOnly, parseBook } from "./parse.ts";
import { alike } from "./paths.ts";
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

/**
 * What book.config.ts names, in the order of tangling: a chapter, its side
 * quests, the next. Throws where it cannot be meant.
 */
export function parts(
  chapters: readonly ChapterEntry[] = config.chapters,
): Part[] {
  const all = partsOf(chapters);
  const wrong = wrongWith(all);
  if (wrong !== undefined) throw refusal(`book.config.ts: ${wrong}`);
  return all;
}

function partsOf(chapters: readonly ChapterEntry[]): Part[] {
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
const numberOf = (chapter: number, place: number, count: number): number =>
  count > 9 ? NaN : Number(`${chapter}.${place}`);

/** What is wrong with these parts, if anything. */
function wrongWith(all: readonly Part[]): string | undefined {
  const names = new Set<string>(), slugs = new Map<string, Part>();
  for (const part of all) {
    const { name, path, number, quest } = part;
    if (Number.isNaN(number))
      return `${name} is one of more than nine side quests of a chapter: there are no more numbers`;
    if (!/^[\p{L}\p{N}](?:[^:\p{C}]*[^:\p{C}\s!])?$/u.test(name))
      return `"${name}" is no name: begin with a letter, end with no space or "!", and have no colon in it`;
    if (!/\p{L}/u.test(name) || name.toLowerCase() === "experiments")
      return `"${name}" means something else to \`npm test\`: choose another name`;
    if (names.has(alike(name)))
      return `two parts are called ${name}: choose another name for one`;
    const twin = slugs.get(alike(slugOf(part)));
    if (twin)
      return `${twin.name} and ${name} both lie in a file ${slugOf(part)}: choose another name for one`;
    if (!path.endsWith(".md"))
      return `${path} is no Markdown file: let it end with .md`;
    if (quest && !quest.reason?.trim())
      return `${name} has no reason: say in a line who should go there`;
    names.add(alike(name));
    slugs.set(alike(slugOf(part)), part);
  }
  return undefined;
}

/** The name of the file, which that of a folder of tests is made from. */
const slugOf = ({ path }: Part): string => posix.basename(path);
