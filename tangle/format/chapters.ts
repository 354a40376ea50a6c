// The TypeScript of the chapters, laid out: the tree of every stage is what
// the formatter would make of it.
import { editChapters, writeChapters } from "../back/edit-chapter.ts";
import { editsFor, type EditedFile } from "../back/untangle.ts";
import { readSources } from "../book/book.ts";
import {
  format,
  show,
  type Book,
  type ChapterSource,
} from "../book/chapter.ts";
import { blocksOnly, parseBook } from "../book/parse.ts";
import { parseStage } from "../book/stage.ts";
import { refusal } from "../book/words.ts";
import { expandBook } from "../tree/expand.ts";
import { withoutPreamble } from "../tree/preamble.ts";
import type { TangledFile } from "../tree/tangled-file.ts";
import { verify } from "../tree/verify.ts";
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

/** The last chapter first: most of the code is whole there. */
const stagesOf = ({ chapters }: Book): string[] =>
  chapters.map(({ name }) => name).reverse();

function formatStage(root: string, stage: string): string[] {
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
  return problems.map((problem) => `${problem} (through ${stage})`);
}

/** The files of TypeScript at a stage, as the chapters alone have them. */
function filesAt(book: Book, stage: string): TangledFile[] {
  const files = expandBook(book, parseStage(stage, book));
  return files.filter(({ fence }) => fence.language === "ts");
}

const known = new Map<string, string>();

/** The text laid out; the stages of a file have much in common. */
function laidOut(file: TangledFile): string {
  const { text } = file;
  if (!known.has(text)) known.set(text, formatOrSay(file));
  return known.get(text)!;
}

function formatOrSay({ path, text, fence: { place } }: TangledFile): string {
  try {
    return formatTypeScript(path, text);
  } catch (error) {
    const [line] = (error as Error).message.split("\n");
    throw refusal(
      `${show(place)}: ${path}, which opens here, is no TypeScript: ${line}`,
    );
  }
}

function findStrays(files: readonly TangledFile[]): EditedFile[] {
  return files.map((file) => ({ file, text: laidOut(withoutPreamble(file)) }))
    .filter(({ file, text }) => text !== withoutPreamble(file).text);
}

function firstStray({ file, text }: EditedFile): string {
  const own = withoutPreamble(file);
  const wanted = text.split("\n");
  const at = own.text.split("\n").findIndex((line, index) =>
    line !== wanted[index]
  );
  const { fence, index } = own.origins[Math.min(at, own.origins.length - 1)];
  const place = {
    path: fence.place.path,
    line: fence.firstLine + Math.max(index, 0),
    column: 1,
  };
  return `${show(place)}: this is laid out otherwise: \`npm run format\` (${wanted[at]?.trim()})`;
}

/** Nothing but the layout may have changed. */
function findChanges(before: readonly TangledFile[],
  after: readonly TangledFile[]): string[]
{
  const wanted = new Map(
    before.map((file) => [file.path, laidOut(withoutPreamble(file))]),
  );
  return after.flatMap((file) =>
    laidOut(withoutPreamble(file)) === wanted.get(file.path) ? []
      : [`${file.path}: laying it out would change more than its layout`]
  );
}
