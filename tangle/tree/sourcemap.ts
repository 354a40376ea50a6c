// Source maps (revision 3): from a place in tangled/ to the place in a chapter.
import { posix } from "node:path";
import type { Place } from "../book/chapter.ts";
import type { TangledFile } from "./tangled-file.ts";

/** A standard source map; its sources are relative to the tangled file. */
export interface SourceMap {
  version: 3;
  file: string;
  sources: string[];
  names: string[];
  mappings: string;
}

/** Maps every token of the file to its chapter, line and column. */
export function mapFile(file: TangledFile, tangled: string): SourceMap {
  const paths = [
    ...new Set([file, ...file.origins].map(({ fence }) => fence.place.path)),
  ];
  const folder = posix.dirname(posix.join(tangled, file.path));
  const sources = paths.map((path) => posix.relative(folder, path));
  const numbers = new Map(paths.map((path, index) => [path, index]));
  const mappings = mappingsOf(file, numbers);
  return {
    version: 3,
    file: posix.basename(file.path),
    sources,
    names: [],
    mappings,
  };
}

/** The place in a chapter of one in a file; lines and columns count from 1. */
export function placeIn({ origins, fence: opening }: TangledFile, line: number,
  column: number): Place
{
  const end = { fence: opening, index: opening.lines.length, indent: "" };
  const { fence, index, indent } = origins[line - 1] ?? end;
  return {
    path: fence.place.path,
    line: fence.firstLine + index,
    column: index < 0 ? 1 : Math.max(1, column - indent.length),
  };
}

/** The end of the file is the end of the fence that opens it. */
function mappingsOf({ origins, fence }: TangledFile,
  numbers: Map<string, number>): string
{
  let [source, line, column] = [0, 0, 0];
  const lines = [...origins, { fence, index: fence.lines.length, indent: "" }];
  return lines.map(
    ({ fence: { place, firstLine, lines: code }, index, indent }) => {
      const number = numbers.get(place.path)!;
      const chapterLine = firstLine - 1 + index;
      const start = `A${vlq(number - source)}${vlq(chapterLine - line)}${vlq(-column)}`;
      const rest = mapTokens(code[index] ?? "", indent.length);
      [source, line, column] = [number, chapterLine, rest.last];
      return start + rest.mappings;
    },
  ).join(";");
}

/** One segment for each token after the first, since tools do not interpolate. */
function mapTokens(text: string,
  indent: number): { mappings: string; last: number }
{
  let mappings = indent > 0 && text !== "" ? `,${vlq(indent)}AAA` : "";
  let last = 0;
  for (let at = 1; at < text.length; at++) {
    if (!beginsToken(text, at)) continue;
    mappings += segmentAfter(at - last);
    last = at;
  }
  return { mappings, last };
}

function beginsToken(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === 32 || code === 9) return false;
  return !isWord(code) || !isWord(text.charCodeAt(at - 1));
}

/** Letters, digits, _ and $; and all that is not ASCII, for simplicity. */
function isWord(code: number): boolean {
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  return isLetter || (code >= 48 && code <= 57) || code === 95 || code === 36
    || code > 127;
}

const segments: string[] = [];

/** A segment so many columns further on, in the tangled file and in the chapter. */
function segmentAfter(step: number): string {
  return (segments[step] ??= `,${vlq(step)}AA${vlq(step)}`);
}

const digits =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A number in base 64, sign in the lowest bit, five bits a digit. */
export function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const more = rest > 31 ? 32 : 0;
    text += digits[(rest & 31) | more];
    rest >>>= 5;
  } while (rest > 0);
  return text;
}
