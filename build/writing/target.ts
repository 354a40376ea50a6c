/** Where the weaver may write at all. */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { book } from "../../book.config.ts";
import { projectFolders } from "../../tangle/tree/home.ts";
import { look } from "../../tangle/tree/plan.ts";

/** Throws an Error if there is no folder to read chapters from: each of them would be missing. */
export function checkSource(from: string): void {
  const found = from === "" ? undefined
    : statSync(from, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    throw new Error(`--from: there is no folder "${from}"`);
}

/** Folders of a project in which nothing is woven, beside all that begin with a dot. */
const taken = [...projectFolders, book.tangled];

export interface Bounds {
  /** The projects in whose folders the weaver is at home. */
  roots: readonly string[];
  /** Whether it may leave them. */
  outside: boolean;
}

/**
 * The real path of the folder that the user calls `name`, without links. Throws an Error where a site would be written
 * over a project or into a part of one, or would land outside.
 */
export function targetOf(name: string, { roots, outside }: Bounds): string {
  if (name === "")
    throw new Error("--to names no folder: give it one, as in --to site");
  const target = realPath(name);
  const homes = roots.map(realPath);
  for (const home of homes) {
    if (isWithin(home, target))
      throw new Error(`${name} is or holds the project: ${elsewhere}`);
    const owner = ownerWithin(home, target);
    if (owner !== undefined)
      throw new Error(
        `${name} is in ${owner}, which is not the weaver's: ${elsewhere}`,
      );
  }
  if (!outside && !homes.some((home) => isWithin(target, home)))
    throw new Error(
      `${name} is outside the project: if that is meant, say --outside as well`,
    );
  return target;
}

const elsewhere = "weave into a folder of its own, as in --to site";

/** The folder of a project that `target` is or lies in, if it is not to be written to. */
function ownerWithin(home: string, target: string): string | undefined {
  const [first = ""] = relative(home, target).split(sep);
  const names = first.startsWith(".") && first !== ".." ? [...taken, first]
    : taken;
  return names.find((name) => isWithin(target, join(home, name)));
}

/** The absolute path of what may not be there yet, free of links. */
function realPath(path: string): string {
  const absolute = resolve(path);
  if (statSync(absolute, { throwIfNoEntry: false }))
    return realpathSync.native(absolute);
  if (look(absolute) === "other")
    throw new Error(`${path} is a link that leads nowhere: delete it`);
  return join(realPath(dirname(absolute)), basename(absolute));
}

/** Whether `path` is `folder` or lies in it, by whatever name. */
function isWithin(path: string, folder: string): boolean {
  if (isSame(path, folder)) return true;
  return path !== dirname(path) && isWithin(dirname(path), folder);
}

/** Some systems take upper and lower case for the same, and a folder can have several paths. */
function isSame(one: string, other: string): boolean {
  if (one.toLowerCase() === other.toLowerCase()) return true;
  const [a, b] = [one, other].map((path) =>
    statSync(path, { bigint: true, throwIfNoEntry: false })
  );
  return a !== undefined && b !== undefined && a.ino === b.ino
    && a.dev === b.dev;
}
