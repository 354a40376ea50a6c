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
  /** The number of its chapter, from 1. */
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

export interface Chapter {
  number: number;
  name: string;
  path: string;
  title: string;
  source: string;
  tokens: Token[];
  fences: Fence[];
}

export interface Book {
  chapters: Chapter[];
  /** What is wrong with single chapters and fences; verify() finds the rest. */
  problems: Problem[];
  /** The paths of all chapters in order, the missing ones too. */
  paths: string[];
}

/** The text of one chapter; without a source the chapter is missing, or cannot be read. */
export interface ChapterSource {
  name: string;
  path: string;
  source: string | undefined;
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
