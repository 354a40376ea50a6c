// What the chapters hold, once read: fences, and places to point at.
import type { Token } from "markdown-it";
import { visible } from "../edge.mjs";

/** A position in a chapter; line and column count from 1. */
export interface Place {
  path: string;
  line: number;
  column: number;
}

/** Something wrong with the book. A `draft` problem is forgiven by --draft. */
export interface Problem {
  place: Place;
  message: string;
  draft?: boolean;
}

/** A fenced code block. Without file, chunk, replaces, run or output it is an illustration. */
export interface Fence {
  /** The number of its chapter or side quest. */
  chapter: number;
  language: string;
  /** The opening line of the fence. */
  place: Place;
  /** The line of the first line of code. */
  firstLine: number;
  lines: string[];
  file?: string;
  chunk?: string;
  replaces?: string;
  run: boolean;
  output: boolean;
  /** Where each attribute begins on the opening line, counted from 1. */
  columns: Record<string, number>;
  /** Index of the fence in the tokens of its chapter. */
  token: number;
}

/** A chapter, or a side quest: what both have in common is a Markdown file. */
export interface Chapter {
  /**
   * Chapters count from 1; the first side quest of chapter 2 has the number
   * 2.1. All are tangled in the order of their numbers.
   */
  number: number;
  name: string;
  path: string;
  title: string;
  source: string;
  tokens: Token[];
  fences: Fence[];
  /** What the book's description says of a side quest. */
  quest?: Quest;
}

/** Why one would leave the road, and what else that needs. */
export interface Quest {
  reason: string;
  /** The names of the side quests that this one leans on. */
  leansOn: readonly string[];
}

/** One of the seven in book.config.ts, and what hangs on it. */
export interface ChapterEntry {
  name: string;
  path: string;
  sideQuests?: readonly SideQuest[];
}

/** What a hero may leave aside: the road works without it. */
export interface SideQuest {
  name: string;
  path: string;
  /** Why one would go there, in a line. */
  reason: string;
  /** The names of the side quests that it needs besides its chapter and those before. */
  leansOn?: readonly string[];
}

/** Whether this is the number of a side quest. */
export const isQuest = (number: number): boolean => !Number.isInteger(number);

/** The number of the chapter on which a side quest hangs; that of a chapter itself. */
export const chapterOf = (number: number): number => Math.floor(number);

const numerals = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X",
  "XI", "XII"];

/** The number of a chapter as readers see it. */
export const numeralOf = (number: number): string =>
  numerals[number - 1] ?? String(number);

/** What the numbers of sections and experiments begin with: "2", and "2a" for its first side quest. */
export const labelOf = (number: number): string =>
  `${chapterOf(number)}${"abcdefghi"[Math.round(number % 1 * 10) - 1] ?? ""}`;

export interface Book {
  chapters: Chapter[];
  /** What is wrong with single chapters and fences; verify() finds the rest. */
  problems: Problem[];
  /** The paths of all chapters and side quests in order, the missing ones too. */
  paths: string[];
  /** The number of the last one. */
  last: number;
}

/** The text of one chapter; without a source the chapter is missing, or cannot be read. */
export interface ChapterSource {
  name: string;
  path: string;
  source: string | undefined;
  /** Its number; without it, chapters count from 1 as they come. */
  number?: number;
  quest?: Quest;
  /** Why it cannot be read. */
  problem?: Problem;
}

/** `chapters/5-host.md:412:7: what is wrong, and what to do`. */
export function format({ place, message }: Problem): string {
  return visible(`${show(place)}: ${message}`);
}

/** `chapters/5-host.md:412:7`. */
export function show({ path, line, column }: Place): string {
  return `${path}:${line}:${column}`;
}
