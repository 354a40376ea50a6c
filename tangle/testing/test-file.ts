// Runs test files in processes, and believes nothing that a file does not
// prove: one that ends too early, or too late, has failed.
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import {
  boundedText,
  guardProcess,
  killFamily,
  PATIENT,
  type Bounded,
  type Limits,
} from "./processes.ts";
import type { Message } from "./suite.ts";

/** What became of the tests of a file. */
export interface FileResult {
  path: string;
  passed: number;
  failed: number;
  skipped: number;
  /** What the process printed, all of it with its last file, then what is wrong with this file as a whole. */
  output: string;
  /** Seconds of the processor's time: of the file, and of each of its tests. */
  cpu: number;
  costs: { test: string; cpu: number }[];
}

/** What is known of a file while its process runs. */
interface Part extends Omit<FileResult, "output"> {
  /** Whether the process has said that all its tests ran. */
  done: boolean;
  /** What is wrong with the file as a whole. */
  problems: string[];
}

interface Progress {
  parts: Part[];
  printed: Bounded;
  /** What the process had used when the file at work began. */
  before: number;
  /** The test that is running, and what the process had used when it began. */
  running: string;
  begun: number;
  /** Why it was ended. */
  ended: string;
}

/**
 * Runs the tests of a file within these limits for each of them. What goes on
 * before, between and after them has limits of its own. With `bail` nothing runs
 * any more after a failure. Never throws.
 */
export async function runTestFile(path: string, limits: Limits = PATIENT,
  root = ".", { bail = false } = {}): Promise<FileResult>
{
  const [result] = await runTestFiles([path], limits, root, { bail });
  return result;
}

/**
 * The same of several files, one after the other in one process, which is
 * cheaper: what they share is loaded and made fast once. Only if nothing fails
 * does that prove anything: in what fails, one may have disturbed another.
 */
export function runTestFiles(paths: readonly string[], limits: Limits = PATIENT,
  root = ".", { bail = paths.length > 1 } = {}
): Promise<
  FileResult[]
> {
  const progress = newProgress(paths);
  const child = startTests(paths, root);
  const guard = guardProcess(child, PATIENT, (why) => (progress.ended = why));
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", progress.printed.add);
  child.on("message", (given) => {
    const message = given as Message;
    guard.begin(message.kind === "start" ? limits : PATIENT, message.cpu);
    note(message, progress);
    if (bail && progress.parts.some(({ failed }) => failed > 0))
      killFamily(child);
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      guard.stop();
      resolve(conclude(progress, code));
    })
  );
}

function newProgress(paths: readonly string[]): Progress {
  const parts = paths.map((path) => ({
    path,
    ...{ passed: 0, failed: 0, skipped: 0, cpu: 0, costs: [] },
    ...{ done: false, problems: [] },
  }));
  const state = { before: 0, running: "", begun: 0, ended: "" };
  return { parts, ...state, printed: boundedText() };
}

function startTests(paths: readonly string[], root: string): ChildProcess {
  const color = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  return fork(join("tangle", "run.mjs"), ["--tests", ...paths], {
    cwd: root,
    // Much is made and forgotten: with more room the collector comes less often.
    execArgv: ["--max-semi-space-size=32"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...color },
  });
}

/** The file at work: they come in order. */
const atWork = ({ parts }: Progress): Part =>
  parts.find(({ done }) => !done) ?? parts.at(-1)!;

function note(message: Message, progress: Progress): void {
  const part = atWork(progress), { kind, cpu } = message;
  part.cpu = cpu - progress.before;
  if (kind === "start") {
    [progress.running, progress.begun] = [message.test, cpu];
    return;
  }
  progress.running = "";
  if (kind === "done") {
    [part.done, part.skipped, progress.before] = [true, message.skipped, cpu];
    part.problems.push(...message.holes);
    return;
  }
  part[kind]++;
  part.costs.push({ test: message.test, cpu: cpu - progress.begun });
}

function conclude(progress: Progress, code: number | null): FileResult[] {
  const { parts, running, ended, printed } = progress, last = atWork(progress);
  const where = running === "" ? "" : ` in "${running}"`;
  if (ended !== "") last.problems.push(`it hangs${where}: ${ended}`);
  else if (!last.done)
    last.problems.push(
      `it ended (exit code ${code})${where} before all tests had run`,
    );
  else if (code !== 0)
    last.problems.push(`something failed after its tests (exit code ${code})`);
  return parts.map((
    { path, passed, failed, skipped, cpu, costs, problems },
  ) => ({
    ...{ path, passed, skipped, cpu, costs },
    failed: failed + problems.length,
    output: (path === parts.at(-1)!.path ? printed.text() : "")
      + problems.map((problem) => `\n  FAIL ${path}: ${problem}\n`).join(""),
  }));
}
