// The type checker over many trees of the book, some at a time side by side in
// a folder: what they have in common, the language's own types, is read once.
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { show } from "../../tangle/book/chapter.ts";
import { inParallel } from "../../tangle/testing/pool.ts";
import { hashOf } from "../../tangle/tree/manifest.ts";
import { placeIn } from "../../tangle/tree/sourcemap.ts";
import type { TangledFile } from "../../tangle/tree/tangled-file.ts";

/** The code of the book at some place; the same code has the same key. */
export interface Tree {
  key: string;
  tree: readonly TangledFile[];
}

/** So many trees are checked by one process, and so many processes work at once. */
const batch = 10, width = 2;

/**
 * What is wrong with each tree, as `chapters/5-host.md:412:7: error TS...`.
 * Trees that were right before are right still, and not looked at.
 */
export async function typeErrors(trees: readonly Tree[]): Promise<string[][]> {
  const verdicts = readVerdicts();
  const open = [...new Map(trees.map((tree) => [tree.key, tree])).values()]
    .filter(({ key }) => verdicts[key] !== true);
  const batches = Array.from({ length: Math.ceil(open.length / batch) },
    (_, index) => open.slice(index * batch, (index + 1) * batch));
  const found = new Map<string, string[]>();
  await inParallel(batches, width, async (some) => {
    const errors = await checkTogether(some.map(({ tree }) => tree));
    for (const [index, { key }] of some.entries())
      found.set(key, errors[index]!);
  });
  for (const [key, errors] of found) verdicts[key] = errors.length === 0;
  writeVerdicts(verdicts);
  return trees.map(({ key }) => found.get(key) ?? []);
}

/** Tells of the code with a key whether its types are right; undefined if nobody has looked. */
export function knownVerdicts(): (key: string) => boolean | undefined {
  const verdicts = readVerdicts();
  return (key) => verdicts[key];
}

/** What was found before, by the keys of trees. It holds for this compiler and these rules. */
const kept = join("node_modules", ".cache", "quest", "types.json");

function rules(): string {
  const compiler = join("node_modules", "typescript", "package.json");
  return hashOf(
    [compiler, "tsconfig.json"].map((path) => readFileSync(path, "utf8"))
      .join(),
  );
}

interface Kept {
  rules: string;
  verdicts: Record<string, boolean>;
}

function readVerdicts(): Record<string, boolean> {
  try {
    const found = JSON.parse(readFileSync(kept, "utf8")) as Kept;
    return found.rules === rules() ? found.verdicts : {};
  } catch {
    return {}; // the first time
  }
}

/** The last ones, which are those of the book as it is now. */
function writeVerdicts(verdicts: Record<string, boolean>): void {
  const last = Object.fromEntries(Object.entries(verdicts).slice(-mostKept));
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, JSON.stringify({ rules: rules(), verdicts: last }));
}

const mostKept = 10_000;

type Files = readonly TangledFile[];

async function checkTogether(trees: readonly Files[]): Promise<string[][]> {
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
function errorsIn(said: string, trees: readonly Files[]): string[][] {
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
