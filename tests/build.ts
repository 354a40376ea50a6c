/** What the woven book, the terminal edition and the drawings promise. */
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../book.config.ts";
import { contrast, legible, midway } from "../build/colours.ts";
import { newLines } from "../build/difference.ts";
import { figures } from "../build/figures/all.ts";
import { box, crowding, figure, group, line, text } from "../build/figures/svg.ts";
import { slugOf } from "../build/html.ts";
import { portFrom, serve } from "../build/serve.ts";
import { frames } from "../build/terminal/puppy.ts";
import { columns, columnsOf, wrap } from "../build/terminal/wrap.ts";
import { weave } from "../build/weave.ts";

const folders: string[] = [];

/** A new folder, gone when the tests are done. */
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "quest-build-"));
  folders.push(folder);
  return folder;
}

const fence = (info: string, ...lines: string[]): string =>
  ["```" + info, ...lines, "```"].join("\n");

const first = [
  "# The first part",
  "",
  "Welcome, it's *you*.",
  "",
  "![Three rings](figures/rings.svg)",
  "",
  "## Where we stand & why",
  "",
  "See [the end](7-mastery.md#the-end) and [here](#where-we-stand--why), [both](2-guest.md).",
  "",
  "> **Aside.** A note in the margin.",
  "",
  "*In* `eax` *it goes,*",
  "*and out it flows.*",
  "",
  fence(
    "ts file=machine/one.ts",
    'const page = "<b>&"; // a line that no telephone shows whole',
    "// <<what comes next>>",
  ),
  "",
  "Words between, with `<<what comes next>>`.",
  "",
  fence('ts chunk="what comes next"', "if (page) {", "  // <<what a later part adds>>", "}"),
  "",
  "## Growing",
  "",
  "More of it.",
  "",
  fence('ts chunk="what comes next"', "export const more = 1;"),
  "",
  "### A closer look",
  "",
  "| a | b |",
  "|---|---|",
  "| 1 | 2 |",
  "",
  fence("ts run", 'console.log("it runs & prints");'),
  fence("text output", "it runs & prints"),
  "",
  fence("asm", "start: mov eax, [ebx + 4] ; go"),
  "",
].join("\n");

const second = [
  "# The second part",
  "",
  "## Change",
  "",
  "It changes.",
  "",
  fence(
    'ts replaces="what comes next"',
    "if (page) {",
    "  // <<what a later part adds>>",
    "  start();",
    "}",
  ),
  "",
  fence('ts chunk="what a later part adds"', "later();"),
  "",
].join("\n");

const chapterTexts = book.chapters.map(
  ({ name }, index) => [first, second][index] ?? `# ${name}\n\n## The end\n\nSo it ends.\n`,
);

/** A small book of seven chapters in a folder of its own; `edit` may change the text of the first one. */
function fixture(edit: (source: string) => string = (source) => source): string {
  const root = temporary();
  for (const [index, { path }] of book.chapters.entries()) {
    mkdirSync(join(root, dirname(path), "figures"), { recursive: true });
    writeFileSync(
      join(root, path),
      index === 0 ? edit(chapterTexts[0] ?? "") : (chapterTexts[index] ?? ""),
    );
  }
  writeFileSync(join(root, book.chaptersFolder, "figures/rings.svg"), figures["rings"]?.() ?? "");
  return root;
}

/** Runs one of the book's tools as the npm scripts do. */
function run(
  entry: string,
  args: string[] = [],
  env: Record<string, string> = {},
  cwd = ".",
): SpawnSyncReturns<string> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !["FORCE_COLOR", "NO_COLOR", "PORT"].includes(name),
    ),
  );
  return spawnSync(process.execPath, [resolve("tangle/run.mjs"), resolve(entry), ...args], {
    encoding: "utf8",
    cwd,
    env: { ...clean, ...env },
  });
}

const site = await weave(fixture());
const real = await weave();
const pages = [...site.files]
  .filter(([path]) => path.endsWith(".html"))
  .map(([path, content]) => [path, String(content)] as const);
const page = (name: string): string => String(site.files.get(`${name}.html`));
const one = page("1-preparation");
const two = page("2-guest");
const css = String(site.files.get("assets/style.css"));

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? "");
const hrefs = (html: string): string[] => all(html, /\b(?:href|src)="([^"]*)"/gu);
const ids = (html: string): string[] => all(html, /\bid="([^"]*)"/gu);

/** Links of a site that lead nowhere, as "page: link". */
function brokenLinks(files: ReadonlyMap<string, string | Uint8Array>): string[] {
  return [...files]
    .filter(([path]) => path.endsWith(".html"))
    .flatMap(([path, content]) =>
      hrefs(String(content))
        .filter((href) => {
          if (/^(?:https?|mailto|data):/u.test(href)) return false;
          const [target = "", id] = href.split("#") as [string, string?];
          const file = files.get(target === "" ? path : target);
          return (
            file === undefined ||
            (id !== undefined && !ids(String(file)).includes(decodeURIComponent(id)))
          );
        })
        .map((href) => `${path}: ${href}`),
    );
}

const weaving = suite("build: the woven book");

weaving("a book without faults is woven without complaint", () => {
  assert.equal(site.problems, []);
  assert.equal(
    [...site.files.keys()].filter((path) => path.endsWith(".html")).length,
    3 + book.chapters.length,
  );
});

weaving("every link leads somewhere, with its fragment", () => {
  assert.equal(brokenLinks(site.files), []);
});

weaving("no two things on a page have one id", () => {
  for (const [path, html] of pages) assert.is(new Set(ids(html)).size, ids(html).length, path);
});

weaving("nothing is asked of anyone else", () => {
  for (const [path, html] of pages) {
    const sources = [
      ...all(html, /<(?:link|script|img|iframe|source|use)\b[^>]*\b(?:href|src)="([^"]*)"/gu),
    ];
    assert.equal(
      sources.filter((source) => /^(?:[a-z]+:)?\/\//u.test(source)),
      [],
      path,
    );
  }
  assert.not.match(css, /url\("?(?:https?:)?\/\//u);
  assert.not.match(css, /@import/u);
  assert.not.match(String(site.files.get("assets/client.js")), /https?:|fetch\(|import\(/u);
});

weaving("the site can be read from file://", () => {
  for (const [path, html] of pages)
    assert.equal(
      hrefs(html).filter((href) => href.startsWith("/") || href.startsWith("file:")),
      [],
      path,
    );
  for (const url of all(css, /url\("([^"]*)"\)/gu)) assert.ok(site.files.has(`assets/${url}`), url);
  assert.not.match(one, /type="module"/u);
});

weaving("the faces of the book come with their licences", () => {
  const assets = [...site.files.keys()].filter((path) => path.startsWith("assets/"));
  assert.is(assets.filter((path) => path.endsWith(".woff2")).length, 3);
  assert.match(
    Buffer.from(site.files.get("assets/source-serif-4-licence.txt") as Uint8Array).toString(),
    /Open Font License/u,
  );
});

weaving(
  "each page has its language, landmarks, a way past the contents, and one main heading",
  () => {
    for (const [path, html] of pages) {
      assert.match(html, /<html lang="en">/u, path);
      assert.match(html, /<a class="skip" href="#text">/u, path);
      for (const part of ["<header", '<main id="text"', "<nav "])
        assert.ok(html.includes(part), `${path}: ${part}`);
      assert.is(all(html, /<(h1)\b/gu).length, 1, path);
      assert.match(html, /<meta name="viewport"/u, path);
    }
  },
);

weaving("headings go down one level at a time", () => {
  for (const [path, html] of pages) {
    const levels = all(html, /<h(\d)\b/gu).map(Number);
    levels
      .slice(1)
      .forEach((level, index) =>
        assert.ok(level <= (levels[index] ?? 0) + 1, `${path}: h${levels[index]} to h${level}`),
      );
  }
});

weaving("sections are numbered, and their ids are those that GitHub gives", () => {
  assert.match(
    one,
    /<h2 id="where-we-stand--why"><a class="anchor" href="#where-we-stand--why">1\.1<\/a> Where we stand &amp; why<\/h2>/u,
  );
  assert.match(one, /<h2 id="growing"><a [^>]*>1\.2<\/a> Growing/u);
  assert.is(slugOf("What's `next`, then?"), "whats-next-then");
});

weaving("every named block says its name and can be linked to", () => {
  assert.match(
    one,
    /<figure class="code file" id="file-machine-one-ts">\s*<figcaption>.*machine\/one\.ts/u,
  );
  assert.match(
    one,
    /<figure class="code chunk" id="chunk-what-comes-next">\s*<figcaption>.*what comes next.*≡.*machine\/one\.ts/u,
  );
  assert.match(
    one,
    /<figure class="code chunk" id="chunk-what-comes-next-1">\s*<figcaption>.*what comes next.*\+≡/u,
  );
});

weaving("a reference in code is a link to the chunk, with the section when it is elsewhere", () => {
  assert.match(
    one,
    /<a class="reference [^"]*" href="[^"]*#chunk-what-comes-next">\/\/ &lt;&lt;what comes next&gt;&gt;<\/a>/u,
  );
  assert.match(one, /href="2-guest\.html#chunk-what-a-later-part-adds" data-mark="§2\.1">/u);
  assert.match(
    one,
    /<a href="[^"]*#chunk-what-comes-next"><code[^>]*>&lt;&lt;what comes next&gt;&gt;<\/code><\/a>/u,
  );
});

weaving("captions say where a chunk is used, continued and replaced", () => {
  const relations = all(one, /<p class="relations">(.*?)<\/p>/gu);
  assert.match(
    relations[0] ?? "",
    /^used <a href="#file-machine-one-ts">above<\/a>.*continued <a href="#chunk-what-comes-next-1">in §1\.2<\/a>$/u,
  );
  assert.match(
    relations[1] ?? "",
    /continues <a href="#chunk-what-comes-next">§1\.1<\/a>.*replaced <a href="2-guest\.html#chunk-what-comes-next-2">in §2\.1<\/a>/u,
  );
  assert.match(two, /replaces <a href="1-preparation\.html#chunk-what-comes-next-1">§1\.2<\/a>/u);
});

weaving("a replaced chunk shows what is new and what stood there before", () => {
  assert.is(all(two, /<span class="new">(.*?)<\/span>\n/gu).length, 1);
  assert.match(two, /<details class="former">[\s\S]*more/u);
  assert.equal([...newLines(["a", "b", "c"], ["a", "x", "c", "d"])], [1, 3]);
});

weaving("an experiment shows what it prints", () => {
  assert.match(
    one,
    /<figure class="code experiment" id="experiment-1-1">[\s\S]*<samp>it runs &amp; prints<\/samp>/u,
  );
});

weaving("text is escaped, and code is what the chapter says", () => {
  assert.match(one, /&quot;&lt;b&gt;&amp;&quot;/u);
  assert.not.match(one, /<b>/u);
});

weaving("quotes are printed as quotes, but not in code", () => {
  assert.match(one, /Welcome, it’s <em>you<\/em>\./u);
  assert.not.match(all(one, /<pre[^>]*>([\s\S]*?)<\/pre>/gu).join(""), /[“”‘’]/u);
});

weaving("an aside is a note in the margin", () => {
  assert.match(one, /<div class="note" role="note">\s*<p>A note in the margin\.<\/p>/u);
});

weaving("verse keeps its lines", () => {
  assert.match(
    one,
    /<p class="verse"><em>In<\/em> .*goes,<\/em><br>\n<em>and out it flows\.<\/em><\/p>/u,
  );
});

weaving("a drawing is part of the page, in its ink, and described", () => {
  const drawing = /<figure class="drawing">[\s\S]*?<\/figure>/u.exec(one)?.[0] ?? "";
  assert.match(drawing, /<svg [^>]*role="img" aria-labelledby="figure-rings"/u);
  assert.match(drawing, /<figcaption id="figure-rings">Three rings<\/figcaption>/u);
  assert.not.match(drawing, /<style|<title|<img|#[0-9a-f]{6}/u);
});

weaving("chapters lead to one another, and say how to follow along", () => {
  assert.match(two, /rel="prev" href="1-preparation\.html"/u);
  assert.match(two, /rel="next" href="3-drivers\.html"/u);
  assert.match(two, /npm run tangle -- --through Guest\nnpm test/u);
});

weaving("the contents are there twice: beside the text, and folded for phones", () => {
  assert.is(all(one, /(class="contents")/gu).length, 2);
  assert.match(one, /<details class="fold"><summary>Contents<\/summary>/u);
});

weaving("the cover's map leads to every chapter", () => {
  const map = /<svg[\s\S]*?<\/svg>/u.exec(page("index"))?.[0] ?? "";
  assert.equal(
    all(map, /<a href="([^"]*)"/gu),
    pages.map(([path]) => path).filter((path) => /^\d-/u.test(path)),
  );
});

weaving("the index lists every file and every chunk", () => {
  const index = page("index-of-code");
  assert.match(index, /<a href="1-preparation\.html#file-machine-one-ts"><code>machine\/one\.ts/u);
  assert.match(
    index,
    /#chunk-what-comes-next">what comes next<\/a>.*§1\.1.*§1\.2.*:= §2\.1.*used in/u,
  );
});

weaving("the appendix has a line for each encoding, with its flags and its chunk", () => {
  const appendix = String(real.files.get("instructions.html"));
  const lines = all(appendix, /<tr>(.*?)<\/tr>/gu);
  assert.ok(lines.length > 300);
  const line = (start: string): string =>
    lines.find((each) => each.startsWith(`<td><code>${start}</code>`)) ?? "";
  assert.match(line("add rmv, rv"), /01 \/r.*CF PF AF ZF SF OF.*1-preparation\.html#chunk-/u);
  assert.match(line("inc ov"), /40\+r<\/code><\/td><td>PF AF ZF SF OF</u);
  assert.match(line("mov rmv, rv"), /89 \/r<\/code><\/td><td><\/td>/u);
  assert.match(line("lgdt m"), /6-switcher\.html#chunk-/u);
});

weaving("what can be scrolled can be reached by the keyboard", () => {
  const boxes = all(one, /<(pre[^>]*)>/gu);
  assert.ok(boxes.some((open) => open.includes('tabindex="0"')));
  for (const [open, body] of [...one.matchAll(/<pre([^>]*)>([\s\S]*?)<\/pre>/gu)].map(
    (found) => [found[1] ?? "", found[2] ?? ""] as const,
  )) {
    const longest = Math.max(
      ...body
        .replace(/<[^>]*>/gu, "")
        .split("\n")
        .map((each) => each.length),
    );
    assert.ok(longest <= 60 || open.includes('tabindex="0"'), body);
  }
});

weaving("every colour of code can be read on its ground, in either theme", () => {
  const whole = String(real.files.get("assets/style.css"));
  const themes = [/^:root \{(.*)\}$/mu, /^:root\[data-theme="dark"\] \{(.*)\}$/mu].map(
    (pattern) => pattern.exec(whole)?.[1] ?? "",
  );
  for (const theme of themes) {
    const colours = new Map(
      [...theme.matchAll(/--(\w+): (#\w+)/gu)].map((found) => [found[1] ?? "", found[2] ?? ""]),
    );
    const inks = [...colours].filter(([name]) => /^(?:s\d+|ink|quiet|accent)$/u.test(name));
    assert.ok(inks.length > 8);
    for (const [name, colour] of inks) {
      const grounds = name.startsWith("s") ? ["code"] : ["code", "page"];
      for (const ground of grounds)
        assert.ok(
          contrast(colour, colours.get(ground) ?? "") >= 4.5,
          `${name} ${colour} on ${ground}`,
        );
    }
  }
});

weaving("the themes follow the system and the reader's choice", () => {
  assert.match(
    css,
    /@media \(prefers-color-scheme: dark\) \{ :root:not\(\[data-theme="light"\]\)/u,
  );
  assert.match(css, /:root\[data-theme="dark"\]/u);
});

weaving("the real chapters have no broken link and no id twice", () => {
  const { files } = real;
  assert.equal(brokenLinks(files), []);
  for (const [path, html] of files)
    if (path.endsWith(".html"))
      assert.is(new Set(ids(String(html))).size, ids(String(html)).length, path);
});

const faults = suite("build: what is wrong with a chapter");

/** The problems of the fixture after an edit of its first chapter, as "line:column: message". */
async function problemsAfter(from: string, to: string): Promise<string[]> {
  const { problems } = await weave(fixture((source) => source.replace(from, to)));
  return problems.map(
    ({ place, message }) => `${place.path}:${place.line}:${place.column}: ${message}`,
  );
}

const cases: readonly (readonly [
  what: string,
  from: string,
  to: string,
  place: string,
  message: RegExp,
])[] = [
  [
    "a link to a section that is not there",
    "7-mastery.md#the-end",
    "7-mastery.md#no-end",
    "9:15",
    /broken.*no section "#no-end"/u,
  ],
  [
    "a link to a chapter that is not there",
    "(2-guest.md)",
    "(8-more.md)",
    "9:78",
    /no chapter is chapters\/8-more\.md/u,
  ],
  [
    "a link that works only on one machine",
    "(2-guest.md)",
    "(/tmp/x)",
    "9:78",
    /relative address/u,
  ],
  [
    "a drawing that is not there",
    "figures/rings.svg",
    "figures/wings.svg",
    "5:16",
    /no drawing chapters\/figures\/wings\.svg/u,
  ],
  ["a drawing without a description", "![Three rings]", "![]", "5:5", /no description/u],
  ["a second title", "## Growing", "# Growing", "29:1", /second title/u],
  ["HTML in a chapter", "Welcome", "Welcome <b>hero</b>", "3:9", /HTML is not woven/u],
  [
    "a reference to a chunk that nobody defines",
    "<<what a later part adds>>",
    "<<what nobody adds>>",
    "25:6",
    /no chapter defines the chunk/u,
  ],
  [
    "a language that the book does not colour",
    "```asm",
    "```cobol",
    "50:1",
    /does not know the language "cobol"/u,
  ],
];

for (const [what, from, to, place, message] of cases) {
  faults(`${what} is an error with its place`, async () => {
    const found = await problemsAfter(from, to);
    const match = found.find((each) => message.test(each));
    assert.ok(match, found.join("\n") || "no problem at all");
    assert.is(match.split(": ")[0], `${book.chapters[0].path}:${place}`);
  });
}

faults("after an error the command exits with 1 and leaves dist as it was", () => {
  const root = fixture((source) => source.replace("#the-end", "#no-end"));
  const target = join(root, "dist");
  mkdirSync(target);
  writeFileSync(join(target, "index.html"), "as it was");
  const { status, stderr } = run("build/main.ts", ["--from", root, "--to", target]);
  assert.is(status, 1);
  assert.match(stderr, /^chapters\/1-preparation\.md:9:15: the link/u);
  assert.is(readFileSync(join(target, "index.html"), "utf8"), "as it was");
  assert.equal(readdirSync(target), ["index.html"]);
});

faults("a good book takes the place of what was there, and leaves nothing beside it", () => {
  const root = fixture();
  const target = join(root, "dist");
  mkdirSync(target);
  writeFileSync(join(target, "old.html"), "old");
  const { status, stdout, stderr } = run("build/main.ts", ["--from", root, "--to", target]);
  assert.is(status, 0, stderr);
  assert.match(stdout, /woven in/u);
  assert.not.ok(existsSync(join(target, "old.html")));
  assert.is(statSync(target).mode & 0o055, 0o055);
  assert.equal(readdirSync(root).sort(), ["chapters", "dist"]);
});

const terminal = suite("build: the terminal edition");
const chapters = fixture();
const printed = (name: string, env: Record<string, string> = {}): SpawnSyncReturns<string> =>
  run("build/terminal.ts", [name], env, chapters);

terminal("a chapter is plain text when nobody can see colours", () => {
  const { stdout, status, stderr } = printed("Preparation!");
  assert.is(status, 0, stderr);
  assert.not.match(stdout, /\x1b/u);
  assert.match(stdout, /^\nThe first part\n═+\n/u);
  assert.match(stdout, /── machine\/one\.ts ─+\n {2}const page = "<b>&"; .*\n/u);
  assert.match(stdout, /── what comes next \+≡ ─/u);
  assert.match(stdout, /\(used above · continued in §1\.2\)/u);
  assert.match(stdout, /\n {4}In `eax` it goes,\n {4}and out it flows\.\n/u);
  assert.match(stdout, /\[figure: Three rings\]/u);
  assert.match(stdout, /experiment 1\.1 [^]*│ it runs & prints\n/u);
});

terminal("colours come when they are asked for, and NO_COLOR is heard", () => {
  assert.match(printed("Guest", { FORCE_COLOR: "3" }).stdout, /\x1b\[38;2;\d+;\d+;\d+m/u);
  assert.match(printed("Guest", { FORCE_COLOR: "2" }).stdout, /\x1b\[38;5;\d+m/u);
  assert.not.match(printed("Guest", { NO_COLOR: "1" }).stdout, /\x1b/u);
});

terminal("Beer is all seven parts, each announced", () => {
  const { stdout } = printed("Beer");
  for (const { name } of book.chapters)
    assert.match(stdout, new RegExp(`Part [IV]+ · ${name}\n═+`, "u"));
});

terminal("an unknown name is one clear line and exit 1", () => {
  const { status, stderr, stdout } = printed("Gest");
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.is(stderr, 'there is no chapter "Gest"; did you mean "Guest"?\n');
});

terminal("a reader that stops early, like head, sees no stack trace", () => {
  const command = `"${process.execPath}" "${resolve("tangle/run.mjs")}" "${resolve("build/terminal.ts")}" Beer | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], {
    encoding: "utf8",
    cwd: resolve("."),
  });
  assert.is(stdout.split("\n").length, 2);
  assert.is(stderr, "");
});

terminal("the puppy holds still when it is not on a terminal", () => {
  assert.is(printed("Puppy").stdout, frames.at(-1));
  assert.is(frames.length, 3);
});

terminal("prose is wrapped, and no colour takes room", () => {
  assert.equal(wrap("one two three", 7), ["one two", "three"]);
  assert.is(columnsOf("\x1b[1mbold\x1b[22m"), 4);
  assert.equal(
    columns(
      [
        ["a", "long words here"],
        ["b", "x"],
      ],
      12,
    ),
    ["a  long", "   words", "   here", "b  x"],
  );
});

terminal("a colour for an unknown ground can be read on black and on white", () => {
  for (const colour of ["#f97583", "#032f62", "#e1e4e8", "#000000", "#85e89d"]) {
    for (const ground of ["#000000", "#ffffff"])
      assert.ok(contrast(midway(colour), ground) >= 3.9, `${colour} on ${ground}`);
  }
  assert.is(legible("#000000", "#ffffff", "#000000"), "#000000");
});

const drawings = suite("build: the drawings");

drawings("the files are what the code draws (else: npm run figures)", () => {
  for (const [name, draw] of Object.entries(figures)) {
    assert.is(
      readFileSync(join(book.chaptersFolder, "figures", `${name}.svg`), "utf8"),
      draw(),
      name,
    );
  }
  assert.is(readdirSync(join(book.chaptersFolder, "figures")).length, Object.keys(figures).length);
});

drawings("each has a title, takes the ink of its page, and is at home in the dark", () => {
  for (const draw of Object.values(figures)) {
    assert.match(draw(), /<title>.+<\/title>/u);
    assert.match(draw(), /prefers-color-scheme: dark/u);
    assert.match(draw(), /currentColor/u);
    assert.not.match(draw(), /href="http|<image|NaN|undefined/u);
  }
});

drawings("words that overlap, leave the canvas or are crossed by a line are refused", () => {
  assert.equal(crowding(100, 100, text(50, 50, "fits")), []);
  assert.match(
    crowding(100, 100, group([text(50, 50, "one"), text(55, 52, "two")])).join(),
    /overlaps/u,
  );
  assert.match(crowding(100, 100, text(95, 50, "too long a label")).join(), /leaves the canvas/u);
  assert.match(
    crowding(100, 100, group([text(50, 50, "crossed"), line("0,50 100,51")])).join(),
    /crossed/u,
  );
  assert.throws(
    () => figure("small", 100, 100, [box({ x: 10, y: 10, width: 30, height: 20 }, "far too wide")]),
    /crowded/u,
  );
});

const serving = suite("build: npm start");

/** Status and body of a request with this raw path. */
function request(server: Server, path: string): Promise<{ status: number; body: string }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((settle, fail) => {
    get({ host: "127.0.0.1", port, path }, (response) => {
      let body = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (body += part))
        .on("end", () => settle({ status: response.statusCode ?? 0, body }));
    }).on("error", fail);
  });
}

serving("the site is served to this machine alone, and nothing beside it", async () => {
  const root = temporary();
  mkdirSync(join(root, "dist"));
  writeFileSync(join(root, "dist/index.html"), "the cover");
  writeFileSync(join(root, "secret"), "secret");
  const { server } = await serve(join(root, "dist"), 0);
  try {
    assert.is((server.address() as AddressInfo).address, "127.0.0.1");
    assert.is((await request(server, "/")).body, "the cover");
    for (const path of ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/nothing.html"]) {
      assert.is((await request(server, path)).status, 404, path);
    }
  } finally {
    server.close();
  }
});

serving("a port that is taken makes way for the next one", async () => {
  const taken = await serve(".", 0);
  const { port } = taken.server.address() as AddressInfo;
  const other = await serve(".", port);
  assert.ok((other.server.address() as AddressInfo).port > port);
  taken.server.close();
  other.server.close();
});

serving("the port is --port, else PORT, else 8080, and must be one", () => {
  assert.is(portFrom("81", { PORT: "82" }), 81);
  assert.is(portFrom(undefined, { PORT: "82" }), 82);
  assert.is(portFrom(undefined, {}), 8080);
  assert.throws(() => portFrom("eighty", {}), /"eighty" is no port/u);
});

serving("a step that fails ends npm start with its name", () => {
  const { status, stderr } = run("build/start.ts", [], {}, temporary());
  assert.is.not(status, 0);
  assert.match(stderr, /npm start: this step failed .*Tangling/u);
});

serving("after its steps npm start serves the book, and Ctrl-C ends it cleanly", async () => {
  const root = temporary();
  for (const folder of ["tangle", book.site]) mkdirSync(join(root, folder));
  writeFileSync(join(root, "tangle/run.mjs"), "console.log('step', process.argv[2]);");
  writeFileSync(join(root, book.site, "index.html"), "the cover");
  const [tool, entry] = [resolve("tangle/run.mjs"), resolve("build/start.ts")];
  const child = spawn(process.execPath, [tool, entry, "--port", "18080"], { cwd: root });
  let output = "";
  const address = await new Promise<string>((settle) => {
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      output += part;
      const found = /http:\/\/localhost:\d+\//u.exec(output);
      if (found) settle(found[0]);
    });
    child.once("exit", () => settle(""));
  });
  assert.match(output, /tangle\/main\.ts[^]*build\/main\.ts[^]*launcher\/main\.ts/u);
  assert.is(await (await fetch(address.replace("localhost", "127.0.0.1"))).text(), "the cover");
  child.kill("SIGINT");
  assert.is(await new Promise((settle) => child.once("exit", settle)), 0);
});

serving.after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

for (const each of [weaving, faults, terminal, drawings, serving]) each.run();
