/** A chapter for the terminal. */
import type { Token } from "markdown-it";
import type { Fence } from "../../tangle/book/chapter.ts";
import type { Block, ChunkIndex } from "../structure/chunks.ts";
import {
  definitionSign,
  relationsOf,
  relationWords,
} from "../structure/relations.ts";
import type { Highlight, Piece } from "../colours/highlight.ts";
import { isVerse, plainText, type Page } from "../structure/outline.ts";
import type { Ink } from "./ink.ts";
import { columns, columnsOf, wrap } from "./wrap.ts";

export interface Setting {
  page: Page;
  index: ChunkIndex;
  highlight: Highlight;
  ink: Ink;
  /** Columns for prose. */
  width: number;
}

/** The chapter as lines. */
export function chapterLines(setting: Setting): string[] {
  return blocks(setting.page.chapter.tokens, setting);
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
      return indented(inside, "│ ", setting).map((line) =>
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

/** Prose is wrapped; verse keeps its lines. */
function paragraph(token: Token, setting: Setting): string[] {
  const words = inline(token, setting);
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
      rows.at(-1)?.push(inline(tokens[index + 1], setting));
  }
  const lines = columns(rows, setting.width);
  const head = columns(rows.slice(0, 1), setting.width).length;
  return lines.map((line,
    index) => (index < head ? setting.ink.style(line, "underline") : line)
  );
}

/** The words of a paragraph; emphasis is inked word by word, so that lines can be broken anywhere. */
function inline(token: Token | undefined, { ink }: Setting): string {
  let styles: ("bold" | "italic")[] = [];
  const inked = (text: string): string =>
    text.replace(/[^ \n]+/gu, (word) => ink.style(word, ...styles));
  return (token?.children ?? [])
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

function fence(token: Token, setting: Setting): string[] {
  const { chapter } = setting.page;
  const found = chapter.fences.find((each) =>
    chapter.tokens[each.token] === token
  );
  if (!found || found.output) return [];
  const block = setting.index.blocks.get(found);
  if (!block) return codeLines(found, setting);
  const relations = relationsOf(block, setting.index).map(relationWords).join(
    " · ",
  );
  return [
    rule(titleOf(block, setting.index), setting),
    ...codeLines(found, setting),
    ...printed(block, setting),
    ...(relations === "" ? [] : [setting.ink.style(`  (${relations})`, "dim")]),
  ];
}

function titleOf(block: Block, index: ChunkIndex): string {
  if (block.kind === "experiment") return `experiment ${block.name}`;
  return block.kind === "file" ? block.name
    : `${block.name} ${definitionSign(block, index)[0]}`;
}

const rule = (title: string, { ink, width }: Setting): string =>
  ink.style(
    `── ${title} ${"─".repeat(Math.max(2, width - columnsOf(title) - 4))}`,
    "dim",
  );

function codeLines(found: Fence, setting: Setting): string[] {
  const coloured = setting.ink.depth === 1 ? undefined
    : setting.highlight(found.lines, found.language);
  const lines =
    coloured?.map((pieces) =>
      pieces.map((piece) => inkPiece(piece, setting.ink)).join("")
    )
      ?? found.lines;
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** Plain text keeps the terminal's own colour. */
function inkPiece({ text, dark, italic, bold }: Piece, ink: Ink): string {
  if (text.trim() === "") return text;
  const inked = greyish(dark) ? text : ink.colour(text, dark);
  return ink.style(inked, ...(italic ? ["italic" as const] : []),
    ...(bold ? ["bold" as const] : []));
}

/** Near-white is the theme's word for "no colour". */
const greyish = (colour: string): boolean =>
  Number.parseInt(colour.slice(1, 3), 16) > 0xc0
  && colour.slice(1, 3) <= colour.slice(5, 7);

function printed({ output }: Block, { ink }: Setting): string[] {
  if (!output) return [];
  return [ink.style("  prints", "dim"),
    ...output.lines.map((line) => `  │ ${line}`.trimEnd())];
}
