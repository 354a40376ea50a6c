// The type checker over many trees of the book, some at a time side by side in
// a folder: what they have in common, the language's own types, is read once.
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { show } from "../../tangle/book/chapter.ts";
import { inParallel } from "../../tangle/testing/pool.ts";
import { placeIn } from "../../tangle/tree/sourcemap.ts";
import type { TangledFile } from "../../tangle/tree/tangled-file.ts";

export type Tree = readonly TangledFile[];

/** So many trees are checked by one process, and so many processes work at once. */
const batch = 10, width = 2;

/** What is wrong with each tree, as `chapters/5-host.md:412:7: error TS...`. */
export async function typeErrors(trees: readonly Tree[]): Promise<string[][]> {
  const batches = Array.from({ length: Math.ceil(trees.length / batch) },
    (_, index) => trees.slice(index * batch, (index + 1) * batch));
  return (await inParallel(batches, width, checkTogether)).flat();
}

async function checkTogether(trees: readonly Tree[]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), "quest-types-"));
  try {
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project()));
    for (const [index, tree] of trees.entries())
      for (const { path, text } of tree)
        put(join(folder, `${index}`, path), text);
    return errorsIn(await compile(folder), trees);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What only a later chapter uses is not an error. */
const project = (): object => ({
  extends: resolve("tsconfig.json"),
  compilerOptions: {
    noUnusedLocals: false,
    noUnusedParameters: false,
    typeRoots: [resolve("node_modules", "@types")],
  },
  include: ["."],
});

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function compile(folder: string): Promise<string> {
  const compiler = resolve("node_modules", "typescript", "bin", "tsc");
  const child = spawn(process.execPath, [compiler, "--pretty", "false",
    "--singleThreaded"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", () => done(said));
  });
}

/** Each message with the tree that it is about, and its place there as one in a chapter. */
function errorsIn(said: string, trees: readonly Tree[]): string[][] {
  const found = trees.map((): string[] => []);
  for (const line of said.split("\n")) {
    const [, tree, path, row, column, message] =
      /^(\d+)\/(.*)\((\d+),(\d+)\): (error .*)$/.exec(line) ?? [];
    const file = trees[Number(tree)]?.find((each) => each.path === path);
    if (file) {
      const place = show(placeIn(file, Number(row), Number(column)));
      found[Number(tree)].push(`${place}: ${message}`);
    } else if (/\berror\b/.test(line))
      throw new Error(`the type checker: ${line}`);
  }
  return found;
}
