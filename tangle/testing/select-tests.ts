// Which tests there are at a stage of the book, and which of them are meant
// by `npm test -- Guest`.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { readBlocks } from "../book/book.ts";
import { type Experiment } from "../tree/expand.ts";
import { experimentsAt } from "./experiments.ts";
import { readManifest } from "../tree/manifest.ts";
import { suggestion } from "../book/nearest.ts";
import { parseStage, type Stage } from "../book/stage.ts";

export interface Selection {
  /** Test files, below the project's folder. */
  files: string[];
  experiments: Experiment[];
}

/** Tests of the tools, and of the whole machine; they run when the whole book is there. */
const toolTests = ["tangle", "build", "decoders", "silicon", "privileged", "fuzz", "x87", "house"].map(
  (name) => `tests/${name}.ts`,
);

/**
 * What the names stand for: chapters, test files, `experiments`. Without
 * names, everything at the tangled stage. Throws an Error when there is no
 * such thing.
 */
export function selectTests(names: readonly string[], root = "."): Selection {
  const all = names.map((name) => selectNamed(name, root));
  if (names.length === 0) all.push(selectStage(root));
  return {
    files: [...new Set(all.flatMap(({ files }) => files))],
    experiments: all.flatMap(({ experiments }) => experiments),
  };
}

/** The tests of a chapter live in tests/N-name.ts. */
export function chapterTests(root: string): { path: string; chapter: number }[] {
  const folder = join(root, "tests");
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const tests = names.map((name) =>
    ({ path: `tests/${name}`, chapter: Number(/^(\d+)-.*\.ts$/.exec(name)?.[1]) }));
  return tests.filter(({ chapter }) => chapter > 0).sort((a, b) => a.chapter - b.chapter);
}

/** The last chapter that is there to its end. */
export function lastComplete(stage: Stage): number {
  return stage.complete ? stage.chapter : stage.chapter - 1;
}

function selectStage(root: string): Selection {
  const stage = tangledStage(root);
  const chapters = chapterTests(root).filter(({ chapter }) => chapter <= lastComplete(stage));
  const tools = toolTests.filter((path) => stage.whole && existsSync(join(root, path)));
  const files = [...chapters.map(({ path }) => path), ...tools];
  return { files, experiments: tangledExperiments(stage, root) };
}

function tangledStage(root: string): Stage {
  const manifest = readManifest(join(root, config.tangled));
  if (!manifest) throw new Error(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
  return manifest.stage;
}

function tangledExperiments(stage: Stage, root: string): Experiment[] {
  const book = readBlocks(root);
  return experimentsAt(book, parseStage(stage.name, book));
}

function selectNamed(name: string, root: string): Selection {
  if (name === "experiments") {
    return { files: [], experiments: tangledExperiments(tangledStage(root), root) };
  }
  const plain = name.replace(/!$/, "").toLowerCase();
  const number = config.chapters.findIndex((chapter) => chapter.name.toLowerCase() === plain) + 1;
  if (number > 0) return selectChapter(name, number, root);
  const isTest = (path: string): boolean => path.endsWith(".ts") && existsSync(join(root, path));
  const path = [name, `tests/${name}`, `tests/${name}.ts`].find(isTest);
  if (path !== undefined) return { files: [path], experiments: [] };
  throw new Error(`there are no tests "${name}"${suggestion(name, knownNames(root))}`);
}

function knownNames(root: string): string[] {
  const chapters = config.chapters.map((chapter) => chapter.name);
  return [...chapters, "experiments", ...toolTests, ...chapterTests(root).map(({ path }) => path)];
}

function selectChapter(name: string, number: number, root: string): Selection {
  const stage = tangledStage(root);
  if (number > stage.chapter) {
    throw new Error(`${name} is not there yet: ${config.tangled}/ ends with ${stage.name}`);
  }
  return {
    files: chapterTests(root).filter(({ chapter }) => chapter === number).map(({ path }) => path),
    experiments: tangledExperiments(stage, root).filter(({ fence }) => fence.chapter === number),
  };
}
