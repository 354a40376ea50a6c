// Runs one test file in a process of its own, and believes nothing that the
// file does not prove: a file that ends too early, or too late, has failed.
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Message } from "./suite.ts";

/** What became of the tests of a file. */
export interface FileResult {
  path: string;
  passed: number;
  failed: number;
  skipped: number;
  /** What the process printed, then what is wrong with the file as a whole. */
  output: string;
}

interface Progress extends FileResult {
  /** The test that is running. */
  running: string;
  /** Whether the process has said that all its tests ran. */
  done: boolean;
  hangs: boolean;
  /** What is wrong with the file as a whole. */
  problems: string[];
}

/**
 * Runs the tests of a file; each of them may take so many seconds. A process
 * that says nothing for a `grace` longer than that is ended. Never throws.
 */
export function runTestFile(
  path: string, seconds: number, { root = ".", grace = 10 } = {},
): Promise<FileResult> {
  const progress = newProgress(path);
  const child = startTests(path, seconds, root);
  const guard = killWhenSilent(child, progress, (seconds + grace) * 1000);
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => (progress.output += text));
  }
  child.on("message", (message) => {
    guard.reset();
    note(message as Message, progress);
  });
  return new Promise((resolve) => child.on("close", (code) => {
    guard.stop();
    resolve(conclude(progress, code));
  }));
}

function newProgress(path: string): Progress {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  return { path, ...counts, output: "", running: "", done: false, hangs: false, problems: [] };
}

function startTests(path: string, seconds: number, root: string): ChildProcess {
  const color = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  return fork(join("tangle", "run.mjs"), ["--tests", path], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...color, QUEST_TEST_SECONDS: String(seconds) },
  });
}

interface Guard {
  /** The process has told something. */
  reset: () => void;
  stop: () => void;
}

/** Ends a process that has told nothing for so long. */
function killWhenSilent(child: ChildProcess, progress: Progress, milliseconds: number): Guard {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);
  const reset = (): void => {
    stop();
    timer = setTimeout(() => {
      progress.hangs = true;
      child.kill("SIGKILL");
    }, milliseconds);
  };
  reset();
  return { reset, stop };
}

function note(message: Message, progress: Progress): void {
  if (message.kind === "done") {
    progress.done = true;
    progress.skipped = message.skipped;
    progress.problems.push(...message.holes);
    return;
  }
  progress.running = message.kind === "start" ? message.test : "";
  if (message.kind !== "start") progress[message.kind]++;
}

function conclude(progress: Progress, code: number | null): FileResult {
  const { path, passed, failed, skipped, running, done, hangs, problems } = progress;
  const where = running === "" ? "" : ` in "${running}"`;
  if (hangs) problems.push(`it hangs${where}`);
  else if (!done) problems.push(`it ended (exit code ${code})${where} before all tests had run`);
  else if (code !== 0) problems.push(`something failed after its tests (exit code ${code})`);
  const lines = problems.map((problem) => `\n  FAIL ${path}: ${problem}\n`);
  const output = progress.output + lines.join("");
  return { path, passed, failed: failed + problems.length, skipped, output };
}
