// Where the tree may be made: in a folder of its own, in the project.
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { refusal } from "../book/words.ts";

/** The folders that a project has, and no tool makes anew; those that begin with a dot are not named. */
export const projectFolders: readonly string[] = ["chapters", "tangle", "build",
  "tests", "node_modules"];

/** Where the tree cannot be. */
const taken = [...projectFolders, "dist"];

/** The folder of the tree below `root`. Throws when book.config.ts names one that is not for it. */
export function treeFolder(root = "."): string {
  const problem = findMisfit(config.tangled);
  if (problem !== undefined)
    throw refusal(`book.config.ts: tangled: ${problem}`);
  return join(root, config.tangled);
}

/** Why a folder of this name cannot hold the tree, if it cannot. */
export function findMisfit(name: string): string | undefined {
  const cure = "name a folder of its own, as in \"tangled\"";
  if (!/^\w[\w-]*$/.test(name))
    return `"${name}" is no plain name in the project: ${cure}`;
  const owner = taken.find((each) => each === name.toLowerCase());
  return owner === undefined ? undefined
    : `"${name}" is in use for something else: ${cure}`;
}
