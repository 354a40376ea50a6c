// How the book keeps its promises to those who walk the road.
import { isQuest, type Book, type Chapter } from "../book/chapter.ts";
import { splitLines } from "../book/parse.ts";
import { chunkOf } from "../book/stage.ts";
import { holesOf, type ChapterHoles } from "./holes.ts";
import { measure } from "./measure.ts";

/** What a chapter or a side quest costs its reader. */
export interface Stats {
  name: string;
  path: string;
  number: number;
  words: number;
  /** Lines of code. */
  lines: number;
  /** Fences of code. */
  chunks: number;
  minutes: number;
  /** The most lines of Markdown in a row without the beginning of an experiment. */
  withoutExperiment: number;
  /** The most words in a row without a drawing. */
  withoutDrawing: number;
  /** Its first experiment, or its end: so many lines one reads before something runs. */
  firstRun: number;
  /** A side quest has none that count. */
  holes?: ChapterHoles;
}

/** What the road may cost at most; book.config.ts says it. */
export interface Budget {
  /** Lines of code, and words, of all chapters together. */
  code: number;
  words: number;
  /** Lines of code of each chapter. */
  chapters: Readonly<Record<string, number>>;
  /** Holes that wait at one place for what comes later on the road. */
  holes: number;
  /** The line of the first chapter up to which something runs. */
  firstRun: number;
}

/** Measures each chapter and side quest. */
export function statsOf(book: Book): Stats[] {
  const holes = holesOf(book);
  return book.chapters.map((chapter) => ({
    ...statsOfPart(chapter),
    ...(holes.has(chapter.number)
      ? { holes: holes.get(chapter.number)! } : {}),
  }));
}

function statsOfPart(chapter: Chapter): Stats {
  const { name, path, number, fences, source } = chapter;
  const isCode = fences.filter((fence) =>
    fence.file !== undefined || chunkOf(fence) !== undefined
  );
  const runs = fences.filter(({ run }) => run).map(({ place }) => place.line);
  const end = splitLines(source.replace(/(?:\r\n|\n|\r)$/u, "")).length;
  const all = [0, ...runs, end];
  return {
    name,
    path,
    number,
    ...measure(chapter),
    chunks: isCode.length,
    withoutExperiment: Math.max(
      ...all.slice(1).map((line, index) => line - all[index]),
    ),
    withoutDrawing: longestWithoutDrawing(chapter),
    firstRun: runs[0] ?? end,
  };
}

const drawing = /!\[[^\]]*\]\([^)]+\)/u;

function longestWithoutDrawing(chapter: Chapter): number {
  let [longest, words] = [0, 0];
  for (const token of chapter.tokens) {
    if (token.type !== "inline") continue;
    if (drawing.test(token.content)) words = 0;
    words += measure({ ...chapter, tokens: [token], fences: [] }).words;
    longest = Math.max(longest, words);
  }
  return longest;
}

/** The sum of some parts. */
export interface Sum {
  words: number;
  lines: number;
  chunks: number;
  minutes: number;
}

/** The sum of the chapters, or of the side quests, or of both. */
export function sumOf(stats: readonly Stats[]): Sum {
  const sum = (key: keyof Sum): number =>
    stats.reduce((total, each) => total + each[key], 0);
  return {
    words: sum("words"),
    lines: sum("lines"),
    chunks: sum("chunks"),
    minutes: sum("minutes"),
  };
}

/** The chapters without their side quests. */
export const roadOf = (stats: readonly Stats[]): Stats[] =>
  stats.filter(({ number }) => !isQuest(number));

/** Every budget that is exceeded, one line each. */
export function brokenPromises(stats: readonly Stats[],
  budget: Budget): string[]
{
  const road = roadOf(stats), { words, lines } = sumOf(road);
  return [...over("the road", "lines of code", lines, budget.code),
    ...over("the road", "words", words, budget.words),
    ...road.flatMap((each) =>
      over(each.name, "lines of code", each.lines,
        budget.chapters[each.name] ?? Infinity)
    ), ...lateRun(road[0], budget), ...tooManyHoles(road, budget)];
}

function over(whose: string, what: string, is: number, most: number): string[] {
  return is <= most ? []
    : [
      `${whose} has ${grouped(is)} ${what}, ${grouped(is - most)} more than ${grouped(most)}`,
    ];
}

function lateRun(opening: Stats | undefined,
  { firstRun: latest }: Budget): string[]
{
  if (!opening || opening.firstRun <= latest) return [];
  const { path, firstRun, name } = opening;
  return [
    `${path}:${firstRun}: nothing runs in ${name} before this line, and something should by line ${grouped(latest)}`,
  ];
}

function tooManyHoles(road: readonly Stats[], budget: Budget): string[] {
  return road.flatMap(({ path, holes }) => {
    const count = holes?.most.waiting.length ?? 0;
    return count <= budget.holes ? []
      : [
        `${path}:${holes!.most.line}: ${count} holes wait here for what comes later, ${count - budget.holes} more than ${budget.holes}`,
      ];
  });
}

/** What README.md says of the road; the numbers are rounded. */
export function roadInWords(stats: readonly Stats[]): string {
  const road = sumOf(roadOf(stats)), all = sumOf(stats);
  return `The road is ${round(road.words)} words and ${round(road.lines)} lines of code, `
    + `about ${eveningsOf(road)} evenings of two hours; the side quests are `
    + `${round(all.words - road.words)} words and ${round(all.lines - road.lines)} lines more.`;
}

const eveningsOf = ({ minutes }: Sum): number =>
  Math.max(1, Math.round(minutes / 120));

function round(count: number): string {
  const step = count < 1000 ? 10 : 100;
  return grouped(Math.round(count / step) * step);
}

const figure = "([\\d,]+)";
const saying = new RegExp(
  `The road is ${figure} words and ${figure} lines of code, about ${figure} evenings of two hours; `
    + `the side quests are ${figure} words and ${figure} lines more\\.`,
  "u",
);

/** Whether a text says what the road costs, and is wrong by no more than a twentieth, or one evening. */
export function saysRoad(text: string, stats: readonly Stats[]): boolean {
  const said = saying.exec(text.replace(/\s+/gu, " "))?.slice(1).map(numberIn);
  const right = saying.exec(roadInWords(stats))!.slice(1).map(numberIn);
  return said !== undefined
    && said.every((number, index) =>
      Math.abs(number - right[index]) <= Math.max(right[index] / 20, index === 2
        ? 1 : 0)
    );
}

const numberIn = (text: string): number => Number(text.replaceAll(",", ""));

/** With a comma between thousands. */
export const grouped = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+$)/gu, ",");
