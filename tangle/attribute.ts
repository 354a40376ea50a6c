// Which fence an edit of a tangled file belongs to.
import { book as config } from "../book.config.ts";
import type { Edit } from "./diff.ts";
import { textOf, type Origin, type TangledFile } from "./expand.ts";
import type { Fence } from "./parse.ts";
import { show } from "./verify.ts";

/** An edit of the lines of one fence. */
export interface FenceEdit extends Edit {
  fence: Fence;
  expansion: number;
  /** The place in tangled/, for messages. */
  where: string;
}

/**
 * The edit of a file as edits of fences. What belongs to no fence, or could
 * belong to two, is added to the errors.
 */
export function attribute(edit: Edit, file: TangledFile, errors: string[]): FenceEdit[] {
  const chosen = slides(edit, file).find((each) => isWithinOne(each, file)) ?? edit;
  const where = `${config.tangled}/${file.path}:${chosen.start + 1}`;
  const fit = (lines: string[], { indent }: { indent: string }): string[] => lines.map((line) => outdent(line, indent, where, errors));
  if (chosen.start === chosen.end) {
    const point = insertionPoint(chosen.start, file);
    if (!point) errors.push(`${where}: ${describeBorder(chosen.start, file)}`);
    return point ? [{ ...point, start: point.index, end: point.index, lines: fit(chosen.lines, point), where }] : [];
  }
  const parts = divide(chosen, file);
  if (!parts) errors.push(`${where}: this change spans ${describeOrigins(chosen, file)}: change one at a time`);
  return (parts ?? []).map(({ run, lines }) => {
    const { fence, expansion, index } = run[0]!;
    return { fence, expansion, start: index, end: index + run.length, lines: fit(lines, run[0]!), where };
  });
}

/** The same change seen from its other ends: an inserted `}` may be either of two. */
function slides(edit: Edit, file: TangledFile): Edit[] {
  const lineAt = (index: number): string | undefined => file.origins[index] && textOf(file.origins[index]);
  if (edit.lines.length > 0 && edit.end > edit.start) return [edit];
  const moving = edit.lines.length > 0 ? edit.lines : file.origins.slice(edit.start, edit.end).map(textOf);
  const result = [edit];
  const place = (by: number, lines: string[]): void => {
    result.push({ start: edit.start + by, end: edit.end + by, lines: edit.lines.length > 0 ? lines : [] });
  };
  for (let by = 1, lines = moving; lines[0] === lineAt(edit.end + by - 1); by++) place(by, lines = [...lines.slice(1), lines[0]!]);
  for (let by = 1, lines = moving; lines.at(-1) === lineAt(edit.start - by); by++) place(-by, lines = [lines.at(-1)!, ...lines.slice(0, -1)]);
  return result;
}

function isWithinOne(edit: Edit, file: TangledFile): boolean {
  if (edit.start === edit.end) return insertionPoint(edit.start, file) !== undefined;
  return runs(edit, file).length === 1;
}

/** The fence that holds both neighbours of a new line, and the index between them. */
function insertionPoint(at: number, file: TangledFile): Origin | undefined {
  const [before, after] = [file.origins[at - 1], file.origins[at]];
  const length = file.fence.lines.length;
  if (before && after) return before.expansion === after.expansion && before.index + 1 === after.index ? after : undefined;
  if (after) return after.fence === file.fence && after.index === 0 ? after : undefined;
  if (before) return before.fence === file.fence && before.index + 1 === length ? { ...before, index: length } : undefined;
  return length === 0 ? { fence: file.fence, index: 0, indent: "", expansion: -1 } : undefined;
}

/** The changed lines as runs of neighbours in one fence. */
function runs(edit: Edit, file: TangledFile): Origin[][] {
  const result: Origin[][] = [];
  for (const origin of file.origins.slice(edit.start, edit.end)) {
    const last = result.at(-1)?.at(-1);
    if (last?.expansion === origin.expansion && last.index + 1 === origin.index) result.at(-1)!.push(origin);
    else result.push([origin]);
  }
  return result;
}

/** The new lines of each run: all to a single one, or none, or one for one. */
function divide(edit: Edit, file: TangledFile): { run: Origin[]; lines: string[] }[] | undefined {
  const all = runs(edit, file);
  if (all.length === 1) return [{ run: all[0]!, lines: edit.lines }];
  if (edit.lines.length === 0) return all.map((run) => ({ run, lines: [] }));
  if (edit.lines.length !== edit.end - edit.start) return undefined;
  let taken = 0;
  return all.map((run) => ({ run, lines: edit.lines.slice(taken, (taken += run.length)) }));
}

/** Takes away the indentation that the reference gives back. */
function outdent(line: string, indent: string, where: string, errors: string[]): string {
  if (line === "" || indent === "") return line;
  if (line === indent) errors.push(`${where}: a line of white space only: leave it empty`);
  else if (!line.startsWith(indent)) errors.push(`${where}: "${line.trim()}" is indented less than the reference to its chunk: indent it, or edit the chapter`);
  return line.slice(indent.length);
}

function describeBorder(at: number, file: TangledFile): string {
  const sides = [file.origins[at - 1], file.origins[at]].map((origin) => origin && placeOf(origin));
  const [before, after] = [sides[0] ?? "the beginning", sides[1] ?? "the end"];
  return `a new line on the border between ${before} and ${after}, which could belong to either: write it in the chapter`;
}

function describeOrigins(edit: Edit, file: TangledFile): string {
  return [...new Set(runs(edit, file).map((run) => placeOf(run[0]!)))].join(" and ");
}

function placeOf({ fence, index }: Origin): string {
  return show({ path: fence.place.path, line: fence.firstLine + index, column: 1 });
}

/**
 * The edits of each fence, once. A fence that was expanded at several places
 * must have been edited in the same way at all of them.
 */
export function unite(edits: FenceEdit[], files: readonly TangledFile[], errors: string[]): FenceEdit[] {
  const fences = [...new Set(edits.map((edit) => edit.fence))];
  return fences.flatMap((fence) => {
    const expansions = expansionsOf(fence, files);
    const versions = [...expansions.keys()].map((expansion) => edits.filter((edit) => edit.expansion === expansion));
    const [first = edits.filter((edit) => edit.fence === fence), ...others] = versions;
    if (others.some((other) => !sameEdits(first, other))) errors.push(describeDisagreement(fence, [...expansions.values()]));
    return first;
  });
}

/** Where in tangled/ each expansion of the fence begins. */
function expansionsOf(fence: Fence, files: readonly TangledFile[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const file of files) {
    for (const [index, origin] of file.origins.entries()) {
      if (origin.fence === fence && !found.has(origin.expansion)) found.set(origin.expansion, `${config.tangled}/${file.path}:${index + 1}`);
    }
  }
  return found;
}

function sameEdits(a: FenceEdit[], b: FenceEdit[]): boolean {
  const key = (edits: FenceEdit[]): string => JSON.stringify(edits.map(({ start, end, lines }) => [start, end, lines]));
  return key(a) === key(b);
}

function describeDisagreement(fence: Fence, places: string[]): string {
  return `${show(fence.place)}: this code is used at ${places.join(" and ")}, and was not edited in the same way at each: make the same edit at all of them`;
}
