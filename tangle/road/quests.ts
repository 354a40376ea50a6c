// What a side quest may lean on: its chapter and those before it, and the
// side quests that it names, with all that these name.
import { isQuest, type Book, type Chapter } from "../book/chapter.ts";
import type { Stage } from "../book/stage.ts";

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
