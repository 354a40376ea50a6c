// One layout for all TypeScript: that of the tools, and that of the chapters.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatChapters, strayLines } from "../../tangle/format/chapters.ts";
import { formatTypeScript } from "../../tangle/format/typescript.ts";
import {
  fence,
  folderOf,
  get,
  one,
  own,
  tangleIn,
  two,
} from "./small-books.ts";

const layout = suite("layout");

const laidOut = (text: string): string => formatTypeScript("a.ts", text);

layout("what fits on a line stands on one, and what does not is hung under it",
  () => {
    const long = (names: string) => `function f(${names}): void {\n  g();\n}\n`;
    assert.is(laidOut("function f(\n  a: X,\n): void {\n  g()\n}"),
      long("a: X"));
    const names = Array.from({ length: 7 }, (_, n) => `argument${n}: X`);
    const text = laidOut(long(names.join(", ")));
    assert.ok(text.split("\n").every((line) => line.length <= 80), text);
    assert.match(text, /,\n {2}argument\d: X/);
  });

layout(
  "a table stays a table: an enum as it was written, a short case on one line",
  () => {
    const table = "enum Op {\n  A, B, C,\n  LAST = 7, // the end\n}\n";
    assert.is(laidOut(table), table);
    const bytes = "put(0, [\n  0xb8, 1, 0, // mov\n  0xf4,       // hlt\n]);\n";
    assert.is(laidOut(`${bytes}f( 1 );\n`), `${bytes}f(1);\n`);
    const cases =
      "switch (op) {\n  case A: case B: return one;\n  case C: {\n    two();\n    break;\n  }\n"
      + "  case D: three(); break;\n  default: return 4;\n}\n";
    assert.is(laidOut(cases), cases);
    const apart = cases.replaceAll(": ", ":\n").replace("C:\n{", "C: {")
      .replace("; break", ";\nbreak");
    assert.is(laidOut(apart), cases);
  },
);

layout("labels fill their lines when there are many", () => {
  const labels = Array.from({ length: 12 }, (_, n) => `case Operation${n}:`);
  const text = laidOut(`switch (op) {\n${labels.join("\n")}\nreturn 1;\n}\n`);
  assert.is(text.split("\n").length, 7, text);
  assert.ok(text.split("\n").every((line) => line.length <= 80), text);
});

layout("laying out again changes nothing", () => {
  const text =
    "const f = (a: A) => [a, ...list.map(({ by }) => ({ one: 1 + by, two: 2 + by, three: 3 + by, four: by }))];\n";
  assert.is(laidOut(laidOut(text)), laidOut(text));
});

const book = [
  "# T\n" + fence("ts file=a.ts", "one( 1 );", "// <<two>>")
  + fence("ts chunk=\"two\"", "if (x) {", "  // <<three>>", "}"),
  "# U\n" + fence("ts chunk=\"three\"", "three(  );")
  + fence("ts", "illustration( )")
  + fence("asm file=b.asm", "nop  ; two"),
];

layout(
  "a chapter is laid out as the tree of every stage, each fence where it stands",
  () => {
    const root = folderOf(...book);
    const strays = strayLines(root);
    assert.match(strays[0],
      `${one}:3:1: this is laid out otherwise: \`npm run format\` (one(1);)`);
    assert.equal(formatChapters(root), []);
    assert.equal(strayLines(root), []);
    assert.is(get(root, one), book[0].replace("one( 1 )", "one(1)"));
    assert.is(get(root, two), book[1].replace("three(  )", "three()"));
    assert.equal(tangleIn(root).errors, []);
    assert.is(own(root, "tangled/a.ts"), "one(1);\nif (x) {\n  three();\n}\n");
  },
);

layout(
  "a change that belongs to two fences is left to the author, and the rest is done",
  () => {
    const parts = fence("ts file=a.ts", "f(", "// <<one>>", "// <<two>>", ");")
      + fence("ts chunk=\"one\"", "1,") + fence("ts chunk=\"two\"", "2,")
      + fence("ts file=b.ts", "g( );");
    const root = folderOf("# T\n" + parts);
    const problems = formatChapters(root);
    assert.is(problems.length, 1);
    assert.match(problems[0], /^tangled\/a\.ts:.* \(through Preparation\)$/);
    assert.is(get(root, one), "# T\n" + parts.replace("g( )", "g()"));
  },
);

layout("a book with errors, and code that is none, are refused in one line",
  () => {
    const broken = folderOf(
      "# T\n" + fence("ts file=a.ts", "// <<nowhere>>", "x( );")
        + fence("ts file=a.ts", "y"),
    );
    assert.match(formatChapters(broken)[0], new RegExp(`^${one}:\\d+:\\d+: `));
    const odd = folderOf("# T\n" + fence("ts file=a.ts", "if (", "x"));
    assert.throws(() => strayLines(odd),
      (error: Error) =>
        error.message.startsWith(
          `${one}:2:1: a.ts, which opens here, is no TypeScript: `,
        ) && !error.message.includes("\n"));
  });

layout.run();
