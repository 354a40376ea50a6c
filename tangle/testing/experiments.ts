// Experiments: `run` fences, executed, and compared with the `output` fence
// that follows them.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { book as config } from "../../book.config.ts";
import { diffLines } from "../back/diff.ts";
import { experimentsOf, type Experiment } from "../tree/expand.ts";
import { type Book } from "../book/chapter.ts";
import { splitLines } from "../book/parse.ts";
import { boundedText, guardProcess, type Limits } from "./processes.ts";
import { isReached, type Stage } from "../book/stage.ts";
import { show } from "../book/chapter.ts";

/** What an experiment printed, line by line, and what is wrong with that. */
export interface Outcome {
  experiment: Experiment;
  printed: string[];
  /** Why the experiment failed; `differs` when it only printed something else. */
  problem?: string;
  differs?: boolean;
}

/** What an experiment may use. */
const usual: Limits = { cpu: 30, wall: 600 };

/** The experiments that are tangled at the stage. */
export function experimentsAt(book: Book, stage: Stage): Experiment[] {
  return experimentsOf(book).filter(({ fence }) => isReached(fence, stage));
}

/** Runs a tangled experiment in a process of its own. Never throws. */
export async function runExperiment(experiment: Experiment, root = ".",
  limits = usual): Promise<Outcome>
{
  const path = join(config.tangled, experiment.path);
  if (!existsSync(join(root, path))) {
    return failed(experiment,
      `${path} is not there: run \`npm run tangle\` first`);
  }
  const { code, stdout, stderr, ended, isWhole } = await execute(root, [
    "--trace",
    path,
  ], limits);
  if (ended !== "") return failed(experiment, ended);
  if (!isWhole)
    return failed(experiment, "it prints more than anybody would read");
  if (code !== 0) {
    return failed(experiment,
      `it fails (exit code ${code})\n${indent(stderr || stdout)}`);
  }
  return judge(experiment, stdout);
}

/**
 * Runs tangled experiments one after the other in one process. Undefined, if
 * anything is not as it should be: one may have disturbed another.
 */
export async function runTogether(experiments: readonly Experiment[],
  root = ".", limits = usual): Promise<Outcome[] | undefined>
{
  const paths = experiments.map(({ path }) => join(config.tangled, path));
  const { code, stdout, isWhole } = await execute(root, ["--apart", ...paths],
    limits);
  const [before, ...printed] = stdout.split("\0");
  const isInOrder = before === "" && printed.length === paths.length
    && printed.every((text, index) => text.startsWith(`${paths[index]}\n`));
  if (code !== 0 || !isWhole || !isInOrder) return undefined;
  const outcomes = experiments.map((experiment, index) =>
    judge(experiment, printed[index].slice(paths[index].length + 1))
  );
  return outcomes.some(({ problem }) => problem) ? undefined : outcomes;
}

function judge(experiment: Experiment, stdout: string): Outcome {
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
  code: number | null;
  stdout: string;
  stderr: string;
  /** Whether this is all that it printed. */
  isWhole: boolean;
  /** Why it was ended before it ended. */
  ended: string;
}

function execute(root: string, words: readonly string[],
  limits: Limits): Promise<Ended>
{
  return new Promise((done) => {
    const command = [join("tangle", "run.mjs"), ...words];
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const cwd = resolve(root);
    const child = spawn(process.execPath, command, { cwd, stdio });
    const [stdout, stderr] = [boundedText(), boundedText()];
    let ended = "";
    const guard = guardProcess(child, limits, (why) => (ended = why));
    child.stdout.setEncoding("utf8").on("data", stdout.add);
    child.stderr.setEncoding("utf8").on("data", stderr.add);
    child.on("close", (code) => {
      guard.stop();
      const isWhole = stdout.isWhole();
      done({
        code,
        stdout: stdout.text(),
        stderr: stderr.text(),
        isWhole,
        ended,
      });
    });
  });
}

function compare(experiment: Experiment, printed: string[]): Outcome {
  const { lines, firstLine, place } = experiment.output;
  const edits = diffLines(lines, printed);
  if (edits.length === 0) return { experiment, printed };
  const line = firstLine + edits[0].start;
  const changes = edits.flatMap((edit) => [
    ...lines.slice(edit.start, edit.end).map((text) => `- ${text}`),
    ...edit.lines.map((text) => `+ ${text}`),
  ]);
  const problem =
    `${show({ ...place, line, column: 1 })}: experiment ${experiment.name} `
    + "prints something else (if that is right: `npm run experiments -- --update`)\n"
    + indent(changes.join("\n"));
  return { experiment, printed, problem, differs: true };
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}
