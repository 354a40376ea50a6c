// Which tests there are at a stage of the book, and which of them are meant
// by `npm test -- Guest` or `npm test -- "Guest: Faults upon faults"`.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { parts, readBlocks } from "../book/book.ts";
import type { Book, Chapter } from "../book/chapter.ts";
import { type Experiment } from "../tree/expand.ts";
import {
  chapterTests,
  isIn,
  isSectionReached,
  sectionOfTest,
  testsAt,
  type ChapterTest,
} from "./chapter-tests.ts";
import { experimentsAt } from "./experiments.ts";
import { readManifest } from "../tree/manifest.ts";
import { suggestion } from "../book/nearest.ts";
import {
  findSection,
  sectionsOf,
  sectionWith,
  type Section,
} from "../book/sections.ts";
import {
  findChapter,
  findChunk,
  findQuest,
  isLeftOut,
  stageAgain,
  type Stage,
} from "../book/stage.ts";

export interface Selection {
  /** Test files, below the project's folder. */
  files: string[];
  experiments: Experiment[];
}

/** Tests of the tools, and of the whole machine; they run when the whole book is there. */
const toolTests = ["tangle", "build", "decoders", "silicon", "privileged",
  "fuzz", "house"].map((name) => `tests/${name}.ts`);

/**
 * What the names stand for: chapters and side quests, sections as `Chapter:
 * section`, test files, `experiments`, one of them as `1.2` or `1c.2`. Without names, everything at the tangled stage. Throws
 * an Error when there is no such thing.
 */
export function selectTests(names: readonly string[], root = "."): Selection {
  const all = names.map((name) => selectNamed(name, root));
  if (names.length === 0) all.push(selectStage(root));
  return {
    files: [...new Set(all.flatMap(({ files }) => files))],
    experiments: all.flatMap(({ experiments }) => experiments),
  };
}

function selectStage(root: string): Selection {
  const here = readHere(root);
  const tools = toolTests.filter((path) =>
    here.stage.whole && existsSync(join(root, path))
  );
  return {
    files: [...pathsOf(here.tests), ...tools],
    experiments: here.experiments,
  };
}

/** The stage that is tangled, and what can be tested there. */
interface Here {
  book: Book;
  stage: Stage;
  tests: ChapterTest[];
  experiments: Experiment[];
}

function readHere(root: string): Here {
  const manifest = readManifest(join(root, config.tangled));
  if (!manifest)
    throw new Error(
      `${config.tangled}/ is empty: run \`npm run tangle\` first`,
    );
  const { stage } = manifest, book = readBlocks(root);
  const experiments = experimentsAt(book, stageAgain(stage, book));
  return { book, stage, tests: testsAt(stage, book, root), experiments };
}

const pathsOf = (tests: readonly ChapterTest[]): string[] =>
  tests.map(({ path }) => path);

function selectNamed(name: string, root: string): Selection {
  if (name === "experiments")
    return { files: [], experiments: readHere(root).experiments };
  if (/^\d+[a-z]?\.\d+$/.test(name)) return selectExperiment(name, root);
  const plain = name.replace(/!$/, "").toLowerCase();
  const part = parts().find((each) => each.name.toLowerCase() === plain);
  if (part) return selectChapter(name, part.number, root);
  const isTest = (path: string): boolean =>
    path.endsWith(".ts") && existsSync(join(root, path));
  const path = [name, `tests/${name}`, `tests/${name}.ts`].find(isTest);
  if (path !== undefined) return { files: [path], experiments: [] };
  const [, chapter, section] = /^([^:/]*):(.*)$/su.exec(name) ?? [];
  if (chapter !== undefined)
    return selectSection(chapter.trim(), section!.trim(), root);
  throw new Error(
    `there are no tests "${name}"${suggestion(name, knownNames(root))}`,
  );
}

function knownNames(root: string): string[] {
  return [...parts().map((part) => part.name), "experiments", ...toolTests,
    ...pathsOf(chapterTests(root))];
}

function selectExperiment(name: string, root: string): Selection {
  const { experiments } = readHere(root);
  const found = experiments.filter((each) => each.name === name);
  if (found.length > 0) return { files: [], experiments: found };
  throw new Error(
    `there is no experiment ${name} in ${config.tangled}/${suggestion(name, experiments.map((each) => each.name))}`,
  );
}

function selectChapter(name: string, number: number, root: string): Selection {
  const { stage, tests, experiments } = readHere(root);
  if (number > stage.chapter || isLeftOut(number, stage))
    throw new Error(notThere(name, stage));
  return {
    files: pathsOf(tests.filter(({ chapter }) => chapter === number)),
    experiments: experiments.filter(({ fence }) => fence.chapter === number),
  };
}

const notThere = (name: string, { name: end, road }: Stage): string =>
  `${name} is not there yet: ${config.tangled}/ ends with ${end}`
  + (road ? ", and has no side quests" : "");

function selectSection(chapterName: string, part: string,
  root: string): Selection
{
  const here = readHere(root);
  const chapter = findChapter(chapterName, here.book);
  const quest = findQuest(part, chapter, here.book);
  if (quest && !findSection(part, sectionsOf(chapter)))
    return selectChapter(quest.name, quest.number, root);
  const section = sectionNamed(part, chapter);
  const name = `${chapter.name}: ${section.title}`;
  const all = sectionsWithTests(chapter, here.book, root);
  const tests = all.filter(({ from }) =>
    section.from <= from && from <= section.to
  );
  if (tests.length === 0)
    throw new Error(
      `${name} has no tests of its own${neighbours(section, all)}`,
    );
  if (!isSectionReached(section, here.stage, here.book))
    throw new Error(notThere(name, here.stage));
  const slugs = tests.map(({ slug }) => slug);
  return {
    files: pathsOf(
      here.tests.filter((test) =>
        test.chapter === chapter.number && slugs.includes(test.slug)
      ),
    ),
    experiments: here.experiments.filter(({ fence }) => isIn(fence, section)),
  };
}

/** The section of this name, or else the one where the chunk of this name ends. */
function sectionNamed(name: string, chapter: Chapter): Section {
  const sections = sectionsOf(chapter);
  const chunk = findChunk(name, chapter);
  const found = findSection(name, sections)
    ?? (chunk && sectionWith(chunk, sections));
  if (found) return found;
  const hint = suggestion(name, sections.map(({ title }) => title))
    || firstWords(name, sections);
  throw new Error(`chapter ${chapter.name} has no section "${name}"${hint}`);
}

/** Those whose titles hold these words, or else all. */
function firstWords(name: string, sections: readonly Section[]): string {
  const titles = sections.map(({ title }) => title);
  const near = name === "" ? []
    : titles.filter((title) =>
      title.toLowerCase().includes(name.toLowerCase())
    );
  if (near.length > 0) return `; did you mean "${near[0]}"?`;
  return `: its sections are ${titles.map((title) => `"${title}"`).join(", ")}`;
}

function sectionsWithTests(chapter: Chapter, book: Book,
  root: string): Section[]
{
  const tests = chapterTests(root).filter((test) =>
    test.chapter === chapter.number
  );
  const found = new Set(tests.map((test) => sectionOfTest(test, book)?.slug));
  return sectionsOf(chapter).filter(({ slug }) => found.has(slug));
}

/** Which sections with tests are next to one without. */
function neighbours({ from }: Section, all: readonly Section[]): string {
  const before = all.findLast((other) => other.from < from),
    after = all.find((other) => other.from > from);
  const said = [["before it", before], ["behind it", after]] as const;
  return said.map((
    [where, other],
  ) => (other ? `; ${where} comes "${other.title}"` : "")).join("");
}
