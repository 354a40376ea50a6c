// npm test [-- Guest | tests/tangle.ts | experiments ...]
//
// Every test file runs in a process of its own, two at a time; then the
// experiments. Without arguments: all that is there at the tangled stage.
// The last line is "N passed, N failed".
import { book as config } from "../book.config.ts";
import { runExperiment, titleOf, type Outcome } from "../tangle/experiments.ts";
import { readManifest } from "../tangle/manifest.ts";
import { inParallel } from "../tangle/pool.ts";
import { selectTests } from "../tangle/select-tests.ts";
import { isCurrent } from "../tangle/tangle.ts";
import { runTestFile } from "../tangle/test-file.ts";

interface Result {
  passed: number;
  failed: number;
}

/** How long a test may take. */
const seconds = Number(process.env["QUEST_TEST_SECONDS"] ?? 60);
/** How many processes at once. */
const width = 2;

try {
  const { files, experiments } = selectTests(process.argv.slice(2));
  warnOfOldTree();
  const ofFiles = await inParallel(files, width, runFile);
  const outcomes = await inParallel(experiments, width, (each) => runExperiment(each));
  const ofExperiments = outcomes.map(reportOutcome);
  finish([...ofFiles, ...ofExperiments]);
} catch (error) {
  console.error((error as Error).message);
  finish([{ passed: 0, failed: 1 }]);
}

/** What is tested is tangled/, which the chapters may have left behind. */
function warnOfOldTree(): void {
  const manifest = readManifest(config.tangled);
  if (!manifest || isCurrent(manifest.stage)) return;
  console.error(`note: ${config.tangled}/ is not what the chapters say now (npm run tangle)`);
}

function finish(results: Result[]): void {
  const sum = (key: keyof Result): number =>
    results.reduce((total, result) => total + result[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
}

async function runFile(path: string): Promise<Result> {
  const start = performance.now();
  const { output, passed, failed, skipped } = await runTestFile(path, seconds);
  const took = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const counts = Object.entries({ passed, failed, skipped }).filter(([, count]) => count > 0);
  const said = counts.map(([what, count]) => `${count} ${what}`).join(", ") || "no tests";
  console.log(`${path}: ${said} (${took})\n${output}`);
  return { passed, failed };
}

function reportOutcome({ experiment, problem }: Outcome): Result {
  console.log(`${problem ? "FAIL" : "ok  "} ${titleOf(experiment)}`);
  if (problem) console.log(problem);
  return problem ? { passed: 0, failed: 1 } : { passed: 1, failed: 0 };
}
