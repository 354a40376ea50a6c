/** Markdown in, web site out. */
import { buildSync } from "esbuild";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { readBook } from "../../tangle/book/book.ts";
import type { Book, Problem } from "../../tangle/book/chapter.ts";
import { verify } from "../../tangle/rules/verify.ts";
import { indexChunks } from "../structure/chunks.ts";
import type { Loom } from "../loom/loom.ts";
import { coverPage } from "../pages/cover.ts";
import {
  createPalette,
  loadHighlight,
  type Palette,
} from "../colours/highlight.ts";
import { indexPage } from "../appendix/index-of-code.ts";
import { readInstructions } from "../machine/instructions.ts";
import { readPlaces } from "../machine/places.ts";
import { placesPage } from "../appendix/places-page.ts";
import { instructionsPage } from "../appendix/instructions-page.ts";
import { outline } from "../structure/outline.ts";
import { chapterPage } from "../pages/chapter-page.ts";
import {
  coverFile,
  glossaryFile,
  indexFile,
  instructionsFile,
  originalFile,
  placesFile,
} from "../pages/frame.ts";
import { glossaryPage, readGlossary } from "../appendix/glossary-page.ts";
import { originalPage } from "../appendix/original-page.ts";
import { recap } from "../appendix/recap.ts";
import { renderChapter } from "../pages/prose.ts";
import { styleSheet } from "./style-sheet.ts";
import { visible } from "../text/control-characters.ts";

/** A woven site: its files by path, and what is wrong with the book (if anything, do not show it). */
export interface Site {
  files: ReadonlyMap<string, string | Uint8Array>;
  problems: readonly Problem[];
}

/** Weaves the book whose chapters lie below `root`. */
export const weave = (root = "."): Promise<Site> =>
  weaveBook(readBook(root), root);

/** Weaves a book whose drawings lie below `root`; the tools' own files are read from `project`. */
export async function weaveBook(book: Book, root: string,
  project = "."): Promise<Site>
{
  const problems = verify(book);
  const pages = outline(book);
  const palette = createPalette();
  const shared: Omit<Loom, "page"> = {
    pages,
    palette,
    index: indexChunks(book, pages),
    highlight: await loadHighlight(),
    readDrawing: (path) => readText(join(root, path)),
    complain: (problem) => problems.push(problem),
  };
  const glossary = readGlossary(book, readText(join(root, config.glossary)));
  problems.push(...glossary.problems);
  const texts = pages.map((page) =>
    [page.file,
      chapterPage(page, pages, renderChapter({ ...shared, page }),
        recap(page, pages, glossary))] as const
  );
  const instructions = problems.length > 0 ? [] : await readInstructions(book);
  const places = problems.length > 0 ? [] : await readPlaces(book);
  const html = [
    [coverFile, coverPage(pages)] as const,
    ...texts,
    [indexFile, indexPage(shared.index)] as const,
    [instructionsFile, instructionsPage(instructions, shared.index)] as const,
    [
      placesFile,
      placesPage(places, readText(join(root, blockDrawing)), shared.index),
    ] as const,
    [originalFile, originalPage(pages)] as const,
    [glossaryFile, glossaryPage(glossary, pages)] as const,
  ];
  return {
    files: new Map<string, string | Uint8Array>([
      ...html.map(([path, text]) => [path, visible(text)] as const),
      ...assets(project, palette),
    ]),
    problems,
  };
}

/** The drawing of the machine's block, in the book's own folder. */
const blockDrawing = join(config.chaptersFolder, "figures", "whole-block.svg");

/** More than any drawing needs. */
const mostBytes = 1 << 24;

function readText(path: string): string | undefined {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= mostBytes
      ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

const serif = "node_modules/@fontsource-variable/source-serif-4";
const mono = "node_modules/@fontsource-variable/source-code-pro";

/** The faces of the book, and the licences under which they travel with it. */
const faces: Readonly<Record<string, string>> = {
  "source-serif-4.woff2":
    `${serif}/files/source-serif-4-latin-wght-normal.woff2`,
  "source-serif-4-italic.woff2":
    `${serif}/files/source-serif-4-latin-wght-italic.woff2`,
  "source-code-pro.woff2":
    `${mono}/files/source-code-pro-latin-wght-normal.woff2`,
  "source-serif-4-licence.txt": `${serif}/LICENSE`,
  "source-code-pro-licence.txt": `${mono}/LICENSE`,
};

function assets(project: string,
  palette: Palette): [path: string, content: string | Uint8Array][]
{
  return [
    [
      "assets/style.css",
      styleSheet(readFileSync(join(project, "build/site/style.css"), "utf8"),
        palette),
    ],
    ["assets/client.js", clientScript(project)],
    ...Object.entries(faces).map(([name, path]): [string, Uint8Array] => [
      `assets/${name}`,
      readFileSync(join(project, path)),
    ]),
  ];
}

/** The script of the pages, small enough to be read before they are shown. */
function clientScript(project: string): string {
  const options = {
    bundle: true,
    format: "iife",
    minify: true,
    target: "es2022",
    write: false,
  } as const;
  return (
    buildSync({
      ...options,
      entryPoints: [join(project, "build/client/main.ts")],
    }).outputFiles[0]
      ?.text ?? ""
  );
}
