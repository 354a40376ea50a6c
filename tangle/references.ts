// A reference is a line that holds nothing but a comment with <<NAME>>.
import type { Fence } from "./parse.ts";

/** A use of a chunk. Line and column (of the <<) count from 1 in the chapter. */
export interface Reference {
  name: string;
  line: number;
  column: number;
  /** White space to give to every line of the chunk. */
  indent: string;
}

const name = String.raw`[ \t]*<<((?:(?!<<|>>).)+)>>[ \t]*`;
const reference = new RegExp(
  String.raw`^([ \t]*)(?:(?://+|#+|;+|--+)${name}|/\*+${name}\*+/|<!--+${name}--+>)[ \t]*$`, "u",
);

/** The chunk that a line of code refers to, if it is a reference. */
export function referenceIn(line: string): Omit<Reference, "line"> | undefined {
  const found = line.includes("<<") ? reference.exec(line) : null;
  const text = (found?.[2] ?? found?.[3] ?? found?.[4])?.trim();
  if (!found || !text) return undefined;
  return { name: text, column: line.indexOf("<<") + 1, indent: found[1]! };
}

const cache = new WeakMap<Fence, Reference[]>();

/** All references in a fence, in order. Illustrations and outputs have none. */
export function references(fence: Fence): Reference[] {
  const known = cache.get(fence);
  if (known) return known;
  const found = isCode(fence) ? findReferences(fence) : [];
  cache.set(fence, found);
  return found;
}

function isCode({ run, file, chunk, replaces }: Fence): boolean {
  return run || [file, chunk, replaces].some((name) => name !== undefined);
}

function findReferences(fence: Fence): Reference[] {
  return fence.lines.flatMap((line, index) => {
    const found = referenceIn(line);
    return found ? [{ ...found, line: fence.firstLine + index }] : [];
  });
}
