// How far the book has been read: `--through Guest`, `--through "Host: demand paging"`,
// `--through "Host: Fourth landing: hypercalls"`.
import {
  chapterOf,
  isQuest,
  type Book,
  type Chapter,
  type Fence,
} from "./chapter.ts";
import { suggestion } from "./nearest.ts";
import { findSection, sectionsOf, type Section } from "./sections.ts";

/** A point in the book up to which it is tangled. */
export interface Stage {
  /** As --through would have it. */
  name: string;
  /** The number of the chapter or side quest that this stage ends in. */
  chapter: number;
  /** Whether that chapter is there to its end. */
  complete: boolean;
  /** Whether this is the whole book, with all that hangs on it. */
  whole: boolean;
  /** Whether the side quests are left out. */
  road: boolean;
  /** On the road: the numbers of side quests that are there all the same. */
  taken?: readonly number[];
  /** The last line of that chapter where a fence may open; all count without it. */
  lastLine?: number;
}

/** The stage at the end of the book, as far as it is written; on the road, or all of it. */
export function wholeBook(book: Book, road = false): Stage {
  const last = book.chapters.findLast(({ number }) => !isQuest(number));
  if (last) return stageAfter(last, book, road);
  return {
    name: "nothing",
    chapter: 0,
    complete: true,
    whole: book.paths.length === 0,
    road,
  };
}

/**
 * The stage that `through` names: a chapter with its side quests, or a side
 * quest, or `Chapter: chunk` for the last fence in that chapter which adds to
 * the chunk, or `Chapter: section` for the end of that section; a side quest
 * has its name there too. With `road` the side quests are left out. Throws an Error with the nearest name when
 * there is no such thing.
 */
export function parseStage(through: string, book: Book, road = false): Stage {
  const [, chapterName, part] = /^\s*([^:]*?)\s*(?::\s*(.*?)\s*)?$/su.exec(
    through,
  )!;
  const chapter = findChapter(chapterName!, book);
  if (road && isQuest(chapter.number))
    throw new Error(`${chapter.name} is a side quest, which --road leaves out`);
  if (part === undefined) return stageAfter(chapter, book, road);
  const chunk = findChunk(part, chapter);
  if (chunk) return stageAt(chapter, part, chunk.place.line, road);
  const section = findSection(part, sectionsOf(chapter));
  if (section) return stageAt(chapter, section.title, section.to, road);
  const quest = findQuest(part, chapter, book);
  if (quest) return parseStage(quest.name, book, road);
  throw new Error(unknownPart(part, chapter, book));
}

/** A stage that was written down, in the book as it is now. Throws as parseStage does. */
export const stageAgain = ({ name, road }: Stage, book: Book): Stage =>
  parseStage(name, book, road);

/** The stage at the end of a section. */
export function stageThrough({ title, chapter, to }: Section, book: Book,
  road = false): Stage
{
  return stageAt(book.chapters.find(({ number }) => number === chapter)!, title,
    to, road);
}

function stageAt({ name, number }: Chapter, part: string, lastLine: number,
  road: boolean): Stage
{
  return {
    name: `${name}: ${part}`,
    chapter: number,
    complete: false,
    whole: false,
    road,
    lastLine,
  };
}

function stageAfter({ name, number }: Chapter, book: Book,
  road: boolean): Stage
{
  const chapter = isQuest(number) ? number : endOf(number, book);
  return {
    name,
    chapter,
    complete: true,
    whole: chapter === book.last && !road,
    road,
  };
}

/** The number of the last side quest of a chapter, or its own. */
const endOf = (number: number, book: Book): number =>
  book.chapters.findLast((each) => chapterOf(each.number) === number)!.number;

/** The chapter or side quest of this name. Throws an Error with the nearest one. */
export function findChapter(name: string, book: Book): Chapter {
  const wanted = name.replace(/!$/, "").toLowerCase();
  const names = book.chapters.map((chapter) => chapter.name);
  const road = book.chapters.filter(({ number }) => !isQuest(number));
  const found = book.chapters.find((chapter) =>
    chapter.name.toLowerCase() === wanted
  );
  if (found) return found;
  const hint = suggestion(name, names)
    || `: the chapters are ${road.map((each) => each.name).join(", ")}`;
  throw new Error(`there is no chapter "${name}"${hint}`);
}

/** The side quest of this name on a chapter. */
export function findQuest(name: string, { number }: Chapter, book: Book):
  | Chapter
  | undefined
{
  const wanted = name.trim().toLowerCase();
  return questsOn(number, book).find((quest) =>
    quest.name.toLowerCase() === wanted
  );
}

/** The side quests that hang on the chapter of this number. */
export const questsOn = (chapter: number, { chapters }: Book): Chapter[] =>
  chapters.filter(({ number }) =>
    isQuest(number) && chapterOf(number) === chapter
  );

/** The last fence of the chapter that adds to a chunk. */
export function findChunk(name: string, chapter: Chapter): Fence | undefined {
  return chapter.fences.findLast((fence) => chunkOf(fence) === name);
}

function unknownPart(name: string, chapter: Chapter, book: Book): string {
  const chunks = chapter.fences.map(chunkOf).filter((chunk) =>
    chunk !== undefined
  );
  const hint = suggestion(name, [...chunks,
    ...sectionsOf(chapter).map(({ title }) => title),
    ...questsOn(chapter.number, book).map((quest) => quest.name)]);
  return `no section has that name, and chapter ${chapter.name} defines no chunk "${name}"${hint}`;
}

/** The chunk that a fence defines, appends to or replaces. */
export function chunkOf(fence: Fence): string | undefined {
  return fence.chunk ?? fence.replaces;
}

/** Whether the stage has reached this fence. */
export function isReached(fence: Fence, stage: Stage): boolean {
  if (isLeftOut(fence.chapter, stage)) return false;
  if (fence.chapter !== stage.chapter) return fence.chapter < stage.chapter;
  return stage.lastLine === undefined || fence.place.line <= stage.lastLine;
}

/** Whether this is the number of a side quest that the stage goes past. */
export const isLeftOut = (number: number, { road, taken }: Stage): boolean =>
  road && isQuest(number) && !taken?.includes(number);
