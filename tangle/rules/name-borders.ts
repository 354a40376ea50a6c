// Names across the borders of side quests: what one exports is imported by
// itself, and by those alone that lean on it.
import { posix } from "node:path";
import {
  isQuest,
  type Book,
  type Fence,
  type Problem,
} from "../book/chapter.ts";
import { wholeBook } from "../book/stage.ts";
import { questsOf, sightIn, worldOf, type Sight } from "../road/quests.ts";
import { expandChapters } from "../tree/expand.ts";
import { namesIn } from "../tree/names.ts";
import type { TangledFile } from "../tree/tangled-file.ts";
import { cureFor, namesOf } from "./chunk-borders.ts";

/** For each name, or path of a file, the parts of the book that have it. */
type Owners = ReadonlyMap<string, readonly number[]>;

/** A name or a path where it stands. */
interface Use {
  name: string;
  file: TangledFile;
  fence: Fence;
  line: number;
  column: number;
}

/**
 * Every first use of a name or a file, in each part of the book, that only
 * side quests have on which that part does not lean. The book must be free
 * of cycles.
 */
export function findNameBorders(book: Book): Problem[] {
  if (questsOf(book).length === 0) return [];
  const files = codeAt(book, wholeBook(book)), sees = sightIn(book);
  const names = exportersIn(files), worlds = new Map<number, Exports>();
  const paths: Owners = new Map(
    files.map(({ path, fence }) => [path, [fence.chapter]]),
  );
  const worldFor = (chapter: number): Exports => {
    const part = book.chapters.find(({ number }) => number === chapter)!;
    const known = worlds.get(chapter)
      ?? exportsIn(codeAt(book, worldOf(part, book)));
    worlds.set(chapter, known);
    return known;
  };
  return files.flatMap((file) =>
    [
      ...unseen(importsIn(file), paths, sees),
      ...unseen(usesIn(file, names), names, sees).filter((use) =>
        isMissed(use, worldFor(use.fence.chapter))
      ),
    ].map((use) =>
      problemOf(use, names.get(use.name) ?? paths.get(use.name)!, book)
    )
  );
}

const codeAt = (book: Book,
  stage: ReturnType<typeof wholeBook>): TangledFile[] =>
  expandChapters(book, stage).filter(({ fence }) => fence.language === "ts");

/** The line of a declaration that is exported. */
const declaration =
  /^export (?:declare |abstract |async |const (?=enum))*(?:const|let|var|function\*?|class|interface|type|enum) +([\w$]+)/u;

/** The parts of the book that export each name which no chapter exports; of what stands on no line of its own, the part that opens the file. */
function exportersIn(files: readonly TangledFile[]): Owners {
  const owners = new Map<string, number[]>();
  for (const file of files) {
    const lines = new Map(
      file.origins.flatMap(({ fence: { lines: code, chapter }, index }) => {
        const name = code[index]?.startsWith("export ")
          ? declaration.exec(code[index])?.[1] : undefined;
        return name === undefined ? [] : [[name, chapter]];
      }),
    );
    for (const name of namesIn(file.text).exported.keys())
      owners.set(name, [...owners.get(name) ?? [],
        lines.get(name) ?? file.fence.chapter]);
  }
  for (const [name, parts] of owners)
    if (!parts.every(isQuest)) owners.delete(name);
  return owners;
}

/** The first uses in each part of the book of what it may not lean on. */
function unseen(uses: readonly Use[], owners: Owners, sees: Sight): Use[] {
  const found = new Map<string, Use>();
  for (const use of uses) {
    const { chapter } = use.fence, key = `${chapter} ${use.name}`;
    const isSeen = owners.get(use.name)?.some((owner) => sees(chapter, owner));
    if (isSeen === false && !found.has(key)) found.set(key, use);
  }
  return [...found.values()];
}

/** Where a file uses what is exported: words that stand in no comment of their own line. */
function usesIn(file: TangledFile, owners: Owners): Use[] {
  const { used, declared } = namesIn(file.text);
  const names = new Set(
    [...used].filter((name) => owners.has(name) && !declared.has(name)),
  );
  if (names.size === 0) return [];
  return placesIn(file, /[\w$]+/gu,
    (word) => names.has(word) ? word : undefined);
}

/** Where a file imports another one by hand. */
const importsIn = (file: TangledFile): Use[] =>
  !/\b(?:from|import) "\./u.test(file.text) ? []
    : placesIn(file, /(?<=\b(?:from|import) ")\.[^"]*(?=")/gu, (specifier) =>
      posix.join(posix.dirname(file.path), specifier));

function placesIn(file: TangledFile, form: RegExp,
  nameOf: (text: string) => string | undefined): Use[]
{
  return file.origins.flatMap(({ fence, index }) => {
    const text = fence.lines[index] ?? "";
    if (/^\s*(?:\/\/|\/?\*)/u.test(text)) return [];
    return [...text.matchAll(form)].flatMap((match) => {
      const name = nameOf(match[0]), line = fence.firstLine + index;
      return name === undefined ? []
        : [{ name, file, fence, line, column: match.index + 1 }];
    });
  });
}

/** What there is without some side quests: the files, and the names that they export. */
interface Exports {
  files: ReadonlyMap<string, TangledFile>;
  names: ReadonlySet<string>;
}

function exportsIn(files: readonly TangledFile[]): Exports {
  const names = files.flatMap(({ text }) => [...namesIn(text).exported.keys()]);
  return {
    files: new Map(files.map((file) => [file.path, file])),
    names: new Set(names),
  };
}

/** Whether a file there uses the name, and nobody exports it. */
function isMissed({ name, file }: Use, { files, names }: Exports): boolean {
  const text = files.get(file.path)?.text;
  if (text === undefined || names.has(name)) return false;
  const { used, declared } = namesIn(text);
  return used.has(name) && !declared.has(name);
}

function problemOf({ name, fence, line, column }: Use,
  owners: readonly number[], book: Book): Problem
{
  const whose = namesOf(owners.map((chapter) => ({ chapter })), book);
  const message = `only ${whose} has ${name}: ${cureFor(fence, book)}`;
  const place = { path: fence.place.path, line, column };
  return { place, message, draft: true };
}
