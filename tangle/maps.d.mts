import type { Plugin } from "esbuild";

/** A source map, revision 3. */
export interface ChapterMap {
  version: 3;
  file: string;
  sources: string[];
  names: string[];
  mappings: string;
}

/** The maps of all tangled files, by path below tangled/. */
export type Maps = Record<string, { map: ChapterMap }>;

/** Reads the maps that the tangler left in tangled/. */
export function readMaps(root: string): Maps;

/** An esbuild plugin that gives every tangled file its map to the chapters. */
export function chapterMaps(root?: string): Plugin;

/**
 * The place in a chapter, `chapters/5-host.md:412:7`, that a place in a
 * tangled file comes from, if it does; line and column count from 1.
 */
export function inChapter(
  root: string, file: string, line: number, column: number, maps?: Maps,
): string | undefined;
