// Changes lines of a chapter, and leaves the rest of it byte for byte.
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ChapterSource } from "../book/chapter.ts";
import { readText } from "../book/text-file.ts";
import { refusal } from "../book/words.ts";
import type { OnStep } from "../tree/write.ts";

/** The lines from `line` (counted from 1), `count` of them, become `lines`. */
export interface LineEdit {
  path: string;
  line: number;
  count: number;
  lines: readonly string[];
}

/**
 * The text with its lines edited. A line that takes another's place ends as
 * that one did, and a new one as the line before it does.
 */
export function editText(text: string, edits: readonly LineEdit[]): string {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const fromTheEnd = [...edits].sort((a, b) => b.line - a.line);
  for (const { line, count, lines: wanted } of fromTheEnd) {
    const old = lines.slice(line - 1, line - 1 + count).map(endOf);
    const end = old.at(-1) ?? endOf(lines[line - 2] ?? "\n");
    lines.splice(line - 1, count, ...wanted.map((each, index) =>
      each + (old[index] ?? end)
    ));
  }
  return lines.join("");
}

const endOf = (line: string): string => /(?:\r\n|\r|\n)?$/.exec(line)![0];

/** The chapters with these edits made. */
export function editChapters(sources: readonly ChapterSource[],
  edits: readonly LineEdit[]): Map<string, string>
{
  const texts = sources.map(({ path, source }) =>
    [path, editText(source ?? "", edits.filter((edit) =>
      edit.path === path
    ))] as const
  );
  return new Map(
    texts.filter(([path]) => edits.some((edit) => edit.path === path)),
  );
}

/** A chapter on its way to the disk. */
interface Target {
  path: string;
  /** Where its file really is, behind all links. */
  real: string;
  /** Where the new text waits. */
  next: string;
  before: string | undefined;
  text: string;
}

/**
 * Puts new texts in the place of the chapters they were made from: each is
 * whole at any time, old or new. What must not be written is in the result,
 * and then no chapter is changed.
 */
export function writeChapters(root: string, sources: readonly ChapterSource[],
  texts: ReadonlyMap<string, string>, onStep: OnStep = () => {}): string[]
{
  const targets = sources.flatMap(({ path, source }) => {
    const text = texts.get(path);
    return text === undefined ? [] : [targetFor(root, path, source, text)];
  });
  const errors = targets.flatMap(findHindrance);
  if (errors.length > 0) return errors;
  const waiting = new Set<string>();
  try {
    for (const target of targets) writeNext(target, waiting, onStep);
    const changed = targets.filter(({ real, before }) =>
      readText(real) !== before
    );
    if (changed.length === 0) replaceAll(targets, onStep);
    return changed.map(({ path }) =>
      `${path}: it was changed in this very moment: try again`
    );
  } finally {
    for (const next of waiting) rmSync(next, { force: true });
  }
}

function replaceAll(targets: readonly Target[], onStep: OnStep): void {
  for (const { path, next, real } of targets) {
    onStep(`replace ${path}`);
    renameSync(next, real);
  }
}

function targetFor(root: string, path: string, before: string | undefined,
  text: string): Target
{
  const real = realpathSync(join(root, path));
  const next = join(dirname(real),
    `.tangle-next-${process.pid}-${basename(real)}`);
  return { path, real, next, before, text };
}

/** Why a chapter must not be replaced. A file without write permission is not, even by root. */
function findHindrance({ path, real }: Target): string[] {
  const { mode, nlink } = statSync(real);
  if ((mode & 0o222) === 0 || !isWritable(real)) {
    return [`${path}: the chapter is read-only: make it writable first`];
  }
  if (!isWritable(dirname(real))) {
    return [`${path}: its folder is read-only: make it writable first`];
  }
  if (nlink > 1)
    return [
      `${path}: this file has ${nlink} names (hard links), and a chapter is `
      + "replaced as a whole, which would part them: make a copy of its own, or a symbolic link",
    ];
  return [];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Writes the new text beside the old one, with the same owner and mode. */
function writeNext(target: Target, waiting: Set<string>, onStep: OnStep): void {
  const { path, real, next, text } = target;
  onStep(`write ${path}`);
  const { mode, uid, gid } = statSync(real);
  const file = openSync(next, "wx", 0o600);
  waiting.add(next);
  try {
    giveTo(uid, gid, file, path);
    fchmodSync(file, mode & 0o7777);
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function giveTo(uid: number, gid: number, file: number, path: string): void {
  const mine = fstatSync(file);
  if (mine.uid === uid && mine.gid === gid) return;
  try {
    fchownSync(file, uid, gid);
  } catch {
    throw refusal(
      `${path}: the chapter belongs to someone else, and would be yours `
        + "once it is written: let its owner do this",
    );
  }
}
