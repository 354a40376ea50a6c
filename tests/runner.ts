// npm test [-- Guest | "Guest: The way back" | tests/tangle.ts | experiments ...]
//          [--full] [--seed N] [--slowest] [--alone]
//
// The test files of a chapter and its side quests share a process, and so do
// their experiments; whatever else there is has one of its own. If in a shared
// one anything at all is wrong, each of its parts is run again alone, and only
// that counts; --alone runs them so from the start. As many processes run at
// a time as there are processors, the longest first. Without arguments:
// all that is there at the tangled stage: in a chapter that has only begun, the
// tests of those sections that are there to their end. --full makes the long
// comparisons whole, of which else a part is made; --seed N rolls other dice;
// --slowest lists the dearest tests.
// The last line is "N passed, N failed".
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { book as config } from "../book.config.ts";
import { chapterOf } from "../tangle/book/chapter.ts";
import { type Experiment } from "../tangle/tree/expand.ts";
import {
  runExperiment,
  runTogether,
  titleOf,
  type Outcome,
} from "../tangle/testing/experiments.ts";
import { readManifest } from "../tangle/tree/manifest.ts";
import { inParallel } from "../tangle/testing/pool.ts";
import { ownCpu, PATIENT } from "../tangle/testing/processes.ts";
import { selectTests } from "../tangle/testing/select-tests.ts";
import { isCurrent } from "../tangle/tangle.ts";
import { byChapter, chapterOfTest } from "../tangle/testing/chapter-tests.ts";
import { runTestFiles, type FileResult } from "../tangle/testing/test-file.ts";

interface Result {
  passed: number;
  failed: number;
}

/** Something to run in one process; it prints at once what became of it. */
interface Job {
  /** What it consists of. */
  names: readonly string[];
  /** Nothing comes of several things where not all is well. */
  run: () => Promise<Result[] | undefined>;
  /** Each of them alone. */
  parts: () => Job[];
}

/** What a test may use of the processor. */
const limits = {
  ...PATIENT,
  cpu: Number(process.env["QUEST_TEST_SECONDS"] ?? PATIENT.cpu),
};
/** How many processes at once. */
const width = Math.min(8, Math.max(2, availableParallelism()));
/** What the jobs cost when they ran last: seconds of the processor's time. */
const history = join("node_modules", ".cache", "quest", "costs.json");
const costs = readCosts();
const dearest: { test: string; cpu: number }[] = [];

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      slowest: { type: "boolean" },
      full: { type: "boolean" },
      seed: { type: "string" },
      alone: { type: "boolean" },
    },
  });
  if (values.full) process.env["QUEST_FULL"] = "1";
  if (values.seed !== undefined) process.env["QUEST_SEED"] = values.seed;
  const { files, experiments } = selectTests(positionals);
  warnOfOldTree();
  const outcomes = new Map<Experiment, Outcome>();
  const jobs = [
    ...byChapter(files, chapterOfTest(".")).map(testJob),
    ...byChapter(experiments, ({ fence }) => chapterOf(fence.chapter)).map((
      each,
    ) => experimentJob(each, outcomes)),
  ];
  const results = await runJobs(
    values.alone ? jobs.flatMap(({ parts }) => parts()) : jobs,
  );
  for (const each of experiments) reportOutcome(outcomes.get(each)!);
  writeCosts();
  if (values.slowest) reportSlowest();
  finish(results);
} catch (error) {
  console.error((error as Error).message);
  finish([{ passed: 0, failed: 1 }]);
}

/** What is tested is tangled/, which the chapters may have left behind. */
function warnOfOldTree(): void {
  const manifest = readManifest(config.tangled);
  if (!manifest || isCurrent(manifest.stage)) return;
  console.error(
    `note: ${config.tangled}/ is not what the chapters say now (npm run tangle)`,
  );
}

function finish(results: Result[]): void {
  const sum = (key: keyof Result): number =>
    results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
}

async function runJobs(jobs: readonly Job[]): Promise<Result[]> {
  if (jobs.length === 0) return [];
  const again: Job[] = [];
  const results = await inParallel(longestFirst(jobs), width, async (job) => {
    const found = await job.run();
    if (!found) again.push(...job.parts());
    return found ?? [];
  });
  return [...results.flat(), ...await runJobs(again)];
}

/** So that the last ones end together. Files that never ran come before all others. */
function longestFirst(jobs: readonly Job[]): Job[] {
  const costOf = (name: string): number =>
    costs[name] ?? (name.endsWith(".ts") ? 1e9 : 0);
  const sum = ({ names }: Job): number =>
    names.reduce((total, name) => total + costOf(name), 0);
  return jobs.toSorted((a, b) => sum(b) - sum(a));
}

function testJob(paths: readonly string[]): Job {
  const run = async (): Promise<Result[] | undefined> => {
    const results = await runTestFiles(paths, limits);
    const wrong = results.find(({ failed }) => failed > 0);
    if (!wrong || paths.length === 1) return results.map(reportFile);
    reportAgain(paths, `${wrong.path} is not well`);
    return undefined;
  };
  return {
    names: paths,
    run,
    parts: () => paths.map((path) => testJob([path])),
  };
}

function reportAgain(names: readonly string[], why: string): void {
  console.log(
    `In a process that ${names.length} share ${why}: each is run alone now.\n`,
  );
}

function reportFile(result: FileResult): Result {
  const { path, output, passed, failed, skipped, cpu, costs: each } = result;
  const counts = Object.entries({ passed, failed, skipped }).filter((
    [, count],
  ) => count > 0);
  const said = counts.map(([what, count]) => `${count} ${what}`).join(", ")
    || "no tests";
  console.log(`${path}: ${said} (${cpu.toFixed(1)} s of CPU)\n${output}`);
  costs[path] = cpu;
  dearest.push(...each);
  return { passed, failed };
}

function experimentJob(experiments: readonly Experiment[],
  outcomes: Map<Experiment, Outcome>): Job
{
  const names = experiments.map(titleOf);
  const run = async (): Promise<Result[] | undefined> => {
    const found = experiments.length === 1
      ? [await runExperiment(experiments[0])] : await runTogether(experiments);
    if (!found) {
      reportAgain(names, `not every experiment of ${names[0]} is well`);
      return undefined;
    }
    for (const outcome of found) outcomes.set(outcome.experiment, outcome);
    return found.map(({ problem }) => ({
      passed: problem ? 0 : 1,
      failed: problem ? 1 : 0,
    }));
  };
  const parts = (): Job[] =>
    experiments.map((each) => experimentJob([each], outcomes));
  return { names, run, parts };
}

function reportOutcome({ experiment, problem }: Outcome): void {
  console.log(`${problem ? "FAIL" : "ok  "} ${titleOf(experiment)}`);
  if (problem) console.log(problem);
}

function reportSlowest(): void {
  const list = dearest.toSorted((a, b) => b.cpu - a.cpu).slice(0, 40);
  for (const { test, cpu } of list)
    console.log(`${cpu.toFixed(2).padStart(7)} s  ${test}`);
  const known = dearest.reduce((sum, { cpu }) => sum + cpu, 0);
  console.log(
    `${known.toFixed(1)} s of CPU in tests, ${ownCpu().toFixed(1)} s in all`,
  );
}

function readCosts(): Record<string, number> {
  try {
    return JSON.parse(readFileSync(history, "utf8")) as Record<string, number>;
  } catch {
    return {}; // the first time
  }
}

/** Only an order hangs on it: no loss if it cannot be written. */
function writeCosts(): void {
  try {
    mkdirSync(dirname(history), { recursive: true });
    writeFileSync(history, JSON.stringify(costs));
  } catch {}
}
