// npm test [-- Guest | tests/tangle.ts | experiments ...]
//
// Every test file runs in a process of its own, two at a time; then the
// experiments. Without arguments: all that is there at the tangled stage.
// The last line is "N passed, N failed".
import { existsSync, readdirSync } from "node:fs";
import { book as config } from "../book.config.ts";
import { readBlocks } from "../tangle/book.ts";
import { experimentsAt, runExperiment, titleOf, type Experiment } from "../tangle/experiments.ts";
import { readManifest } from "../tangle/manifest.ts";
import { suggestion } from "../tangle/nearest.ts";
import { inParallel } from "../tangle/pool.ts";
import { parseStage, type Stage } from "../tangle/stage.ts";
import { runTestFile } from "../tangle/test-file.ts";

interface Result {
  passed: number;
  failed: number;
}

interface Selection {
  files: string[];
  experiments: Experiment[];
}

/** How long a test may take. */
const seconds = Number(process.env["QUEST_TEST_SECONDS"] ?? 60);
const width = 2;

try {
  const { files, experiments } = select(process.argv.slice(2));
  const results = [
    ...await inParallel(files, width, runFile),
    ...await inParallel(experiments, width, runOne),
  ];
  finish(sum(results));
} catch (error) {
  console.error((error as Error).message);
  finish({ passed: 0, failed: 1 });
}

function finish({ passed, failed }: Result): void {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

function sum(results: Result[]): Result {
  const add = (key: keyof Result): number => results.reduce((total, result) => total + result[key], 0);
  return { passed: add("passed"), failed: add("failed") };
}

/** The files and experiments that the arguments name, or all of the stage. */
function select(names: string[]): Selection {
  if (names.length === 0) return selectStage(tangledStage());
  const all = names.map(selectNamed);
  return { files: [...new Set(all.flatMap(({ files }) => files))], experiments: all.flatMap(({ experiments }) => experiments) };
}

function tangledStage(): Stage {
  const manifest = readManifest(config.tangled);
  if (!manifest) throw new Error(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
  return manifest.stage;
}

function selectStage(stage: Stage): Selection {
  const last = stage.complete ? stage.chapter : stage.chapter - 1;
  const tools = stage.whole ? ["tests/tangle.ts", "tests/build.ts"].filter((path) => existsSync(path)) : [];
  return { files: [...testFiles().filter((path) => numberOf(path) <= last), ...tools], experiments: tangledExperiments(stage) };
}

function selectNamed(name: string): Selection {
  if (name === "experiments") return { files: [], experiments: tangledExperiments(tangledStage()) };
  const number = config.chapters.findIndex((chapter) => chapter.name.toLowerCase() === name.replace(/!$/, "").toLowerCase()) + 1;
  if (number > 0) return selectChapter(name, number);
  const path = [name, `tests/${name}.ts`, `tests/${name}`].find((candidate) => candidate.endsWith(".ts") && existsSync(candidate));
  if (path !== undefined) return { files: [path], experiments: [] };
  const known = [...config.chapters.map((chapter) => chapter.name), "experiments", "tests/tangle.ts", "tests/build.ts", ...testFiles()];
  throw new Error(`there are no tests "${name}"${suggestion(name, known)}`);
}

function selectChapter(name: string, number: number): Selection {
  const stage = tangledStage();
  if (number > stage.chapter) throw new Error(`${name} is not there yet: ${config.tangled}/ ends with ${stage.name}`);
  const experiments = tangledExperiments(stage).filter(({ fence }) => fence.chapter === number);
  return { files: testFiles().filter((path) => numberOf(path) === number), experiments };
}

function tangledExperiments(stage: Stage): Experiment[] {
  const book = readBlocks();
  return experimentsAt(book, parseStage(stage.name, book));
}

/** The tests of all chapters, in order. */
function testFiles(): string[] {
  const files = readdirSync("tests").filter((name) => /^\d+-.*\.ts$/.test(name));
  return files.map((name) => `tests/${name}`).sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
}

function numberOf(path: string): number {
  return Number(/(\d+)-/.exec(path)?.[1]);
}

async function runOne(experiment: Experiment): Promise<Result> {
  const { problem } = await runExperiment(experiment);
  console.log(`${problem ? "FAIL" : "ok  "} ${titleOf(experiment)}`);
  if (problem) console.log(problem);
  return problem ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
}

async function runFile(path: string): Promise<Result> {
  const start = performance.now();
  const { output, passed, failed, skipped } = await runTestFile(path, seconds);
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const counts = [`${passed} passed`, ...(failed ? [`${failed} failed`] : []), ...(skipped ? [`${skipped} skipped`] : [])];
  console.log(`${path}: ${counts.join(", ")} (${took})\n${output}`);
  return { passed, failed };
}
