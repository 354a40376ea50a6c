// Source maps: everything names its place in a chapter.
import { SourceMap } from "node:module";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifest } from "../../tangle/tree/manifest.ts";
import { inChapter } from "../../tangle/maps.mjs";
import {
  fence,
  first,
  folderOf,
  get,
  one,
  projectOf,
  put,
  second,
  tangleIn,
  tangleProject,
  tool,
} from "./small-books.ts";
import { isComputed } from "../../tangle/tree/preamble.ts";

const places = suite("places");
const buggy = "# T\n\n"
  + fence("ts file=m/bug.ts", "import * as assert from \"uvu/assert\";",
    "export function bug(x: number): number {", "\t// <<check>>", "  return x;",
    "}")
  + "\nwords\n\n"
  + fence("ts chunk=check", "const limit = 3; if (x > limit) {",
    "  throw new RangeError(\"too big\");", "}", "assert.is(x, 1);");

places("a source map names line and column of every token", () => {
  const root = folderOf(buggy);
  tangleIn(root);
  const { map } = readManifest(join(root, "tangled"))!.files["m/bug.ts"];
  assert.equal(map.sources, [`../../${one}`]);
  const reader = new SourceMap({ ...map, sourcesContent: [], sourceRoot: "" });
  const chapter = buggy.split("\n");
  get(root, "tangled/m/bug.ts")
    .split("\n")
    .forEach((line, number) => {
      if (isComputed(line)) return;
      for (const { index, 0: word } of line.matchAll(/\w+|[^\w\s]/g)) {
        const entry = reader.findEntry(number, index) as {
          originalLine: number;
          originalColumn: number;
        };
        assert.ok(
          chapter[entry.originalLine].startsWith(word, entry.originalColumn),
          `${word} at ${number}:${index}`,
        );
      }
    });
});

places("a thrown error names chapter, line and column", () => {
  const root = projectOf(buggy
    + fence("ts file=main.ts", "import { bug } from \"./m/bug.ts\";",
      "  console.log(1, bug(4));"));
  tangleProject(root);
  const { status, out } = tool(root, "--trace", "tangled/main.ts");
  assert.is(status, 1);
  assert.match(out,
    `RangeError: too big\n    at bug (${one}:15:9)\n    at <anonymous> (${one}:21:18)\n`);
});

places(
  "a failed assertion names chapter, line and column, and so does a failed test",
  () => {
    const root = projectOf(buggy);
    put(root, "tests/1-t/a.ts", `import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bug } from "../../tangled/m/bug.ts";
const test = suite("bugs");
test("in the chapter", () => { bug(2); });
test("in the test", () => { assert.is(bug(1), 2); });
test.run();
`);
    tangleProject(root);
    const { status, out } = tool(root, "tests/runner.ts");
    assert.is(status, 1);
    assert.match(out,
      new RegExp(
        `"in the chapter"[^]*at bug \\(${one}:17:8\\)\n *at .*tests/1-t/a.ts:5:32`
          + "[^]*\"in the test\"[^]*tests/1-t/a.ts:6:36",
      ));
  },
);

places("a type error names chapter, line and column", () => {
  const wrong = fence("ts chunk=wrong",
    "const x = 2; export const n: number = \"x\" + x;");
  const root = projectOf(
    "# T\n\n" + fence("ts file=a.ts", "export const a = 1;", "  // <<wrong>>")
      + wrong,
    "# U\n",
  );
  put(root, "tests/1-t/a.ts",
    "import { n } from \"../../tangled/a.ts\";\nexport const s: string = n;\n");
  put(root, "tests/2-u/b.ts", "export const wrong: string = 1;\n");
  tangleProject(root, { through: first });
  const { status, out } = tool(root, "tangle/check.ts");
  assert.is(status, 1);
  const found = out
    .split("\n")
    .map((line) => line.split(": ")[0])
    .filter((place) => place !== "");
  assert.equal(found, [`${one}:8:27`, "tests/1-t/a.ts:2:14",
    `type errors through ${first}`]);
});

places(
  "empty lines have places too, and the end of a file is the end of its fence",
  () => {
    const root = folderOf("# T\n\n" + fence("ts file=a.ts", "a;", "// <<x>>")
      + fence("ts chunk=x", "b;", "", "c;"));
    tangleIn(root);
    const found = [2, 3, 4, 5, 6].map((line) =>
      inChapter(root, "tangled/a.ts", line, 1)
    );
    assert.equal(found, [4, 8, 9, 10, 6].map((line) => `${one}:${line}:1`));
  },
);

places("a part of the book is checked by its own tests; the whole of it by all",
  () => {
    const root = projectOf("# T\n\n"
      + fence("ts file=a.ts", "import { sep } from \"node:path\";",
        "// <<use>>"),
      "# U\n" + fence("ts chunk=use", "export const a = sep;"));
    put(root, "tests/2-u/b.ts",
      "import { a } from \"../../tangled/a.ts\";\nexport const b = a;\n");
    for (const through of [first, second]) {
      tangleProject(root, { through });
      const { status, out } = tool(root, "tangle/check.ts");
      assert.is(out, `no type errors through ${through}\n`);
      assert.is(status, 0);
    }
  });

places("a syntax error names chapter, line and column", () => {
  const root = projectOf("# T\n" + fence("ts file=main.ts", "// <<x>>")
    + fence("ts chunk=x", "const = 1;"));
  tangleProject(root);
  assert.match(tool(root, "tangled/main.ts").out,
    new RegExp(`^${one}:6:7: Expected identifier`));
});

places.run();
