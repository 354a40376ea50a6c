// What a side quest may lean on: its chapter and those before it, and the
// side quests that it names, with all that these name.
import { isQuest, type Book, type Chapter } from "../book/chapter.ts";
import { wholeBook, type Stage } from "../book/stage.ts";

/** The side quests of a book, in the order of tangling. */
export const questsOf = ({ chapters }: Book): Chapter[] =>
  chapters.filter(({ number }) => isQuest(number));

/** The side quests that one leans on, directly or through others; without itself. */
export function companionsOf(quest: Chapter, book: Book): Chapter[] {
  const all = questsOf(book), found = new Set([quest]);
  for (const { quest: said } of found)
    for (const name of said?.leansOn ?? [])
      for (const other of all) if (other.name === name) found.add(other);
  return [...found].slice(1);
}

/** The whole road with a side quest and what that leans on; with a chapter, the road alone. */
export function worldOf(part: Chapter, book: Book): Stage {
  const taken = isQuest(part.number) ? [part, ...companionsOf(part, book)] : [];
  return {
    ...wholeBook(book, true),
    taken: taken.map(({ number }) => number),
  };
}

/** The road to the end of a side quest's chapter, what the side quest leans on, and itself. */
export function stageAlone(quest: Chapter, book: Book): Stage {
  const taken = [quest, ...companionsOf(quest, book)];
  return {
    name: `${quest.name}, without other side quests`,
    chapter: quest.number,
    complete: true,
    whole: false,
    road: true,
    taken: taken.map(({ number }) => number),
  };
}

/** Whether one part of the book may use what another has; both by their numbers. */
export type Sight = (from: number, to: number) => boolean;

/**
 * All may use what the chapters have (that it comes early enough is another
 * matter), and a side quest what it leans on.
 */
export function sightIn(book: Book): Sight {
  const known = new Map(
    questsOf(book).map((
      quest,
    ) => [quest.number, new Set([quest, ...companionsOf(quest, book)])]),
  );
  return (from, to) =>
    !isQuest(to)
    || [...known.get(from) ?? []].some(({ number }) => number === to);
}
