/** What a chunk that replaces another one changes. */
import type { Block, ChunkIndex } from "./chunks.ts";
import { partsBefore } from "./relations.ts";

/** The lines of the chunk as they stood before `block` replaced it. */
export function formerLines(block: Block, index: ChunkIndex): string[] {
  const before = partsBefore(block, index);
  const start = Math.max(0,
    before.findLastIndex((part) => part.kind === "replaces"));
  return before.slice(start).flatMap((part) => part.fence.lines);
}

/** Two texts whose lengths have a greater product than this are not compared line by line. */
const mostPairs = 4_000_000;

/** The indexes of the lines of `after` that are not kept from `before` (by their longest common subsequence). */
export function newLines(before: readonly string[],
  after: readonly string[]): Set<number>
{
  if (before.length * after.length > mostPairs)
    return unknownLines(new Set(before), after);
  const common = commonLengths(before, after);
  const fresh = new Set(after.keys());
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      fresh.delete(j);
      [i, j] = [i + 1, j + 1];
    } else if ((common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return fresh;
}

/** For very long chunks: the indexes of the lines that stood nowhere before. */
function unknownLines(before: ReadonlySet<string>,
  after: readonly string[]): Set<number>
{
  return new Set(
    after.flatMap((line, index) => (before.has(line) ? [] : [index])),
  );
}

/** common[i][j] is the length of the longest common subsequence of before[i..] and after[j..]. */
function commonLengths(before: readonly string[],
  after: readonly string[]): number[][]
{
  const common = Array.from({ length: before.length + 1 },
    () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const [row, next] = [common[i], common[i + 1]] as [number[], number[]];
      row[j] = before[i] === after[j] ? (next[j + 1] ?? 0) + 1
        : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return common;
}
