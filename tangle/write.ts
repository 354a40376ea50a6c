// Puts a plan into effect: all of it, or nothing.
//
// The new tree is built beside the old one, in tangled.next/, out of hard
// links to what stays (foreign files too) and of new files. Two renames then
// put it in the place of the old tree, which goes away as tangled.old/.
// Whoever comes after a crash finds one of these folders and brings the work
// to its end, or back to its beginning.
import { copyFileSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, rmdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hashOf, manifestName, readManifest, type Manifest } from "./manifest.ts";
import { look, type Plan } from "./plan.ts";

/** Called before each step that changes the disk; the tests fail in it. */
export type OnStep = (step: string) => void;

const nextOf = (tangled: string): string => `${tangled}.next`;
const oldOf = (tangled: string): string => `${tangled}.old`;

/** Writes the files of the plan. Needs the lock, and a tree that was recovered. */
export function writePlan(tangled: string, plan: Plan, onStep: OnStep = () => {}): void {
  buildNext(tangled, plan, onStep);
  if (look(tangled) === "folder") {
    onStep("move the old tree away");
    renameSync(tangled, oldOf(tangled));
  }
  onStep("move the new tree into its place");
  renameSync(nextOf(tangled), tangled);
  if (look(oldOf(tangled)) === "folder") clearOld(tangled, onStep);
}

/** Writes the manifest alone, for a tree whose files stay as they are. */
export function writeManifest(tangled: string, manifest: Manifest, onStep: OnStep = () => {}): void {
  const text = JSON.stringify(manifest);
  const path = join(tangled, manifestName);
  if (look(path) === "file" && readFileSync(path, "utf8") === text) return;
  onStep("write the manifest");
  mkdirSync(tangled, { recursive: true });
  writeFileSync(`${path}.next`, text);
  renameSync(`${path}.next`, path);
}

/** Whether a crash interrupted the writing (or another process is at it). */
export function isInterrupted(tangled: string): boolean {
  return look(oldOf(tangled)) !== "nothing" || look(nextOf(tangled)) !== "nothing";
}

/** Ends what a crash interrupted. Needs the lock. */
export function recover(tangled: string, onStep: OnStep = () => {}): void {
  const old = look(oldOf(tangled)) === "folder";
  if (old && look(tangled) === "nothing") {
    const complete = look(nextOf(tangled)) === "folder";
    renameSync(complete ? nextOf(tangled) : oldOf(tangled), tangled);
  }
  if (look(oldOf(tangled)) === "folder") clearOld(tangled, onStep);
  rmSync(nextOf(tangled), { recursive: true, force: true });
  rmSync(join(tangled, `${manifestName}.next`), { force: true });
}

function buildNext(tangled: string, plan: Plan, onStep: OnStep): void {
  const next = nextOf(tangled);
  mkdirSync(next);
  if (look(tangled) === "folder") linkForeign(tangled, next, "", new Set(Object.keys(plan.old?.files ?? {})), onStep);
  for (const path of plan.keep) linkFile(join(tangled, path), join(next, path), onStep);
  for (const file of plan.write) {
    onStep(`write ${file.path}`);
    writeNew(join(next, file.path), file.text);
  }
  onStep("write the manifest");
  writeNew(join(next, manifestName), JSON.stringify(plan.manifest));
}

function writeNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: "wx" });
}

/** Links everything in a folder that is not ours, and its empty folders. */
function linkForeign(from: string, to: string, folder: string, ours: Set<string>, onStep: OnStep): void {
  const names = readdirSync(join(from, folder));
  if (names.length === 0) mkdirSync(join(to, folder), { recursive: true });
  for (const name of names) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (ours.has(path) || path === manifestName) continue;
    if (look(join(from, path)) === "folder") linkForeign(from, to, path, ours, onStep);
    else linkFile(join(from, path), join(to, path), onStep);
  }
}

function linkFile(from: string, to: string, onStep: OnStep): void {
  if (look(to) !== "nothing") return;
  onStep(`link ${to}`);
  mkdirSync(dirname(to), { recursive: true });
  if (lstatSync(from).isSymbolicLink()) return symlinkSync(readlinkSync(from), to);
  try {
    linkSync(from, to);
  } catch {
    copyWithTime(from, to);
  }
}

/** For file systems without hard links. */
function copyWithTime(from: string, to: string): void {
  const { atime, mtime } = lstatSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}

/** Removes tangled.old/, but first saves from it what would be lost. */
function clearOld(tangled: string, onStep: OnStep): void {
  const old = oldOf(tangled);
  const manifest = readManifest(old);
  clearFolder(old, tangled, "", manifest, onStep);
  onStep("remove the old manifest");
  rmSync(join(old, manifestName), { force: true });
  rmdirSync(old);
}

function clearFolder(old: string, tangled: string, folder: string, manifest: Manifest | undefined, onStep: OnStep): void {
  for (const name of readdirSync(join(old, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (path === manifestName) continue;
    if (look(join(old, path)) === "folder") {
      clearFolder(old, tangled, path, manifest, onStep);
      rmdirSync(join(old, path));
      continue;
    }
    onStep(`remove ${path}`);
    if (wouldBeLost(old, tangled, path, manifest)) renameSync(join(old, path), placeFor(tangled, path, path in (manifest?.files ?? {})));
    else rmSync(join(old, path));
  }
}

/** Whether a file of the old tree is neither the tangler's work nor in the new tree. */
function wouldBeLost(old: string, tangled: string, path: string, manifest: Manifest | undefined): boolean {
  const [before, after] = [join(old, path), join(tangled, path)];
  if (look(before) !== "file") return look(after) === "nothing";
  const there = look(after) === "file";
  if (there && lstatSync(before).ino === lstatSync(after).ino) return false;
  const text = readFileSync(before);
  return manifest?.files[path]?.hash !== hashOf(text) && !(there && readFileSync(after).equals(text));
}

/** A free path in the new tree: the same one, or (for our files) one that ends in .edited. */
function placeFor(tangled: string, path: string, ours: boolean): string {
  const folder = look(join(tangled, dirname(path)));
  const base = join(tangled, folder === "file" ? path.replaceAll("/", "-") : path);
  mkdirSync(dirname(base), { recursive: true });
  for (let count = ours ? 1 : 0; ; count++) {
    const candidate = base + (count === 0 ? "" : count === 1 ? ".edited" : `.edited-${count}`);
    if (look(candidate) === "nothing") return candidate;
  }
}
