// A reference is a line that holds nothing but a comment with <<NAME>>.
import type { Fence } from "./chapter.ts";

/** A use of a chunk. Line and column (of the <<) count from 1 in the chapter. */
export interface Reference {
  name: string;
  line: number;
  column: number;
  /** White space to give to every line of the chunk. */
  indent: string;
}

/** What may stand before and after a reference, without white space. */
const comments: readonly { before: RegExp; after: RegExp }[] = [
  { before: /^(?:\/\/+|#+|;+|--+)$/, after: /^$/ },
  { before: /^\/\*+$/, after: /^\*+\/$/ },
  { before: /^<!--+$/, after: /^--+>$/ },
];

/** The chunk that a line of code refers to, if it is a reference. */
export function referenceIn(line: string): Omit<Reference, "line"> | undefined {
  const [start, end] = [line.indexOf("<<"), line.lastIndexOf(">>")];
  if (start < 0 || end < start) return undefined;
  const name = line.slice(start + 2, end).trim();
  if (name === "" || name.includes("<<") || name.includes(">>"))
    return undefined;
  const [before, after] = [line.slice(0, start).trim(),
    line.slice(end + 2).trim()];
  const isComment = comments.some((form) =>
    form.before.test(before) && form.after.test(after)
  );
  if (!isComment) return undefined;
  return { name, column: start + 1, indent: /^\s*/.exec(line)![0] };
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

function findReferences({ lines, firstLine }: Fence): Reference[] {
  const result: Reference[] = [];
  for (const [index, line] of lines.entries()) {
    const found = referenceIn(line);
    if (found) result.push({ ...found, line: firstLine + index });
  }
  return result;
}
