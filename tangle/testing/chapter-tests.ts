// The tests of the chapters: a folder a chapter, a file a section. The tests
// of tests/5-host/the-door-from-behind.ts hold at the end of that section of
// the fifth chapter; those of a section that are too many for one file lie in
// tests/5-host/the-door-from-behind.WHAT.ts as well. Folders in these folders
// hold what several of the files need. Those of a side quest lie in a folder
// of its own below tests/side-quests/, named as its Markdown file is.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parts } from "../book/book.ts";
import { chapterOf, isQuest, type Book, type Fence } from "../book/chapter.ts";
import { sectionsOf, type Section } from "../book/sections.ts";
import { chunkOf, isLeftOut, isReached, type Stage } from "../book/stage.ts";

/** A file of tests. */
export interface ChapterTest {
  path: string;
  chapter: number;
  /** The slug of the section at whose end it holds. */
  slug: string;
}

/** All of them, in the order of the chapters. */
export function chapterTests(root: string): ChapterTest[] {
  const numbered = namesIn(join(root, "tests")).flatMap((folder) => {
    const number = Number(/^(\d+)-[^.]*$/.exec(folder)?.[1]);
    return number > 0 ? [{ number, folder: `tests/${folder}` }] : [];
  });
  const quests = parts().filter(({ number }) => isQuest(number));
  const named = quests.map(({ number, path }) => ({
    number,
    folder: testFolder(path),
  }));
  const folders = [...numbered, ...named].sort((a, b) => a.number - b.number);
  return folders.flatMap(({ folder, number }) => {
    const names = namesIn(join(root, folder)).filter((name) =>
      name.endsWith(".ts")
    );
    return names.map((name) => ({
      path: `${folder}/${name}`,
      chapter: number,
      slug: name.split(".")[0],
    }));
  });
}

/** Where the tests of a side quest lie: "tests/side-quests/sixteen-bits". */
const testFolder = (path: string): string =>
  `tests/side-quests/${basename(path, ".md")}`;

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** The section that a file of tests is named after, if there is one. */
export function sectionOfTest({ chapter, slug }: ChapterTest, book: Book):
  | Section
  | undefined
{
  const found = book.chapters.find(({ number }) => number === chapter);
  return found && sectionsOf(found).find((section) => section.slug === slug);
}

/** The tests of what is there at the stage; in the order of the book. */
export function testsAt(stage: Stage, book: Book, root: string): ChapterTest[] {
  const tests = chapterTests(root).filter((test) => isThere(test, stage, book));
  const placed = tests.map((test) => ({
    test,
    line: sectionOfTest(test, book)?.from ?? Infinity,
  }));
  placed.sort((a, b) => a.test.chapter - b.test.chapter || a.line - b.line);
  return placed.map(({ test }) => test);
}

/** What is named after no section waits for the end of its chapter. */
function isThere(test: ChapterTest, stage: Stage, book: Book): boolean {
  if (isLeftOut(test.chapter, stage)) return false;
  if (test.chapter !== stage.chapter || stage.complete)
    return test.chapter <= stage.chapter;
  const section = sectionOfTest(test, book);
  return section !== undefined && isSectionReached(section, stage, book);
}

/** Whether the stage has all code of a section. */
export function isSectionReached(section: Section, stage: Stage,
  book: Book): boolean
{
  if (isLeftOut(section.chapter, stage)) return false;
  if (section.chapter !== stage.chapter || stage.complete)
    return section.chapter <= stage.chapter;
  const fences =
    book.chapters.find(({ number }) => number === section.chapter)!.fences;
  return section.from <= (stage.lastLine ?? Infinity)
    && fences.every((fence) =>
      !isCode(fence) || !isIn(fence, section) || isReached(fence, stage)
    );
}

const isCode = (fence: Fence): boolean =>
  fence.file !== undefined || chunkOf(fence) !== undefined;

/** Whether a fence stands in a section. */
export const isIn = ({ chapter, place: { line } }: Fence,
  section: Section): boolean =>
  chapter === section.chapter && section.from <= line && line <= section.to;

/** A function that knows which chapter a file of tests belongs to, if any; with its side quests. */
export function chapterOfTest(
  root: string,
): (path: string) => number | undefined {
  const chapters = new Map(
    chapterTests(root).map(({ path, chapter }) => [path, chapterOf(chapter)]),
  );
  return (path) => chapters.get(path);
}

/** What belongs to the same chapter, together; what belongs to none, each alone. */
export function byChapter<T>(all: readonly T[],
  chapterOfOne: (one: T) => number | undefined): T[][]
{
  const groups = new Map<unknown, T[]>();
  for (const each of all) {
    const key = chapterOfOne(each) ?? each, group = groups.get(key) ?? [];
    groups.set(key, [...group, each]);
  }
  return [...groups.values()];
}
