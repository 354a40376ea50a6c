/** What every part of a terminal page needs to know while it is made. */
import type { Highlight } from "../colours/highlight.ts";
import type { ChunkIndex } from "../structure/chunks.ts";
import type { Page } from "../structure/outline.ts";
import type { Ink } from "./ink.ts";

export interface Setting {
  page: Page;
  pages: readonly Page[];
  index: ChunkIndex;
  highlight: Highlight;
  ink: Ink;
  /** Columns for prose. */
  width: number;
}
