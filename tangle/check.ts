// npm run check: the TypeScript compiler over everything that is there at the
// tangled stage; its errors name the chapters.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { book as config } from "../book.config.ts";
import { readManifest } from "./manifest.ts";
import { inChapter, readMaps } from "./maps.mjs";
import type { Stage } from "./stage.ts";

/** Below node_modules, where tsc finds the packages and nobody else looks. */
const cache = join("node_modules", ".cache", "quest");

const manifest = readManifest(config.tangled);
if (!manifest) {
  console.error(`${config.tangled}/ is empty: run \`npm run tangle\` first`);
  process.exit(1);
}
const { status, text } = compile(manifest.stage);
process.stdout.write(nameChapters(text));
console.log(status === 0 ? `no type errors through ${manifest.stage.name}` : `type errors through ${manifest.stage.name}`);
process.exitCode = status === 0 ? 0 : 1;

/** Runs tsc over what belongs to the stage. */
function compile(stage: Stage): { status: number; text: string } {
  const folder = mkdtempSync(join(cache, "check-"));
  try {
    const project = join(folder, "tsconfig.json");
    writeFileSync(project, JSON.stringify(projectFor(stage, folder)));
    const { status, stdout, stderr, error } = spawnSync(process.execPath, [compiler(), "-p", project, "--pretty", "false"], { encoding: "utf8" });
    if (error) throw error;
    return { status: status ?? 1, text: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compiler(): string {
  return join("node_modules", "typescript", "bin", "tsc");
}

/** At a part of the book, what only a later chapter uses is not an error yet. */
function projectFor(stage: Stage, folder: string): object {
  const up = (path: string): string => relative(resolve(folder), resolve(path)).replaceAll("\\", "/");
  const unused = { noUnusedLocals: false, noUnusedParameters: false };
  return {
    extends: up("tsconfig.json"),
    compilerOptions: { ...(stage.whole ? {} : unused), typeRoots: [up("node_modules/@types")] },
    include: (stage.whole ? wholeProject() : partialProject(stage)).map(up),
  };
}

function wholeProject(): string[] {
  return ["book.config.ts", "tangle", "build", "tests", config.tangled].filter(existsSync);
}

/** The weaver shows the whole book, so it has to wait until that is there. */
function partialProject(stage: Stage): string[] {
  const last = stage.complete ? stage.chapter : stage.chapter - 1;
  const tests = existsSync("tests") ? readdirSync("tests") : [];
  const early = tests.filter((name) => Number(/^(\d+)-.*\.ts$/.exec(name)?.[1] ?? Infinity) <= last);
  const own = ["tangle.ts", "runner.ts", "bench-tangle.ts"].filter((name) => tests.includes(name));
  return ["book.config.ts", "tangle", config.tangled, ...[...early, ...own].map((name) => join("tests", name))];
}

/** Rewrites `tangled/x.ts(4,2)` to its place in a chapter. */
function nameChapters(text: string): string {
  const maps = readMaps(".");
  return text.replace(/([^\s(]+\.ts)\((\d+),(\d+)\)/g, (_, path: string, line: string, column: string) => {
    const file = relative(".", resolve(path)).replaceAll("\\", "/");
    return inChapter(".", file, Number(line), Number(column), maps) ?? `${file}:${line}:${column}`;
  });
}
