/** The loom: what every part of a page needs to know while it is made. */
import type { Token } from "markdown-it";
import type { Place, Problem } from "../../tangle/book/chapter.ts";
import type { ChunkIndex } from "../structure/chunks.ts";
import type { Highlight, Palette } from "../colours/highlight.ts";
import type { Page } from "../structure/outline.ts";

export interface Loom {
  page: Page;
  pages: readonly Page[];
  index: ChunkIndex;
  highlight: Highlight;
  palette: Palette;
  /** The text of a drawing, by its path from the folder of the project; undefined when there is no such file. */
  readDrawing(path: string): string | undefined;
  complain(problem: Problem): void;
}

/** Where one of the needles stands in the lines of a token: the place that an error about it names. */
export function placeIn(page: Page, token: Token,
  ...needles: readonly string[]): Place
{
  const { path, source } = page.chapter;
  const [from, to] = token.map ?? [0, 1];
  const lines = source.split(/\r\n|\n|\r/u).slice(from, to);
  for (const needle of needles) {
    const index = lines.findIndex((line) => line.includes(needle));
    if (index >= 0)
      return {
        path,
        line: from + index + 1,
        column: (lines[index] ?? "").indexOf(needle) + 1,
      };
  }
  return { path, line: from + 1, column: 1 };
}
