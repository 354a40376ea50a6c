// What has to change in tangled/, and what stands in the way.
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import type { TangledFile } from "./expand.ts";
import { hashOf, makeManifest, readManifest, type Manifest } from "./manifest.ts";
import type { Stage } from "./stage.ts";

/** The way from the tree on disk to the one that the chapters make. */
export interface Plan {
  manifest: Manifest;
  /** The manifest of the tree on disk. */
  old: Manifest | undefined;
  /** Files to write: new ones, and those that changed. */
  write: TangledFile[];
  /** Files that are as they should be. */
  keep: string[];
  /** Files that no chapter makes any more. */
  remove: string[];
  /** Files that were edited by hand, and would be overwritten or removed. */
  edited: string[];
  /** Why this plan cannot be carried out, one line each. */
  refusals: string[];
}

/** Compares the files with those in the folder `tangled`. Writes nothing. */
export function makePlan(tangled: string, name: string, stage: Stage, files: readonly TangledFile[]): Plan {
  const old = readManifest(tangled);
  const plan: Plan = { manifest: makeManifest(stage, files, name), old, write: [], keep: [], remove: [], edited: [], refusals: [] };
  if (["file", "other"].includes(look(tangled))) plan.refusals.push(`${name} is not a folder: move it away`);
  for (const file of files) planFile(tangled, name, file, plan);
  for (const path of Object.keys(old?.files ?? {})) {
    if (!(path in plan.manifest.files)) planRemoval(tangled, path, plan);
  }
  return plan;
}

/** Whether the files on disk are as they should be. */
export function isUpToDate(plan: Plan): boolean {
  return plan.write.length === 0 && plan.remove.length === 0;
}

/** One line for each file whose edits would be lost. */
export function describeEdited(plan: Plan, name: string): string[] {
  return plan.edited.map((path) =>
    `${name}/${path} was edited by hand: carry the edit into the chapters with \`npm run untangle\`, ` +
    "or set it aside, in a file named .edited beside it, with `npm run tangle -- --force`");
}

function planFile(tangled: string, name: string, file: TangledFile, plan: Plan): void {
  const known = plan.old?.files[file.path];
  const obstacle = findObstacle(tangled, file.path, plan);
  if (obstacle !== undefined) {
    plan.refusals.push(`${name}/${obstacle} is in the way of ${name}/${file.path}, and was not written by the tangler: move it away`);
  } else if (look(join(tangled, file.path)) !== "file") {
    plan.write.push(file);
  } else {
    planOverwriting(join(tangled, file.path), file, known?.hash, plan, name);
  }
}

function planOverwriting(path: string, file: TangledFile, hash: string | undefined, plan: Plan, name: string): void {
  const there = readFileSync(path);
  if (there.equals(Buffer.from(file.text))) {
    plan.keep.push(file.path);
  } else if (hash === undefined) {
    plan.refusals.push(`${name}/${file.path} is in the way, and was not written by the tangler: move it away`);
  } else {
    if (hashOf(there) !== hash) plan.edited.push(file.path);
    plan.write.push(file);
  }
}

function planRemoval(tangled: string, path: string, plan: Plan): void {
  const full = join(tangled, path);
  if (look(full) !== "file") return;
  plan.remove.push(path);
  if (hashOf(readFileSync(full)) !== plan.old!.files[path]!.hash) plan.edited.push(path);
}

/** Something at the path, or at one of its folders, that is not ours to replace. */
function findObstacle(tangled: string, path: string, plan: Plan): string | undefined {
  const ours = plan.old?.files ?? {};
  const there = look(join(tangled, path));
  if (there === "other" || (there === "folder" && !holdsOnly(ours, tangled, path))) return path;
  for (let folder = posix.dirname(path); folder !== "."; folder = posix.dirname(folder)) {
    const found = look(join(tangled, folder));
    if (found === "other" || (found === "file" && !(folder in ours))) return folder;
  }
  return undefined;
}

/** Whether a folder holds none but our files, all of which go with it. */
function holdsOnly(ours: Manifest["files"], tangled: string, folder: string): boolean {
  const names = readdirSync(join(tangled, folder));
  return names.length > 0 && names.every((name) => {
    const path = posix.join(folder, name);
    const found = look(join(tangled, path));
    return found === "folder" ? holdsOnly(ours, tangled, path) : found === "file" && path in ours;
  });
}

/** What there is at a path; a link is neither file nor folder. */
export function look(path: string): "nothing" | "file" | "folder" | "other" {
  try {
    const found = lstatSync(path);
    return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return "nothing";
    throw error;
  }
}
