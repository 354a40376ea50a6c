// npm run mutants [-- PATH ...] [--seed N] [--count N] [--all]
//
// Changes one operator, constant or condition of the code at a time, in a copy
// of the project, and runs the tests that cover it until one of them fails.
// What survives is listed with its place in the book: either no test states
// what the code does there, or the change makes no difference. PATH is the
// beginning of a path, else all of machine, Host, Launcher and tangler.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { chapterOf } from "../../tangle/book/chapter.ts";
import { inChapter } from "../../tangle/maps.mjs";
import { inParallel } from "../../tangle/testing/pool.ts";
import { chapterTests } from "../../tangle/testing/chapter-tests.ts";
import {
  runTestFile,
  type FileResult,
} from "../../tangle/testing/test-file.ts";
import { toNumber } from "../numbers.ts";
import { applied, mutantsOf, type Mutant } from "./mutate.ts";
import { scratchProject } from "./scratch.ts";

/** A test that takes longer than any does has met a mutant that never ends. */
const limits = { cpu: 30, wall: 600 };
const width = 2;

interface TestFile {
  path: string;
  /** Whether it runs command lines, and with them whatever these are made of. */
  runsCommands: boolean;
  cpu: number;
  inputs: ReadonlySet<string>;
  /** How many mutants it has killed. */
  kills: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    count: { type: "string" },
    all: { type: "boolean" },
  },
});
const seed = toNumber("seed", values.seed, 1);
const count = toNumber("count", values.count, 50);
const prefixes = positionals.length > 0 ? positionals : ["tangled/", "tangle/"];
const all = mutantsOf(
  sourceFiles("tangled").concat(sourceFiles("tangle")).filter(isMeant),
);
const chosen = values.all ? all : sample(all, count);
const roots = Array.from({ length: width }, scratchProject);
const tests = await testFiles();
console.log(
  `${chosen.length} of ${all.length} mutants, seed ${seed}; ${tests.length} test files`,
);
const survivors = await hunt();
for (const mutant of survivors) console.log(`survived ${describe(mutant)}`);
console.log(
  `${chosen.length - survivors.length} of ${chosen.length} mutants killed, seed ${seed}`,
);

function isMeant(path: string): boolean {
  return prefixes.some((prefix) => path.startsWith(prefix))
    && !path.startsWith("tangled/experiments/");
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts") ? [path]
      : [];
  }).sort();
}

/** So many of them, the same for the same seed. */
function sample<T>(list: readonly T[], size: number): T[] {
  let state = seed;
  const random = (): number =>
    (state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0)
    >>> 0;
  const keyed = list.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).slice(0, size).map(({ item }) =>
    item
  );
}

/** The tests, what they cost, and what they are made of. All of them have to pass without a mutant. */
async function testFiles(): Promise<TestFile[]> {
  const chapters = chapterTests(".");
  // Launcher and Mastery, with what hangs on them.
  const runners = new Set(
    chapters.filter(({ chapter }) => [4, 7].includes(chapterOf(chapter))).map((
      { path },
    ) => path),
  );
  const paths = [...chapters.map(({ path }) => path),
    ...readdirSync("tests/tangle").filter((name) => name !== "small-books.ts")
      .map((name) => `tests/tangle/${name}`),
    ...["decoders", "silicon", "privileged", "fuzz"].map((name) =>
      `tests/${name}.ts`
    )];
  return inParallel(paths.filter((path) => existsSync(path)), width,
    async (path) => {
      const result = await runTestFile(path, limits, roots[0]);
      if (isKill(result))
        throw new Error(
          `${path} fails even without a mutant:\n${result.output}`,
        );
      return {
        path,
        runsCommands: runners.has(path),
        cpu: result.cpu,
        inputs: await inputsOf(path),
        kills: 0,
      };
    });
}

function isKill({ failed }: FileResult): boolean {
  return failed > 0;
}

async function inputsOf(path: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    entryPoints: [path],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    write: false,
    outdir: "out",
    logLevel: "silent",
  });
  return new Set(Object.keys(metafile.inputs));
}

/** The tests that could notice, the likeliest and cheapest first. The tangler's
 *  tools are run by the tangler's tests. */
function covering(path: string): TestFile[] {
  const isTool = path.startsWith("tangle/");
  const covers = (test: TestFile): boolean =>
    isTool ? test.path.startsWith("tests/tangle/")
      : test.inputs.has(path) || test.runsCommands;
  const worth = (test: TestFile): number =>
    (test.inputs.has(path) ? 0.5 : 0) + test.kills;
  return tests.filter(covers).sort((a, b) =>
    worth(b) / b.cpu - worth(a) / a.cpu
  );
}

async function hunt(): Promise<Mutant[]> {
  const idle = [...roots];
  const outcomes = await inParallel(chosen, width, async (mutant) => {
    const root = idle.pop()!;
    const killer = await killerOf(mutant, root);
    idle.push(root);
    if (killer) killer.kills++;
    console.log(
      `${killer ? "killed  " : "SURVIVED"} ${describe(mutant)}${killer ? `, by ${killer.path}` : ""}`,
    );
    return { mutant, killer };
  });
  return outcomes.filter(({ killer }) => !killer).map(({ mutant }) => mutant);
}

/** The test that notices; undefined if none does. */
async function killerOf(mutant: Mutant,
  root: string): Promise<TestFile | undefined>
{
  const file = join(root, mutant.path);
  const source = readFileSync(mutant.path, "utf8");
  writeFileSync(file, applied(source, mutant));
  try {
    for (const test of covering(mutant.path))
      if (isKill(await runTestFile(test.path, limits, root, { bail: true })))
        return test;
    return undefined;
  } finally {
    writeFileSync(file, source);
  }
}

/** "chapters/1-preparation.md:412:7 (tangled/machine/run.ts): `<` becomes `<=`". */
function describe({ path, start, was, text }: Mutant): string {
  const before = readFileSync(path, "utf8").slice(0, start).split("\n");
  const [line, column] = [before.length, before.at(-1)!.length + 1];
  const place = inChapter(".", path, line, column);
  const short = (code: string): string =>
    code.replace(/\s+/g, " ").slice(0, 50);
  return `${place ? `${place} (${path})` : `${path}:${line}:${column}`}: \`${short(was)}\` becomes \`${short(text)}\``;
}
