// Changes lines of a chapter, and leaves the rest of it byte for byte.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The lines from `line` (counted from 1), `count` of them, become `lines`. */
export interface LineEdit {
  path: string;
  line: number;
  count: number;
  lines: readonly string[];
}

function groupByChapter(edits: readonly LineEdit[]): Map<string, LineEdit[]> {
  const groups = new Map<string, LineEdit[]>();
  for (const edit of edits) groups.set(edit.path, [...(groups.get(edit.path) ?? []), edit]);
  return groups;
}

/** The text with its lines edited; new lines end as the line before them does. */
export function editText(text: string, edits: readonly LineEdit[]): string {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const fromTheEnd = [...edits].sort((a, b) => b.line - a.line);
  for (const edit of fromTheEnd) {
    const end = /(\r\n|\r|\n)$/.exec(lines[edit.line - 2] ?? "")?.[0] ?? "\n";
    lines.splice(edit.line - 1, edit.count, ...edit.lines.map((line) => line + end));
  }
  return lines.join("");
}

/** Puts new texts in the place of chapters: each whole, or as it was. */
export function writeChapters(root: string, texts: ReadonlyMap<string, string>): void {
  for (const [path, text] of texts) writeFileSync(join(root, `${path}.next`), text);
  for (const path of texts.keys()) renameSync(join(root, `${path}.next`), join(root, path));
}

/** The chapters with these edits made. */
export function editChapters(root: string, edits: readonly LineEdit[]): Map<string, string> {
  const texts = [...groupByChapter(edits)].map(([path, group]) =>
    [path, editText(readFileSync(join(root, path), "utf8"), group)] as const);
  return new Map(texts);
}
