// Each side quest has one signpost, in the chapter that it hangs on.
import { posix } from "node:path";
import {
  chapterOf,
  show,
  type Book,
  type Chapter,
  type Problem,
} from "../book/chapter.ts";
import { nearest } from "../book/nearest.ts";
import { questsOf } from "../road/quests.ts";
import { opening, signpostsOf, type Signpost } from "../road/signposts.ts";

/** A signpost, and the chapter or side quest that it stands in. */
interface Found extends Signpost {
  chapter: Chapter;
}

/** What is wrong with the signposts of a book. */
export function findSignpostProblems(book: Book): Problem[] {
  const quests = questsOf(book);
  const found = book.chapters.flatMap((chapter) =>
    signpostsOf(chapter).map((each) => ({ ...each, chapter }))
  );
  const seen = new Map<string, Found>();
  const wrong = found.flatMap((signpost) => {
    const message = wrongWith(signpost, quests, seen, book);
    if (signpost.path !== undefined && !seen.has(signpost.path))
      seen.set(signpost.path, signpost);
    return message === undefined ? [] : [{ place: signpost.place, message }];
  });
  return [...wrong,
    ...quests.filter(({ path }) => !seen.has(path)).map((quest) =>
      missing(quest, book)
    )];
}

function wrongWith({ path, chapter }: Found, quests: readonly Chapter[],
  seen: ReadonlyMap<string, Found>, book: Book): string | undefined
{
  if (path === undefined)
    return `this looks like a signpost, which stands alone in its block quote and begins: ${example}`;
  const quest = quests.find((each) => each.path === path);
  if (!quest)
    return book.paths.includes(path) && !isRead(path, book)
      ? undefined : unknown(path, chapter, quests);
  const first = seen.get(path);
  if (first)
    return `${quest.name} has a signpost already, at ${show(first.place)}: keep one of them`;
  if (chapter.number === chapterOf(quest.number)) return undefined;
  return `${quest.name} hangs on ${roadOf(quest, book)}: put its signpost there`;
}

const example = `> ${opening} [Title](side-quests/SLUG.md).`;

const isRead = (path: string, { chapters }: Book): boolean =>
  chapters.some((chapter) => chapter.path === path);

function unknown(path: string, chapter: Chapter,
  quests: readonly Chapter[]): string
{
  const found = nearest(path, quests.map((quest) => quest.path));
  const hint = found === undefined ? ": name it there, or take the signpost out"
    : `; did you mean "${linkTo(found, chapter)}"?`;
  return `book.config.ts names no side quest ${path}${hint}`;
}

const linkTo = (path: string, from: Chapter): string =>
  posix.relative(posix.dirname(from.path), path);

const roadOf = ({ number }: Chapter, { chapters }: Book): string =>
  chapters.find((chapter) => chapter.number === chapterOf(number))?.name
    ?? `chapter ${chapterOf(number)}`;

function missing(quest: Chapter, book: Book): Problem {
  const message =
    `no signpost leads here: write one in ${roadOf(quest, book)}, `
    + `as in ${example}`;
  const place = { path: quest.path, line: 1, column: 1 };
  return { place, message, draft: true };
}
