// The TypeScript of the chapters, laid out: the tree of every stage is what
// the formatter would make of it.
import { editChapters, writeChapters } from "../back/edit-chapter.ts";
import { firstDifference } from "../back/diff.ts";
import { editsFor, type EditedFile } from "../back/untangle.ts";
import { readSources } from "../book/book.ts";
import {
  format,
  isQuest,
  show,
  type Book,
  type ChapterSource,
} from "../book/chapter.ts";
import { blocksOnly, parseBook } from "../book/parse.ts";
import { parseStage, type Stage } from "../book/stage.ts";
import { refusal } from "../book/words.ts";
import { expandBook } from "../tree/expand.ts";
import { ownText, withoutPreamble } from "../tree/preamble.ts";
import type { TangledFile } from "../tree/tangled-file.ts";
import { verify } from "../rules/verify.ts";
import { formatTypeScript } from "./typescript.ts";

/** A line for each place that is laid out otherwise, or why that cannot be said. */
export function strayLines(root = "."): string[] {
  return withBook(root,
    (book) =>
      stagesOf(book).flatMap((stage) =>
        findStrays(filesAt(book, stage)).map((stray) => firstStray(stray))
      ));
}

/** Lays out all chapters; the result is what has to be done by hand. */
export function formatChapters(root = "."): string[] {
  return withBook(root,
    (book) => stagesOf(book).flatMap((stage) => formatStage(root, stage)));
}

/** What the work finds, each once; instead of it what is wrong with the book, if anything is. */
function withBook(root: string, work: (book: Book) => string[]): string[] {
  const book = parseBook(readSources(root), blocksOnly);
  const problems = verify(book).filter((problem) => !problem.draft).map(format);
  return [...new Set(problems.length > 0 ? problems : work(book))];
}

/** The last chapter first: most of the code is whole there. The road alone comes after all. */
function stagesOf(book: Book): Stage[] {
  const all = book.chapters.toReversed();
  const road = all.filter(({ number }) => !isQuest(number));
  return [...all.map(({ name }) => parseStage(name, book)),
    ...road.map(({ name }) => parseStage(name, book, true))];
}

function formatStage(root: string, stage: Stage): string[] {
  const sources = readSources(root);
  const files = filesAt(parseBook(sources, blocksOnly), stage);
  const problems: string[] = [];
  const texts = editChapters(sources,
    editsFor(findStrays(files), files, problems));
  const after = sources.map((each): ChapterSource => ({
    ...each,
    source: texts.get(each.path) ?? each.source,
  }));
  const changes = findChanges(files,
    filesAt(parseBook(after, blocksOnly), stage));
  problems.push(
    ...changes.length > 0 ? changes : writeChapters(root, sources, texts),
  );
  return problems.map((problem) => `${problem} (through ${stage.name})`);
}

/** The files of TypeScript at a stage. */
function filesAt(book: Book, stage: Stage): TangledFile[] {
  const files = expandBook(book, stage);
  return files.filter(({ fence }) => fence.language === "ts");
}

const known = new Map<string, string>();

/** What the chapters have of a file, laid out; its stages have much in common. */
function laidOut(file: TangledFile): string {
  const own = ownText(file.text);
  if (!known.has(own)) known.set(own, formatOrSay(own, file));
  return known.get(own)!;
}

function formatOrSay(own: string,
  { path, fence: { place } }: TangledFile): string
{
  try {
    return formatTypeScript(path, own);
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    throw refusal(
      `${show(place)}: ${path}, which opens here, is no TypeScript: ${line}`,
    );
  }
}

function findStrays(files: readonly TangledFile[]): EditedFile[] {
  return files.map((file) => ({ file, text: laidOut(file) }))
    .filter(({ file, text }) => text !== ownText(file.text));
}

function firstStray({ file, text }: EditedFile): string {
  const { text: own, origins } = withoutPreamble(file);
  const at = firstDifference(own, text) - 1;
  const { fence, index } = origins[Math.min(at, origins.length - 1)];
  const place = {
    path: fence.place.path,
    line: fence.firstLine + Math.max(index, 0),
    column: 1,
  };
  return `${show(place)}: this is laid out otherwise: \`npm run format\` (${text.split("\n")[at]?.trim()})`;
}

/** Nothing but the layout may have changed. */
function findChanges(before: readonly TangledFile[],
  after: readonly TangledFile[]): string[]
{
  const wanted = new Map(before.map((file) => [file.path, laidOut(file)]));
  return after.flatMap((file) =>
    laidOut(file) === wanted.get(file.path) ? []
      : [`${file.path}: laying it out would change more than its layout`]
  );
}
