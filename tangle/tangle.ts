// The tangler as a function: chapters in, tree out.
import { book as config } from "../book.config.ts";
import { readBlocks } from "./book/book.ts";
import { expandBook } from "./tree/expand.ts";
import { treeFolder } from "./tree/home.ts";
import { withLock } from "./tree/lock.ts";
import type { Book, Problem } from "./book/chapter.ts";
import {
  describeEdited,
  isUpToDate,
  makePlan,
  type Plan,
} from "./tree/plan.ts";
import { parseStage, wholeBook, type Stage } from "./book/stage.ts";
import { format } from "./book/chapter.ts";
import { verify } from "./rules/verify.ts";
import {
  isInterrupted,
  lockOf,
  recover,
  writeManifest,
  writePlan,
  type OnStep,
} from "./tree/write.ts";

export interface TangleOptions {
  /** The folder of the project; the current one without it. */
  root?: string;
  /** A chapter, or `Chapter: chunk`; the whole book without it. */
  through?: string;
  /** Leave the side quests out. */
  road?: boolean;
  /** Forgive missing chapters, unknown chunks and unused ones. */
  draft?: boolean;
  /** Set edited files aside instead of refusing. */
  force?: boolean;
  /** The book, when it has been read already. */
  book?: Book;
  onStep?: OnStep;
}

/** What became of it. With errors nothing was written. */
export interface Tangled {
  stage: Stage;
  errors: string[];
  warnings: string[];
  written: string[];
  removed: string[];
  /** How many files the tree has. */
  total: number;
}

/** Brings tangled/ to the state of the chapters. */
export function tangle(options: TangleOptions = {}): Tangled {
  const folder = treeFolder(options.root);
  const refusals = finishInterrupted(folder);
  const book = options.book ?? readBlocks(options.root);
  const result = examine(book, options.draft ?? false);
  result.errors.unshift(...refusals);
  readStage(book, options, result);
  if (result.errors.length > 0) return result;
  withLock(lockOf(folder), () => write(folder, book, options, result));
  return result;
}

/** The problems of the book: errors, or warnings if a draft may have them. */
function examine(book: Book, draft: boolean): Tangled {
  const problems = verify(book);
  const isError = (problem: Problem): boolean => !(draft && problem.draft);
  const errors = problems.filter(isError).map(format);
  const warnings = problems.filter((problem) => !isError(problem)).map(format);
  return {
    stage: wholeBook(book),
    errors,
    warnings,
    written: [],
    removed: [],
    total: 0,
  };
}

/** Even when the chapters have errors now, an interrupted write comes to its end. */
function finishInterrupted(folder: string): string[] {
  return isInterrupted(folder) ? withLock(lockOf(folder), () => recover(folder))
    : [];
}

function readStage(book: Book, { through, road }: TangleOptions,
  result: Tangled): void
{
  try {
    result.stage = through === undefined ? wholeBook(book, road)
      : parseStage(through, book, road);
  } catch (error) {
    result.errors.push(`--through: ${(error as Error).message}`);
  }
}

function write(folder: string, book: Book, options: TangleOptions,
  result: Tangled): void
{
  const { force = false, onStep } = options;
  result.errors.push(...recover(folder, onStep));
  if (result.errors.length > 0) return;
  const plan = makePlan(folder, config.tangled, result.stage,
    expandBook(book, result.stage));
  result.errors.push(...plan.refusals,
    ...(force ? [] : describeEdited(plan, config.tangled)));
  if (result.errors.length > 0) return;
  if (isUpToDate(plan)) writeManifest(folder, plan.manifest, onStep);
  else writePlan(folder, plan, onStep);
  report(plan, result);
}

function report(plan: Plan, result: Tangled): void {
  result.written = plan.write.map((file) => file.path);
  result.removed = plan.remove;
  result.total = plan.write.length + plan.keep.length;
}

/** Whether the tree is what the chapters make at this stage. False for a broken book. */
export function isCurrent(stage: Stage, root = "."): boolean {
  const book = readBlocks(root);
  const result = examine(book, true);
  readStage(book, { through: stage.name, road: stage.road }, result);
  if (result.errors.length > 0) return false;
  const files = expandBook(book, result.stage);
  return isUpToDate(
    makePlan(treeFolder(root), config.tangled, result.stage, files),
  );
}

/** One line: how many files there are, and which have changed. */
export function summarize({ stage, total, written, removed }: Tangled): string {
  const changes = [list("written", written), list("removed", removed)];
  const said = changes.filter((part) => part !== "").join(", ")
    || "nothing changed";
  const what = stage.road ? "the road, " : "";
  return `tangled ${what}through ${stage.name}: ${total} files, ${said}`;
}

function list(what: string, paths: string[]): string {
  if (paths.length === 0) return "";
  const shown = paths.slice(0, 3).join(", ")
    + (paths.length > 3 ? ", ..." : "");
  return `${paths.length} ${what} (${shown})`;
}
