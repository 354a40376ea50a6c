// Every id is that of one thing, and links that work on GitHub work here.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../../book.config.ts";
import { indexChunks } from "../../build/structure/chunks.ts";
import { newLines } from "../../build/structure/changed-lines.ts";
import { withOwnIds } from "../../build/pages/inline-drawing.ts";
import { outline } from "../../build/structure/outline.ts";
import { weave } from "../../build/site/weave.ts";
import { parseBook } from "../../tangle/book/parse.ts";
import {
  all,
  brokenLinks,
  faultsOfMarkup,
  fence,
  fixture,
  pages,
  site,
} from "./small-site.ts";

const odd = suite("build: ids and links");

/** Headings, and the ids that GitHub gives them. */
const headings = [
  ["The *odd* `part`, [here](#foo) ![rings](figures/rings.svg)", ""],
  ["Foo", "foo"],
  ["Foo", "foo-1"],
  ["Foo 1", "foo-1-1"],
  ["Text", "text"],
  ["Tools", "tools"],
  ["Page text", "page-text"],
  ["Chunk x", "chunk-x"],
  ["File a ts", "file-a-ts"],
  ["Figure rings", "figure-rings"],
  ["हिन्दी में", "हिन्दी-में"],
  ["ภาษาไทย ที่นี่", "ภาษาไทย-ที่นี่"],
  ["snake_case ‿ and ½", "snake_case-‿-and-"],
  ["🚀 Launch, İt's `<b>` time!", "-launch-i\u0307ts-b-time"],
  ["The `<<x>>` chunk", "the-x-chunk"],
] as const;

const text = [
  "# An odd part",
  ...headings.slice(1).map(([words]) => `## ${words}`),
  "## !!!",
  "## ???",
  ...headings.slice(1).map(([, id]) =>
    `[it](#${id}) and [it](1-preparation.md#${encodeURIComponent(id)})`
  ),
  "[title](#an-odd-part), [the `<<x>>` of *the `<<x>>`*](2-guest.md), <https://example.org/>",
  "[The `<<x>>`][ref]",
  "![Rings](figures/rings.svg)",
  "![Rings `<<x>>` [again](#foo)](figures/rings.svg)",
  fence("ts file=a/b.ts", "// <<x>>", "// <<X>>", "// <<x 1>>", "// <<+>>",
    "// <<->>", "// <<what comes next>>"),
  fence("ts file=a-b.ts", "1;"),
  ...["x", "x", "X", "x 1", "+", "-", "what comes next"].map((name) =>
    fence(`ts chunk="${name}"`, "2;")
  ),
  fence("ts run", "console.log(1);"),
  fence("text output", "1"),
  "[ref]: 2-guest.md",
  "",
].join("\n\n");

const woven = await weave(
  fixture(() => text.replace(/(```ts run\n[^`]*```\n)\n/u, "$1")),
);
const page = String(woven.files.get("1-preparation.html"));

odd("the odd chapter is woven without complaint", () => {
  assert.equal(woven.problems.map(({ message }) => message), []);
});

odd("headings have the ids that GitHub gives them, or one that no heading has",
  () => {
    const found = all(page, /<h2 id="([^"]*)"/gu);
    assert.equal(found.slice(0, headings.length - 1),
      headings.slice(1).map(([, id]) => id));
    assert.match(found.at(-2) ?? "", /^line:\d+$/u);
    assert.is(found.at(-1), "-1");
  });

odd("no two things on a page have one id, and no link stands in a link", () => {
  assert.equal(faultsOfMarkup(woven.files), []);
  assert.equal(faultsOfMarkup(site.files), []);
  assert.equal(
    faultsOfMarkup(new Map([["a.html", "<a href=\"x\"><b><a id=\"y\">"]]))
      .length,
    1,
  );
});

odd("every link leads somewhere, the page's own too", () => {
  assert.equal(brokenLinks(woven.files), []);
  for (const [path, html] of pages)
    assert.match(html, /href="#page:text"[^]*id="page:text"/u, path);
});

odd("the parts of a drawing have ids of their own", () => {
  const svg =
    "<svg><g id=\"tip\"/><use href=\"#tip\"/><path marker-end=\"url(#tip)\"/></svg>";
  assert.is(withOwnIds(svg, "figure:x"),
    "<svg><g id=\"figure:x.tip\"/><use href=\"#figure:x.tip\"/><path marker-end=\"url(#figure:x.tip)\"/></svg>");
});

odd("control characters are shown, not handed on", async () => {
  const { files } = await weave(
    fixture((source) => source.replace("Growing", "Gr\x1b[2Jowing\x07")),
  );
  const html = String(files.get("1-preparation.html"));
  assert.match(html, /Gr␛\[2Jowing␇/u);
  assert.not.match(html, /[\x00-\x08\x0b-\x1f\x7f]/u);
});

/** The index of a book of one chapter. */
function indexOf(...fences: string[]) {
  const source = `# Deep\n\n${fences.join("\n\n")}\n`;
  const book = parseBook([{ ...config.chapters[0], source }]);
  return indexChunks(book, outline(book));
}

odd("chunks can be nested as deep as anyone likes", () => {
  const depth = 6000;
  const nested = Array.from({ length: depth },
    (_, at) => fence(`ts chunk=c${at}`, `// <<c${at + 1}>>`));
  const { files } = indexOf(fence("ts file=a.ts", "// <<c0>>"), ...nested,
    fence(`ts chunk=c${depth}`, "1;"));
  assert.equal(files.get(`c${depth}`), ["a.ts"]);
});

odd("chunks can be used on ever more ways, and in a circle", () => {
  const both = (at: number): string => `// <<l${at}>>\n// <<r${at}>>`;
  const levels = Array.from({ length: 64 },
    (_, at) =>
      ["l", "r"].map((side) => fence(`ts chunk=${side}${at}`, both(at + 1))))
    .flat();
  const roots = ["d", "b", "a", "c"].map((name) =>
    fence(`ts file=${name}.ts`, both(0))
  );
  const { files } = indexOf(...roots, ...levels,
    fence("ts chunk=l64", "// <<l0>>"));
  assert.equal(files.get("r64"), ["d.ts", "b.ts", "a.ts"]);
});

odd("very long chunks that replace one another are compared too", () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `${at};`);
  assert.equal([...newLines(lines, ["new;", ...lines])], [0]);
});

odd.run();
