// Experiments: `run` fences, executed, and compared with the `output` fence
// that follows them.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { book as config } from "../book.config.ts";
import { diffLines } from "./diff.ts";
import { experimentsOf, type Experiment } from "./expand.ts";
import { splitLines, type Book } from "./parse.ts";
import { isReached, type Stage } from "./stage.ts";
import { show } from "./verify.ts";

export { experimentsOf, type Experiment };

/** What an experiment printed, line by line, and what is wrong with that. */
export interface Outcome {
  experiment: Experiment;
  printed: string[];
  /** Why the experiment failed; `differs` when it only printed something else. */
  problem?: string;
  differs?: boolean;
}

/** How long an experiment may take, in seconds. */
export const patience = 30;

/** How many characters an experiment may print. */
const wordiest = 1_000_000;

/** The experiments that are tangled at the stage. */
export function experimentsAt(book: Book, stage: Stage): Experiment[] {
  return experimentsOf(book).filter(({ fence }) => isReached(fence, stage));
}

/** Runs a tangled experiment in a process of its own. Never throws. */
export async function runExperiment(
  experiment: Experiment, root = ".", seconds = patience,
): Promise<Outcome> {
  const path = join(config.tangled, experiment.path);
  if (!existsSync(join(root, path))) {
    return failed(experiment, `${path} is not there: run \`npm run tangle\` first`);
  }
  const { code, stdout, stderr } = await execute(resolve(root), path, seconds);
  if (code === "talks") return failed(experiment, `it prints more than ${wordiest} characters`);
  if (code === "hangs") return failed(experiment, `it does not end within ${seconds} seconds`);
  if (code !== 0) {
    return failed(experiment, `it fails (exit code ${code})\n${indent(stderr || stdout)}`);
  }
  const printed = splitLines(stdout.replace(/\r?\n$/, ""));
  if (stdout.trim() === "") return failed(experiment, "it prints nothing");
  return compare(experiment, printed);
}

/** "experiment 1.2: chapters/1-preparation.md:412". */
export function titleOf({ name, fence }: Experiment): string {
  return `experiment ${name}: ${fence.place.path}:${fence.place.line}`;
}

function failed(experiment: Experiment, reason: string): Outcome {
  const problem = `${show(experiment.fence.place)}: experiment ${experiment.name}: ${reason}`;
  return { experiment, printed: [], problem };
}

interface Ended {
  code: number | "hangs" | "talks" | null;
  stdout: string;
  stderr: string;
}

function execute(root: string, path: string, seconds: number): Promise<Ended> {
  return new Promise((done) => {
    const command = [join("tangle", "run.mjs"), path];
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const child = spawn(process.execPath, command, { cwd: root, stdio });
    const ended: Ended = { code: null, stdout: "", stderr: "" };
    const end = (code: "hangs" | "talks"): void => {
      ended.code = code;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end("hangs"), seconds * 1000);
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        if (ended.code === null) ended[name] += text;
        if (ended[name].length > wordiest) end("talks");
      });
    }
    child.on("close", (code) => {
      clearTimeout(timer);
      done({ ...ended, code: ended.code ?? code });
    });
  });
}

function compare(experiment: Experiment, printed: string[]): Outcome {
  const { lines, firstLine, place } = experiment.output;
  const edits = diffLines(lines, printed);
  if (edits.length === 0) return { experiment, printed };
  const line = firstLine + edits[0]!.start;
  const changes = edits.flatMap((edit) => [
    ...lines.slice(edit.start, edit.end).map((text) => `- ${text}`),
    ...edit.lines.map((text) => `+ ${text}`),
  ]);
  const problem = `${show({ ...place, line, column: 1 })}: experiment ${experiment.name} ` +
    "prints something else (if that is right: `npm run experiments -- --update`)\n" +
    indent(changes.join("\n"));
  return { experiment, printed, problem, differs: true };
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}
