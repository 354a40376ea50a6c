// Chunks within chunks: none may contain itself, nest without end, or grow
// out of all measure.
import {
  addDefinition,
  allFences,
  chunksAt,
  openedFiles,
  type Chunks,
} from "../tree/expand.ts";
import type { Book, Fence, Place, Problem } from "../book/chapter.ts";
import { references, type Reference } from "../book/references.ts";
import { isReached, wholeBook, type Stage } from "../book/stage.ts";
import { questsOf, worldOf } from "../road/quests.ts";
import { show } from "../book/chapter.ts";

/** How many chunks may stand within one another. */
const deepest = 200;
/** How much the tree may weigh: each line its length, and what is kept for it. */
const heaviest = 100_000_000;
const weightOf = (line: string): number => line.length + 50;

/** Cycles of the book as it stands before each replacement, and at its end; then its size. */
export function findCycles(book: Book): Problem[] {
  const found = new Map<string, Problem>();
  for (const stage of worldsOf(book)) {
    const chunks: Chunks = new Map();
    for (const fence of allFences(book)) {
      if (!isReached(fence, stage)) continue;
      if (fence.replaces !== undefined) walk(chunks, found);
      addDefinition(chunks, fence);
    }
    walk(chunks, found);
  }
  return found.size > 0 ? [...found.values()] : findGiants(book);
}

/** The whole book; and where a side quest replaces chunks, what there is without it. */
function worldsOf(book: Book): Stage[] {
  const quests = questsOf(book);
  const isTame = quests.every(({ fences }) =>
    fences.every(({ replaces }) => replaces === undefined)
  );
  return [wholeBook(book), ...(isTame ? []
    : [wholeBook(book, true), ...quests.map((quest) => worldOf(quest, book))])];
}

/** A chunk, and where the chunk before it uses it. */
interface Step {
  name: string;
  place: Place | undefined;
}

/** What a walk from chunk to chunk knows. */
interface Walk {
  chunks: Chunks;
  found: Map<string, Problem>;
  /** How deep each chunk goes whose walk is over. */
  depths: Map<string, number>;
  /** From where the walk began to where it is. */
  path: Step[];
  onPath: Map<string, number>;
}

function walk(chunks: Chunks, found: Map<string, Problem>): void {
  const state: Walk = {
    chunks,
    found,
    depths: new Map(),
    path: [],
    onPath: new Map(),
  };
  for (const name of chunks.keys()) visit({ name, place: undefined }, state);
}

/** How deep a chunk goes; what is wrong with that is added to what was found. */
function visit(step: Step, state: Walk): number {
  const { chunks, depths, path, onPath } = state;
  const start = onPath.get(step.name);
  if (start !== undefined)
    return addCycle([...path.slice(start + 1), step], state);
  const known = depths.get(step.name);
  if (path.length + (known ?? 0) >= deepest) return addDeep(step, state);
  if (known !== undefined) return known;
  onPath.set(step.name, path.length);
  path.push(step);
  let depth = 0;
  for (const { use, place } of usesOf(chunks.get(step.name) ?? [])) {
    depth = Math.max(depth, visit({ name: use.name, place }, state));
  }
  path.pop();
  onPath.delete(step.name);
  depths.set(step.name, depth + 1);
  return depth + 1;
}

function usesOf(fences: readonly Fence[]): { use: Reference; place: Place }[] {
  return fences.flatMap((fence) =>
    references(fence).map((use) => ({ use, place: placeOf(use, fence) }))
  );
}

/** Where a reference stands. */
export function placeOf(use: Reference, fence: Fence): Place {
  return { path: fence.place.path, line: use.line, column: use.column };
}

function addCycle(steps: Step[], { found }: Walk): number {
  const key = steps.map((step) => step.name).sort().join("\n");
  if (found.has(key)) return 0;
  const last = steps.at(-1)!;
  const way = steps.map(({ name, place }) =>
    `"${name}" (used at ${show(place!)})`
  ).join(", then ");
  const message = `the chunk "${last.name}" contains itself: by way of ${way}; `
    + "take one of these references out";
  found.set(key, { place: last.place!, message });
  return 0;
}

/** Said once, however many chunks nest like that. */
function addDeep({ name, place }: Step, { found, path }: Walk): number {
  const where = place ?? path.at(-1)?.place;
  const message =
    `the chunk "${name}" stands within ${deepest} others: nest them less deeply`;
  if (where && !found.has("")) found.set("", { place: where, message });
  return 0;
}

/** The first file with which chunks within chunks make more than anyone means to have. */
function findGiants(book: Book): Problem[] {
  const weigh = scales(chunksAt(book, wholeBook(book)));
  let total = 0;
  const giant = openedFiles(book).find(({ fence }) =>
    (total += weigh(fence)) > heaviest
  );
  if (!giant) return [];
  const message =
    `with ${giant.path} the tree would be larger than ${heaviest / 1e6} MB, by chunks `
    + "that are used again and again: use them less";
  return [{ place: giant.fence.place, message }];
}

/** Tells what a fence weighs, with all that it refers to. */
function scales(chunks: Chunks): (fence: Fence) => number {
  const known = new Map<string, number>();
  const sum = (all: readonly number[]): number =>
    all.reduce((total, each) => total + each, 0);
  const weighChunk = (name: string): number => {
    if (!known.has(name))
      known.set(name, sum((chunks.get(name) ?? []).map(weigh)));
    return known.get(name)!;
  };
  const weigh = (fence: Fence): number =>
    sum(fence.lines.map(weightOf))
    + sum(references(fence).map(({ name }) => weighChunk(name)));
  return weigh;
}
