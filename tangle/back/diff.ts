// The difference of two texts, line by line, after Eugene W. Myers,
// "An O(ND) Difference Algorithm and Its Variations" (1986).

/** In the old text, the lines from `start` up to `end` became `lines`. */
export interface Edit {
  start: number;
  end: number;
  lines: string[];
}

/** More edits than that are not looked for: then all between the same beginning and end is one. */
const most = 2000;

/** The number, from 1, of the first line of a text that another one has not. */
export function firstDifference(a: string, b: string): number {
  const [left, right] = [a.split("\n"), b.split("\n")];
  return left.findIndex((line, index) => line !== right[index]) + 1;
}

/** The fewest edits that make `after` of `before`, in order, none touching the next. */
export function diffLines(before: readonly string[],
  after: readonly string[]): Edit[]
{
  const edits: Edit[] = [];
  let [x, y] = [0, 0];
  for (
    const [nextX, nextY] of [...pairsOf(before, after),
      [before.length, after.length] as const]
  ) {
    if (nextX > x || nextY > y)
      edits.push({ start: x, end: nextX, lines: after.slice(y, nextY) });
    [x, y] = [nextX + 1, nextY + 1];
  }
  return edits;
}

/** The lines in common, as pairs of indices: those at both ends first, which costs least. */
function pairsOf(before: readonly string[],
  after: readonly string[]): [number, number][]
{
  const least = Math.min(before.length, after.length);
  let [head, tail] = [0, 0];
  while (head < least && before[head] === after[head]) head++;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++;
  const [endX, endY] = [before.length - tail, after.length - tail];
  const middle = commonLines(before.slice(head, endX), after.slice(head, endY));
  const pairs = middle.map(([x, y]): [number, number] => [x + head, y + head]);
  const run = (count: number, x: number, y: number): [number, number][] =>
    Array.from({ length: count }, (_, index) => [x + index, y + index]);
  return [...run(head, 0, 0), ...pairs, ...run(tail, endX, endY)];
}

/** A longest run of lines that both texts have in common, as pairs of indices. */
function commonLines(before: readonly string[],
  after: readonly string[]): [number, number][]
{
  const trace = searchForward(before, after) ?? [];
  const pairs: [number, number][] = [];
  let [x, y] = [before.length, after.length];
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d];
    const down = goesDown(reach, x - y, d);
    const k = down ? x - y + 1 : x - y - 1;
    const fromX = d === 0 ? 0 : reach.get(k)!;
    const fromY = d === 0 ? 0 : fromX - k;
    const [startX, startY] = d === 0 ? [0, 0]
      : down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    while (x > startX && y > startY) pairs.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return pairs.reverse();
}

type Reach = Map<number, number>;

/** Whether the d-th step to diagonal k is an insertion rather than a deletion. */
function goesDown(reach: Reach, k: number, d: number): boolean {
  return k === -d
    || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));
}

/** How far each diagonal was reached before each step, up to the one that arrives, if any does. */
function searchForward(before: readonly string[], after: readonly string[]):
  | Reach[]
  | undefined
{
  const trace: Reach[] = [];
  const reach: Reach = new Map([[1, 0]]);
  for (let d = 0; d <= most; d++) {
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      let x = goesDown(reach, k, d) ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
      while (
        x < before.length && x - k < after.length && before[x] === after[x - k]
      ) x++;
      reach.set(k, x);
      if (x >= before.length && x - k >= after.length) return trace;
    }
  }
  return undefined;
}
