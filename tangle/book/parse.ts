// Markdown in, fences out. What a chapter says is decided here; what the
// fences make together is decided in expand.ts.
import MarkdownIt, { type Token } from "markdown-it";
import { readAttributes, type Attributes } from "./attributes.ts";
import type {
  Book,
  Chapter,
  ChapterSource,
  Fence,
  Place,
  Problem,
} from "./chapter.ts";
import { findLostFences, isClosing } from "./lost-fences.ts";

interface Present extends ChapterSource {
  source: string;
  number: number;
}

/** The Markdown dialect of the book. */
export const markdown = new MarkdownIt({ html: true });

/**
 * The same, but blind to what stands within paragraphs, and to the blocks that
 * look like one to a fence: all that the tangler needs, in half the time.
 */
export const blocksOnly = new MarkdownIt({ html: true });
blocksOnly.core.ruler.enableOnly(["normalize", "block"]);
blocksOnly.block.ruler.disable(["table", "reference", "lheading"]);

/** Reads all chapters; the problems of single fences are in the result. */
export function parseBook(sources: readonly ChapterSource[],
  parser = markdown): Book
{
  const book: Book = {
    chapters: [],
    problems: [],
    paths: sources.map(({ path }) => path),
    last: sources.at(-1)?.number ?? sources.length,
  };
  for (const [index, source] of sources.entries()) {
    const text = source.source;
    if (text === undefined) {
      book.problems.push(source.problem ?? missing(source.path));
    } else {
      const number = source.number ?? index + 1;
      const present = { ...source, source: text, number };
      book.chapters.push(parseChapter(present, parser, book.problems));
    }
  }
  return book;
}

/** Why chapters could not be read, one line each; those that are not written yet do not count. */
export function unreadable({ chapters, problems }: Book): string[] {
  const read = new Set(chapters.map(({ path }) => path));
  const found = problems.filter(({ place, draft }) =>
    !draft && !read.has(place.path)
  );
  return found.map(({ place: { path, line, column }, message }) =>
    `${path}:${line}:${column}: ${message}`
  );
}

function missing(path: string): Problem {
  const message =
    "this chapter is missing: write it, or take it out of book.config.ts";
  return { place: { path, line: 1, column: 1 }, message, draft: true };
}

function parseChapter(from: Present, parser: typeof markdown,
  problems: Problem[]): Chapter
{
  const { number, name, path } = from;
  const source = from.source.replace(/^\uFEFF/, "");
  const tokens = parser.parse(source, {});
  const title = titleOf(tokens, name);
  const chapter: Chapter = {
    number,
    name,
    path,
    title,
    source,
    tokens,
    fences: [],
    ...(from.quest === undefined ? {} : { quest: from.quest }),
  };
  const lines = splitLines(source);
  for (const [index, token] of tokens.entries()) {
    if (token.type === "fence") parseFence(chapter, lines, index, problems);
  }
  problems.push(...findLostFences(chapter, lines));
  return chapter;
}

/** Splits at the line ends that Markdown knows: LF, CR LF, CR. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

function titleOf(tokens: Token[], fallback: string): string {
  const heading = tokens.findIndex((token) =>
    token.type === "heading_open" && token.tag === "h1"
  );
  return tokens[heading + 1]?.type === "inline" ? tokens[heading + 1].content
    : fallback;
}

function parseFence(chapter: Chapter, lines: string[], index: number,
  problems: Problem[]): void
{
  const token = chapter.tokens[index];
  const [from] = token.map!;
  const opening = lines[from];
  const column = opening.indexOf(token.markup) + 1;
  const place = { path: chapter.path, line: from + 1, column };
  const complain = (message: string, at = column): void => {
    problems.push({ place: { ...place, column: at }, message });
  };
  const attributes = readAttributes(token.info, opening, complain);
  const isAtMargin = column === 1 && token.level === 0;
  if (attributes.any && !isAtMargin) complain(notAtMargin);
  if (token.level === 0 && !isClosed(token, lines)) {
    complain(`this fence is never closed: end it with a line ${token.markup}`);
  }
  const code = isAtMargin ? codeOf(token, lines)
    : splitLines(token.content.replace(/\n$/, ""));
  chapter.fences.push(makeFence(chapter, place, code, attributes, index));
}

const notAtMargin =
  "code that is tangled cannot stand in a list, a quotation or an "
  + "indented fence: move the fence to the left margin";

/** The lines of a fence at the margin, as they are. */
function codeOf(token: Token, lines: string[]): string[] {
  const [from, to] = token.map!;
  return lines.slice(from + 1, isClosed(token, lines) ? to - 1 : to);
}

function isClosed(token: Token, lines: string[]): boolean {
  const [from, to] = token.map!;
  return to - 1 > from && isClosing(lines[to - 1] ?? "", token.markup);
}

function makeFence({ number }: Chapter, place: Place, lines: string[],
  attributes: Attributes, token: number): Fence
{
  const { language, file, chunk, replaces, run, output, columns } = attributes;
  return {
    chapter: number,
    language,
    place,
    firstLine: place.line + 1,
    lines,
    run,
    output,
    columns,
    token,
    ...(file === undefined ? {} : { file }),
    ...(chunk === undefined ? {} : { chunk }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
