// Which fence an edit of a tangled file belongs to.
import { book as config } from "../../book.config.ts";
import type { Edit } from "./diff.ts";
import { textOf, type Origin, type TangledFile } from "../tree/tangled-file.ts";
import type { Fence } from "../book/chapter.ts";
import { lineWith } from "../tree/preamble.ts";
import { show } from "../book/chapter.ts";

/** An edit of the lines of one fence. */
export interface FenceEdit extends Edit {
  fence: Fence;
  expansion: number;
}

/** Some neighbouring lines of one expansion, and what they become. */
interface Part {
  run: Origin[];
  lines: string[];
}

/**
 * The edit of a file (without its computed lines) as edits of fences. What belongs to no fence, or could
 * belong to two, is added to the errors.
 */
export function attribute(edit: Edit, file: TangledFile,
  errors: string[]): FenceEdit[]
{
  const best = slides(edit, file).find((each) => isWithinOne(each, file))
    ?? edit;
  const where = `${config.tangled}/${file.path}:${lineWith(file.preamble, best.start)}`;
  const isInsertion = best.start === best.end;
  const found = isInsertion ? attributeInsertion(best, file)
    : attributeChange(best, file);
  if (typeof found === "string") errors.push(`${where}: ${found}`);
  if (typeof found === "string") return [];
  return found.map(
    ({ origin: { fence, expansion, index, indent }, count, lines }) => {
      const problem = lines.map((line) => findMisfit(line, indent)).find((
        each,
      ) => each);
      if (problem) errors.push(`${where}: ${problem}`);
      const code = lines.map((line) => line.slice(indent.length));
      return {
        fence,
        expansion,
        start: index,
        end: index + count,
        lines: code,
      };
    },
  );
}

/** New lines for `count` lines from the origin on. */
interface Attributed {
  origin: Origin;
  count: number;
  lines: string[];
}

function attributeInsertion({ start, lines }: Edit, file: TangledFile):
  | Attributed[]
  | string
{
  const origin = insertionPoint(start, file);
  return origin ? [{ origin, count: 0, lines }] : describeBorder(start, file);
}

function attributeChange(edit: Edit, file: TangledFile): Attributed[] | string {
  const parts = divide(edit, file);
  if (!parts)
    return `this change spans ${describeOrigins(edit, file)}: change one at a time`;
  return parts.map(({ run, lines }) => ({
    origin: run[0],
    count: run.length,
    lines,
  }));
}

/** Why a line cannot come from a chunk whose reference is indented like that. */
function findMisfit(line: string, indent: string): string | undefined {
  if (line === "" || indent === "") return undefined;
  if (line === indent) return "a line of white space only: leave it empty";
  if (line.startsWith(indent)) return undefined;
  return `"${line.trim()}" is indented less than the reference to its chunk: `
    + "indent it, or edit the chapter";
}

/** The same change seen from its other ends: a new `}` may be either of two. */
function slides(edit: Edit, file: TangledFile): Edit[] {
  const isInsertion = edit.start === edit.end;
  if (!isInsertion && edit.lines.length > 0) return [edit];
  const removed = file.origins.slice(edit.start, edit.end).map(textOf);
  const lines = isInsertion ? edit.lines : removed;
  const moves = [...slideDown(edit.end, lines, file),
    ...slideUp(edit.start, lines, file)];
  return [edit, ...moves.map(({ by, lines: moved }) => ({
    start: edit.start + by,
    end: edit.end + by,
    lines: isInsertion ? moved : [],
  }))];
}

interface Slide {
  by: number;
  lines: string[];
}

function slideDown(end: number, lines: string[], file: TangledFile): Slide[] {
  const result: Slide[] = [];
  for (let by = 1; lines[0] === lineAt(file, end + by - 1); by++) {
    lines = [...lines.slice(1), lines[0]];
    result.push({ by, lines });
  }
  return result;
}

function slideUp(start: number, lines: string[], file: TangledFile): Slide[] {
  const result: Slide[] = [];
  for (let by = 1; lines.at(-1) === lineAt(file, start - by); by++) {
    lines = [lines.at(-1)!, ...lines.slice(0, -1)];
    result.push({ by: -by, lines });
  }
  return result;
}

function lineAt(file: TangledFile, index: number): string | undefined {
  const origin = file.origins[index];
  return origin && textOf(origin);
}

function isWithinOne(edit: Edit, file: TangledFile): boolean {
  if (edit.start === edit.end)
    return insertionPoint(edit.start, file) !== undefined;
  return runs(edit, file).length === 1;
}

/** The one line of code before which a new line at this index would stand. */
function insertionPoint(at: number, file: TangledFile): Origin | undefined {
  const [before, after] = [file.origins[at - 1], file.origins[at]];
  const { fence } = file;
  const end: Origin = {
    fence,
    index: fence.lines.length,
    indent: "",
    expansion: file.expansion,
  };
  if (before && after) {
    if (areNeighbours(before, after)) return after;
    return besideSeparator(before, after);
  }
  if (after)
    return after.fence === fence && after.index === 0 ? after : undefined;
  if (before) return areNeighbours(before, end) ? end : undefined;
  return end.index === 0 ? end : undefined;
}

/** Before an empty line between two fences is the first one's end, after it the second's beginning. */
function besideSeparator(before: Origin, after: Origin): Origin | undefined {
  if (isSeparator(after)) return { ...before, index: before.index + 1 };
  return isSeparator(before) && after.index === 0 ? after : undefined;
}

const isSeparator = ({ computed }: Origin): boolean => computed === "";

function areNeighbours(before: Origin, after: Origin): boolean {
  return before.expansion === after.expansion
    && before.index + 1 === after.index;
}

/** The changed lines as runs of neighbours in one expansion. */
function runs(edit: Edit, file: TangledFile): Origin[][] {
  const result: Origin[][] = [];
  for (const origin of file.origins.slice(edit.start, edit.end)) {
    if (isSeparator(origin)) continue;
    const last = result.at(-1)?.at(-1);
    if (last && areNeighbours(last, origin)) result.at(-1)!.push(origin);
    else result.push([origin]);
  }
  return result;
}

/** The new lines of each run: all to a single one, or none, or one for one. */
function divide(edit: Edit, file: TangledFile): Part[] | undefined {
  const all = runs(edit, file);
  if (all.length === 1) return [{ run: all[0], lines: edit.lines }];
  if (edit.lines.length === 0) return all.map((run) => ({ run, lines: [] }));
  const old = file.origins.slice(edit.start, edit.end);
  if (edit.lines.length !== old.length) return undefined;
  if (
    old.some((origin, index) => isSeparator(origin) && edit.lines[index] !== "")
  ) return undefined;
  let taken = 0;
  return all.map((run) => ({
    run,
    lines: edit.lines.slice(taken, taken += run.length),
  }));
}

function describeBorder(at: number, file: TangledFile): string {
  const sides = [file.origins[at - 1], file.origins[at]].map((origin) =>
    origin && placeOf(origin)
  );
  const border = `between ${sides[0] ?? "the beginning"} and ${sides[1] ?? "the end"}`;
  return `a new line on the border ${border}, which could belong to either: `
    + "write it in the chapter";
}

function describeOrigins(edit: Edit, file: TangledFile): string {
  return [...new Set(runs(edit, file).map((run) => placeOf(run[0])))].join(
    " and ",
  );
}

function placeOf({ fence, index }: Origin): string {
  return show({
    path: fence.place.path,
    line: fence.firstLine + index,
    column: 1,
  });
}

/**
 * The edits of each fence, once. A fence that was expanded at several places
 * must have been edited in the same way at all of them.
 */
export function unite(edits: readonly FenceEdit[],
  files: readonly TangledFile[], errors: string[]): FenceEdit[]
{
  const fences = [...new Set(edits.map((edit) => edit.fence))];
  return fences.flatMap((fence) => {
    const places = expansionsOf(fence, files);
    const versions = [...places.keys()].map((expansion) =>
      edits.filter((edit) => edit.expansion === expansion)
    );
    const first = versions[0] ?? edits.filter((edit) => edit.fence === fence);
    const agree = versions.every((version) => sameEdits(first, version));
    if (!agree) errors.push(describeDisagreement(fence, [...places.values()]));
    return first;
  });
}

/** Where in tangled/ each expansion of the fence begins. */
function expansionsOf(fence: Fence,
  files: readonly TangledFile[]): Map<number, string>
{
  const found = new Map<number, string>();
  for (const file of files) {
    for (const [index, origin] of file.origins.entries()) {
      const isOther = origin.fence !== fence || origin.computed !== undefined;
      if (isOther || found.has(origin.expansion)) continue;
      found.set(origin.expansion,
        `${config.tangled}/${file.path}:${index + 1}`);
    }
  }
  return found;
}

function sameEdits(a: readonly FenceEdit[], b: readonly FenceEdit[]): boolean {
  const key = (edits: readonly FenceEdit[]): string =>
    JSON.stringify(edits.map(({ start, end, lines }) => [start, end, lines]));
  return key(a) === key(b);
}

function describeDisagreement(fence: Fence, places: string[]): string {
  return `${show(fence.place)}: this code is used at ${places.join(" and ")}, `
    + "and was not edited in the same way at each: make the same edit at all of them";
}
