// From fences to files: chunks take the place of their references.
import {
  labelOf,
  type Book,
  type Chapter,
  type Fence,
} from "../book/chapter.ts";
import { addPreambles } from "./preamble.ts";
import { textOf, type Origin, type TangledFile } from "./tangled-file.ts";
import { references } from "../book/references.ts";
import { chunkOf, isReached, type Stage } from "../book/stage.ts";

/** An experiment: a `run` fence and the `output` fence that follows it. */
export interface Experiment {
  /** Chapter and count within it, as in "1.2". */
  name: string;
  /** Below tangled/. */
  path: string;
  fence: Fence;
  output: Fence;
}

/** The fences that make up each chunk at a stage. */
export type Chunks = Map<string, Fence[]>;

/** All chunks as they stand at the stage. */
export function chunksAt(book: Book, stage: Stage): Chunks {
  const chunks: Chunks = new Map();
  for (const fence of allFences(book)) {
    if (isReached(fence, stage)) addDefinition(chunks, fence);
  }
  return chunks;
}

/** Lets a fence define, append to or replace its chunk. */
export function addDefinition(chunks: Chunks, fence: Fence): void {
  const name = chunkOf(fence);
  if (name === undefined) return;
  if (fence.replaces !== undefined) chunks.set(name, [fence]);
  else chunks.set(name, [...(chunks.get(name) ?? []), fence]);
}

/** Every fence of the book, in order. */
export function allFences(book: Book): Fence[] {
  return book.chapters.flatMap((chapter) => chapter.fences);
}

/** The experiments of the book, in order; a run without its output is left out. */
export function experimentsOf(book: Book): Experiment[] {
  return book.chapters.flatMap((chapter) => {
    const runs = chapter.fences.filter((fence) => fence.run);
    return runs.flatMap((fence, index) => {
      const output = chapter.fences[chapter.fences.indexOf(fence) + 1];
      const path = experimentPath(chapter.number, index);
      const name = experimentName(chapter, index);
      return output?.output ? [{ name, path, fence, output }] : [];
    });
  });
}

/** "1.2" is the second of chapter 1, "1c.2" the second of its third side quest. */
const experimentName = ({ number }: Chapter, index: number): string =>
  `${labelOf(number)}.${index + 1}`;

function experimentPath(chapter: number, index: number): string {
  return `experiments/${labelOf(chapter)}-${index + 1}.ts`;
}

/** The path that each fence opens: its `file`, or that of an experiment. */
export function openedFiles(book: Book): { path: string; fence: Fence }[] {
  return book.chapters.flatMap((chapter) => {
    let runs = 0;
    return chapter.fences.flatMap((fence) => {
      const path = fence.run ? experimentPath(chapter.number, runs++)
        : fence.file;
      return path === undefined ? [] : [{ path, fence }];
    });
  });
}

/** All files as they stand at the stage. The book must be free of cycles. */
export function expandBook(book: Book, stage: Stage): TangledFile[] {
  return addPreambles(expandChapters(book, stage), book);
}

/** The same as the chapters alone have them, without their computed lines. */
export function expandChapters(book: Book, stage: Stage): TangledFile[] {
  const state = { chunks: chunksAt(book, stage), expansions: 0 };
  const opened = openedFiles(book).filter(({ fence }) =>
    isReached(fence, stage)
  );
  return opened.map(({ path, fence }) => expandFile(path, fence, state));
}

interface State {
  chunks: Chunks;
  expansions: number;
}

function expandFile(path: string, fence: Fence, state: State): TangledFile {
  const origins: Origin[] = [];
  const expansion = state.expansions;
  expandFence(fence, "", state, origins);
  if (fence.language === "ts") separate(origins);
  const text = origins.map((origin) => textOf(origin) + "\n").join("");
  return {
    path,
    fence,
    text,
    expansion,
    origins,
    preamble: { start: 0, count: 0 },
  };
}

function expandFence(fence: Fence, indent: string, state: State,
  origins: Origin[]): void
{
  const expansion = state.expansions++;
  const uses = references(fence);
  let next = 0;
  for (let index = 0; index < fence.lines.length; index++) {
    const use = uses[next];
    if (use?.line !== fence.firstLine + index) {
      origins.push({ fence, index, indent, expansion });
      continue;
    }
    next++;
    for (const part of state.chunks.get(use.name) ?? []) {
      expandFence(part, indent + use.indent, state, origins);
    }
  }
}

/** Leaves an empty line between declarations of several lines that come from two fences. */
function separate(origins: Origin[]): void {
  for (let at = origins.length - 1; at > 0; at--) {
    const [before, after] = [origins[at - 1], origins[at]];
    const isSeam = before.expansion !== after.expansion;
    if (isSeam && isBorder(textOf(before), textOf(after)))
      origins.splice(at, 0, separator(after));
  }
}

/** An empty line that stands in no chapter. */
const separator = ({ fence }: Origin): Origin => ({
  fence,
  index: -1,
  indent: "",
  expansion: -1,
  computed: "",
});

/** Whether a declaration ends, or one ends here and a longer one begins there. */
function isBorder(last: string, first: string): boolean {
  if (/^ +function /.test(first)) return last.trim() === "}";
  if (!/^[\w/$@]/.test(first)) return false;
  if (/^[)}\]]|^ .*;$/.test(last)) return true;
  if (/^import /.test(last)) return !/^import /.test(first);
  const isLong = /^(\/\*\*|(export )?(function|interface|const enum) )/.test(
    first,
  );
  return isLong && /^(?!\/\/).*[;}]$/.test(last);
}
