// npm run check: the TypeScript compiler over everything that is there at the
// tangled stage; its errors name the chapters.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { book as config } from "../book.config.ts";
import { readManifest } from "./tree/manifest.ts";
import { inChapter, readMaps } from "./maps.mjs";
import { readBlocks } from "./book/book.ts";
import { testsAt } from "./testing/chapter-tests.ts";
import type { Stage } from "./book/stage.ts";

/** Below node_modules, where tsc finds the packages and nobody else looks. */
const cache = join("node_modules", ".cache", "quest");

parseArgs();
const manifest = readManifest(config.tangled);
if (!manifest) {
  console.error(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
  process.exit(1);
}
const { status, text } = compile(manifest.stage);
process.stdout.write(nameChapters(text));
console.log(`${status === 0 ? "no type errors" : "type errors"} `
  + `${manifest.stage.road ? "on the road " : ""}through ${manifest.stage.name}`);
process.exitCode = status === 0 ? 0 : 1;

/** Runs tsc over what belongs to the stage. */
function compile(stage: Stage): { status: number; text: string } {
  const folder = mkdtempSync(join(cache, "check-"));
  try {
    const project = join(folder, "tsconfig.json");
    writeFileSync(project, JSON.stringify(projectFor(stage, folder)));
    const compiler = join("node_modules", "typescript", "bin", "tsc");
    const options = [compiler, "-p", project, "--pretty", "false"];
    const result = spawnSync(process.execPath, options, { encoding: "utf8" });
    if (result.error) throw result.error;
    return { status: result.status ?? 1, text: result.stdout + result.stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** At a part of the book, what only a later chapter uses is not an error yet. */
function projectFor(stage: Stage, folder: string): object {
  const up = (path: string): string =>
    relative(resolve(folder), resolve(path)).replaceAll("\\", "/");
  const unused = { noUnusedLocals: false, noUnusedParameters: false };
  return {
    extends: up("tsconfig.json"),
    compilerOptions: {
      ...(stage.whole ? {} : unused),
      typeRoots: [up("node_modules/@types")],
    },
    include: (stage.whole ? wholeProject() : partialProject(stage)).map(up),
  };
}

function wholeProject(): string[] {
  const all = ["book.config.ts", "tangle", "build", "tests", config.tangled];
  return all.filter((path) => existsSync(path));
}

/** The weaver shows the whole book, so it has to wait until that is there. */
function partialProject(stage: Stage): string[] {
  const early = testsAt(stage, readBlocks(), ".");
  const own = ["tests/tangle.ts", "tests/runner.ts", "tests/bench-tangle.ts"];
  const tests = [...early.map(({ path }) => path), ...own].filter((path) =>
    existsSync(path)
  );
  return ["book.config.ts", "tangle", config.tangled, ...tests];
}

/** Rewrites `tangled/x.ts(4,2)` to its place in a chapter. */
function nameChapters(text: string): string {
  const maps = readMaps(".");
  const rename = (_: string, path: string, line: string,
    column: string): string =>
  {
    const file = relative(".", resolve(path)).replaceAll("\\", "/");
    return inChapter(".", file, Number(line), Number(column), maps)
      ?? `${file}:${line}:${column}`;
  };
  return text.replace(/([^\s(]+\.ts)\((\d+),(\d+)\)/g, rename);
}
