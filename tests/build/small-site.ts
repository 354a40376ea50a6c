// A small book, the sites that come of it and of the real one, and how to look at them.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, resolve } from "node:path";
import { book } from "../../book.config.ts";
import { rings } from "../../build/figures/flow.ts";
import { weave, weaveBook } from "../../build/site/weave.ts";
import { parts, type Part } from "../../tangle/book/book.ts";
import { chapterOf, isQuest, type Book } from "../../tangle/book/chapter.ts";
import { parseBook } from "../../tangle/book/parse.ts";

const folders: string[] = [];
process.on("exit",
  () =>
    folders.forEach((folder) =>
      rmSync(folder, { recursive: true, force: true })
    ));

/** A new folder, gone when the tests are done. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "quest-build-"));
  folders.push(folder);
  return folder;
}

export const fence = (info: string, ...lines: string[]): string =>
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
  fence("ts file=machine/one.ts",
    "const page = \"<b>&\"; // a line that no telephone shows whole",
    "// <<what comes next>>"),
  "",
  "Words between, with `<<what comes next>>`.",
  "",
  fence("ts chunk=\"what comes next\"", "if (page) {",
    "  // <<what a later part adds>>", "}"),
  "",
  "## Growing",
  "",
  "More of it: chapter I led to chapter II, [chapter V](5-host.md) to chapters VI",
  "and VII.",
  "",
  fence("ts chunk=\"what comes next\"", "export const more = 1;"),
  "",
  "### A closer look",
  "",
  "| a | b |",
  "|---|---|",
  "| 1 | 2 |",
  "",
  fence("ts run", "console.log(\"it runs & prints\");"),
  fence("text output", "it runs & prints"),
  "",
  fence("asm", "start: mov eax, [ebx + 4] ; go"),
  "",
].join("\n");

/** Where the first chapter lets one leave the road. */
const leaving = [
  "## Leaving the road",
  "",
  "Here two side quests begin.",
  "",
  fence("ts file=machine/two.ts", "// <<what grows>>", "// <<what turns>>",
    "// <<what only a side quest adds>>"),
  "",
  fence("ts chunk=\"what grows\"", "export const road = 1;"),
  "",
  fence("ts chunk=\"what turns\"", "turn(1);", "turn(2);"),
  "",
  "> **Side quest:** [The `small` print](side-quests/small-print.md). What is written small. *Clerks* should go.",
  "",
  "Or this one:",
  "",
  "> **Side quest:** [Sixteen bits](side-quests/sixteen-bits.md).",
  "",
].join("\n");

const second = [
  "# The second part",
  "",
  "## Change",
  "",
  "It changes.",
  "",
  fence("ts replaces=\"what comes next\"", "if (page) {",
    "  // <<what a later part adds>>", "  start();", "}"),
  "",
  fence("ts chunk=\"what a later part adds\"", "later();"),
  "",
].join("\n");

/** And the second. */
const leavingAgain = [
  fence("ts chunk=\"what grows\"", "export const second = 2;"),
  "",
  "> **Side quest:** [Turning](side-quests/turning.md). It turns.",
  "",
].join("\n");

const smallPrint = [
  "# The small print, in full",
  "",
  "From [the road](../1-preparation.md#leaving-the-road).",
  "",
  "![Three rings](../figures/rings.svg)",
  "",
  "## What it says",
  "",
  fence("ts chunk=\"what only a side quest adds\"", "export const small = 1;"),
  "",
  fence("ts chunk=\"what grows\"", "export const quest = 1;"),
  "",
  "## Proof",
  "",
  fence("ts run", "console.log(\"small\");"),
  fence("text output", "small"),
  "",
  "On to [sixteen bits](sixteen-bits.md#more), with `<<what turns>>`.",
  "",
].join("\n");

const sixteenBits = [
  "# Sixteen bits",
  "",
  "## More",
  "",
  fence("ts file=machine/bits.ts", "export const sixteen = 16;"),
  "",
  fence("ts chunk=\"what grows\"", "export const bits = 16;"),
  "",
].join("\n");

const turning = [
  "# Turning",
  "",
  "## A turn",
  "",
  fence("ts replaces=\"what turns\"", "turn(1);", "turn(3);"),
  "",
  fence("ts chunk=\"what grows\"", "export const third = 3;"),
  "",
].join("\n");

/** The small book's own side quests, by the numbers of the real one's places. */
const quests = [
  [1.1, "Small print", "small-print", "Clerks \"go\".", smallPrint],
  [1.2, "Sixteen bits", "sixteen-bits", "who has \"old\" programs",
    sixteenBits],
  [2.1, "Turning", "turning", "Who turns.", turning],
] as const;

const endings = book.chapters.map(({ name }) =>
  `# ${name}\n\n## The end\n\nSo it ends.\n`
);

/** The small book: seven chapters and three side quests. */
export const smallParts: readonly (Part & { text: string })[] = [
  ...book.chapters.map(({ name, path }, index) => ({
    name,
    path,
    number: index + 1,
    text: [`${first}\n${leaving}`, `${second}\n${leavingAgain}`][index]
      ?? endings[index] ?? "",
  })),
  ...quests.map(([number, name, slug, reason, text]) => ({
    name,
    path: `${book.chaptersFolder}/side-quests/${slug}.md`,
    number,
    text,
    quest: { reason, leansOn: number === 2.1 ? ["Small print"] : [] },
  })),
].sort((a, b) => a.number - b.number);

type Edit = (source: string) => string;

/** The small book; `edit` may change the text of any part. */
export function smallBook(edit: Edit = (source) => source): Book {
  return parseBook(
    smallParts.map(({ text, ...part }) => ({ ...part, source: edit(text) })),
  );
}

/** The site of the small book. */
export const weaveSmall = (edit?: Edit) =>
  weaveBook(smallBook(edit), fixture());

/** The signposts to the side quests that the real book has on a chapter. */
function signpostsOn(chapter: number): string {
  const found = parts().filter(({ number }) =>
    isQuest(number) && chapterOf(number) === chapter
  );
  const words = found.map(({ name, path }) =>
    `\n> **Side quest:** [${name}](${posix.relative(book.chaptersFolder, path)}). Go.\n\nOn.\n`
  );
  return words.join("");
}

/** A text for each part of the real book: the small one's chapters, and hardly anything for a side quest. */
function textOf({ number, name }: Part, edit: Edit): string {
  if (isQuest(number)) return `# ${name}\n\nSo it is.\n`;
  const text = [edit(first), second][number - 1] ?? endings[number - 1] ?? "";
  return text + signpostsOn(number);
}

/** A folder with the chapters and side quests that the real book has; `edit` may change the text of the first one. */
export function fixture(edit: Edit = (source) => source): string {
  const root = temporary();
  for (const part of parts()) {
    const path = join(root, part.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, textOf(part, edit));
  }
  const figures = join(root, book.chaptersFolder, "figures");
  mkdirSync(figures, { recursive: true });
  writeFileSync(join(figures, "rings.svg"), rings());
  return root;
}

/** Runs one of the book's tools as the npm scripts do. */
export function run(entry: string, args: string[] = [],
  env: Record<string, string> = {}, cwd = "."): SpawnSyncReturns<string>
{
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) =>
      !["FORCE_COLOR", "NO_COLOR", "PORT"].includes(name)
    ),
  );
  return spawnSync(process.execPath, [resolve("tangle/run.mjs"), resolve(entry),
    ...args], {
    encoding: "utf8",
    cwd,
    env: { ...clean, ...env },
  });
}

export const site = await weaveSmall();
export const real = await weave();
export const pages = [...site.files]
  .filter(([path]) => path.endsWith(".html"))
  .map(([path, content]) => [path, String(content)] as const);
export const page = (name: string): string =>
  String(site.files.get(`${name}.html`));
export const one = page("1-preparation");
export const two = page("2-guest");
export const quest = page("side-quests/small-print");
export const css = String(site.files.get("assets/style.css"));

export const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? "");
export const hrefs = (html: string): string[] =>
  all(html, /\b(?:href|src)="([^"]*)"/gu);
export const ids = (html: string): string[] => all(html, /\bid="([^"]*)"/gu);

/** Ids that a site has twice on a page, or that are empty, and links in links: as "page: what". */
export function faultsOfMarkup(
  files: ReadonlyMap<string, string | Uint8Array>,
): string[] {
  const htmls = [...files].filter(([path]) => path.endsWith(".html"));
  return htmls.flatMap(([path, content]) => {
    const found = ids(String(content));
    const twice = found.filter((id, index) =>
      id === "" || found.indexOf(id) < index
    );
    const nested = all(String(content), /(<a\b(?:(?!<\/a>)[^])*?<a\b[^>]*>)/gu);
    return [...twice, ...nested].map((what) => `${path}: ${what}`);
  });
}

/** Links of a site that lead nowhere, as "page: link". */
export function brokenLinks(
  files: ReadonlyMap<string, string | Uint8Array>,
): string[] {
  const idsOf = new Map<string, Set<string>>();
  const has = (path: string, id: string): boolean => {
    const known = idsOf.get(path) ?? new Set(ids(String(files.get(path))));
    idsOf.set(path, known);
    return known.has(id);
  };
  return [...files]
    .filter(([path]) => path.endsWith(".html"))
    .flatMap(([path, content]) =>
      hrefs(String(content))
        .filter((href) => {
          if (/^(?:https?|mailto|data):/u.test(href)) return false;
          const [target = "", id] = href.split("#") as [string, string?];
          const there = target === "" ? path
            : posix.join(posix.dirname(path), target);
          return !files.has(there)
            || (id !== undefined && !has(there, decodeURIComponent(id)));
        })
        .map((href) => `${path}: ${href}`)
    );
}
