// Fences that their author meant: none is dropped, none swallowed.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSources } from "../../tangle/book/book.ts";
import { blocksOnly, parseBook } from "../../tangle/book/parse.ts";
import {
  fence,
  folderOf,
  one,
  problemsOf,
  tangleIn,
  textOf,
  treeOf,
} from "./small-books.ts";

const fences = suite("fences that were meant");

/** The problems of one chapter, without its path. The weaver and the tangler see the same. */
function complaints(text: string): string[] {
  const source = { name: "A", path: one, source: text };
  assert.equal(parseBook([source]).problems,
    parseBook([source], blocksOnly).problems);
  return problemsOf(text).map((line) => line.replace(`${one}:`, ""));
}

function complains(text: string, start: string): void {
  const found = complaints(text);
  assert.ok(found.some((line) => line.startsWith(start)),
    `${JSON.stringify(text)} should have ${start}, but has\n${found.join("\n") || "no errors"}`);
}

/** A fence without its closing line. */
const open = (info: string, ...lines: string[]): string =>
  fence(info, ...lines).replace(/```\n$/, "");

fences(
  "any one closing line of the book, taken out, is noticed where its fence opens",
  () => {
    let count = 0;
    for (const chapter of readSources()) {
      const [parsed] = parseBook([chapter], blocksOnly).chapters;
      const lines = chapter.source!.split("\n");
      const ends = parsed!.fences.map(({ place, lines: code }) =>
        place.line + code.length
      );
      for (const [index, { place }] of parsed!.fences.entries()) {
        const closing = ends[index], next = ends[index + 1] ?? lines.length;
        assert.match(lines[closing], /^(```|~~~)/);
        // What stands above a fence at the margin has no say in where it ends,
        // nor has what stands below the next one.
        const rest = [...lines.slice(place.line - 1, closing),
          ...lines.slice(closing + 1, next + 1)];
        const [first] =
          parseBook([{ ...chapter, source: rest.join("\n") }], blocksOnly)
            .problems;
        assert.is(first?.place.line, 1,
          `${place.path}:${place.line}: ${first?.message}`);
        assert.match(first!.message,
          /^this fence is (never closed|not closed before line \d+)/);
        count++;
      }
    }
    assert.ok(count > 1000, `${count} fences`);
  },
);

fences(
  "a closing line that was forgotten: prose and the next fence are no code",
  () => {
    const message =
      "3:1: this fence is not closed before line 8 opens another: end it with a line ```";
    const swallowed = open("text file=a.txt", "first", "", "Some words.", "");
    complains(`# T\n\n${swallowed}${fence("text file=b.txt", "second")}`,
      message);
    complains(`# T\n\n${swallowed}${fence("text chunk=x", "second")}`, message);
    complains(`# T\n\n${swallowed}${fence("ts", "second")}`, message);
    complains(`# T\n\n${swallowed}~~~ts\n~~~\n\n${fence("ts run", "1")}`,
      "3:1: this fence is not");
    complains(`# T\n\n${swallowed}${fence("", "second")}`,
      "10:1: this fence is never closed");
    complains(`# T\n\n${swallowed}\`\`\`ts chunk="a \`b\`"\n\`\`\`\n`, message);
    complains(
      `${fence("ts run", "1")}${open("text output", "1", "", "Words.", "")}${fence("ts", "2")}`,
      "4:1: this fence is not closed before line 9",
    );
    complains(
      `- item\n\n  ${open("ts", "  1;", "").trim()}\n\n  words\n\n  \`\`\`ts\n  2;\n  \`\`\`\n`,
      "3:1: this fence is not closed before line 8",
    );
  },
);

fences("a closing line may be longer than the opening", () => {
  assert.equal(
    complaints("~~~ts file=a.ts\nx;\n~~~~\n\n```ts file=b.ts\nx;\n`````\n"),
    [],
  );
  assert.equal(complaints(`~~~~md\n~~~ts file=a.ts\n~~~\n~~~~~\n`), []);
});

const a = fence("ts file=a.ts", "x;");
const indented = (text: string, by: string): string =>
  text.replace(/^(?=.)/gm, by);

fences(
  "a fence in HTML, or in a comment, is an error, and says where that begins",
  () => {
    const html = (line: number): string =>
      "Markdown sees no fence here, but a part of the HTML "
      + `that begins in line ${line}: end that (a comment with -->), and leave an empty line`;
    complains(`# T\n\n<details>\n${a}</details>\n`, `4:1: ${html(3)}`);
    complains(`# T\n\n<!-- TODO: say more\n\n${a}`, `5:1: ${html(3)}`);
    complains(`# T\n\n<!--\n${a}-->\n`, `4:1: ${html(3)}`);
    complains(`# T\n\n<pre>\n\n${a}</pre>\n`, `5:1: ${html(3)}`);
    complains(`# T\n\n<?\n${a}?>\n`, `4:1: ${html(3)}`);
    complains(`# T\n\n<div>${a}</div>\n`, `3:6: ${html(3)}`);
    complains(`# T\n\n<!-- ${a}-->\n`, `3:6: ${html(3)}`);
    complains(`> <div>\n${indented(a, "> ")}`, `2:3: ${html(1)}`);
    assert.equal(
      complaints(
        `<details>\n\n${a}\n</details>\n\n<!-- \`\`\` is a fence -->\n`,
      ),
      [],
    );
  },
);

fences("an indented fence is an error, wherever it stands", () => {
  complains(`# T\n\nWords.\n\n${indented(a, "    ")}`,
    "5:5: Markdown sees no fence here, but code");
  complains(`# T\n\n${indented(a, "\t")}`,
    "3:2: Markdown sees no fence here, but code");
  complains(`# T\n\nWords.\n${indented(a, "    ")}`,
    "4:5: Markdown sees no fence here: put it");
  complains(`- x\n\n${indented(a, "      ")}`,
    "3:7: Markdown sees no fence here, but code");
  complains(`# T\n\n${indented(a, "\u00a0")}`,
    "3:2: Markdown sees no fence here: put it");
  complains(`# T\n\n${indented(a, "\u200b")}`,
    "3:2: Markdown sees no fence here: put it");
  complains(indented(a, "  "),
    "1:3: code that is tangled cannot stand in a list");
  complains(indented(a, "- ".repeat(3)),
    "1:7: code that is tangled cannot stand in a list");
  complains(indented(a, "> 1. "),
    "1:6: code that is tangled cannot stand in a list");
  for (const deep of ["> ".repeat(200), "- ".repeat(200)]) {
    complains(deep + a, "1:401: Markdown sees no fence here");
  }
});

fences("two backticks or tildes open no fence", () => {
  complains("``ts file=a.ts\nx;\n```\n",
    "1:1: Markdown sees no fence here: open the fence with three");
  complains("~~ts chunk=a\nx;\n~~~\n",
    "1:1: Markdown sees no fence here: open the fence with three");
  complains("``ts run\nx;\n```\n",
    "1:1: Markdown sees no fence here: open the fence with three");
  const prose = ["``a ` b`` is code", "~~gone for good~~ and here",
    "```ts file=a.ts``` opens a file"];
  assert.equal(complaints(prose.join("\n\n")), []);
});

fences("the notation of other tools is an error", () => {
  const wrong: [string, string][] = [
    ["{.ts file=a.ts}",
      "1:4: \"{.ts\" is no language: open the fence as in ```ts file=PATH"],
    ["{.ts}", "1:4: \"{.ts}\" is no language"],
    ["{#name .ts}", "1:4: \"{#name\" is no language"],
    ["{file=a.ts}", "1:4: unknown attribute \"{file=a.ts}\""],
    ["ts {file=a.ts}", "1:7: unknown attribute \"{file=a.ts}\""],
    ["ts:a.ts", "1:4: \"ts:a.ts\" is no language"],
    ["ts,file=a.ts", "1:4: unknown attribute \"ts,file=a.ts\""],
    ["ts file='a.ts'", "1:7: malformed attribute: write file=PATH"],
    ["ts file=“a.ts”", "1:7: malformed attribute: write file=PATH"],
    ["ts chunk='a'", "1:7: malformed attribute: write chunk=\"NAME\""],
    ["ts file=a.ts}", "1:7: \"a.ts}\" holds a character"],
    ["ts File=a.ts", "1:7: unknown attribute \"File=a.ts\""],
    ["ts file = a.ts", "1:7: malformed attribute"],
    ["ts :tangle a.ts", "1:7: unknown attribute \":tangle\""],
  ];
  for (const [info, message] of wrong) complains(fence(info, "x;"), message);
  const foreign =
    "this is the notation of another tool: open a fence with ```ts file=PATH or";
  complains("# T\n\n<<a.ts>>=\nx;\n@\n", `3:1: ${foreign}`);
  complains(fence("ts", "<<a.ts>>=", "x;"), `2:1: ${foreign}`);
  complains(fence("ts file=a.ts", "<<a.ts>>=", "x;"), `2:1: ${foreign}`);
  complains("#+BEGIN_SRC ts :tangle a.ts\nx;\n#+END_SRC\n", `1:1: ${foreign}`);
});

fences(
  "any notation can be shown, in a fence that is longer or of the other kind",
  () => {
    const shown = `${a}${open("ts file=b.ts")}\`\`\`{.ts file=a.ts}\n    ${a}<details>\n${a}`;
    const ways = [`\`\`\`\`md\n${shown}\`\`\`\`\n`,
      `~~~text\n${shown}<<x>>=\n~~~\n`];
    for (const way of ways) {
      const root = folderOf(way);
      assert.equal(tangleIn(root).errors, []);
      assert.equal(treeOf(root), {});
    }
    assert.is(textOf("a.md", `\`\`\`\`\`md file=a.md\n${shown}\`\`\`\`\`\n`),
      shown);
  },
);

fences("the README shows the notation, and would be a chapter without errors",
  () => {
    assert.equal(problemsOf(readFileSync("README.md", "utf8")), []);
  });

fences("long lines and deep nesting cost no more than their length", () => {
  const long = 300_000;
  const start = process.cpuUsage();
  const lines = [
    "``" + "`ts \"" + "\\\"x".repeat(long / 3),
    "```ts " + "\"".repeat(long),
    "> ".repeat(long / 2),
    "- ".repeat(long / 2),
    " ".repeat(long) + "``",
    "`".repeat(long),
    "<<" + "a<".repeat(long / 2),
  ];
  for (const line of lines) {
    problemsOf(`# T\n\n${line}\n`, fence("ts file=a.ts", line),
      `<div>\n${line}\n</div>\n`);
  }
  const seconds = process.cpuUsage(start).user / 1e6;
  assert.ok(seconds < 20, `${seconds} s`);
});

fences.run();
