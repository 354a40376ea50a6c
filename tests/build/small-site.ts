// A small book, the sites that come of it and of the real one, and how to look at them.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { book } from "../../book.config.ts";
import { rings } from "../../build/figures/flow.ts";
import { weave } from "../../build/site/weave.ts";

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
  "More of it.",
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

export const chapterTexts = book.chapters.map(({ name }, index) =>
  [first, second][index] ?? `# ${name}\n\n## The end\n\nSo it ends.\n`
);

/** A small book of seven chapters in a folder of its own; `edit` may change the text of the first one. */
export function fixture(
  edit: (source: string) => string = (source) => source,
): string {
  const root = temporary();
  for (const [index, { path }] of book.chapters.entries()) {
    mkdirSync(join(root, dirname(path), "figures"), { recursive: true });
    writeFileSync(join(root, path),
      index === 0 ? edit(chapterTexts[0] ?? "") : (chapterTexts[index] ?? ""));
  }
  writeFileSync(join(root, book.chaptersFolder, "figures/rings.svg"), rings());
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

export const site = await weave(fixture());
export const real = await weave();
export const pages = [...site.files]
  .filter(([path]) => path.endsWith(".html"))
  .map(([path, content]) => [path, String(content)] as const);
export const page = (name: string): string =>
  String(site.files.get(`${name}.html`));
export const one = page("1-preparation");
export const two = page("2-guest");
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
  return [...files]
    .filter(([path]) => path.endsWith(".html"))
    .flatMap(([path, content]) =>
      hrefs(String(content))
        .filter((href) => {
          if (/^(?:https?|mailto|data):/u.test(href)) return false;
          const [target = "", id] = href.split("#") as [string, string?];
          const file = files.get(target === "" ? path : target);
          return (
            file === undefined
            || (id !== undefined
              && !ids(String(file)).includes(decodeURIComponent(id)))
          );
        })
        .map((href) => `${path}: ${href}`)
    );
}
