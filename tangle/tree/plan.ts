// What has to change in tangled/, and what stands in the way.
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import type { TangledFile } from "./tangled-file.ts";
import {
  hashOf,
  makeManifest,
  readManifest,
  type Manifest,
} from "./manifest.ts";
import { ownText } from "./preamble.ts";
import type { Stage } from "../book/stage.ts";

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

/**
 * Compares the files with those in the folder `tangled`, which messages call
 * `name`. Writes nothing.
 */
export function makePlan(tangled: string, name: string, stage: Stage,
  files: readonly TangledFile[]): Plan
{
  const manifest = makeManifest(stage, files, name);
  const old = readManifest(tangled);
  const plan: Plan = {
    manifest,
    old,
    write: [],
    keep: [],
    remove: [],
    edited: [],
    refusals: [],
  };
  const found = look(tangled);
  if (found === "file" || found === "other") {
    const what = found === "file" ? "file" : "link or a device";
    plan.refusals.push(`${name} is not a folder, but a ${what}: move it away`);
    return plan;
  }
  for (const file of files) planFile(tangled, name, file, plan);
  for (const path of Object.keys(old?.files ?? {})) {
    if (!Object.hasOwn(manifest.files, path)) planRemoval(tangled, path, plan);
  }
  return plan;
}

/** Whether the files on disk are as they should be. */
export function isUpToDate(plan: Plan): boolean {
  return [plan.write, plan.remove, plan.refusals].every((list) =>
    list.length === 0
  );
}

/** One line for each file whose edits would be lost. */
export function describeEdited(plan: Plan, name: string): string[] {
  return plan.edited.map((path) =>
    `${name}/${path} was edited by hand: carry the edit into the chapters with `
    + "`npm run untangle`, or set it aside, in a file named .edited beside it, with "
    + "`npm run tangle -- --force`"
  );
}

function planFile(tangled: string, name: string, file: TangledFile,
  plan: Plan): void
{
  const obstacle = findObstacle(tangled, file.path, plan);
  if (obstacle !== undefined) {
    plan.refusals.push(
      `${name}/${obstacle} is in the way of ${name}/${file.path}, `
        + "and was not written by the tangler: move it away",
    );
  } else if (isAsWanted(join(tangled, file.path), file.text)) {
    plan.keep.push(file.path);
  } else {
    if (isEdited(tangled, file.path, plan) && !hasOwnText(tangled, file))
      plan.edited.push(file.path);
    plan.write.push(file);
  }
}

function planRemoval(tangled: string, path: string, plan: Plan): void {
  if (look(join(tangled, path)) !== "file") return;
  plan.remove.push(path);
  if (isEdited(tangled, path, plan)) plan.edited.push(path);
}

function isAsWanted(path: string, text: string): boolean {
  return look(path) === "file" && readFileSync(path).equals(Buffer.from(text));
}

function isEdited(tangled: string, path: string, plan: Plan): boolean {
  const full = join(tangled, path);
  return look(full) === "file"
    && hashOf(readFileSync(full)) !== plan.old!.files[path].hash;
}

/** Whether a file on disk differs in nothing but its computed lines: nobody's work is lost. */
function hasOwnText(tangled: string, { path, text }: TangledFile): boolean {
  return ownText(readFileSync(join(tangled, path), "utf8")) === ownText(text);
}

/** Something at the path, or at one of its folders, that is not ours to replace. */
function findObstacle(tangled: string, path: string, { old, manifest }: Plan):
  | string
  | undefined
{
  const isOurs = (each: string): boolean =>
    Object.hasOwn(old?.files ?? {}, each);
  const there = look(join(tangled, path));
  if (
    there === "other"
    || (there === "folder" && !holdsOnly(isOurs, tangled, path))
  ) return path;
  if (there === "file" && !isOurs(path) && !isWritten(tangled, path, manifest))
    return path;
  for (
    let folder = posix.dirname(path);
    folder !== ".";
    folder = posix.dirname(folder)
  ) {
    const found = look(join(tangled, folder));
    if (found === "other" || (found === "file" && !isOurs(folder)))
      return folder;
  }
  return undefined;
}

/** Whether a file is just what would be written there. */
function isWritten(tangled: string, path: string, manifest: Manifest): boolean {
  return hashOf(readFileSync(join(tangled, path)))
    === manifest.files[path].hash;
}

/** Whether a folder holds none but our files, all of which go with it. */
function holdsOnly(isOurs: (path: string) => boolean, tangled: string,
  folder: string): boolean
{
  const names = readdirSync(join(tangled, folder));
  return names.length > 0 && names.every((name) => {
    const path = posix.join(folder, name);
    const found = look(join(tangled, path));
    return found === "folder" ? holdsOnly(isOurs, tangled, path)
      : found === "file" && isOurs(path);
  });
}

/** What there is at a path; a link is neither file nor folder. */
export function look(path: string): "nothing" | "file" | "folder" | "other" {
  try {
    const found = lstatSync(path);
    return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "nothing";
    throw error;
  }
}
