// Runs one test file in a process of its own, and believes nothing that the
// file does not prove: a file that ends too early, or too late, has failed.
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
  /** What the process printed, then what is wrong with the file as a whole. */
  output: string;
  /** Seconds of the processor's time: of the file, and of each of its tests. */
  cpu: number;
  costs: { test: string; cpu: number }[];
}

interface Progress extends Omit<FileResult, "output"> {
  printed: Bounded;
  /** The test that is running, and what the file had used when it began. */
  running: string;
  begun: number;
  /** Whether the process has said that all its tests ran. */
  done: boolean;
  /** Why it was ended. */
  ended: string;
  /** What is wrong with the file as a whole. */
  problems: string[];
}

/**
 * Runs the tests of a file within these limits for each of them. What goes on
 * before, between and after them has limits of its own. With `bail` nothing runs
 * any more after a failure. Never throws.
 */
export function runTestFile(path: string, limits: Limits = PATIENT, root = ".",
  { bail = false } = {}): Promise<FileResult>
{
  const progress = newProgress(path);
  const child = startTests(path, root);
  const guard = guardProcess(child, PATIENT, (why) => (progress.ended = why));
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding("utf8").on("data", progress.printed.add);
  child.on("message", (given) => {
    const message = given as Message;
    guard.begin(message.kind === "start" ? limits : PATIENT, message.cpu);
    note(message, progress);
    if (bail && progress.failed > 0) killFamily(child);
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      guard.stop();
      resolve(conclude(progress, code));
    })
  );
}

function newProgress(path: string): Progress {
  const counts = { passed: 0, failed: 0, skipped: 0, cpu: 0, costs: [] };
  const state = { running: "", begun: 0, done: false, ended: "", problems: [] };
  return { path, ...counts, ...state, printed: boundedText() };
}

function startTests(path: string, root: string): ChildProcess {
  const color = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  return fork(join("tangle", "run.mjs"), ["--tests", path], {
    cwd: root,
    // Much is made and forgotten: with more room the collector comes less often.
    execArgv: ["--max-semi-space-size=32"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...color },
  });
}

function note(message: Message, progress: Progress): void {
  progress.cpu = message.cpu;
  if (message.kind === "done") {
    progress.done = true;
    progress.skipped = message.skipped;
    progress.problems.push(...message.holes);
    return;
  }
  if (message.kind === "start") {
    [progress.running, progress.begun] = [message.test, message.cpu];
    return;
  }
  progress.running = "";
  progress[message.kind]++;
  progress.costs.push({
    test: message.test,
    cpu: message.cpu - progress.begun,
  });
}

function conclude(progress: Progress, code: number | null): FileResult {
  const { path, passed, failed, skipped, running, done, ended, problems, cpu,
    costs } = progress;
  const where = running === "" ? "" : ` in "${running}"`;
  if (ended !== "") problems.push(`it hangs${where}: ${ended}`);
  else if (!done)
    problems.push(
      `it ended (exit code ${code})${where} before all tests had run`,
    );
  else if (code !== 0)
    problems.push(`something failed after its tests (exit code ${code})`);
  const lines = problems.map((problem) => `\n  FAIL ${path}: ${problem}\n`);
  const output = progress.printed.text() + lines.join("");
  return {
    path,
    passed,
    failed: failed + problems.length,
    skipped,
    output,
    cpu,
    costs,
  };
}
