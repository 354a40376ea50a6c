// Small books for the tests, and projects that hold them.
import { spawn, spawnSync } from "node:child_process";
import {
  type Dirent,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import * as assert from "uvu/assert";
import { book as config } from "../../book.config.ts";
import type { Book, ChapterSource } from "../../tangle/book/chapter.ts";
import { parseBook } from "../../tangle/book/parse.ts";
import { ownText } from "../../tangle/tree/preamble.ts";
import { tangle, type TangleOptions } from "../../tangle/tangle.ts";
import { format } from "../../tangle/book/chapter.ts";
import { verify } from "../../tangle/rules/verify.ts";

const project = resolve(".");
const roots: string[] = [];
/** The side quests of the projects that have some. */
const questsIn = new Map<string, readonly SmallQuest[]>();
process.on("exit",
  () =>
    roots.forEach((root) => rmSync(root, { recursive: true, force: true })));
/** The paths of the first chapters. */
export const [one, two] = config.chapters.map(({ path }) => path) as [string,
  string];

/** The names of the first chapters. */
export const [first, second, third] = config.chapters.map(({ name }) =>
  name
) as [
  string,
  string,
  string,
];

/** A fence, as text. */
export const fence = (info: string, ...lines: string[]): string =>
  ["```" + info, ...lines, "```", ""].join("\n");

/** A book of these chapters, not on disk. */
export function bookOf(...texts: string[]): Book {
  return parseBook(
    texts.map((source, index) => ({ ...nameAndPath(index), source })),
  );
}

/** A side quest of a small book. */
export interface SmallQuest {
  /** The number of its chapter. */
  on: number;
  /** What it is called; its file too. */
  name: string;
  text: string;
  leansOn?: readonly string[];
  reason?: string;
}

/** A book of these chapters with side quests, not on disk. */
export const bookWith = (texts: readonly string[],
  ...quests: readonly SmallQuest[]): Book =>
  parseBook(sourcesWith(texts, quests));

/** The chapters and side quests in the order of tangling. */
function sourcesWith(texts: readonly string[],
  quests: readonly SmallQuest[]): ChapterSource[]
{
  return texts.flatMap((source, index) => [
    { ...nameAndPath(index), source, number: index + 1 },
    ...quests.filter(({ on }) => on === index + 1).map((each, place) => ({
      name: each.name,
      path: questPath(each.name),
      source: each.text,
      number: Number(`${index + 1}.${place + 1}`),
      quest: { reason: each.reason ?? "Why not?", leansOn: each.leansOn ?? [] },
    })),
  ]);
}

const nameAndPath = (index: number): { name: string; path: string } => {
  const { name, path } = config.chapters[index];
  return { name, path };
};

/** Where a side quest of a small book lies. */
export const questPath = (name: string): string =>
  `${dirname(one)}/side-quests/${name.toLowerCase().replaceAll(" ", "-")}.md`;

/** A project of these chapters with side quests. */
export function projectWith(texts: readonly string[],
  ...quests: readonly SmallQuest[]): string
{
  const root = projectOf(...texts);
  for (const { name, text } of quests) put(root, questPath(name), text);
  put(root, "book.config.ts", configOf(entriesWith(texts, ...quests)));
  questsIn.set(root, quests);
  return root;
}

/** What a project's configuration says of these chapters and side quests. */
export const entriesWith = (texts: readonly string[],
  ...quests: readonly SmallQuest[]) =>
  texts.map((_, index) => ({
    ...nameAndPath(index),
    sideQuests: quests.filter(({ on }) => on === index + 1).map((each) => ({
      name: each.name,
      path: questPath(each.name),
      reason: each.reason ?? "Why not?",
      ...(each.leansOn ? { leansOn: each.leansOn } : {}),
    })),
  }));

const configOf = (chapters: readonly object[]): string =>
  `export const book = { chapters: ${JSON.stringify(chapters)}, tangled: "tangled" } as const;\n`;

/** All problems of a book, as they are printed. */
export const problemsOf = (...texts: string[]): string[] =>
  verify(bookOf(...texts)).map(format);

/** A new folder with these chapters. */
export function folderOf(...texts: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "tangle-test-"));
  roots.push(root);
  texts.forEach((text, index) => put(root, config.chapters[index].path, text));
  return root;
}

/** The tools with their settings, read once for all projects. */
const tools = toolsAt("tangle");

function toolsAt(folder: string) {
  const inside = readdirSync(join(project, folder), {
    recursive: true,
    withFileTypes: true,
  });
  const pathOf = (each: Dirent): string =>
    relative(project, join(each.parentPath ?? each.path, each.name));
  const paths = inside.filter((each) => each.isFile()).map(pathOf);
  const folders = inside.filter((each) => each.isDirectory()).map(pathOf);
  return {
    folders: [folder, ...folders],
    files: [...paths, "tsconfig.json"].map((path) =>
      [path, readFileSync(join(project, path))] as const
    ),
  };
}

/** A project: the folder with the tools, and a configuration that lists just these chapters. */
export function projectOf(...texts: string[]): string {
  const root = folderOf(...texts);
  for (const folder of tools.folders)
    mkdirSync(join(root, folder), { recursive: true });
  for (const [path, text] of tools.files) writeFileSync(join(root, path), text);
  symlinkSync(join(project, "node_modules"), join(root, "node_modules"));
  put(root, "tests/runner.ts", readFileSync("tests/runner.ts", "utf8"));
  put(root, "package.json", `{ "type": "module" }`);
  put(root, "book.config.ts",
    configOf(texts.map((_, index) => nameAndPath(index))));
  return root;
}

export function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

export const get = (root: string, path: string): string =>
  readFileSync(join(root, path), "utf8");

/** The same without its computed lines. */
export const own = (root: string, path: string): string =>
  ownText(get(root, path));

/** Runs a tool in a project. */
export function tool(root: string, entry: string,
  ...args: string[]): { status: number | null; out: string }
{
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "tangle/run.mjs",
    entry,
    ...args,
  ], { cwd: root, encoding: "utf8" });
  return { status, out: stdout + stderr };
}

/** Tangles the chapters in a folder, of which most are missing. */
export const tangleIn = (root: string, options: TangleOptions = {}) =>
  tangle({ root, draft: true, ...options });

/** Tangles a project, all chapters of which are there, as `npm run tangle` would. */
export function tangleProject(root: string, options: TangleOptions = {}) {
  const here = config.chapters.map(({ path }) => path)
    .filter((path) => existsSync(join(root, path)));
  const quests = (questsIn.get(root) ?? []).map((each) => ({
    ...each,
    text: get(root, questPath(each.name)),
  }));
  const book = bookWith(here.map((path) => get(root, path)), ...quests);
  const tangled = tangle({ root, book, ...options });
  assert.equal(tangled.errors, []);
  return tangled;
}

/** Path and text (without computed lines) of everything in tangled/ but the manifest. */
export function treeOf(root: string,
  folder = "tangled"): Record<string, string>
{
  const tree: Record<string, string> = {};
  for (
    const entry of readdirSync(join(root, folder), { withFileTypes: true })
  ) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(tree, treeOf(root, path));
    else if (entry.name !== ".tangle.json") tree[path] = own(root, path);
  }
  return tree;
}

/** Makes a file look old, so that a write shows. */
export function age(root: string, path: string): number {
  utimesSync(join(root, path), 1_000_000, 1_000_000);
  return statSync(join(root, path)).mtimeMs;
}

/** The text made from one file of a book. */
export function textOf(path: string, ...texts: string[]): string {
  const root = folderOf(...texts);
  assert.equal(tangleIn(root).errors, []);
  return own(root, `tangled/${path}`);
}

/** An experiment and its output. */
export const experiment = (code: string, ...output: string[]): string =>
  fence("ts run", ...code.split("\n")) + fence("text output", ...output);

/** Three chapters for the stages of a book. */
export const stageTexts = [
  "# One\n"
  + fence("ts file=a.ts", "one();", "// <<later>>", "// <<more>>")
  + fence("ts chunk=more", "first();"),
  "# Two\n"
  + fence("ts chunk=more", "second();")
  + "\nwords\n"
  + fence("ts chunk=later", "later();")
  + fence("ts chunk=more", "third();"),
  "# Three\n" + fence("ts replaces=more", "new();")
  + fence("ts file=b.ts", "b();"),
];

/** A tool that goes on running. */
export function start(root: string, entry: string, ...args: string[]) {
  const child = spawn(process.execPath, ["tangle/run.mjs", entry, ...args], {
    cwd: root,
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data) => (out += data));
  const ended = new Promise<{ code: number | null; out: string }>((done) =>
    child.on("close", (code) => done({ code, out }))
  );
  return { child, ended, out: () => out };
}
