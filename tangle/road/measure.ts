// How much there is to read, and how long that takes.
import type { Chapter, Fence } from "../book/chapter.ts";
import { referenceIn } from "../book/references.ts";

export interface Measure {
  /** Words of prose; what stands in fences does not count. */
  words: number;
  /** Lines of code that are tangled, without empty ones and references. */
  lines: number;
  /** Time for both. */
  minutes: number;
}

/** What a reader gets through in a minute who wants to understand. */
const speed = { words: 200, lines: 20 };

/** Measures a chapter or a side quest. */
export function measure({ tokens, fences }: Chapter): Measure {
  const texts = tokens.filter(({ type }) => type === "inline");
  const words = sum(texts.map(({ content }) => wordsIn(content)));
  const lines = sum(fences.filter(isTangled).map(linesIn));
  return { words, lines, minutes: minutesFor(words, lines) };
}

/** The words of prose that begin on these lines of a chapter, from 1. */
export const wordsBetween = ({ tokens }: Chapter, from: number,
  to: number): number =>
  sum(tokens.map(({ type, map, content }) => {
    const line = (map?.[0] ?? -1) + 1;
    return type === "inline" && line >= from && line <= to ? wordsIn(content)
      : 0;
  }));

/** So many minutes take words and lines of code. */
export const minutesFor = (words: number, lines = 0): number =>
  words / speed.words + lines / speed.lines;

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

const wordsIn = (text: string): number =>
  text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

const isTangled = ({ file, chunk, replaces }: Fence): boolean =>
  [file, chunk, replaces].some((name) => name !== undefined);

const linesIn = ({ lines }: Fence): number =>
  lines.filter((line) => line.trim() !== "" && !referenceIn(line)).length;
