// What tangle/ promises. Every test has a small book of its own.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../book.config.ts";
import { diffLines } from "../tangle/diff.ts";
import { experimentsOf, runExperiment } from "../tangle/experiments.ts";
import { readManifest } from "../tangle/manifest.ts";
import { parseBook, references, type Book } from "../tangle/parse.ts";
import { tangle, type TangleOptions } from "../tangle/tangle.ts";
import { selectTests } from "../tangle/select-tests.ts";
import { runTestFile } from "../tangle/test-file.ts";
import { untangle } from "../tangle/untangle.ts";
import { format, verify } from "../tangle/verify.ts";

const project = resolve(".");
const roots: string[] = [];
process.on("exit", () => roots.forEach((root) => rmSync(root, { recursive: true, force: true })));
const [one, two, three] = config.chapters.map(({ path }) => path) as [string, string, string];

// Small books ---------------------------------------------------------------

/** A fence, as text. */
const fence = (info: string, ...lines: string[]): string => ["```" + info, ...lines, "```", ""].join("\n");

/** A book of these chapters, not on disk. */
function bookOf(...texts: string[]): Book {
  return parseBook(texts.map((source, index) => ({ ...config.chapters[index]!, source })));
}

/** All problems of a book, as they are printed. */
const problemsOf = (...texts: string[]): string[] => verify(bookOf(...texts)).map(format);

/** A new folder with these chapters. */
function folderOf(...texts: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "tangle-test-"));
  roots.push(root);
  texts.forEach((text, index) => put(root, config.chapters[index]!.path, text));
  return root;
}

/** A project: the folder with the tools, and a configuration that lists just these chapters. */
function projectOf(...texts: string[]): string {
  const root = folderOf(...texts);
  cpSync(join(project, "tangle"), join(root, "tangle"), { recursive: true });
  cpSync(join(project, "tsconfig.json"), join(root, "tsconfig.json"));
  symlinkSync(join(project, "node_modules"), join(root, "node_modules"));
  put(root, "tests/runner.ts", readFileSync("tests/runner.ts", "utf8"));
  put(root, "package.json", `{ "type": "module" }`);
  const chapters = JSON.stringify(config.chapters.slice(0, texts.length));
  put(root, "book.config.ts", `export const book = { chapters: ${chapters}, tangled: "tangled" } as const;\n`);
  return root;
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const get = (root: string, path: string): string => readFileSync(join(root, path), "utf8");

/** Runs a tool in a project. */
function tool(root: string, entry: string, ...args: string[]): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tangle/run.mjs", entry, ...args], { cwd: root, encoding: "utf8" });
  return { status, out: stdout + stderr };
}

/** Tangles the chapters in a folder, of which most are missing. */
const tangleIn = (root: string, options: TangleOptions = {}) => tangle({ root, draft: true, ...options });

/** Tangles a project, all chapters of which are there. */
function tangleProject(root: string, options: TangleOptions = {}): void {
  const here = config.chapters.filter(({ path }) => existsSync(join(root, path)));
  const book = parseBook(here.map((chapter) => ({ ...chapter, source: get(root, chapter.path) })));
  assert.equal(tangle({ root, book, ...options }).errors, []);
}

/** Path and text of everything in tangled/ but the manifest. */
function treeOf(root: string, folder = "tangled"): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(tree, treeOf(root, path));
    else if (entry.name !== ".tangle.json") tree[path] = get(root, path);
  }
  return tree;
}

/** Makes a file look old, so that a write shows. */
function age(root: string, path: string): number {
  utimesSync(join(root, path), 1_000_000, 1_000_000);
  return statSync(join(root, path)).mtimeMs;
}

/** The text made from one file of a book. */
function textOf(path: string, ...texts: string[]): string {
  const root = folderOf(...texts);
  assert.equal(tangleIn(root).errors, []);
  return get(root, `tangled/${path}`);
}

// The notation --------------------------------------------------------------

const notation = suite("notation");

notation("a file holds its chunks, each line indented as the reference is", () => {
  const text = fence("ts file=a.ts", "function f() {", "  // <<body>>", "}") + fence('ts chunk="body"', "if (x) {", "", "  y();", "}");
  assert.is(textOf("a.ts", text), "function f() {\n  if (x) {\n\n    y();\n  }\n}\n");
});

notation("a chunk that is defined again grows", () => {
  const text = fence("ts file=a.ts", "// <<list>>") + fence('ts chunk="list"', "one();") + fence('ts chunk="list"', "two();");
  assert.is(textOf("a.ts", text), "one();\ntwo();\n");
});

notation("replaces takes the place of all that was there, and can be appended to", () => {
  const first = fence("ts file=a.ts", "// <<x>>") + fence('ts chunk="x"', "1;") + fence('ts chunk="x"', "2;");
  const second = fence('ts replaces="x"', "3;") + fence('ts chunk="x"', "4;");
  assert.is(textOf("a.ts", first, second), "3;\n4;\n");
  assert.is(textOf("a.ts", first), "1;\n2;\n");
});

notation("indentations add up, tabs stay tabs", () => {
  const text = fence("ts file=a.ts", "\t// <<outer>>") + fence('ts chunk="outer"', "{", "  // <<inner>>", "}") + fence('ts chunk="inner"', "x;");
  assert.is(textOf("a.ts", text), "\t{\n\t  x;\n\t}\n");
});

notation("a reference stands in any common form of comment", () => {
  const forms = ["// <<x>>", "# <<x>>", "; <<x>>", ";; <<x>>", "-- <<x>>", "/* <<x>> */", "<!-- <<x>> -->", "  //<<x>>  "];
  const text = fence("anything file=a.txt", ...forms) + fence('text chunk="x"', "X");
  assert.is(textOf("a.txt", text), "X\n".repeat(7) + "  X\n");
});

notation("code that looks a little like a reference stays code", () => {
  const lines = ["a << b >> c;", "const m: Map<string, Array<number>> = f<<T>(x: T) => T>(y);", "// <<open", "// <<a>> and <<b>>", "x(); // <<x>>", '"// <<x>>"', "// <<>>", "// << >>"];
  assert.is(textOf("a.ts", fence("ts file=a.ts", ...lines)), lines.join("\n") + "\n");
});

notation("names may hold quotes, punctuation and any script", () => {
  const names = ["say \"hi\"", "don't: f(x) = [1, 2]", "シャドウ・ページ", "a=b", "back\\slash"];
  const uses = names.map((name) => `// <<${name}>>`);
  const chunks = names.map((name, index) => fence(`ts chunk=${JSON.stringify(name)}`, `${index};`));
  assert.is(textOf("a.ts", fence("ts file=a.ts", ...uses) + chunks.join("")), "0;\n1;\n2;\n3;\n4;\n");
});

notation("a name of one word needs no quotes", () => {
  assert.is(textOf("a.ts", fence("ts file=a.ts", "// <<x>>") + fence("ts chunk=x", "1;")), "1;\n");
});

notation("empty chunks, empty files and lines of white space are kept as they are", () => {
  const text = fence("ts file=a.ts", "// <<nothing>>", "  ", "x") + fence('ts chunk="nothing"') + fence("ts file=b.ts");
  const root = folderOf(text);
  tangleIn(root);
  assert.equal(treeOf(root), { "tangled/a.ts": "  \nx\n", "tangled/b.ts": "" });
});

notation("tildes, long fences, CR LF and a byte order mark are all Markdown", () => {
  const text = "\uFEFF# Title\r\n\r\n~~~ts file=a.ts\r\n```\r\n// <<x>>\r\n~~~\r\n\r\n`````ts chunk=\"x\"\r\n````\r\nx\r\n``````\r\n";
  assert.is(textOf("a.ts", text), "```\n````\nx\n");
  assert.is(bookOf(text).chapters[0]!.title, "Title");
});

notation("fences without attributes are illustrations, wherever they stand", () => {
  const text = `${fence("ts", "// <<unknown>>")}\n- list\n\n  ${fence("ts", "x").replaceAll("\n", "\n  ")}\n> ~~~\n> quoted\n> ~~~\n\n${fence("")}`;
  assert.equal(problemsOf(text), []);
  assert.is(bookOf(text).chapters[0]!.fences.length, 4);
});

notation("an experiment is tangled below experiments/, with its number", () => {
  const experiment = fence("ts run", "console.log(1);") + fence("text output", "1");
  const root = folderOf("# A\n" + experiment, "# B\n" + experiment + "\n" + experiment);
  tangleIn(root);
  assert.equal(Object.keys(treeOf(root)), ["tangled/experiments/1-1.ts", "tangled/experiments/2-1.ts", "tangled/experiments/2-2.ts"]);
  assert.equal(experimentsOf(bookOf("", experiment + experiment)).map(({ name }) => name), ["2.1", "2.2"]);
});

notation("fences and references know their places", () => {
  const book = bookOf("# T\n\n" + fence("ts  file=a.ts", "f();", "  // <<x>>"));
  const [found] = book.chapters[0]!.fences;
  assert.equal(found!.place, { path: one, line: 3, column: 1 });
  assert.is(found!.firstLine, 4);
  assert.is(found!.columns["file"], 8);
  assert.is(book.chapters[0]!.tokens[found!.token]!.type, "fence");
  assert.equal(references(found!), [{ name: "x", line: 5, column: 6, indent: "  " }]);
});

notation.run();

// Errors --------------------------------------------------------------------

const errors = suite("errors");

/** The problems of one chapter, without its path. */
const complaints = (text: string): string[] => problemsOf(text).map((line) => line.replace(`${one}:`, ""));

function complains(text: string, ...expected: string[]): void {
  const found = complaints(text);
  assert.is(found.length, expected.length, found.join("\n") || "no errors at all");
  expected.forEach((start, index) => assert.ok(found[index]!.startsWith(start), `${found[index]} should start with ${start}`));
}

errors("an unknown chunk, and the nearest name", () => {
  const text = fence("ts file=a.ts", "  // <<handle teh trap>>", "// <<handle the trap>>") + fence('ts chunk="handle the trap"', "1;");
  complains(text, '2:6: no chapter defines the chunk "handle teh trap"; did you mean "handle the trap"?');
});

errors("a chunk that nothing uses", () => {
  complains(fence('ts chunk="lonely"', "1;"), '1:7: nothing uses the chunk "lonely"');
});

errors("a cycle, with every step of it", () => {
  const text = fence("ts file=a.ts", "// <<a>>") + fence("ts chunk=a", "// <<b>>") + fence("ts chunk=b", " // <<c>>") + fence("ts chunk=c", "// <<a>>");
  complains(text, `11:4: the chunk "a" contains itself: by way of "b" (used at ${one}:5:4), then "c" (used at ${one}:8:5), then "a" (used at ${one}:11:4)`);
  complains(fence("ts file=a.ts", "// <<a>>") + fence("ts chunk=a", "// <<a>>"), '5:4: the chunk "a" contains itself');
});

errors("a cycle that is there only until a later chapter replaces a chunk", () => {
  const text = fence("ts file=a.ts", "// <<a>>") + fence("ts chunk=a", "// <<b>>") + fence("ts chunk=b", "// <<a>>") + fence("ts replaces=b", "1;");
  complains(text, '8:4: the chunk "a" contains itself');
});

errors("two chunks that use one another at different times are no cycle", () => {
  const text = fence("ts file=a.ts", "// <<a>>", "// <<b>>") + fence("ts chunk=a", "// <<b>>") + fence("ts chunk=b", "1;") +
    fence("ts replaces=a", "2;") + fence("ts replaces=b", "// <<a>>");
  complains(text);
});

errors("a second fence for one file, also if only the case differs", () => {
  complains(fence("ts file=a.ts", "1") + fence("ts file=a.ts", "2"), `4:7: a.ts is already opened at ${one}:1:1`);
  complains(fence("ts file=a.ts", "1") + fence("ts file=A.ts", "2"), "4:7: A.ts is already opened");
  complains(fence("ts file=experiments/1-1.ts", "1") + fence("ts run", "2") + fence("text output", "2"), "4:1: experiments/1-1.ts is already opened");
});

errors("a file that would have to be a folder too", () => {
  complains(fence("ts file=a/b.ts", "1") + fence("ts file=a", "2"), "1:7: a is a file");
});

for (const path of ["../a.ts", "a/../../b.ts", "/etc/passwd", "./a.ts", "a//b.ts", "a/", "..", "a\\b.ts", "C:/a.ts", "a\u0001b", ".tangle.json"]) {
  errors(`the path ${JSON.stringify(path)}`, () => {
    const root = folderOf(fence(`ts file=${path}`, "1"));
    assert.match(tangleIn(root).errors.join("\n"), /^chapters\/.*:1:7: /);
    assert.not(existsSync(join(root, "tangled")));
  });
}

errors("an empty path or name", () => {
  complains(fence("ts file=", "1"), "1:7: the path is empty");
  complains(fence('ts file=""', "1"), "1:7: the path is empty");
  complains(fence('ts chunk=""', "1"), "1:7: malformed attribute");
  complains(fence('ts chunk="a<<b"', "1"), "1:7: a chunk name cannot hold <<");
});

errors("a fence that is never closed", () => {
  complains("# T\n\n```ts file=a.ts\n1\n``\n", "3:1: this fence is never closed");
  complains("```ts", "1:1: this fence is never closed");
  complains("````ts\n```\n", "1:1: this fence is never closed");
});

errors("replaces of nothing, with the nearest name", () => {
  const text = fence("ts file=a.ts", "// <<walk>>", "// <<wall>>") + fence("ts chunk=walk", "1;") + fence('ts replaces="wall"', "2;");
  complains(text, '8:7: there is no chunk "wall" to replace up to here; did you mean "walk"?');
});

errors("attributes that are unknown, doubled, malformed or at odds", () => {
  complains(fence("ts fiel=a.ts", "1"), '1:7: unknown attribute "fiel=a.ts"');
  complains(fence("ts {1,3}", "1"), '1:7: unknown attribute "{1,3}"');
  complains(fence("ts file=a.ts file=b.ts", "1"), "1:17: file is given twice");
  complains(fence("ts file", "1"), "1:7: malformed attribute: write file=PATH");
  complains(fence('ts chunk="open', "1"), "1:7: malformed attribute: write chunk=");
  complains(fence("ts run=yes", "1") + fence("text output", "1"), "1:7: malformed attribute: run takes no value");
  complains(fence("ts file=a.ts chunk=b", "1"), "1:17: a fence is one thing only", '1:17: nothing uses the chunk "b"');
  complains(fence("file=a.ts", "1"), "1:1: a fence with attributes names its language first");
});

errors("run without output, output without run, an experiment in assembly", () => {
  complains(fence("ts run", "1") + "\nwords\n", "1:7: this experiment has no output");
  complains(fence("ts run", "1") + fence("ts", "2") + fence("text output", "1"), "1:7: this experiment", "7:9: this output belongs to no experiment");
  complains(fence("asm run", "nop") + fence("text output", "1"), "1:8: an experiment is written in ts");
});

errors("code to tangle in a list, a quotation or an indented fence", () => {
  complains("- item\n\n  ```ts file=a.ts\n  1\n  ```\n", "3:3: code that is tangled cannot stand in a list");
  complains("> ```ts file=a.ts\n> 1\n> ```\n", "1:3: code that is tangled cannot stand");
  complains("  ```ts file=a.ts\n  1\n  ```\n", "1:3: code that is tangled cannot stand");
});

errors("a backtick in the attributes, which hides the fence from Markdown", () => {
  const text = '# T\n\n```ts chunk="the `x` loop"\n1;\n```\n';
  assert.ok(complaints(text).some((line) => line.startsWith("3:1: Markdown sees no fence here")), complaints(text).join("\n"));
  complains(fence("ts file=a.ts", "// <<the `x` loop>>") + '~~~ts chunk="the `x` loop"\n1;\n~~~\n');
});

errors("a missing chapter", () => {
  const book = parseBook([{ ...config.chapters[0]!, source: undefined }]);
  assert.equal(verify(book).map(format), [`${one}:1:1: this chapter is missing: write it, or take it out of book.config.ts`]);
});

errors("all at once, in the order of the book, exit code 1, and no file is touched", () => {
  const root = projectOf(fence("ts file=a.ts", "1;"), "# B\n");
  assert.is(tool(root, "tangle/main.ts").status, 0);
  const before = age(root, "tangled/a.ts");
  put(root, two, fence("ts file=../b.ts", "1;"));
  put(root, one, fence("ts file=a.ts", "changed;", "// <<b>>") + fence('ts chunk="c"', "1;") + "```ts file=d.ts");
  const { status, out } = tool(root, "tangle/main.ts");
  assert.is(status, 1);
  assert.equal(out.trimEnd().split("\n").map((line) => line.split(": ")[0]), [`${one}:3:4`, `${one}:5:7`, `${one}:8:1`, `${two}:1:7`]);
  assert.is(statSync(join(root, "tangled/a.ts")).mtimeMs, before);
  assert.equal(treeOf(root), { "tangled/a.ts": "1;\n" });
});

errors("--draft forgives what is not written yet, and nothing else", () => {
  const root = projectOf(fence("ts file=a.ts", "// <<later>>", "1;"), "");
  rmSync(join(root, two));
  assert.is(tool(root, "tangle/main.ts").status, 1);
  const { status, out } = tool(root, "tangle/main.ts", "--draft");
  assert.is(status, 0, out);
  assert.match(out, `${two}:1:1: this chapter is missing`);
  assert.is(get(root, "tangled/a.ts"), "1;\n");
  put(root, one, fence("ts file=../a.ts"));
  assert.is(tool(root, "tangle/main.ts", "--draft").status, 1);
  assert.match(tool(root, "tangle/main.ts", "--dratf").out, /Unknown option '--dratf'/);
});

errors("nonsense never throws", () => {
  const pieces = ["```", "~~~", "````", "ts", " file=a.ts", ' chunk="a"', " chunk=\"", " replaces=a", " run", "text output", " output", "\n", "\n\n", "// <<a>>", "# <<b", ">>", "> ", "- ", "  ", "\t", "\r\n", "\u0000", "\\", "=", '"', "`", "# T", "<!--", "words"];
  let seed = 1;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: 1 + random(40) }, () => pieces[random(pieces.length)]).join("");
    for (const line of complaints(text)) assert.match(line, /^\d+:\d+: \S/, JSON.stringify(text));
  }
});

errors.run();

// The tree ------------------------------------------------------------------

const tree = suite("the tree");

tree("only what changed is written", () => {
  const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"));
  tangleIn(root);
  const [a, b] = [age(root, "tangled/a.ts"), age(root, "tangled/m/b.ts")];
  put(root, one, "words\n\n" + fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "changed;"));
  const { written } = tangleIn(root);
  assert.equal(written, ["m/b.ts"]);
  assert.is(statSync(join(root, "tangled/a.ts")).mtimeMs, a);
  assert.is.not(statSync(join(root, "tangled/m/b.ts")).mtimeMs, b);
});

tree("a file that no chapter makes any more goes away, with its folder", () => {
  const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"));
  tangleIn(root);
  put(root, one, fence("ts file=a.ts", "1;"));
  assert.equal(tangleIn(root).removed, ["m/b.ts"]);
  assert.equal(readdirSync(join(root, "tangled")).sort(), [".tangle.json", "a.ts"]);
});

tree("a file may become a folder, and a folder a file", () => {
  const root = folderOf(fence("ts file=x", "1;") + fence("ts file=y/z", "2;"));
  tangleIn(root);
  put(root, one, fence("ts file=x/y", "1;") + fence("ts file=y", "2;"));
  assert.equal(tangleIn(root).errors, []);
  assert.equal(treeOf(root), { "tangled/x/y": "1;\n", "tangled/y": "2;\n" });
});

tree("foreign files and folders stay as they are", () => {
  const root = folderOf(fence("ts file=m/a.ts", "1;"));
  tangleIn(root);
  put(root, "tangled/m/notes.txt", "mine");
  mkdirSync(join(root, "tangled/empty/folder"), { recursive: true });
  symlinkSync("m/a.ts", join(root, "tangled/link"));
  const time = age(root, "tangled/m/notes.txt");
  put(root, one, fence("ts file=b.ts", "2;"));
  assert.equal(tangleIn(root).errors, []);
  assert.is(get(root, "tangled/m/notes.txt"), "mine");
  assert.is(statSync(join(root, "tangled/m/notes.txt")).mtimeMs, time);
  assert.equal(readdirSync(join(root, "tangled")).sort(), [".tangle.json", "b.ts", "empty", "link", "m"]);
  assert.equal(readdirSync(join(root, "tangled/empty")), ["folder"]);
});

tree("a foreign file in the way is an error, and nothing is touched", () => {
  const obstacles: [string, (root: string) => void][] = [
    ["a.ts", (root) => put(root, "tangled/a.ts", "mine")],
    ["a.ts", (root) => mkdirSync(join(root, "tangled/a.ts"), { recursive: true })],
    ["m", (root) => put(root, "tangled/m", "mine")],
    ["m", (root) => (put(root, "tangled/x", ""), symlinkSync("..", join(root, "tangled/m")))],
  ];
  for (const [path, obstruct] of obstacles) {
    const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"));
    obstruct(root);
    const before = readdirSync(join(root, "tangled"));
    const { errors: found } = tangleIn(root, { force: true });
    assert.is(found.length, 1, found.join("\n"));
    assert.ok(found[0]!.startsWith(`tangled/${path} is in the way of tangled/`), found[0]);
    assert.equal(readdirSync(join(root, "tangled")), before);
  }
});

tree("tangled/ itself may not be a file or a link", () => {
  const root = folderOf(fence("ts file=a.ts", "1;"));
  symlinkSync(tmpdir(), join(root, "tangled"));
  assert.match(tangleIn(root).errors.join(), "tangled is not a folder");
});

tree("an edited file is neither overwritten nor removed", () => {
  const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=b.ts", "1;"));
  tangleIn(root);
  put(root, "tangled/a.ts", "edited;\n");
  put(root, "tangled/b.ts", "edited;\n");
  put(root, one, fence("ts file=a.ts", "2;"));
  const { errors: found } = tangleIn(root);
  assert.is(found.length, 2);
  assert.ok(found.every((line) => /edited by hand.*npm run untangle.*npm run tangle -- --force/.test(line)), found.join("\n"));
  assert.equal(treeOf(root), { "tangled/a.ts": "edited;\n", "tangled/b.ts": "edited;\n" });
});

tree("--force sets the edited files aside", () => {
  const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "1;"));
  tangleIn(root);
  for (const edit of ["first", "second"]) {
    put(root, "tangled/a.ts", edit);
    assert.equal(tangleIn(root, { force: true }).errors, []);
  }
  put(root, "tangled/m/b.ts", "third");
  put(root, one, fence("ts file=a.ts", "1;"));
  assert.equal(tangleIn(root, { force: true }).errors, []);
  assert.equal(treeOf(root), {
    "tangled/a.ts": "1;\n", "tangled/a.ts.edited": "first", "tangled/a.ts.edited-2": "second", "tangled/m/b.ts.edited": "third",
  });
  assert.equal(tangleIn(root).errors, []);
});

tree("an edit that the chapter has made too is no conflict; a deleted file comes back", () => {
  const root = folderOf(fence("ts file=a.ts", "1;") + fence("ts file=b.ts", "1;"));
  tangleIn(root);
  put(root, "tangled/a.ts", "2;\n");
  rmSync(join(root, "tangled/b.ts"));
  put(root, one, fence("ts file=a.ts", "2;") + fence("ts file=b.ts", "1;"));
  assert.equal(tangleIn(root).errors, []);
  assert.equal(treeOf(root), { "tangled/a.ts": "2;\n", "tangled/b.ts": "1;\n" });
});

tree("a lost manifest costs nothing while the files are what the chapters make", () => {
  const root = folderOf(fence("ts file=a.ts", "1;"));
  tangleIn(root);
  put(root, "tangled/.tangle.json", "{ broken");
  assert.equal(tangleIn(root).errors, []);
  assert.equal(Object.keys(readManifest(join(root, "tangled"))!.files), ["a.ts"]);
});

tree.run();

// Crashes -------------------------------------------------------------------

const crashes = suite("crashes");
const before = fence("ts file=stays.ts", "0;") + fence("ts file=m/changes.ts", "1;") + fence("ts file=goes.ts", "1;");
const after = fence("ts file=stays.ts", "0;") + fence("ts file=m/changes.ts", "2;") + fence("ts file=n/comes.ts", "2;");
const foreign = { "tangled/m/foreign.txt": "mine" };
const oldTree = { "tangled/goes.ts": "1;\n", "tangled/m/changes.ts": "1;\n", ...foreign, "tangled/stays.ts": "0;\n" };
const newTree = { "tangled/m/changes.ts": "2;\n", ...foreign, "tangled/n/comes.ts": "2;\n", "tangled/stays.ts": "0;\n" };

/** A folder with the old tree, and the chapter for the new one. */
function prepareCrash(make: (...texts: string[]) => string): string {
  const root = make(before);
  tangleIn(root);
  put(root, "tangled/m/foreign.txt", "mine");
  age(root, "tangled/stays.ts");
  age(root, "tangled/m/foreign.txt");
  put(root, one, after);
  return root;
}

/** The whole old tree, the whole new one, or none for the moment. */
function isWhole(root: string): boolean {
  if (!existsSync(join(root, "tangled"))) return existsSync(join(root, ".tangle-old"));
  return [oldTree, newTree].some((expected) => JSON.stringify(sorted(treeOf(root))) === JSON.stringify(sorted(expected)));
}

const sorted = (record: Record<string, string>): [string, string][] => Object.entries(record).sort();

function checkRecovered(root: string): void {
  assert.equal(tangleIn(root).errors, []);
  assert.equal(sorted(treeOf(root)), sorted(newTree));
  assert.equal(readdirSync(root).filter((name) => name.includes("tangle-") || name === "tangled"), ["tangled"]);
  for (const path of ["tangled/stays.ts", "tangled/m/foreign.txt"]) assert.is(statSync(join(root, path)).mtimeMs, 1e9);
}

crashes("at any step: the old tree or the new one, and the next run makes it good", () => {
  let crashed = true;
  for (let step = 0; crashed; step++) {
    const root = prepareCrash(folderOf);
    let left = step;
    crashed = false;
    try {
      tangleIn(root, { onStep: () => { if (left-- === 0) throw new Error("crash"); } });
    } catch {
      crashed = true;
    }
    assert.ok(isWhole(root), `after step ${step}: ${JSON.stringify(existsSync(join(root, "tangled")) && treeOf(root))}`);
    checkRecovered(root);
    if (step > 100) throw new Error("it never gets done");
  }
});

crashes("an interrupted write comes to its end even if the chapters are broken now", () => {
  const root = prepareCrash(folderOf);
  try {
    tangleIn(root, { onStep: (step) => { if (step === "move the new tree into its place") throw new Error("crash"); } });
  } catch {
    put(root, one, "```ts file=a.ts");
  }
  assert.not(existsSync(join(root, "tangled")));
  assert.is(tangleIn(root).errors.length, 1);
  assert.equal(sorted(treeOf(root)), sorted(newTree));
});

crashes("an edit in the very moment of the exchange is set aside", () => {
  const root = prepareCrash(folderOf);
  tangleIn(root, { onStep: (step) => { if (step === "move the old tree away") put(root, "tangled/m/changes.ts", "edited"); } });
  assert.is(get(root, "tangled/m/changes.ts"), "2;\n");
  assert.is(get(root, "tangled/m/changes.ts.edited"), "edited");
});

crashes("kill -9 leaves a lock that the next run takes over", () => {
  const root = prepareCrash(projectOf);
  put(root, "kill.ts", `import { tangle } from "./tangle/tangle.ts";
    tangle({ onStep: (step) => { if (step === "move the new tree into its place") process.kill(process.pid, "SIGKILL"); } });`);
  const { status } = tool(root, "kill.ts");
  assert.is(status, null);
  assert.ok(readdirSync(root).includes(".tangle-lock"));
  assert.ok(isWhole(root));
  const { out } = tool(root, "tangle/main.ts");
  assert.match(out, "tangled through Preparation");
  checkRecovered(root);
});

crashes("tanglers at the same time wait for one another", async () => {
  const root = projectOf(...[1, 2].map((number) => "# T\n" + Array.from({ length: 20 }, (_, index) => fence(`ts file=${number}/${index}.ts`, "1;")).join("")));
  const runs = Array.from({ length: 4 }, (_, index) => start(root, "tangle/main.ts", ...(index % 2 ? ["--through", config.chapters[0].name] : [])));
  const ended = await Promise.all(runs.map((run) => run.ended));
  assert.equal(ended.map(({ code }) => code), [0, 0, 0, 0], ended.map(({ out }) => out).join(""));
  const files = Object.keys(readManifest(join(root, "tangled"))!.files);
  assert.equal(Object.keys(treeOf(root)).sort(), files.map((path) => `tangled/${path}`).sort());
  assert.equal(readdirSync(root).filter((name) => name.includes("tangle-") || name === "tangled"), ["tangled"]);
});

crashes("a lock left by a process that is gone is no obstacle", () => {
  const root = folderOf(fence("ts file=a.ts", "1;"));
  symlinkSync("999999999", join(root, ".tangle-lock"));
  assert.equal(tangleIn(root).errors, []);
  assert.not(readdirSync(root).includes(".tangle-lock"));
});

crashes.run();

/** A tool that goes on running. */
function start(root: string, entry: string, ...args: string[]) {
  const child = spawn(process.execPath, ["tangle/run.mjs", entry, ...args], { cwd: root });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += data));
  const ended = new Promise<{ code: number | null; out: string }>((done) => child.on("close", (code) => done({ code, out })));
  return { child, ended, out: () => out };
}

// Stages --------------------------------------------------------------------

const stages = suite("stages");
const stageTexts = [
  "# One\n" + fence("ts file=a.ts", "one();", "// <<later>>", "// <<more>>") + fence("ts chunk=more", "first();"),
  "# Two\n" + fence("ts chunk=more", "second();") + "\nwords\n" + fence("ts chunk=later", "later();") + fence("ts chunk=more", "third();"),
  "# Three\n" + fence("ts replaces=more", "new();") + fence("ts file=b.ts", "b();"),
];
const [first, second, third] = config.chapters.map(({ name }) => name) as [string, string, string];

function treeThrough(through: string): Record<string, string> {
  const root = folderOf(...stageTexts);
  assert.equal(tangleIn(root, { through }).errors, []);
  return treeOf(root);
}

stages("--through a chapter gives the code as it stands at its end", () => {
  assert.equal(treeThrough(first), { "tangled/a.ts": "one();\nfirst();\n" });
  assert.equal(treeThrough(`${second}!`), { "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\nthird();\n" });
  assert.equal(treeThrough(third), { "tangled/a.ts": "one();\nlater();\nnew();\n", "tangled/b.ts": "b();\n" });
});

stages("--through a chunk stops after its last fence in that chapter", () => {
  assert.equal(treeThrough(`${second}: later`), { "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\n" });
  assert.equal(treeThrough(`${second}:more`), { "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\nthird();\n" });
  assert.equal(treeThrough(`${third}: more`), { "tangled/a.ts": "one();\nlater();\nnew();\n" });
});

stages("an unknown chapter or chunk: an error with the nearest name", () => {
  const root = folderOf(...stageTexts);
  assert.match(tangleIn(root, { through: "Gest" }).errors.join(), 'there is no chapter "Gest"; did you mean "Guest"?');
  assert.match(tangleIn(root, { through: `${second}: lated` }).errors.join(), `chapter ${second} defines no chunk "lated"; did you mean "later"?`);
  assert.match(tangleIn(root, { through: `${first}: later` }).errors.join(), `chapter ${first} defines no chunk "later"`);
  assert.not(existsSync(join(root, "tangled")));
});

stages("the manifest tells the stage", () => {
  const root = folderOf(...stageTexts);
  tangleIn(root, { through: second });
  assert.equal(readManifest(join(root, "tangled"))!.stage, { name: second, chapter: 2, complete: true, whole: false });
});

stages.run();

// Places --------------------------------------------------------------------

const places = suite("places");
const buggy = "# T\n\n" + fence("ts file=m/bug.ts", 'import * as assert from "uvu/assert";', "export function bug(x: number): number {", "\t// <<check>>", "  return x;", "}") +
  "\nwords\n\n" + fence("ts chunk=check", "const limit = 3; if (x > limit) {", '  throw new RangeError("too big");', "}", "assert.is(x, 1);");

places("a source map names line and column of every token", () => {
  const root = folderOf(buggy);
  tangleIn(root);
  const { map } = readManifest(join(root, "tangled"))!.files["m/bug.ts"]!;
  assert.equal(map.sources, [`../../${one}`]);
  const reader = new SourceMap({ ...map, sourcesContent: [], sourceRoot: "" });
  const chapter = buggy.split("\n");
  get(root, "tangled/m/bug.ts").split("\n").forEach((line, number) => {
    for (const { index, 0: word } of line.matchAll(/\w+|[^\w\s]/g)) {
      const entry = reader.findEntry(number, index) as { originalLine: number; originalColumn: number };
      assert.ok(chapter[entry.originalLine]!.startsWith(word, entry.originalColumn), `${word} at ${number}:${index}`);
    }
  });
});

places("a thrown error names chapter, line and column", () => {
  const root = projectOf(buggy + fence("ts file=main.ts", 'import { bug } from "./m/bug.ts";', "  console.log(1, bug(4));"));
  tangleProject(root);
  const { status, out } = tool(root, "tangled/main.ts");
  assert.is(status, 1);
  assert.match(out, `RangeError: too big\n    at bug (${one}:15:9)\n    at <anonymous> (${one}:21:18)\n`);
});

places("a failed assertion names chapter, line and column, and so does a failed test", () => {
  const root = projectOf(buggy);
  put(root, "tests/1-a.ts", `import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bug } from "../tangled/m/bug.ts";
const test = suite("bugs");
test("in the chapter", () => { bug(2); });
test("in the test", () => { assert.is(bug(1), 2); });
test.run();
`);
  tangleProject(root);
  const { status, out } = tool(root, "tests/runner.ts");
  assert.is(status, 1);
  assert.match(out, new RegExp(`"in the chapter"[^]*at bug \\(${one}:17:8\\)\n *at .*tests/1-a.ts:5:32[^]*"in the test"[^]*tests/1-a.ts:6:36`));
});

places("a type error names chapter, line and column", () => {
  const root = projectOf("# T\n\n" + fence("ts file=a.ts", "export const a = 1;", "  // <<wrong>>") + fence("ts chunk=wrong", 'const x = 2; export const n: number = "x" + x;'), "# U\n");
  put(root, "tests/1-a.ts", 'import { n } from "../tangled/a.ts";\nexport const s: string = n;\n');
  put(root, "tests/2-b.ts", "export const wrong: string = 1;\n");
  tangleProject(root, { through: first });
  const { status, out } = tool(root, "tangle/check.ts");
  assert.is(status, 1);
  assert.equal(out.split("\n").map((line) => line.split(" - ")[0]!.split(": ")[0]), [`${one}:8:27`, "tests/1-a.ts:2:14", "type errors through Preparation", ""]);
});

places("a type error at the very end names the end of the fence", () => {
  const root = projectOf("# T\n\n" + fence("ts file=a.ts", "export function f() {", "// <<x>>") + fence("ts chunk=x", "f();", ""));
  tangleProject(root);
  assert.match(tool(root, "tangle/check.ts").out, `${one}:6:1: error TS1005: '}' expected.`);
});

places("a part of the book is checked by its own tests; the whole of it by all", () => {
  const root = projectOf("# T\n\n" + fence("ts file=a.ts", 'import { sep } from "node:path";', "// <<use>>"), "# U\n" + fence("ts chunk=use", "export const a = sep;"));
  put(root, "tests/2-b.ts", 'import { a } from "../tangled/a.ts";\nexport const b = a;\n');
  for (const through of [first, second]) {
    tangleProject(root, { through });
    const { status, out } = tool(root, "tangle/check.ts");
    assert.is(out, `no type errors through ${through}\n`);
    assert.is(status, 0);
  }
});

places("a syntax error names chapter, line and column", () => {
  const root = projectOf("# T\n" + fence("ts file=main.ts", "// <<x>>") + fence("ts chunk=x", "const = 1;"));
  tangleProject(root);
  assert.match(tool(root, "tangled/main.ts").out, new RegExp(`^${one}:6:7: Expected identifier`));
});

places.run();

// Back into the chapters ----------------------------------------------------

const back = suite("untangle");
const shared = "# T\n\n" + fence("ts file=a.ts", "top();", "{", "  // <<body>>", "}") + "\nwords\n\n" +
  fence("ts chunk=body", "one();", "two();") + "\nmore words\n\n" + fence("ts chunk=body", "three();", "four();");

/** Edits one file of a book, and gives the folder and what untangle says. */
function edit(text: string, path: string, change: (text: string) => string, options: TangleOptions = {}) {
  const root = folderOf(text);
  assert.equal(tangleIn(root, options).errors, []);
  put(root, path, change(get(root, path)));
  const edited = treeOf(root);
  const result = untangle(root);
  if (result.errors.length > 0) assert.is(get(root, one), text, "nothing is changed after an error");
  assert.equal(treeOf(root), edited, "tangled/ is not touched");
  if (result.errors.length === 0) assert.equal(tangleIn(root, options).written, [], "tangling again changes nothing");
  assert.equal(treeOf(root), edited);
  return { root, ...result };
}

const replace = (from: string, to: string) => (text: string): string => {
  assert.ok(text.includes(from), `${from} in ${text}`);
  return text.replace(from, to);
};

/** Edits tangled/a.ts of the shared book and expects a chapter in which `from` became `to`. */
function carries(change: (text: string) => string, from: string, to: string): void {
  const { root, errors: found, files, chapters } = edit(shared, "tangled/a.ts", change);
  assert.equal(found, []);
  assert.equal([files, chapters], [["a.ts"], [one]]);
  assert.is(get(root, one), replace(from, to)(shared));
}

/** Expects that the edit is refused with such a message. */
function refuses(change: (text: string) => string, message: RegExp, text = shared): void {
  const { errors: found } = edit(text, "tangled/a.ts", change);
  assert.ok(found.length > 0, "an error");
  assert.match(found.join("\n"), message);
}

back("a changed line", () => carries(replace("two()", "zwei()"), "two()", "zwei()"));
back("changed lines in several fences", () => {
  const change = (text: string): string => text.replace("top", "t").replace("two", "w").replace("four", "f").replace("one", "o");
  const { root, errors: found } = edit(shared, "tangled/a.ts", change);
  assert.equal(found, []);
  assert.is(get(root, one), change(shared));
});
back("lines put in between", () => carries(replace("  two", "  new();\n\n  newer();\n  two"), "two", "new();\n\nnewer();\ntwo"));
back("a deleted line", () => carries(replace("  one();\n", ""), "one();\n", ""));
back("the last line of a chunk deleted", () => carries(replace("  two();\n", ""), "two();\n", ""));
back("all lines of a chunk deleted", () => carries(replace("  one();\n  two();\n", ""), "one();\ntwo();\n", ""));
back("deleted lines of two chunks", () => carries(replace("  two();\n  three();\n", ""), "two();\n```\n\nmore words\n\n```ts chunk=body\nthree();\n", "```\n\nmore words\n\n```ts chunk=body\n"));
back("a line at the beginning and one at the end of a file", () => {
  carries((text) => "// first\n" + text, "top();", "// first\ntop();");
  carries((text) => text + "// last\n", "}\n```", "}\n// last\n```");
});
back("deeper indentation", () => carries(replace("  one();", "    one();"), "one();", "  one();"));
back("a chunk's lines that grow in number", () => carries(replace("  one();", "  uno();\n  due();"), "one();", "uno();\ndue();"));

back("nothing edited, nothing done", () => {
  const { errors: found, files } = edit(shared, "tangled/a.ts", (text) => text);
  assert.equal([found, files], [[], []]);
});

back("a whole file emptied, and filled again", () => {
  const text = fence("ts file=a.ts", "1;", "2;");
  const { root } = edit(text, "tangled/a.ts", () => "");
  assert.is(get(root, one), fence("ts file=a.ts"));
  put(root, "tangled/a.ts", "3;\n");
  assert.equal(untangle(root).errors, []);
  assert.is(get(root, one), fence("ts file=a.ts", "3;"));
});

back("a new line on the border of chunks is refused", () => {
  refuses(replace("  three", "  new();\n  three"), new RegExp(`^tangled/a.ts:5: a new line on the border between ${one}:14:1 and ${one}:20:1`));
  refuses(replace("  one", "  new();\n  one"), /border/);
  refuses(replace("}", "  new();\n}"), /border/);
});

back("a new line where a later chunk will stand is refused", () => {
  refuses(replace("b;", "new;\nb;"), /border/, fence("ts file=a.ts", "a;", "// <<later>>", "b;"));
});

back("a new line that repeats its neighbour goes where it can", () => {
  const text = fence("ts file=a.ts", "a {", "}", "// <<x>>") + fence("ts chunk=x", "b {", "}");
  const { root, errors: found } = edit(text, "tangled/a.ts", replace("a {\n}\n", "a {\n}\n}\n"));
  assert.equal(found, []);
  assert.is(get(root, one), replace("a {\n}\n", "a {\n}\n}\n")(text));
});

back("a change across chunks: line for line it is carried, otherwise refused", () => {
  const { root } = edit(shared, "tangled/a.ts", replace("  two();\n  three();\n", "  zwei();\n  drei();\n"));
  assert.is(get(root, one), shared.replace("two", "zwei").replace("three", "drei"));
  refuses(replace("  two();\n  three();\n", "  neu();\n"), new RegExp(`this change spans ${one}:14:1 and ${one}:20:1`));
});

back("indentation that the reference takes for granted is refused", () => {
  refuses(replace("  two();", "two();"), /"two\(\);" is indented less than the reference to its chunk/);
  refuses(replace("  two();", "  two();\n  "), /white space only|border/);
  refuses(replace("  two();", "  "), /a line of white space only: leave it empty/);
});

back("a line that would end the fence, or be a reference, is refused", () => {
  refuses(replace("top();", "```\ntop();"), /would|the chapters would not give the same file back/);
  refuses(replace("top();", "// <<body>>\ntop();"), /would/);
  refuses(replace("  two();", "  // <<body>>"), /would be an error|would not give/);
});

back("missing and foreign line ends are refused", () => {
  refuses((text) => text.trimEnd(), /no line end/);
  refuses((text) => text.replaceAll("\n", "\r\n"), /lines end with CR/);
});

const twice = fence("ts file=a.ts", "// <<x>>") + fence("ts file=b.ts", "  // <<x>>") + fence("ts chunk=x", "one();", "two();");

back("code that is used twice must be edited twice, in the same way", () => {
  const root = folderOf(twice);
  tangleIn(root);
  put(root, "tangled/a.ts", "one();\ndeux();\n");
  const [found] = untangle(root).errors;
  assert.is(found, `${one}:7:1: this code is used at tangled/a.ts:1 and tangled/b.ts:1, and was not edited in the same way at each: make the same edit at all of them`);
  put(root, "tangled/b.ts", "  one();\n  zwei();\n");
  assert.is(untangle(root).errors.length, 1);
  assert.is(get(root, one), twice);
  put(root, "tangled/b.ts", "  one();\n  deux();\n");
  assert.equal(untangle(root).errors, []);
  assert.is(get(root, one), twice.replace("two", "deux"));
  assert.equal(tangleIn(root).written, []);
});

back("a file that chapter and reader have both changed is refused; other changes to the chapter are not in the way", () => {
  const root = folderOf(shared + fence("ts file=b.ts", "b();"));
  tangleIn(root);
  put(root, "tangled/a.ts", replace("two", "zwei")(get(root, "tangled/a.ts")));
  put(root, one, "New words.\n\n" + replace("one();", "uno();")(get(root, one)));
  assert.match(untangle(root).errors.join(), "tangled/a.ts: the chapters have changed this file too");
  put(root, one, replace("uno();", "one();")(get(root, one)).replace("b()", "c()"));
  assert.equal(untangle(root).errors, []);
  assert.match(get(root, one), "New words.");
  assert.equal(tangleIn(root).written, ["b.ts"]);
});

back("CR LF chapters and those with a byte order mark keep them", () => {
  const text = "\uFEFF" + (shared.trimEnd() + "\nend without line end").replaceAll("\n", "\r\n");
  const { root } = edit(text, "tangled/a.ts", replace("  two", "  new();\n  two"));
  assert.is(get(root, one), text.replace("two", "new();\r\ntwo"));
});

back("at an earlier stage, edits go to the chapters that are there", () => {
  const root = folderOf(...stageTexts);
  tangleIn(root, { through: second });
  put(root, "tangled/a.ts", get(root, "tangled/a.ts").replace("later", "sooner").replace("first", "erste"));
  const { chapters } = untangle(root);
  assert.equal(chapters.sort(), [one, two]);
  assert.equal(tangleIn(root, { through: second }).written, []);
  assert.match(get(root, "tangled/a.ts"), "sooner");
});

back("random edits come back exactly, or are refused", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const words = ["a();", "  b();", "}", "", "  one();", "    c();", "x"];
  let carried = 0;
  for (let round = 0; round < 150; round++) {
    const { errors: found } = edit(shared, "tangled/a.ts", (text) => {
      const lines = text.split("\n").slice(0, -1);
      for (let count = 1 + random(3); count > 0; count--) {
        lines.splice(random(lines.length + 1), random(2), ...Array.from({ length: random(3) }, () => words[random(words.length)]!));
      }
      return lines.map((line) => line + "\n").join("");
    });
    if (found.length === 0) carried++;
  }
  assert.ok(carried > 20, `${carried} carried`);
});

back("the tool says what it did, and the maps are right again afterwards", () => {
  const root = projectOf(fence("ts file=a.ts", "1;", "  x.y;") + fence("ts file=b.ts", "throw new Error('b');"));
  tangleProject(root);
  put(root, "tangled/a.ts", "1;\n2;\n  x.y;\n");
  assert.equal(tool(root, "tangle/untangle-main.ts"), { status: 0, out: `carried a.ts back into ${one}\n` });
  assert.equal(tool(root, "tangle/untangle-main.ts"), { status: 0, out: "nothing was edited in tangled/\n" });
  assert.match(tool(root, "tangled/b.ts").out, `${one}:7:7`);
  put(root, "tangled/a.ts", "1;\n2;");
  const { status, out } = tool(root, "tangle/untangle-main.ts");
  assert.is(status, 1);
  assert.match(out, /add one\nnothing was changed\n$/);
});

back("the difference of two texts is a shortest one", () => {
  const check = (a: string, b: string, cost: number): void => {
    const [left, right] = [[...a], [...b]];
    const edits = diffLines(left, right);
    const result = [...left];
    for (const { start, end, lines } of edits.toReversed()) result.splice(start, end - start, ...lines);
    assert.is(result.join(""), b);
    assert.is(edits.reduce((sum, { start, end, lines }) => sum + end - start + lines.length, 0), cost);
  };
  check("", "", 0);
  check("abc", "abc", 0);
  check("", "abc", 3);
  check("abc", "", 3);
  check("abcabba", "cbabac", 5);
  check("abxcd", "abycd", 2);
  check("aaaa", "aa", 2);
  check("the switcher", "a switch", 5 + 1);
});

back.run();

// Watching ------------------------------------------------------------------

const watching = suite("--watch");

watching("tangles after each save, and survives a half-written draft", async () => {
  const root = projectOf(fence("ts file=a.ts", "1;"));
  const { child, ended, out } = start(root, "tangle/main.ts", "--watch");
  try {
    await seen(out, "watching the chapters");
    put(root, one, fence("ts file=a.ts", "2;") + fence("ts file=b.ts", "2;"));
    await seen(out, "tangled through Preparation: 2 files, 2 written (a.ts, b.ts)");
    put(root, one, "```ts file=a.ts\n3;");
    await seen(out, "1:1: this fence is never closed");
    assert.is(get(root, "tangled/a.ts"), "2;\n");
    rmSync(join(root, one));
    await seen(out, "this chapter is missing");
    put(root, one, fence("ts file=a.ts", "3;"));
    await seen(out, "tangled through Preparation: 1 files, 1 written (a.ts), 1 removed (b.ts)");
    assert.equal(treeOf(root), { "tangled/a.ts": "3;\n" });
  } finally {
    child.kill();
    await ended;
  }
});

/** Waits until a text has been printed. */
async function seen(out: () => string, text: string): Promise<void> {
  for (let waited = 0; !out().includes(text); waited += 20) {
    if (waited > 5000) throw new Error(`"${text}" is not in\n${out()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

watching.run();

// Running -------------------------------------------------------------------

const running = suite("run.mjs");

running("arguments, exit codes and a module's own top level arrive as usual", () => {
  const root = projectOf("# T\n");
  put(root, "entry.ts", 'enum Color { Red = 7 }\nconst two: number = await Promise.resolve(2);\nconsole.log(process.argv.slice(2), Color.Red, two);\nprocess.exitCode = 3;\n');
  assert.equal(tool(root, "entry.ts", "a", "--b", "c d"), { status: 3, out: "[ 'a', '--b', 'c d' ] 7 2\n" });
});

running("says what to do when there is nothing to run", () => {
  const root = projectOf("# T\n");
  assert.equal(tool(root, "tangled/launcher/main.ts"), { status: 1, out: "tangled/ is empty: run `npm run tangle` first\n" });
  assert.equal(tool(root, "nowhere.ts"), { status: 1, out: "nowhere.ts: there is no such file\n" });
  tangleProject(root);
  assert.match(tool(root, "tangled/launcher/main.ts").out, "tangled/launcher/main.ts is not there");
});

running("a failure prints places in the sources: at once, later, or of a promise that nobody awaits", () => {
  const root = projectOf("# T\n");
  const failures = { now: "throw new Error('x');", later: "setTimeout(() => {\n throw new Error('x');\n}, 1);", never: "void Promise.reject(new Error('x'));" };
  for (const [name, code] of Object.entries(failures)) {
    put(root, `${name}.ts`, `const type: string = "x";\nvoid type;\n${code}\n`);
    const { status, out } = tool(root, `${name}.ts`);
    assert.is(status, 1);
    assert.match(out, new RegExp(`^Error: x\n    at .*\\b${name}.ts:[34]:\\d+`), out);
  }
});

running("leaves no bundles behind, even if it is killed", () => {
  const root = projectOf("# T\n");
  put(root, "kill.ts", "process.kill(process.pid, 'SIGKILL');");
  put(root, "fine.ts", "console.log(process.pid);");
  tool(root, "kill.ts");
  const pid = tool(root, "fine.ts").out.trim();
  const left = readdirSync(join(root, "node_modules/.cache/quest"));
  assert.not(left.some((name) => name.startsWith("kill-") || name.includes(pid)), left.join());
});

running("several at once do not get into each other's way", async () => {
  const root = projectOf("# T\n");
  put(root, "fine.ts", "console.log('fine');");
  const ended = await Promise.all(Array.from({ length: 4 }, () => start(root, "fine.ts").ended));
  assert.equal(ended.map(({ out }) => out), ["fine\n", "fine\n", "fine\n", "fine\n"]);
});

running.run();

// Experiments ---------------------------------------------------------------

const experiments = suite("experiments");
const experiment = (code: string, ...output: string[]): string => fence("ts run", ...code.split("\n")) + fence("text output", ...output);

experiments("what is printed must be what the book says; --update makes the book say it", () => {
  const text = "# T\n\n" + experiment("console.log(1); console.log(2);", "1", "2") + "\nwords\n\n" + experiment("console.log('a\\n\\nb\\n');", "a", "c") + "\nend\n";
  const root = projectOf(text);
  tangleProject(root);
  const wrong = tool(root, "tangle/experiments-main.ts");
  assert.is(wrong.status, 1);
  assert.match(wrong.out, `${one}:18:1: experiment 1.2 prints something else`);
  assert.match(wrong.out, "    - c\n    + \n    + b\n    +\n");
  assert.equal(get(root, one), text);
  assert.is(tool(root, "tangle/experiments-main.ts", "--update").status, 0);
  assert.is(get(root, one), text.replace("a\nc\n", "a\n\nb\n\n"));
  assert.equal(tool(root, "tangle/experiments-main.ts"), { status: 0, out: "2 experiments as in the book, 0 updated, 0 failed\n" });
});

experiments("one that throws, prints nothing, or would break its fence fails, and is not updated", () => {
  const text = experiment("throw new Error('oh');", "1") + experiment("", "1") + experiment("console.log('```');", "1");
  const root = projectOf(text);
  tangleProject(root);
  const { status, out } = tool(root, "tangle/experiments-main.ts", "--update");
  assert.is(status, 1);
  assert.match(out, `${one}:1:1: experiment 1.1: it fails (exit code 1)\n    Error: oh\n        at <anonymous> (${one}:2:7)`);
  assert.match(out, "experiment 1.2: it prints nothing");
  assert.match(out, "experiment 1.3 prints something else");
  assert.is(get(root, one), text);
});

experiments("one that hangs fails after its time", async () => {
  const root = projectOf(experiment("console.log(1); setInterval(() => {}, 1000);", "1"));
  tangleProject(root);
  const [found] = experimentsOf(bookOf(get(root, one)));
  const { problem } = await runExperiment(found!, root, 0.5);
  assert.match(problem!, "it does not end within 0.5 seconds");
});

experiments.run();

// The test runner -----------------------------------------------------------

const runner = suite("the test runner");

/** Runs these test files in a project without code. */
function runTests(files: Record<string, string>, ...args: string[]): { status: number | null; out: string; last: string } {
  const root = projectOf("# T\n" + experiment("console.log(1);", "1"));
  tangleProject(root);
  const imports = 'import { suite, test as alone } from "uvu";\nimport * as assert from "uvu/assert";\nvoid assert; void alone; const test = suite("s");\n';
  for (const [path, text] of Object.entries(files)) put(root, path, imports + text);
  process.env["QUEST_TEST_SECONDS"] = "0.3";
  const { status, out } = tool(root, "tests/runner.ts", ...args);
  delete process.env["QUEST_TEST_SECONDS"];
  return { status, out, last: out.trimEnd().split("\n").at(-1)! };
}

runner("tests and experiments are counted, in one last line", () => {
  const { status, out, last } = runTests({
    "tests/1-a.ts": 'test("a", () => {}); test("b", async () => {}); test.run(); alone("c", () => {}); alone.run();',
    "tests/tangle.ts": 'test("a", () => assert.is(1, 1)); test.run();',
  });
  assert.is(last, "5 passed, 0 failed", out);
  assert.match(out, `ok   experiment 1.1: ${one}:2`);
  assert.is(status, 0);
});

runner("whatever goes wrong is a failure", () => {
  const wrong: [string, string][] = [
    ['test("a", () => { throw "words"; }); test.run();', "words"],
    ['test("a", () => { throw undefined; }); test.run();', "thrown: undefined"],
    ['test("a", () => Promise.reject(Object.create(null))); test.run();', "thrown: "],
    ['test("a", () => {});', "s: run() is not called, 1 tests wait for it"],
    ['test.run();', "there are no tests in this file"],
    ['test("a", () => new Promise(() => {})); test.run();', "it does not end within 0.3 seconds"],
    ['test("a", () => { void Promise.reject(new Error("nobody waits")); return new Promise((done) => setTimeout(done, 20)); }); test.run();', "nobody waits"],
    ['test("a", () => process.exit(0)); test.run();', 'it ended (exit code 0) in "s: a" before all tests had run'],
    ['test("a", () => {}); test.run(); process.exit(0);', "it ended (exit code 0) before all tests had run"],
    ['test.before(() => { throw new Error("hook"); }); test("a", () => {}); test.run();', "a hook fails: hook"],
    ['test("a", () => {}); test.run(); throw new Error("top level");', "top level"],
    ['test.only("a", () => {}); test("b", () => {}); test.run();', "only() leaves 1 tests out"],
    ['test("a", () => { setTimeout(() => { throw new Error("late"); }, 30); }); test.run();', "something failed after its tests"],
    ['const x: = 1;', 'Unexpected "="'],
  ];
  const files = wrong.map(([text], index): [string, string] => [`tests/1-${String.fromCharCode(97 + index)}.ts`, text]);
  const { status, out, last } = runTests(Object.fromEntries(files), first);
  assert.is(status, 1);
  for (const [, message] of wrong) assert.match(out, message);
  for (const [path] of files) assert.match(out, new RegExp(`${path}: \\d+ passed, 1 failed|${path}: 0 passed, 2 failed`));
  assert.match(last, /^\d+ passed, \d+ failed$/);
});

runner("a test that hangs the process is ended, and named", async () => {
  const root = projectOf("# T\n");
  put(root, "tests/1-a.ts", 'import { suite } from "uvu";\nconst test = suite("s");\ntest("loop", () => { for (;;); });\ntest.run();\n');
  const { failed, output } = await runTestFile("tests/1-a.ts", 0, { root, grace: 1 });
  assert.is(failed, 1);
  assert.match(output, 'it hangs in "s: loop"');
});

runner("arguments choose chapters, files and experiments", () => {
  const root = projectOf("# T\n" + experiment("1;", "1"), "# U\n" + experiment("2;", "2"));
  for (const path of ["tests/1-a.ts", "tests/1-b.ts", "tests/2-a.ts", "tests/tangle.ts", "tests/build.ts"]) put(root, path, "");
  assert.throws(() => selectTests([], root), "tangled/ is empty: run `npm run tangle` first");
  assert.equal(selectTests(["tests/tangle.ts", "build"], root), { files: ["tests/tangle.ts", "tests/build.ts"], experiments: [] });
  tangleProject(root);
  const chosen = (...names: string[]): string[] => {
    const { files, experiments: found } = selectTests(names, root);
    return [...files, ...found.map(({ name }) => name)];
  };
  assert.equal(chosen(), ["tests/1-a.ts", "tests/1-b.ts", "tests/2-a.ts", "tests/tangle.ts", "tests/build.ts", "1.1", "2.1"]);
  assert.equal(chosen(first), ["tests/1-a.ts", "tests/1-b.ts", "1.1"]);
  assert.equal(chosen("experiments", "1-a"), ["tests/1-a.ts", "1.1", "2.1"]);
  assert.throws(() => chosen("tests/tangel.ts"), 'there are no tests "tests/tangel.ts"; did you mean "tests/tangle.ts"?');
});

runner("at an early stage only the tests of the finished chapters are chosen", () => {
  const root = projectOf(...stageTexts);
  for (const name of ["1-a", "2-b", "3-c"]) put(root, `tests/${name}.ts`, "");
  tangleProject(root, { through: `${third}: more` });
  assert.equal(selectTests([], root).files, ["tests/1-a.ts", "tests/2-b.ts"]);
  assert.equal(selectTests([third], root).files, ["tests/3-c.ts"]);
  tangleProject(root, { through: first });
  assert.throws(() => selectTests([third], root), `${third} is not there yet: tangled/ ends with ${first}`);
});

runner("a name that is unknown is a failure", () => {
  const { status, out } = runTests({}, "nothing");
  assert.is(status, 1);
  assert.match(out, "0 passed, 1 failed\n");
  assert.match(out, 'there are no tests "nothing"');
});

runner.run();

// Speed ---------------------------------------------------------------------

const speed = suite("speed");

/** A book of about so many lines of code. */
function largeBook(lines: number): Book {
  const words = "The Guest asks, and the Host `answers` when it *can*, in [time](#time).\n".repeat(15);
  const chunks = Array.from({ length: lines / 10 }, (_, index) => fence(`ts chunk="chunk ${index}"`, ..."const x = f(a, 1 + b.c);\n".repeat(10).trim().split("\n")));
  const files = chunks.map((_, index) => fence(`ts file=f${index}.ts`, `  // <<chunk ${index}>>`));
  return parseBook([{ name: "A", path: "a.md", source: [...chunks, ...files.slice(0, 100)].map((text) => `${text}\n${words}\n`).join("") }]);
}

speed("ten times the text takes about ten times as long", () => {
  const time = (lines: number): number => Math.min(...[1, 2, 3].map(() => {
    const start = performance.now();
    verify(largeBook(lines));
    return performance.now() - start;
  }));
  time(1000);
  const [single, tenfold] = [time(1000), time(10_000)];
  assert.ok(tenfold < 25 * single, `${single.toFixed(1)} ms, ${tenfold.toFixed(1)} ms`);
});

speed.run();
