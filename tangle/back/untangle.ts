// Carries edits made in tangled/ back into the chapters.
//
// Each edited file is compared with what the chapters make of it; every
// change belongs to the fence that its lines come from. Where it does not
// belong to one fence alone, nothing at all is changed. In the end the new
// chapters are tangled, in memory, and have to give the edited files back.
import { join } from "node:path";
import { book as config } from "../../book.config.ts";
import { attribute, unite, type FenceEdit } from "./belonging.ts";
import { readSources } from "../book/book.ts";
import { diffLines, firstDifference } from "./diff.ts";
import { editChapters, writeChapters, type LineEdit } from "./edit-chapter.ts";
import { expandBook } from "../tree/expand.ts";
import { type TangledFile } from "../tree/tangled-file.ts";
import { treeFolder } from "../tree/home.ts";
import { withLock } from "../tree/lock.ts";
import { hashOf, readManifest, type Manifest } from "../tree/manifest.ts";
import { type Book, type ChapterSource } from "../book/chapter.ts";
import { blocksOnly, parseBook } from "../book/parse.ts";
import { look } from "../tree/plan.ts";
import { ownText, withoutPreamble } from "../tree/preamble.ts";
import { stageAgain, type Stage } from "../book/stage.ts";
import { format } from "../book/chapter.ts";
import { verify } from "../rules/verify.ts";
import { readText } from "../book/text-file.ts";
import { lockOf, recover, type OnStep } from "../tree/write.ts";

/** What became of it. With errors nothing was written. */
export interface Untangled {
  errors: string[];
  /** Files whose edits were carried back. */
  files: string[];
  /** Chapters that were changed. */
  chapters: string[];
}

/** A file of the tree, and what it should be instead. */
export interface EditedFile {
  file: TangledFile;
  text: string;
}

/** Carries all edits of tangled/ below `root` into the chapters. */
export function untangle(root = ".", onStep?: OnStep): Untangled {
  const result: Untangled = { errors: [], files: [], chapters: [] };
  const folder = treeFolder(root);
  return withLock(lockOf(folder), () => {
    result.errors.push(...recover(folder));
    if (result.errors.length > 0) return result;
    const manifest = readManifest(folder);
    if (manifest) untangleTree(root, manifest, result, onStep);
    else result.errors.push(
        `${config.tangled}/ is empty: run \`npm run tangle\` first`,
      );
    return result;
  });
}

function untangleTree(root: string, manifest: Manifest, result: Untangled,
  onStep: OnStep | undefined): void
{
  const { errors } = result;
  const sources = readSources(root);
  const book = parseBook(sources, blocksOnly);
  errors.push(...seriousProblems(book));
  const isRead = book.problems.every((problem) => problem.draft);
  if (errors.length > 0 && isRead) errors.unshift(...missingChapters(book));
  if (errors.length > 0) return;
  const files = expandBook(book, stageAgain(manifest.stage, book));
  const edited = findEdited(root, files, manifest, errors);
  const texts = editChapters(sources,
    attributeEdits(edited, files, errors).map(toChapter));
  if (errors.length > 0) return;
  const after = sources.map((each) => ({
    ...each,
    source: texts.get(each.path) ?? each.source,
  }));
  errors.push(...findDifferences(after, manifest.stage, files, edited));
  if (errors.length === 0)
    errors.push(...writeChapters(root, sources, texts, onStep));
  if (errors.length > 0) return;
  result.files = edited.map(({ file }) => file.path);
  result.chapters = [...texts.keys()];
}

/** Whatever else is wrong may be so for their sake. */
function missingChapters(book: Book): string[] {
  return book.problems.filter((problem) => problem.draft).map(format);
}

function seriousProblems(book: Book): string[] {
  return verify(book).filter((problem) => !problem.draft).map(format);
}

/**
 * The lines of chapters to which the edits of these files belong. A file with
 * an edit that belongs to no fence is left out, and adds to the errors.
 */
export function editsFor(edited: EditedFile[], files: TangledFile[],
  errors: string[]): LineEdit[]
{
  const edits = edited.flatMap((each) => {
    const problems: string[] = [];
    const found = attributeFile(each, problems);
    errors.push(...problems);
    return problems.length > 0 ? [] : found;
  });
  return unite(edits, files, errors).map(toChapter);
}

function toChapter({ fence, start, end, lines }: FenceEdit): LineEdit {
  return {
    path: fence.place.path,
    line: fence.firstLine + start,
    count: end - start,
    lines,
  };
}

function findEdited(root: string, files: TangledFile[], manifest: Manifest,
  errors: string[]): EditedFile[]
{
  return files.flatMap((file) => {
    const path = join(root, config.tangled, file.path);
    const hash = manifest.files[file.path]?.hash;
    if (hash === undefined || look(path) === "nothing") return [];
    const text = readEdited(path, `${config.tangled}/${file.path}`, errors);
    if (text === undefined || hashOf(text) === hash || text === file.text)
      return [];
    const problem = findUnfit(text, file.text)
      ?? (hashOf(file.text) === hash ? undefined : changedTwice);
    if (problem) errors.push(`${config.tangled}/${file.path}: ${problem}`);
    return problem ? [] : [{ file, text }];
  });
}

/** The text of a tangled file, or nothing and one error more. */
function readEdited(path: string, name: string, errors: string[]): string
  | undefined
{
  const isLink = look(path) === "other";
  const read = isLink ? undefined : readText(path);
  if (typeof read === "string") return read;
  if (read) errors.push(`${name}:${read.line}:${read.column}: ${read.message}`);
  else if (isLink)
    errors.push(
      `${name}: this is a link or a device: put a file here, or delete it`,
    );
  return undefined;
}

const changedTwice =
  "the chapters have changed this file too since it was tangled: "
  + "undo one of the two changes, or set this one aside with `npm run tangle -- --force`";

function findUnfit(text: string, made: string): string | undefined {
  if (text.startsWith("\uFEFF") && !made.startsWith("\uFEFF")) {
    return "it begins with a byte order mark: save it without one";
  }
  if (text.includes("\r"))
    return "its lines end with CR: save it with LF line ends";
  if (text !== "" && !text.endsWith("\n"))
    return "its last line has no line end: add one";
  return undefined;
}

function attributeEdits(edited: EditedFile[], files: TangledFile[],
  errors: string[]): FenceEdit[]
{
  return unite(edited.flatMap((each) => attributeFile(each, errors)), files,
    errors);
}

function attributeFile({ file, text }: EditedFile,
  errors: string[]): FenceEdit[]
{
  const own = withoutPreamble(file);
  const edits = diffLines(linesOf(own.text), linesOf(ownText(text)));
  return edits.flatMap((edit) => attribute(edit, own, errors));
}

const linesOf = (text: string): string[] => text.split("\n").slice(0, -1);

/** What would not be the same if the edited chapters were tangled again. */
function findDifferences(sources: ChapterSource[], stage: Stage,
  files: TangledFile[], edited: EditedFile[]): string[]
{
  const book = parseBook(sources, blocksOnly);
  const problems = seriousProblems(book).map((line) =>
    `with these edits there would be ${line}`
  );
  if (problems.length > 0) return problems;
  const wanted = new Map(files.map((file) => [file.path, file.text]));
  for (const { file, text } of edited) wanted.set(file.path, text);
  const again = expandBook(book, stageAgain(stage, book));
  const made = new Map(again.map((file) => [file.path, file.text]));
  const different = [...wanted].filter(([path, text]) =>
    ownText(made.get(path) ?? "") !== ownText(text)
  );
  return different.map(([path, text]) =>
    describeDifference(path, text, made.get(path) ?? "")
  );
}

function describeDifference(path: string, wanted: string,
  made: string): string
{
  return `${config.tangled}/${path}:${firstDifference(wanted, made)}: from here on the chapters `
    + "would not give the same file back: does a new line end a fence, or refer to a chunk?";
}
