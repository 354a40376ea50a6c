/** A chapter or a side quest for the terminal. */
import type { Token } from "markdown-it";
import { isVerse, plainText } from "../structure/outline.ts";
import { signpostsOf, wordsOn } from "../structure/signposts.ts";
import { fenceLines } from "./code.ts";
import type { Setting } from "./setting.ts";
import { signpostBox, startOfQuest } from "./signpost.ts";
import { columns, columnsOf, wrap } from "./wrap.ts";

/** The chapter as lines. */
export function chapterLines(setting: Setting): string[] {
  return [...startOfQuest(setting),
    ...blocks(setting.page.chapter.tokens, setting)];
}

/** The lines of a run of blocks, with an empty line after each. */
function blocks(tokens: readonly Token[], setting: Setting): string[] {
  const lines: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const end = endOf(tokens, at);
    const block = blockLines(tokens.slice(at, end), setting);
    if (block.length > 0) lines.push(...block, "");
    at = end;
  }
  return lines;
}

/** The index after the block that begins at `at`. */
function endOf(tokens: readonly Token[], at: number): number {
  const first = tokens[at] as Token;
  if (first.nesting !== 1) return at + 1;
  const close = tokens.findIndex((token, index) =>
    index > at && token.level === first.level && token.nesting === -1
  );
  return close + 1;
}

function blockLines(tokens: readonly Token[], setting: Setting): string[] {
  const [first] = tokens as [Token];
  const inside = tokens.slice(1, -1);
  switch (first.type) {
    case "heading_open": return heading(first, setting);
    case "paragraph_open": return paragraph(inside[0] as Token, setting);
    case "inline": return paragraph(first, setting);
    case "blockquote_open":
      return signpost(tokens, setting)
        ?? indented(inside, "│ ", setting).map((line) =>
          setting.ink.style(line, "italic")
        );
    case "bullet_list_open": case "ordered_list_open":
      return list(first, inside, setting);
    case "table_open": return table(inside, setting);
    case "fence": return fence(first, setting);
    case "code_block":
      return first.content
        .trimEnd()
        .split("\n")
        .map((line) => `  ${line}`);
    case "hr": return ["· · ·".padStart(setting.width / 2)];
    default: return [];
  }
}

function fence(token: Token, setting: Setting): string[] {
  const { chapter } = setting.page;
  const found = chapter.fences.find((each) =>
    chapter.tokens[each.token] === token
  );
  return found ? fenceLines(found, setting) : [];
}

/** The box of a signpost, if the block quote is one. */
function signpost(tokens: readonly Token[], setting: Setting): string[]
  | undefined
{
  const { page, pages } = setting;
  const post = signpostsOf(page, pages).find(({ token }) =>
    page.chapter.tokens[token] === tokens[0]
  );
  const words = tokens[2];
  if (!post || !words) return undefined;
  const { title, rest } = wordsOn(words);
  return signpostBox(post, {
    title: inline(title, setting),
    lines: wrap(inline(rest, setting), setting.width - 2),
  }, setting);
}

/** Prose is wrapped; verse keeps its lines. */
function paragraph(token: Token, setting: Setting): string[] {
  const words = inline(token.children, setting);
  if (isVerse(token)) return words.split("\n").map((line) => `    ${line}`);
  return wrap(words, setting.width);
}

/** Blocks behind a mark, without the empty line at their end. */
function indented(tokens: readonly Token[], mark: string,
  setting: Setting): string[]
{
  const lines = blocks(tokens, {
    ...setting,
    width: setting.width - columnsOf(mark),
  });
  return lines.slice(0, -1).map((line) => (mark + line).trimEnd());
}

function heading(token: Token, { page, ink, width }: Setting): string[] {
  const line = (token.map?.[0] ?? 0) + 1;
  const section = page.sections.find((each) => each.line === line);
  const words = wrap(
    [section?.number ?? "", section?.title ?? ""].filter((each) => each !== "")
      .join("  "),
    width,
  );
  const rule = { 1: "═", 2: "─" }[section?.level ?? 3];
  const below = rule === undefined ? []
    : [rule.repeat(Math.max(...words.map(columnsOf)))];
  return ["", ...words, ...below].map((
    each,
  ) => (each === "" ? each : ink.style(each, "bold")));
}

function list(open: Token, tokens: readonly Token[],
  setting: Setting): string[]
{
  let number = Number(open.attrGet("start") ?? 1);
  const lines: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const end = endOf(tokens, at);
    const mark = open.type === "ordered_list_open" ? `${number++}. ` : "• ";
    const item = blocks(tokens.slice(at + 1, end - 1), {
      ...setting,
      width: setting.width - mark.length,
    }).slice(0, -1);
    lines.push(
      ...item.map((line, index) =>
        (index === 0 ? mark : " ".repeat(mark.length)) + line
      ),
    );
    at = end;
  }
  return lines.filter((line) => line.trim() !== "");
}

function table(tokens: readonly Token[], setting: Setting): string[] {
  const rows: string[][] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type === "tr_open") rows.push([]);
    if (token.type === "th_open" || token.type === "td_open")
      rows.at(-1)?.push(inline(tokens[index + 1]?.children, setting));
  }
  const lines = columns(rows, setting.width);
  const head = columns(rows.slice(0, 1), setting.width).length;
  return lines.map((line,
    index) => (index < head ? setting.ink.style(line, "underline") : line)
  );
}

/** The words of a paragraph; emphasis is inked word by word, so that lines can be broken anywhere. */
function inline(words: readonly Token[] | null | undefined,
  { ink }: Setting): string
{
  let styles: ("bold" | "italic")[] = [];
  const inked = (text: string): string =>
    text.replace(/[^ \n]+/gu, (word) => ink.style(word, ...styles));
  return (words ?? [])
    .map((child) => {
      if (child.type === "em_open") styles = [...styles, "italic"];
      if (child.type === "strong_open") styles = [...styles, "bold"];
      if (child.type === "em_close" || child.type === "strong_close")
        styles = styles.slice(0, -1);
      if (child.type === "image") return `[figure: ${plainText(child)}]`;
      if (child.type === "code_inline")
        return ink.depth === 1
          ? `\`${child.content}\``
          : child.content.replace(/[^ ]+/gu, (word) => ink.style(word, "bold"));
      if (child.type === "softbreak" || child.type === "hardbreak") return "\n";
      return child.type === "text" ? inked(child.content) : "";
    })
    .join("");
}
