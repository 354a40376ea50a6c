/** What the weaver knows about a folder that it wrote: the list of its files in .weave.json. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { look } from "../../tangle/tree/plan.ts";

export type Files = ReadonlyMap<string, string | Uint8Array>;

/** The hash of each file's content, by its path in the folder. */
export type List = ReadonlyMap<string, string>;

/** The path of the list. */
export const listName = ".weave.json";
/** The file that is being written. */
export const partName = ".weave-part";

/** The text of the list of these files. */
export function listText(files: Files): string {
  const hashes = [...files].map(([path, content]) =>
    [path, hashOf(content)] as const
  );
  return `${JSON.stringify({ version: 1, files: Object.fromEntries(hashes) }, null, 1)}\n`;
}

const hashOf = (content: string | Uint8Array): string =>
  createHash("sha1").update(content).digest("hex");

/** The list in a folder, or undefined when there is none that can be read. */
export function readList(folder: string): List | undefined {
  try {
    const { version, files } = JSON.parse(
      readFileSync(join(folder, listName), "utf8"),
    );
    const entries = Object.entries<string>(files);
    return version === 1 && entries.every(([path]) => isInside(path))
      ? new Map(entries) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path leads to something in its folder: no list of ours has another. */
const isInside = (path: string): boolean =>
  path.split("/").every((part) => part !== "" && part !== "." && part !== "..");

/** Something in a folder that the weaver did not leave there like this. */
export interface Stranger {
  path: string;
  isEdited: boolean;
}

/** All that is in the folder but not as the list has it, in order; the list itself counts as listed. */
function* strangersIn(folder: string, list: List = new Map(),
  below = ""): Generator<Stranger>
{
  for (const name of readdirSync(join(folder, below)).sort()) {
    const path = posix.join(below, name);
    const found = look(join(folder, path));
    if (found === "file" && path === listName && list.size > 0) continue;
    if (found === "folder" && holdsListed(path, list))
      yield* strangersIn(folder, list, path);
    else if (found === "file" && list.has(path)) {
      if (hashOf(readFileSync(join(folder, path))) !== list.get(path))
        yield { path, isEdited: true };
    } else yield {
        path: found === "folder" ? `${path}/` : path,
        isEdited: false,
      };
  }
}

const holdsListed = (folder: string, list: List): boolean =>
  [...list.keys()].some((path) => path.startsWith(`${folder}/`));

const most = 3;

/** Throws an Error that names what is in the folder and neither the weaver's nor `allowed`, if anything is. */
export function checkOurs(folder: string, name: string, allowed = ""): void {
  if (look(folder) === "nothing") return;
  if (look(folder) !== "folder")
    throw new Error(`${name} is not a folder: move it away`);
  const list = readList(folder);
  const found: Stranger[] = [];
  for (const stranger of strangersIn(folder, list)) {
    if (stranger.path !== allowed) found.push(stranger);
    if (found.length > most) break;
  }
  if (found.length === 0) return;
  const names = found.slice(0, most).map(({ path, isEdited }) =>
    path + (isEdited ? " (edited)" : "")
  );
  throw new Error(
    refusal(name, names.join(", ") + (found.length > most ? " and more" : ""),
      list),
  );
}

function refusal(name: string, what: string, list: List | undefined): string {
  if (list)
    return `${name} holds what the weaver did not write: ${what}; move that away, or weave elsewhere with --to`;
  return (
    `${name} holds ${what}, and no list in ${listName} says that the weaver wrote them: `
    + "if it is an old site, delete it and weave again; if not, weave elsewhere with --to"
  );
}
