// Puts a plan into effect: all of it, or nothing.
//
// The new tree is built beside the old one, in .tangle-next/, out of hard
// links to what stays (foreign files too) and of new files. Two renames then
// put it in the place of the old tree, which goes away as .tangle-old/.
// Whoever comes after a crash finds one of these folders and brings the work
// to its end, or back to its beginning. Both hold a manifest, or the mark of
// one to come: a folder without is someone else's, and is left alone.
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import {
  hashOf,
  manifestName,
  markName,
  readManifest,
  type Manifest,
} from "./manifest.ts";
import { look, type Plan } from "./plan.ts";
import { ownText } from "./preamble.ts";

/** Called before each step that changes the disk; the tests fail in it. */
export type OnStep = (step: string) => void;

const nextOf = (tangled: string): string =>
  join(dirname(tangled), ".tangle-next");
const oldOf = (tangled: string): string =>
  join(dirname(tangled), ".tangle-old");

/** The lock to hold while a tree or its chapters are written. */
export const lockOf = (tangled: string): string =>
  join(dirname(tangled), ".tangle-lock");

/** Writes the files of the plan. Needs the lock, and a tree that was recovered. */
export function writePlan(tangled: string, plan: Plan,
  onStep: OnStep = () => {}): void
{
  buildNext(tangled, plan, onStep);
  if (look(tangled) === "folder") {
    if (!isMarked(tangled)) writeFileSync(join(tangled, markName), "");
    onStep("move the old tree away");
    renameSync(tangled, oldOf(tangled));
  }
  onStep("move the new tree into its place");
  renameSync(nextOf(tangled), tangled);
  if (look(oldOf(tangled)) === "folder") clear(oldOf(tangled), tangled, onStep);
}

/** Writes the manifest alone, for a tree whose files stay as they are. */
export function writeManifest(tangled: string, manifest: Manifest,
  onStep: OnStep = () => {}): void
{
  const text = JSON.stringify(manifest);
  const path = join(tangled, manifestName);
  if (look(path) === "file" && readFileSync(path, "utf8") === text) return;
  onStep("write the manifest");
  putManifest(tangled, text);
}

/** The manifest is there as a whole, or not yet. */
function putManifest(folder: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, markName), text);
  renameSync(join(folder, markName), join(folder, manifestName));
}

/** Whether a crash interrupted the writing (or another process is at it). */
export function isInterrupted(tangled: string): boolean {
  return look(oldOf(tangled)) !== "nothing"
    || look(nextOf(tangled)) !== "nothing";
}

/** Ends what a crash interrupted, or says what stands in the way. Needs the lock. */
export function recover(tangled: string, onStep: OnStep = () => {}): string[] {
  const [next, old] = [nextOf(tangled), oldOf(tangled)];
  const refusals = [next, old].flatMap(findForeign);
  if (["file", "other"].includes(look(tangled))) {
    refusals.push(`${basename(tangled)} is not a folder: move it away`);
  }
  if (refusals.length > 0) return refusals;
  if (look(old) === "folder" && look(tangled) === "nothing") {
    const complete = look(next) === "folder";
    renameSync(complete ? next : old, tangled);
  }
  for (const folder of [old, next]) {
    if (look(folder) === "folder") clear(folder, tangled, onStep);
  }
  rmSync(join(tangled, markName), { force: true });
  return [];
}

/** A refusal, where the tangler finds what is not its own. */
function findForeign(path: string): string[] {
  const found = look(path);
  if (found === "nothing") return [];
  if (found === "folder" && (isMarked(path) || readdirSync(path).length === 0))
    return [];
  return [
    `${basename(path)} is in the way, and was not written by the tangler: move it away`,
  ];
}

function isMarked(folder: string): boolean {
  return [manifestName, markName].some((name) =>
    look(join(folder, name)) === "file"
  );
}

/** What a walk over a tree needs to know. */
interface Walk {
  from: string;
  to: string;
  /** The files of the old tree that the tangler wrote. */
  old: Manifest | undefined;
  /** Whether the walk is over a tree that was never finished. */
  isDraft?: boolean;
  onStep: OnStep;
}

const isOurs = ({ old }: Walk, path: string): boolean =>
  Object.hasOwn(old?.files ?? {}, path);

function buildNext(tangled: string, plan: Plan, onStep: OnStep): void {
  const next = nextOf(tangled);
  const walk: Walk = { from: tangled, to: next, old: plan.old, onStep };
  mkdirSync(next);
  onStep("write the manifest");
  putManifest(next, JSON.stringify(plan.manifest));
  if (look(tangled) === "folder") linkForeign(walk, "");
  for (const path of plan.keep) linkFile(walk, path);
  for (const file of plan.write) {
    onStep(`write ${file.path}`);
    writeNew(join(next, file.path), file.text);
  }
}

function writeNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: "wx" });
}

/** The paths in a folder of the tree, without the manifest and the mark. */
function pathsIn(tree: string, folder: string): string[] {
  const names = readdirSync(join(tree, folder));
  const paths = names.map((name) => posix.join(folder, name));
  return paths.filter((path) => path !== manifestName && path !== markName);
}

/** Links everything in a folder that is not ours, and its empty folders. */
function linkForeign(walk: Walk, folder: string): void {
  const paths = pathsIn(walk.from, folder);
  if (paths.length === 0) mkdirSync(join(walk.to, folder), { recursive: true });
  for (const path of paths) {
    if (look(join(walk.from, path)) === "folder") linkForeign(walk, path);
    else if (!isOurs(walk, path)) linkFile(walk, path);
  }
}

function linkFile({ from, to, onStep }: Walk, path: string): void {
  const [source, target] = [join(from, path), join(to, path)];
  if (look(target) !== "nothing") return;
  onStep(`link ${path}`);
  mkdirSync(dirname(target), { recursive: true });
  if (lstatSync(source).isSymbolicLink())
    return symlinkSync(readlinkSync(source), target);
  try {
    linkSync(source, target);
  } catch {
    copyWithTime(source, target);
  }
}

/** For file systems without hard links. */
function copyWithTime(from: string, to: string): void {
  const { atime, mtime } = lstatSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}

/** Removes .tangle-old/ or .tangle-next/, but first saves from it what would be lost. */
function clear(from: string, tangled: string, onStep: OnStep): void {
  const isDraft = from === nextOf(tangled);
  clearFolder({ from, to: tangled, old: readManifest(from), isDraft, onStep },
    "");
  onStep("remove the manifest");
  for (const name of [manifestName, markName])
    rmSync(join(from, name), { force: true });
  rmdirSync(from);
}

function clearFolder(walk: Walk, folder: string): void {
  for (const path of pathsIn(walk.from, folder)) {
    const full = join(walk.from, path);
    if (look(full) === "folder") {
      clearFolder(walk, path);
      rmdirSync(full);
      continue;
    }
    walk.onStep(`remove ${path}`);
    if (wouldBeLost(walk, path)) renameSync(full, placeFor(walk, path));
    else rmSync(full);
  }
}

/** Whether a file is neither the tangler's work nor in the new tree. */
function wouldBeLost(walk: Walk, path: string): boolean {
  const [before, after] = [join(walk.from, path), join(walk.to, path)];
  if (walk.isDraft) return !isOurs(walk, path) && look(after) === "nothing";
  if (look(before) !== "file") return look(after) === "nothing";
  const isThere = look(after) === "file";
  if (isThere && lstatSync(before).ino === lstatSync(after).ino) return false;
  const text = readFileSync(before);
  if (isOurs(walk, path) && walk.old!.files[path].hash === hashOf(text))
    return false;
  if (!isThere) return true;
  return ownText(readFileSync(after, "latin1"))
    !== ownText(text.toString("latin1"));
}

/** A free path in the new tree: the same one, or (for our files) one that ends in .edited. */
function placeFor(walk: Walk, path: string): string {
  const folder = look(join(walk.to, dirname(path)));
  const base = join(walk.to,
    folder === "file" ? path.replaceAll("/", "-") : path);
  mkdirSync(dirname(base), { recursive: true });
  for (let count = isOurs(walk, path) ? 1 : 0;; count++) {
    const candidate = base
      + (count === 0 ? "" : count === 1 ? ".edited" : `.edited-${count}`);
    if (look(candidate) === "nothing") return candidate;
  }
}
