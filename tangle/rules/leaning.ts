// What book.config.ts says of side quests that lean on others.
import type { Book, Chapter, Problem } from "../book/chapter.ts";
import { suggestion } from "../book/nearest.ts";
import { questsOf } from "../road/quests.ts";

/** A side quest may lean only on others, and on those before it. */
export function findLeaningProblems(book: Book): Problem[] {
  const all = questsOf(book);
  return all.flatMap((quest) =>
    (quest.quest?.leansOn ?? []).flatMap((name) => {
      const wrong = wrongWith(name, quest, all, book);
      const place = { path: quest.path, line: 1, column: 1 };
      return wrong === undefined ? []
        : [{ place, message: `book.config.ts: leansOn: ${wrong}` }];
    })
  );
}

function wrongWith(name: string, quest: Chapter, all: readonly Chapter[],
  { chapters }: Book): string | undefined
{
  const other = all.find((each) => each.name === name);
  if (other === quest)
    return `${name} cannot lean on itself: take that out`;
  if (other && other.number < quest.number) return undefined;
  if (other)
    return `${name} comes later: list ${quest.name} behind it`;
  if (chapters.some((each) => each.name === name))
    return `${name} is a chapter: a side quest leans on its own and those before it anyway`;
  const names = all.filter((each) => each !== quest).map((each) => each.name);
  return `there is no side quest "${name}"${suggestion(name, names) || ": name another, or none"}`;
}
