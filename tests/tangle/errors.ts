// Errors of the chapters.
import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../../book.config.ts";
import { parts } from "../../tangle/book/book.ts";
import { parseBook } from "../../tangle/book/parse.ts";
import { tangle } from "../../tangle/tangle.ts";
import { format } from "../../tangle/book/chapter.ts";
import { verify } from "../../tangle/rules/verify.ts";
import {
  age,
  fence,
  folderOf,
  one,
  own,
  problemsOf,
  projectOf,
  put,
  tangleIn,
  tool,
  treeOf,
  two,
} from "./small-books.ts";

const errors = suite("errors");

/** The problems of one chapter, without its path. */
const complaints = (text: string): string[] =>
  problemsOf(text).map((line) => line.replace(`${one}:`, ""));

function complains(text: string, ...expected: string[]): void {
  const found = complaints(text);
  assert.is(found.length, expected.length,
    found.join("\n") || "no errors at all");
  expected.forEach((start, index) =>
    assert.ok(found[index].startsWith(start),
      `${found[index]} should start with ${start}`)
  );
}

errors("an unknown chunk, and the nearest name", () => {
  const text =
    fence("ts file=a.ts", "  // <<handle teh trap>>", "// <<handle the trap>>")
    + fence("ts chunk=\"handle the trap\"", "1;");
  complains(text,
    "2:6: no chapter defines the chunk \"handle teh trap\"; did you mean \"handle the trap\"?");
});

errors("a chunk that nothing uses", () => {
  complains(fence("ts chunk=\"lonely\"", "1;"),
    "1:7: nothing uses the chunk \"lonely\"");
});

errors("a cycle, with every step of it", () => {
  const text = fence("ts file=a.ts", "// <<a>>")
    + fence("ts chunk=a", "// <<b>>")
    + fence("ts chunk=b", " // <<c>>")
    + fence("ts chunk=c", "// <<a>>");
  complains(text,
    `11:4: the chunk "a" contains itself: by way of "b" (used at ${one}:5:4), `
      + `then "c" (used at ${one}:8:5), then "a" (used at ${one}:11:4)`);
  complains(fence("ts file=a.ts", "// <<a>>") + fence("ts chunk=a", "// <<a>>"),
    "5:4: the chunk \"a\" contains itself");
});

errors("a cycle that is there only until a later chapter replaces a chunk",
  () => {
    const text = fence("ts file=a.ts", "// <<a>>")
      + fence("ts chunk=a", "// <<b>>")
      + fence("ts chunk=b", "// <<a>>")
      + fence("ts replaces=b", "1;");
    complains(text, "8:4: the chunk \"a\" contains itself");
  });

errors("two chunks that use one another at different times are no cycle",
  () => {
    const text = fence("ts file=a.ts", "// <<a>>", "// <<b>>")
      + fence("ts chunk=a", "// <<b>>")
      + fence("ts chunk=b", "1;")
      + fence("ts replaces=a", "2;")
      + fence("ts replaces=b", "// <<a>>");
    complains(text);
  });

/** So many chunks, each of which holds the next `times`. */
const nested = (count: number, times = 1): string =>
  fence("ts file=a.ts", "// <<0>>")
  + Array.from({ length: count }, (_, index) =>
    fence(`ts chunk=${index}`,
      ...Array<string>(times).fill(`  // <<${index + 1}>>`))).join("")
  + fence(`ts chunk=${count}`, "1;");

errors("chunks within chunks without end", () => {
  complains(nested(6000),
    "602:6: the chunk \"200\" stands within 200 others: nest them less deeply");
  complains(nested(199));
  complains(nested(40, 2),
    "1:1: with a.ts the tree would be larger than 100 MB");
});

errors("a line that shows no control characters of the chapter", () => {
  complains(fence("ts \u001b[31m\u202e", "1"),
    "1:7: unknown attribute \"\\u{1b}[31m\\u{202e}\"");
});

errors("a second fence for one file, also if only the case differs", () => {
  complains(fence("ts file=a.ts", "1") + fence("ts file=a.ts", "2"),
    `4:7: a.ts is already opened at ${one}:1:1`);
  complains(fence("ts file=a.ts", "1") + fence("ts file=A.ts", "2"),
    "4:7: A.ts is already opened");
  complains(fence("ts file=experiments/1-1.ts", "1") + fence("ts run", "2")
    + fence("text output", "2"), "4:1: experiments/1-1.ts is already opened");
});

errors("two names of one file on some system, or of one folder", () => {
  const same: [string, string][] = [
    ["\u00e9.ts", "e\u0301.ts"],
    ["stra\u00dfe.ts", "STRASSE.ts"],
    ["\ufb01.ts", "FI.ts"],
    ["\u212a.ts", "k.ts"],
    ["\u03c3.ts", "\u03c2.ts"],
  ];
  for (const [first, second] of same) {
    complains(fence(`ts file=${first}`, "1") + fence(`ts file=${second}`, "2"),
      `4:7: ${second} is already opened at ${one}:1:1, as ${first}, which some systems cannot`);
  }
  complains(fence("ts file=m/a.ts", "1") + fence("ts file=M/b.ts", "2"),
    "4:7: some systems take the folder M for m");
  complains(fence("ts file=m/a.ts", "1") + fence("ts file=M", "2"),
    "1:7: M is a file");
});

errors("names that are like those of devices, or long, and hold everywhere",
  () => {
    const paths = ["auxiliary.ts", "com.ts", "com10.ts", "console/nu.l", ".a",
      "a..b", "a".repeat(200)];
    complains(paths.map((path) => fence(`ts file=${path}`, "1")).join(""));
  });

errors("a file that would have to be a folder too", () => {
  complains(fence("ts file=a/b.ts", "1") + fence("ts file=a", "2"),
    "1:7: a is a file");
});

for (
  const path of [
    "../a.ts",
    "a/../../b.ts",
    "/etc/passwd",
    "./a.ts",
    "a//b.ts",
    "a/",
    "..",
    "a\\b.ts",
    "C:/a.ts",
    "a\u0001b",
    ".tangle.json",
    ".Tangle.json.next",
    "aux.ts",
    "m/CON",
    "nul .txt",
    "Com1.tar.gz",
    "lpt\u00b3.ts",
    "b.ts.",
    "m./a.ts",
    "\"m /a.ts\"",
    "\"a.ts/ b\"",
    "a\u200b.ts",
    "a\u202e.ts",
    "it's{a}.ts",
    "a".repeat(300),
    "m/".repeat(120) + "a.ts",
    "\u30b7".repeat(70),
  ]
) {
  errors(`the path ${JSON.stringify(path)}`, () => {
    const root = folderOf(fence(`ts file=${path}`, "1"));
    assert.match(tangleIn(root).errors.join("\n"), /^chapters\/.*:1:7: /);
    assert.not(existsSync(join(root, "tangled")));
  });
}

errors("an empty path or name", () => {
  complains(fence("ts file=", "1"), "1:7: the path is empty");
  complains(fence("ts file=\"\"", "1"), "1:7: the path is empty");
  complains(fence("ts chunk=\"\"", "1"), "1:7: malformed attribute");
  complains(fence("ts chunk=\"a<<b\"", "1"),
    "1:7: a chunk name cannot hold <<");
});

errors("a fence that is never closed", () => {
  complains("# T\n\n```ts file=a.ts\n1\n``\n",
    "3:1: this fence is never closed");
  complains("```ts", "1:1: this fence is never closed");
  complains("````ts\n```\n", "1:1: this fence is never closed");
});

errors("replaces of nothing, with the nearest name", () => {
  const text = fence("ts file=a.ts", "// <<walk>>", "// <<wall>>")
    + fence("ts chunk=walk", "1;")
    + fence("ts replaces=\"wall\"", "2;");
  complains(text,
    "8:7: there is no chunk \"wall\" to replace up to here; did you mean \"walk\"?");
});

errors("attributes that are unknown, doubled, malformed or at odds", () => {
  complains(fence("ts fiel=a.ts", "1"), "1:7: unknown attribute \"fiel=a.ts\"");
  complains(fence("ts {1,3}", "1"), "1:7: unknown attribute \"{1,3}\"");
  complains(fence("ts file=a.ts file=b.ts", "1"), "1:17: file is given twice");
  complains(fence("ts file", "1"), "1:7: malformed attribute: write file=PATH");
  complains(fence("ts chunk=\"open", "1"),
    "1:7: malformed attribute: write chunk=");
  complains(fence("ts run=yes", "1") + fence("text output", "1"),
    "1:7: malformed attribute: run takes no value");
  complains(fence("ts file=a.ts chunk=b", "1"),
    "1:17: a fence is one thing only", "1:17: nothing uses the chunk \"b\"");
  complains(fence("file=a.ts", "1"),
    "1:1: a fence with attributes names its language first");
});

errors("run without output, output without run, an experiment in assembly",
  () => {
    complains(fence("ts run", "1") + "\nwords\n",
      "1:7: this experiment has no output");
    complains(
      fence("ts run", "1") + fence("ts", "2") + fence("text output", "1"),
      "1:7: this experiment",
      "7:9: this output belongs to no experiment",
    );
    complains(fence("asm run", "nop") + fence("text output", "1"),
      "1:8: an experiment is written in ts");
  });

errors("code to tangle in a list, a quotation or an indented fence", () => {
  complains("- item\n\n  ```ts file=a.ts\n  1\n  ```\n",
    "3:3: code that is tangled cannot stand in a list");
  complains("> ```ts file=a.ts\n> 1\n> ```\n",
    "1:3: code that is tangled cannot stand");
  complains("  ```ts file=a.ts\n  1\n  ```\n",
    "1:3: code that is tangled cannot stand");
});

errors("a backtick in the attributes, which hides the fence from Markdown",
  () => {
    const text = "# T\n\n```ts chunk=\"the `x` loop\"\n1;\n```\n";
    assert.ok(
      complaints(text).some((line) =>
        line.startsWith("3:1: Markdown sees no fence here")
      ),
      complaints(text).join("\n"),
    );
    complains(fence("ts file=a.ts", "// <<the `x` loop>>")
      + "~~~ts chunk=\"the `x` loop\"\n1;\n~~~\n");
  });

errors("a missing chapter", () => {
  const book = parseBook([{ ...config.chapters[0], source: undefined }]);
  assert.equal(verify(book).map(format), [
    `${one}:1:1: this chapter is missing: write it, or take it out of book.config.ts`,
  ]);
});

errors(
  "all at once, in the order of the book, exit code 1, and no file is touched",
  () => {
    const root = projectOf(fence("ts file=a.ts", "1;"), "# B\n");
    assert.is(tool(root, "tangle/main.ts").status, 0);
    const before = age(root, "tangled/a.ts");
    put(root, two, fence("ts file=../b.ts", "1;"));
    put(root, one, fence("ts file=a.ts", "changed;", "// <<b>>")
      + fence("ts chunk=\"c\"", "1;") + "```ts file=d.ts");
    const { status, out } = tool(root, "tangle/main.ts");
    assert.is(status, 1);
    assert.equal(out
      .trimEnd()
      .split("\n")
      .map((line) => line.split(": ")[0]), [`${one}:3:4`, `${one}:5:7`,
      `${one}:8:1`, `${two}:1:7`]);
    assert.is(statSync(join(root, "tangled/a.ts")).mtimeMs, before);
    assert.equal(treeOf(root), { "tangled/a.ts": "1;\n" });
  },
);

errors("--draft forgives what is not written yet, and nothing else", () => {
  const root = projectOf(fence("ts file=a.ts", "// <<later>>", "1;"), "");
  rmSync(join(root, two));
  assert.equal(tangle({ root }).errors.length, parts().length);
  const { status, out } = tool(root, "tangle/main.ts", "--draft");
  assert.is(status, 0, out);
  assert.match(out, `${two}:1:1: this chapter is missing`);
  assert.is(own(root, "tangled/a.ts"), "1;\n");
  put(root, one, fence("ts file=../a.ts"));
  assert.is(tangle({ root, draft: true }).errors.length, 1);
});

errors("an unknown option", () => {
  const { status, out } = tool(projectOf("# T\n"), "tangle/main.ts", "--dratf");
  assert.is(status, 1);
  assert.match(out, /^tangle: Unknown option '--dratf'/);
});

errors("nonsense never throws", () => {
  const pieces = [
    "```",
    "~~~",
    "````",
    "ts",
    " file=a.ts",
    " chunk=\"a\"",
    " chunk=\"",
    " replaces=a",
    " run",
    "text output",
    " output",
    "\n",
    "\n\n",
    "// <<a>>",
    "# <<b",
    ">>",
    "> ",
    "- ",
    "  ",
    "\t",
    "\r\n",
    "\u0000",
    "\\",
    "=",
    "\"",
    "`",
    "# T",
    "<!--",
    "words",
  ];
  let seed = 1;
  const random = (below: number): number =>
    (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 1500; round++) {
    const text = Array.from({ length: 1 + random(40) }, () =>
      pieces[random(pieces.length)]).join("");
    for (const line of complaints(text))
      assert.match(line, /^\d+:\d+: \S/, JSON.stringify(text));
  }
});

errors.run();
