// Chunks across the borders of side quests: the road works without any of
// them, and a side quest with those alone that it leans on.
import {
  isQuest,
  type Book,
  type Fence,
  type Problem,
} from "../book/chapter.ts";
import { show } from "../book/chapter.ts";
import { references, type Reference } from "../book/references.ts";
import { chunkOf } from "../book/stage.ts";
import { questsOf, sightIn, type Sight } from "../road/quests.ts";
import { allFences } from "../tree/expand.ts";
import { placeOf } from "./cycles.ts";

/** A chunk: the fences that make it up and those that refer to it, in order. */
interface Chunk {
  name: string;
  makers: Fence[];
  users: { use: Reference; fence: Fence }[];
}

/** What the rules look at. */
interface View {
  book: Book;
  sees: Sight;
}

/** All chunks of which a part of the book has what it may not lean on. */
export function findChunkBorders(book: Book): Problem[] {
  if (questsOf(book).length === 0) return [];
  const view = { book, sees: sightIn(book) };
  return chunksOf(book).flatMap((
    chunk,
  ) => [...findUnseenUsers(chunk, view), ...findUnseenMakers(chunk, view),
    ...findReplaced(chunk, view)]
  );
}

function chunksOf(book: Book): Chunk[] {
  const chunks = new Map<string, Chunk>();
  const chunk = (name: string): Chunk => {
    const known = chunks.get(name) ?? { name, makers: [], users: [] };
    chunks.set(name, known);
    return known;
  };
  for (const fence of allFences(book)) {
    const name = chunkOf(fence);
    if (name !== undefined) chunk(name).makers.push(fence);
    for (const use of references(fence))
      chunk(use.name).users.push({ use, fence });
  }
  return [...chunks.values()];
}

/** What a part adds to a chunk that nothing refers to without some side quest. */
function findUnseenUsers({ name, makers, users }: Chunk,
  { book, sees }: View): Problem[]
{
  if (users.length === 0) return [];
  return firstOfEach(makers).flatMap((fence) => {
    if (users.some((user) => sees(fence.chapter, user.fence.chapter)))
      return [];
    const only = namesOf(users.map((user) => user.fence), book);
    const message = isQuest(fence.chapter)
      ? `only ${only} refers to the chunk "${name}": ${cureFor(fence, book)}`
      : `only ${only} refers to the chunk "${name}", which the road does without: `
        + "refer to it in a chapter, or move it there";
    return [{ place: at(fence), message, draft: true }];
  });
}

/**
 * A side quest's reference to what it does not lean on. On the road that is a
 * hole, and so it is for whoever leans on this side quest.
 */
function findUnseenMakers({ name, makers, users }: Chunk,
  { book, sees }: View): Problem[]
{
  if (makers.length === 0) return [];
  return users.flatMap(({ use, fence }) => {
    const isFine = !isQuest(fence.chapter)
      || makers.some(({ chapter }) =>
        sees(fence.chapter, chapter) || sees(chapter, fence.chapter)
      );
    if (isFine) return [];
    const message =
      `only ${namesOf(makers, book)} defines the chunk "${name}": `
      + cureFor(fence, book);
    return [{ place: placeOf(use, fence), message, draft: true }];
  });
}

/** Who takes a chunk's place knows all that it is made of; later, others know of the new one. */
function findReplaced({ name, makers }: Chunk, view: View): Problem[] {
  return makers.flatMap((fence, index) => {
    if (fence.replaces === undefined) return [];
    const before = makers.slice(0, index), after = makers.slice(index + 1);
    return [...findTakenAway(name, fence, before, view),
      ...findExtended(name, fence, after, view)];
  });
}

function findTakenAway(name: string, fence: Fence, before: readonly Fence[],
  { book, sees }: View): Problem[]
{
  const isSeen = ({ chapter }: Fence): boolean => sees(fence.chapter, chapter);
  const lost = before.find((other) => !isSeen(other));
  if (!lost) return [];
  const whose = namesOf([lost], book);
  const message = before.some(isSeen)
    ? `this takes away what ${whose} adds to "${name}" at ${show(lost.place)}: `
    : `without ${whose} there is no chunk "${name}" to replace up to here: `;
  return [{ place: at(fence), message: message + cureFor(fence, book) }];
}

function findExtended(name: string, fence: Fence, after: readonly Fence[],
  { book, sees }: View): Problem[]
{
  return after.filter(({ chapter }) => !sees(chapter, fence.chapter)).map(
    (other) => {
      const message =
        `${namesOf([fence], book)} has replaced the chunk "${name}" at ${show(fence.place)}, `
        + `and this is made for the old one: ${cureFor(other, book)}`;
      return { place: at(other), message };
    },
  );
}

/** The first of these fences in each part of the book. */
const firstOfEach = (fences: readonly Fence[]): Fence[] =>
  fences.filter(({ chapter }, index) =>
    fences.findIndex((other) => other.chapter === chapter) === index
  );

const at = ({ place, columns, chunk }: Fence) => ({
  ...place,
  column: columns[chunk === undefined ? "replaces" : "chunk"] ?? place.column,
});

/** "the side quest A", "the side quests A and B". */
export function namesOf(fences: readonly { chapter: number }[],
  { chapters }: Book): string
{
  const numbers = new Set(fences.map(({ chapter }) => chapter));
  const names = chapters.filter(({ number }) => numbers.has(number)).map((
    { name },
  ) => name);
  return names.length === 1 ? `the side quest ${names[0]}`
    : `one of the side quests ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What its author can do. */
export function cureFor({ chapter }: { chapter: number },
  { chapters }: Book): string
{
  const { name } = chapters.find(({ number }) => number === chapter)!;
  return isQuest(chapter)
    ? `let ${name} lean on it in book.config.ts (leansOn), or move one of them`
    : "the road does without it, so move one of them";
}
