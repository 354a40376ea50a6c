// Holes: references on the road that stand for nothing yet.
import { isQuest, type Book, type Fence } from "../book/chapter.ts";
import { references } from "../book/references.ts";
import { chunkOf } from "../book/stage.ts";

/** Chunks that are referred to and not there, at one place of the road. */
export interface Holes {
  /** Those that the road fills further on: one has to keep them in mind. */
  waiting: string[];
  /** Those that only side quests fill. */
  aside: string[];
  /** The line of the last fence before that place. */
  line: number;
}

/** The holes at the end of a chapter, and where most of them wait. */
export interface ChapterHoles {
  atEnd: Holes;
  most: Holes;
}

/** What stands at a place: how often each chunk is referred to, and the fences that make each up. */
interface Standing {
  uses: Map<string, number>;
  makers: Map<string, Fence[]>;
  open: Set<string>;
}

/** The holes of each chapter, by its number. Side quests fill none, since one may leave them aside. */
export function holesOf({ chapters }: Book): Map<number, ChapterHoles> {
  const standing: Standing = {
    uses: new Map(),
    makers: new Map(),
    open: new Set(),
  };
  const road = chapters.filter(({ number }) => !isQuest(number));
  const filled = new Set(road.flatMap(({ fences }) => fences).map(chunkOf));
  const holesAt = (line: number): Holes => ({
    waiting: [...standing.open].filter((name) => filled.has(name)),
    aside: [...standing.open].filter((name) => !filled.has(name)),
    line,
  });
  return new Map(road.map(({ number, fences }) => {
    let most = holesAt(1), atEnd = most;
    for (const fence of fences) {
      stand(fence, standing);
      atEnd = holesAt(fence.place.line);
      if (atEnd.waiting.length > most.waiting.length) most = atEnd;
    }
    return [number, { atEnd, most }];
  }));
}

/** Lets a fence stand where it belongs, and those go whose place it takes. */
function stand(fence: Fence, standing: Standing): void {
  const { makers } = standing, name = chunkOf(fence);
  count(fence, 1, standing);
  if (name === undefined) return;
  const others = makers.get(name) ?? [];
  if (fence.replaces !== undefined) {
    for (const other of others) count(other, -1, standing);
  }
  makers.set(name, fence.replaces === undefined ? [...others, fence] : [fence]);
  standing.open.delete(name);
}

/** Counts the references of a fence in, or out again. */
function count(fence: Fence, by: 1 | -1,
  { uses, makers, open }: Standing): void
{
  for (const { name } of references(fence)) {
    const times = (uses.get(name) ?? 0) + by;
    uses.set(name, times);
    if (times === 0) open.delete(name);
    else if (!makers.has(name)) open.add(name);
  }
}
