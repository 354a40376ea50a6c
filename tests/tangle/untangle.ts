// Edits of tangled/ that go back into the chapters.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { diffLines } from "../../tangle/back/diff.ts";
import { type TangleOptions } from "../../tangle/tangle.ts";
import { untangle } from "../../tangle/back/untangle.ts";
import {
  fence,
  folderOf,
  get,
  one,
  projectOf,
  put,
  second,
  stageTexts,
  tangleIn,
  tangleProject,
  tool,
  treeOf,
  two,
} from "./small-books.ts";
import { isComputed } from "../../tangle/tree/preamble.ts";

const back = suite("untangle");
const shared = "# T\n\n"
  + fence("ts file=a.ts", "top();", "{", "  // <<body>>", "}")
  + "\nwords\n\n"
  + fence("ts chunk=body", "one();", "two();")
  + "\nmore words\n\n"
  + fence("ts chunk=body", "three();", "four();");

/** Edits one file of a book, and gives the folder and what untangle says. */
function edit(text: string, path: string, change: (text: string) => string,
  options: TangleOptions = {})
{
  const root = folderOf(text);
  assert.equal(tangleIn(root, options).errors, []);
  put(root, path, change(get(root, path)));
  const edited = treeOf(root);
  const result = untangle(root);
  if (result.errors.length > 0)
    assert.is(get(root, one), text, "nothing is changed after an error");
  assert.equal(treeOf(root), edited, "tangled/ is not touched");
  const isWhole = isComputed(get(root, path).split("\n")[0]);
  const again = result.errors.length === 0 ? tangleIn(root, options)
    : undefined;
  assert.equal(again?.errors ?? [], []);
  if (isWhole)
    assert.equal(again?.written ?? [], [], "tangling again changes nothing");
  assert.equal(treeOf(root), edited);
  return { root, ...result };
}

const replace = (from: string, to: string) => (text: string): string => {
  assert.ok(text.includes(from), `${from} in ${text}`);
  return text.replace(from, to);
};

/** Edits tangled/a.ts of the shared book and expects a chapter in which `from` became `to`. */
function carries(change: (text: string) => string, from: string,
  to: string): void
{
  const { root, errors: found, files, chapters } = edit(shared, "tangled/a.ts",
    change);
  assert.equal(found, []);
  assert.equal([files, chapters], [["a.ts"], [one]]);
  assert.is(get(root, one), replace(from, to)(shared));
}

/** Expects that the edit is refused with such a message. */
function refuses(change: (text: string) => string, message: RegExp,
  text = shared): void
{
  const { errors: found } = edit(text, "tangled/a.ts", change);
  assert.ok(found.length > 0, "an error");
  assert.match(found.join("\n"), message);
}

back("a changed line",
  () => carries(replace("two()", "zwei()"), "two()", "zwei()"));
back("changed lines in several fences", () => {
  const change = (text: string): string =>
    text.replace("top", "t").replace("two", "w").replace("four", "f").replace(
      "one",
      "o",
    );
  const { root, errors: found } = edit(shared, "tangled/a.ts", change);
  assert.equal(found, []);
  assert.is(get(root, one), change(shared));
});
back("lines put in between",
  () =>
    carries(replace("  two", "  new();\n\n  newer();\n  two"), "two",
      "new();\n\nnewer();\ntwo"));
back("a deleted line",
  () => carries(replace("  one();\n", ""), "one();\n", ""));
back("the last line of a chunk deleted",
  () => carries(replace("  two();\n", ""), "two();\n", ""));
back("all lines of a chunk deleted",
  () => carries(replace("  one();\n  two();\n", ""), "one();\ntwo();\n", ""));
back("deleted lines of two chunks",
  () =>
    carries(replace("  two();\n  three();\n", ""),
      "two();\n```\n\nmore words\n\n```ts chunk=body\nthree();\n",
      "```\n\nmore words\n\n```ts chunk=body\n"));
back("a line at the beginning and one at the end of a file", () => {
  carries((text) => "// first\n" + text, "top();", "// first\ntop();");
  carries((text) => text + "// last\n", "}\n```", "}\n// last\n```");
});
back("deeper indentation",
  () => carries(replace("  one();", "    one();"), "one();", "  one();"));
back("a chunk's lines that grow in number",
  () =>
    carries(replace("  one();", "  uno();\n  due();"), "one();",
      "uno();\ndue();"));

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
  refuses(replace("  three", "  new();\n  three"),
    new RegExp(
      `^tangled/a.ts:6: a new line on the border between ${one}:14:1 and ${one}:20:1`,
    ));
  refuses(replace("  one", "  new();\n  one"), /border/);
  refuses(replace("}", "  new();\n}"), /border/);
});

back("a new line where a later chunk will stand is refused", () => {
  refuses(replace("b;", "new;\nb;"), /border/,
    fence("ts file=a.ts", "a;", "// <<later>>", "b;"));
});

back("a new line that repeats its neighbour goes where it can", () => {
  const text = fence("ts file=a.ts", "a {", "}", "// <<x>>")
    + fence("ts chunk=x", "b {", "}");
  const { root, errors: found } = edit(text, "tangled/a.ts",
    replace("a {\n}\n", "a {\n}\n}\n"));
  assert.equal(found, []);
  assert.is(get(root, one), replace("a {\n}\n", "a {\n}\n}\n")(text));
});

back("a change across chunks: line for line it is carried, otherwise refused",
  () => {
    const { root } = edit(shared, "tangled/a.ts",
      replace("  two();\n  three();\n", "  zwei();\n  drei();\n"));
    assert.is(get(root, one),
      shared.replace("two", "zwei").replace("three", "drei"));
    refuses(replace("  two();\n  three();\n", "  neu();\n"),
      new RegExp(`this change spans ${one}:14:1 and ${one}:20:1`));
  });

back("indentation that the reference takes for granted is refused", () => {
  refuses(replace("  two();", "two();"),
    /"two\(\);" is indented less than the reference to its chunk/);
  refuses(replace("  two();", "  two();\n  "), /white space only|border/);
  refuses(replace("  two();", "  "),
    /a line of white space only: leave it empty/);
});

back("a line that would end the fence, or be a reference, is refused", () => {
  refuses(replace("top();", "```\ntop();"),
    /would|the chapters would not give the same file back/);
  refuses(replace("top();", "// <<body>>\ntop();"), /would/);
  refuses(replace("  two();", "  // <<body>>"), /would be|would not give/);
});

back("missing and foreign line ends are refused", () => {
  refuses((text) => text.trimEnd(), /no line end/);
  refuses((text) => text.replaceAll("\n", "\r\n"), /lines end with CR/);
});

const twice = fence("ts file=a.ts", "// <<x>>")
  + fence("ts file=b.ts", "  // <<x>>")
  + fence("ts chunk=x", "one();", "two();");

back("code that is used twice must be edited twice, in the same way", () => {
  const root = folderOf(twice);
  tangleIn(root);
  const change = (path: string, from: string, to: string): void =>
    put(root, path, replace(from, to)(get(root, path)));
  change("tangled/a.ts", "two", "deux");
  const [found] = untangle(root).errors;
  assert.is(found,
    `${one}:7:1: this code is used at tangled/a.ts:2 and tangled/b.ts:2, `
      + "and was not edited in the same way at each: make the same edit at all of them");
  change("tangled/b.ts", "two", "zwei");
  assert.is(untangle(root).errors.length, 1);
  assert.is(get(root, one), twice);
  change("tangled/b.ts", "zwei", "deux");
  assert.equal(untangle(root).errors, []);
  assert.is(get(root, one), twice.replace("two", "deux"));
  assert.equal(tangleIn(root).written, []);
});

back(
  "a file that chapter and reader have both changed is refused; other changes are not in the way",
  () => {
    const root = folderOf(shared + fence("ts file=b.ts", "b();"));
    tangleIn(root);
    put(root, "tangled/a.ts",
      replace("two", "zwei")(get(root, "tangled/a.ts")));
    put(root, one,
      "New words.\n\n" + replace("one();", "uno();")(get(root, one)));
    assert.match(untangle(root).errors.join(),
      "tangled/a.ts: the chapters have changed this file too");
    put(root, one,
      replace("uno();", "one();")(get(root, one)).replace("b()", "c()"));
    assert.equal(untangle(root).errors, []);
    assert.match(get(root, one), "New words.");
    assert.equal(tangleIn(root).written, ["b.ts"]);
  },
);

back("CR LF chapters and those with a byte order mark keep them", () => {
  const text = "\uFEFF"
    + (shared.trimEnd() + "\nend without line end").replaceAll("\n", "\r\n");
  const { root } = edit(text, "tangled/a.ts",
    replace("  two", "  new();\n  two"));
  assert.is(get(root, one), text.replace("two", "new();\r\ntwo"));
});

back("at an earlier stage, edits go to the chapters that are there", () => {
  const root = folderOf(...stageTexts);
  tangleIn(root, { through: second });
  put(root, "tangled/a.ts",
    get(root, "tangled/a.ts").replace("later", "sooner").replace("first",
      "erste"));
  const { chapters } = untangle(root);
  assert.equal(chapters.sort(), [one, two]);
  assert.equal(tangleIn(root, { through: second }).written, []);
  assert.match(get(root, "tangled/a.ts"), "sooner");
});

back("random edits come back exactly, or are refused", () => {
  let seed = 7;
  const random = (below: number): number =>
    (seed = (seed * 48271) % 2147483647) % below;
  const words = ["a();", "  b();", "}", "", "  one();", "    c();", "x"];
  let carried = 0;
  for (let round = 0; round < 80; round++) {
    const { errors: found } = edit(shared, "tangled/a.ts", (text) => {
      const lines = text.split("\n").slice(0, -1);
      for (let count = 1 + random(3); count > 0; count--) {
        lines.splice(random(lines.length + 1), random(2),
          ...Array.from({ length: random(3) }, () =>
            words[random(words.length)]));
      }
      return lines.map((line) => line + "\n").join("");
    });
    if (found.length === 0) carried++;
  }
  assert.ok(carried > 10, `${carried} carried`);
});

back("the tool says what it did, and the maps are right again afterwards",
  () => {
    const root = projectOf(fence("ts file=a.ts", "1;", "  x.y;")
      + fence("ts file=b.ts", "throw new Error('b');"));
    tangleProject(root);
    put(root, "tangled/a.ts", "1;\n2;\n  x.y;\n");
    assert.equal(tool(root, "tangle/untangle-main.ts"), {
      status: 0,
      out: `carried a.ts back into ${one}\n`,
    });
    assert.equal(tool(root, "tangle/untangle-main.ts"), {
      status: 0,
      out: "nothing was edited in tangled/\n",
    });
    assert.match(tool(root, "--trace", "tangled/b.ts").out, `${one}:7:7`);
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
    for (const { start, end, lines } of edits.toReversed())
      result.splice(start, end - start, ...lines);
    assert.is(result.join(""), b);
    assert.is(
      edits.reduce((sum, { start, end, lines }) =>
        sum + end - start + lines.length, 0),
      cost,
    );
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

back("a chapter that is not there is named first, not what others miss from it",
  () => {
    const root = folderOf("# One\n" + fence("ts file=a.ts", "// <<x>>"),
      "# Two\n" + fence("ts chunk=x", "1;"),
      "# Three\n" + fence("ts replaces=x", "2;"));
    assert.equal(tangleIn(root).errors, []);
    rmSync(join(root, two));
    put(root, "tangled/a.ts", get(root, "tangled/a.ts").replace("2;", "3;"));
    const { errors } = untangle(root);
    assert.match(errors[0]!, ":1:1: this chapter is missing");
    assert.match(errors.join("\n"), `${two}:1:1: this chapter is missing`);
  });

back.run();
