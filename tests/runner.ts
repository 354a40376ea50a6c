// npm test [-- Guest | "Guest: The way back" | tests/tangle.ts | experiments ...]
//          [--full] [--seed N] [--slowest]
//
// Every test file and every experiment runs in a process of its own, as many
// at a time as there are processors, the longest first. Without arguments:
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
import { type Experiment } from "../tangle/tree/expand.ts";
import {
  runExperiment,
  titleOf,
  type Outcome,
} from "../tangle/testing/experiments.ts";
import { readManifest } from "../tangle/tree/manifest.ts";
import { inParallel } from "../tangle/testing/pool.ts";
import { ownCpu, PATIENT } from "../tangle/testing/processes.ts";
import { selectTests } from "../tangle/testing/select-tests.ts";
import { isCurrent } from "../tangle/tangle.ts";
import { runTestFile } from "../tangle/testing/test-file.ts";

interface Result {
  passed: number;
  failed: number;
}

/** Something to run; it prints at once what became of it. */
interface Job {
  name: string;
  run: () => Promise<Result>;
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
    },
  });
  if (values.full) process.env["QUEST_FULL"] = "1";
  if (values.seed !== undefined) process.env["QUEST_SEED"] = values.seed;
  const { files, experiments } = selectTests(positionals);
  warnOfOldTree();
  const outcomes = new Map<Experiment, Outcome>();
  const jobs = [
    ...files.map((name) => ({ name, run: () => runFile(name) })),
    ...experiments.map((each) => jobOf(each, outcomes)),
  ];
  const results = await inParallel(longestFirst(jobs), width, ({ run }) =>
    run());
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

/** So that the last ones end together. Files that never ran come before all others. */
function longestFirst(jobs: Job[]): Job[] {
  const costOf = ({ name }: Job): number =>
    costs[name] ?? (name.endsWith(".ts") ? 1e9 : 0);
  return jobs.toSorted((a, b) => costOf(b) - costOf(a));
}

async function runFile(path: string): Promise<Result> {
  const { output, passed, failed, skipped, cpu, costs: each } =
    await runTestFile(path, limits);
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

function jobOf(experiment: Experiment,
  outcomes: Map<Experiment, Outcome>): Job
{
  const run = async (): Promise<Result> => {
    const outcome = await runExperiment(experiment);
    outcomes.set(experiment, outcome);
    return outcome.problem ? { passed: 0, failed: 1 }
      : { passed: 1, failed: 0 };
  };
  return { name: titleOf(experiment), run };
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
