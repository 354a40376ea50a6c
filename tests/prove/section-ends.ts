// Where the book can be stopped: at the end of each section, with all side
// quests up to there or on the road; and after a side quest without the others.
import { isQuest, type Book, type Chapter } from "../../tangle/book/chapter.ts";
import {
  sectionsOf,
  sectionWith,
  type Section,
} from "../../tangle/book/sections.ts";
import { stageThrough, type Stage } from "../../tangle/book/stage.ts";
import { stageAlone } from "../../tangle/road/quests.ts";
import {
  chapterTests,
  sectionOfTest,
  testsAt,
} from "../../tangle/testing/chapter-tests.ts";
import { experimentsAt } from "../../tangle/testing/experiments.ts";
import { expandBook, experimentsOf } from "../../tangle/tree/expand.ts";
import { hashOf } from "../../tangle/tree/manifest.ts";
import type { TangledFile } from "../../tangle/tree/tangled-file.ts";

/** A place where the book is stopped, and what it comes to there. */
export interface End {
  /** "Guest: The way back, on the road". */
  name: string;
  stage: Stage;
  tree: readonly TangledFile[];
  /** The same for the same tree. */
  key: string;
}

/** The end of a section, which has tests and experiments of its own. */
export interface SectionEnd extends End {
  section: Section;
}

/** The book at a stage. */
export function endAt(stage: Stage, book: Book): End {
  const tree = expandBook(book, stage);
  const key = hashOf(
    JSON.stringify(tree.map(({ path, text }) => [path, text])),
  );
  const name = stage.road && !stage.taken ? `${stage.name}, on the road`
    : stage.name;
  return { name, stage, tree, key };
}

/** The ends of all sections of a chapter or side quest, in order; no side quest is on the road. */
export function sectionEnds({ number, ...rest }: Chapter, book: Book,
  road: boolean): SectionEnd[]
{
  if (road && isQuest(number)) return [];
  return sectionsOf({ number, ...rest }).map((section) => ({
    ...endAt(stageThrough(section, book, road), book),
    section,
  }));
}

/** A side quest on the road, with nothing but what it leans on. */
export const endAlone = (quest: Chapter, book: Book): End =>
  endAt(stageAlone(quest, book), book);

/** What is to hold at the end of a section and not before: its test files and experiments, by name. */
export function testsOf({ section }: SectionEnd, book: Book): string[] {
  const isIts = (other: Section | undefined): boolean =>
    other?.chapter === section.chapter && other.slug === section.slug;
  const files = chapterTests(".").filter((test) =>
    isIts(sectionOfTest(test, book))
  );
  const chapter = book.chapters.find(({ number }) =>
    number === section.chapter
  )!;
  const experiments = experimentsOf(book).filter(({ fence }) =>
    fence.chapter === section.chapter
    && isIts(sectionWith(fence, sectionsOf(chapter)))
  );
  return [...files.map(({ path }) => path),
    ...experiments.map(({ name }) => name)];
}

/** All test files and experiments that there are at a stage, by name. */
export function allTestsAt(stage: Stage, book: Book): string[] {
  return [...testsAt(stage, book, ".").map(({ path }) => path),
    ...experimentsAt(book, stage).map(({ name }) => name)];
}
