// Fences that their author meant, and that Markdown does not see: the lines of
// the source are held against the fences that the parser found. A line that
// looks like the opening of a fence with attributes either is one, or is shown
// in a fence that only a longer line (or one of the other kind) can close.
import type { Token } from "markdown-it";
import type { Chapter, Problem } from "./chapter.ts";

/** Whether the line closes a fence that was opened with `markup`. */
export function isClosing(line: string, markup: string): boolean {
  const run = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
  return run !== undefined && run.length >= markup.length
    && run[0] === markup[0];
}

/** Every line of the chapter that should have opened a fence, and did not. */
export function findLostFences(chapter: Chapter,
  lines: readonly string[]): Problem[]
{
  const fences = chapter.tokens.filter((token) => token.type === "fence");
  const problems: Problem[] = [];
  let next = 0;
  for (const [index, line] of lines.entries()) {
    if (!/``|~~|>>=|#\+/.test(line)) continue;
    while (next < fences.length && fences[next].map![1] <= index) next++;
    const fence = fences[next];
    const found = fence && fence.map![0] <= index ? inFence(fence, index, line)
      : outside(line, index, chapter);
    if (!found) continue;
    const at = {
      path: chapter.path,
      line: (found.line ?? index) + 1,
      column: found.column,
    };
    const { message } = found;
    if (problems.at(-1)?.place.line !== at.line)
      problems.push({ place: at, message });
  }
  return problems;
}

/** Its line counts from 0; it is the line that was looked at unless it says otherwise. */
interface Found {
  line?: number;
  column: number;
  message: string;
}

/** In a fence: an opening that can only be there because a closing line is not. */
function inFence(fence: Token, index: number, line: string): Found | undefined {
  const [from] = fence.map!;
  if (index === from) return undefined;
  if (isForeign(line) && !shows(fence))
    return { column: 1, message: foreignNotation };
  const code = fence.level === 0 ? line : line.replace(/^[\s>]+/, "");
  const [, run, info] = /^ {0,3}(`{3,}(?!`)|~{3,}(?!~))(.*\S.*)$/su.exec(code)
    ?? [];
  const { markup } = fence;
  if (run === undefined || run[0] !== markup[0] || run.length < markup.length)
    return undefined;
  if (run[0] === "`" && info!.includes("`") && !looksNamed(run, info!))
    return undefined;
  const message =
    `this fence is not closed before line ${index + 1} opens another: end it with a `
    + `line ${markup} (or, to show a fence in it, open and close it with one ${markup[0]} more)`;
  return { line: from, column: 1, message };
}

/** Whether a fence may show the notation of others. */
function shows({ info }: Token): boolean {
  return /^\s*(?:md|markdown|text)\s*$/.test(info);
}

const before =
  /^([\s>\u200b-\u200f\u2060]*(?:(?:[-+*]|\d{1,9}[.)])[\s>]+)*)(`{2,}|~{2,})(.*)$/su;
const anywhere =
  /(?:(?<!`)`{3,}(?!`)|(?<!~)~{3,}(?!~))[^`~]*\b(?:file|chunk|replaces)\s*=/u;

/** Outside of all fences: whatever looks like the opening of one. */
function outside(line: string, index: number, chapter: Chapter): Found
  | undefined
{
  if (isForeign(line)) return { column: 1, message: foreignNotation };
  const [, prefix = "", run = "", info = ""] = before.exec(line) ?? [];
  if (run !== "" && looksNamed(run, info)) {
    return {
      column: prefix.length + 1,
      message: unseen + reason(line, run, index, chapter),
    };
  }
  const inside = anywhere.exec(line);
  if (!inside || !blockAt(chapter, "html_block", index)) return undefined;
  return {
    column: inside.index + 1,
    message: unseen + reason(line, "```", index, chapter),
  };
}

const unseen = "Markdown sees no fence here";

/** Two words, or a sign that only attributes have; no code that ends in its own line. */
function looksNamed(run: string, info: string): boolean {
  if (run[0] === "`" && info.includes(run)) return false;
  const named = /\b(?:file|chunk|replaces)\s*=|^\s*\w+\s+(?:run|output)\s*$/u;
  if (run.length < 3) return named.test(info);
  return /[\s={:]/u.test(info.trim());
}

function reason(line: string, run: string, index: number,
  chapter: Chapter): string
{
  const html = blockAt(chapter, "html_block", index);
  if (html) {
    return `, but a part of the HTML that begins in line ${html.map![0] + 1}: end that `
      + "(a comment with -->), and leave an empty line before the fence";
  }
  if (run.length < 3) return ": open the fence with three";
  if (blockAt(chapter, "code_block", index)) {
    return ", but code that is indented by four: move the fence to the left margin";
  }
  const backtick = run[0] === "`"
    && line.slice(line.indexOf(run) + run.length).includes("`");
  return backtick
    ? ", because of a backtick in the attributes: open the fence with ~~~"
    : ": put it at the left margin, after an empty line";
}

function blockAt({ tokens }: Chapter, type: string, index: number): Token
  | undefined
{
  return tokens.find((token) =>
    token.type === type && token.map![0] <= index && index < token.map![1]
  );
}

/** The lines with which noweb and Org open a piece of code. */
function isForeign(line: string): boolean {
  return /^\s*<<[^<>]+>>=\s*$/u.test(line)
    || /^\s*#\+(?:begin_src|name:)/iu.test(line);
}

const foreignNotation =
  "this is the notation of another tool: open a fence with "
  + "```ts file=PATH or ```ts chunk=\"NAME\"";
