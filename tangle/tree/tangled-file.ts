// A file as the chapters make it, each of its lines with the place it comes from.
import type { Fence } from "../book/chapter.ts";

/** Which lines of a tangled file are computed, counted from 0. */
export interface Preamble {
  start: number;
  count: number;
}

/** Where one line of a tangled file comes from. */
export interface Origin {
  fence: Fence;
  /** Index into the lines of the fence. */
  index: number;
  /** White space that the references gave to the line. */
  indent: string;
  /** Tells one expansion of a fence from another. */
  expansion: number;
  /** The text of a line that stands in no chapter; it belongs to the opening line of its fence. */
  computed?: string;
}

/** A file as the chapters make it. */
export interface TangledFile {
  /** Below tangled/. */
  path: string;
  /** The fence that opens it. */
  fence: Fence;
  text: string;
  /** The expansion of that fence. */
  expansion: number;
  /** One for each line of the text. */
  origins: Origin[];
  /** Its computed lines. */
  preamble: Preamble;
}

/** The line as it stands in the file. An empty line is not indented. */
export function textOf({ fence, index, indent, computed }: Origin): string {
  if (computed !== undefined) return computed;
  const line = fence.lines[index];
  return line === "" ? "" : indent + line;
}
