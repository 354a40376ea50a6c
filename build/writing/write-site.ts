/**
 * Puts a site in its place: whole or not at all, and never over what the weaver did not write.
 *
 * The new site is built beside the old one, in .dist.weave-next/, its list of files first. Two renames exchange the
 * two, and the old one goes away as .dist.weave-old/. Whoever comes after a crash finds one of these folders, and
 * clears it away or puts it back.
 */
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { withLock } from "../../tangle/tree/lock.ts";
import { look } from "../../tangle/tree/plan.ts";
import type { OnStep } from "../../tangle/tree/write.ts";
import {
  checkOurs,
  listName,
  listText,
  partName,
  readList,
  type Files,
} from "./manifest.ts";

export interface WriteOptions {
  /** What messages call the folder. */
  name?: string;
  /** Called before each step that changes the disk; the tests fail in it. */
  onStep?: OnStep;
}

const nextOf = (folder: string): string => beside(folder, "next");
const oldOf = (folder: string): string => beside(folder, "old");

function beside(folder: string, what: "next" | "old" | "lock"): string {
  return join(dirname(folder), `.${basename(folder)}.weave-${what}`);
}

/** Writes the files into a new folder, or in the place of one that holds nothing but a site. */
export function writeSite(folder: string, files: Files,
  options: WriteOptions = {}): void
{
  const { name = folder, onStep = () => {} } = options;
  withStage(folder, files, onStep, {
    before: () => {
      checkOurs(folder, name);
      if (look(folder) === "folder") accessSync(folder, constants.W_OK);
      recover(folder, onStep);
    },
    use: (next) => exchange(folder, next, name, onStep),
  });
}

/** What is done under the lock: before the files are there, and with the folder where they are. */
export interface Work {
  before(): void;
  use(next: string): void;
}

/** Lets `work` use a folder with these files beside `folder`, alone; of that folder, nothing is left. */
export function withStage(folder: string, files: Files, onStep: OnStep,
  work: Work): void
{
  const next = nextOf(folder);
  mkdirSync(dirname(folder), { recursive: true });
  withLock(beside(folder, "lock"), () => {
    clear(next, onStep, partName);
    work.before();
    try {
      stage(next, files, onStep);
      work.use(next);
    } catch (error) {
      clearIfPossible(next, onStep);
      throw withPath(error, folder);
    }
    clear(next, onStep);
  });
}

/** Each file gets its name when it is whole. */
function stage(next: string, files: Files, onStep: OnStep): void {
  onStep("begin the new folder");
  mkdirSync(next);
  for (
    const [path, content] of [[listName, listText(files)] as const, ...files]
  ) {
    onStep(`write ${path}`);
    writeFileSync(join(next, partName), content, { flag: "wx" });
    onStep(`name ${path}`);
    mkdirSync(dirname(join(next, path)), { recursive: true });
    renameSync(join(next, partName), join(next, path));
  }
}

/** The old site, if there is one, is away for a moment; when the new one cannot come, it comes back. */
function exchange(folder: string, next: string, name: string,
  onStep: OnStep): void
{
  const old = oldOf(folder);
  const replaces = look(folder) === "folder";
  if (replaces) {
    chmodSync(next, statSync(folder).mode & 0o7777);
    onStep("move the old site away");
    renameSync(folder, old);
  }
  try {
    checkOurs(old, name);
    onStep("move the new site into its place");
    renameSync(next, folder);
  } catch (error) {
    if (replaces) putBack(folder, onStep);
    throw error;
  }
  clear(old, onStep);
}

/** Ends what a crash interrupted: without a site in its place, the old one comes back. */
function recover(folder: string, onStep: OnStep): void {
  const old = oldOf(folder);
  if (look(old) === "nothing") return;
  checkOurs(old, old);
  if (look(folder) === "nothing") putBack(folder, onStep);
  else clear(old, onStep);
}

function putBack(folder: string, onStep: OnStep): void {
  onStep("move the old site back");
  renameSync(oldOf(folder), folder);
}

/** Removes a folder if all in it is the weaver's; in a new one, a file may be there in part. */
function clear(folder: string, onStep: OnStep, part = ""): void {
  if (look(folder) === "nothing") return;
  checkOurs(folder, folder, part);
  const paths = [...(readList(folder)?.keys() ?? [])];
  for (const path of part === "" ? paths : [...paths, part])
    remove(folder, path, onStep);
  for (const path of foldersOf(paths)) removeFolder(join(folder, path), onStep);
  // The list is the last to go: what is left after a crash can be told from what is not ours.
  remove(folder, listName, onStep);
  removeFolder(folder, onStep);
}

/** A failed write does not know of which file. */
function withPath(error: unknown, path: string): unknown {
  const isMute = error instanceof Error && "errno" in error
    && !("path" in error);
  return isMute ? Object.assign(error, { path }) : error;
}

/** After a failure that is to be told; if this fails too, the next run does it. */
function clearIfPossible(folder: string, onStep: OnStep): void {
  try {
    clear(folder, onStep, partName);
  } catch {
    // The first failure says more.
  }
}

function remove(folder: string, path: string, onStep: OnStep): void {
  if (look(join(folder, path)) === "nothing") return;
  onStep(`remove ${path}`);
  rmSync(join(folder, path));
}

function removeFolder(path: string, onStep: OnStep): void {
  if (look(path) === "nothing") return;
  onStep(`remove ${path}`);
  rmdirSync(path);
}

/** The folders that these paths lead through, the innermost first. */
function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths)
    for (let at = posix.dirname(path); at !== "."; at = posix.dirname(at))
      folders.add(at);
  return [...folders].sort((a, b) => b.length - a.length);
}
