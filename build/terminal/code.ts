/** Blocks of code for the terminal. */
import type { Fence } from "../../tangle/book/chapter.ts";
import { references } from "../../tangle/book/references.ts";
import type { Piece } from "../colours/highlight.ts";
import type { Block, ChunkIndex } from "../structure/chunks.ts";
import {
  definitionFor,
  definitionSign,
  relationsOf,
  relationWords,
  whereabouts,
} from "../structure/relations.ts";
import type { Ink } from "./ink.ts";
import type { Setting } from "./setting.ts";
import { columnsOf } from "./wrap.ts";

/** The lines of a fence; an output has none, for its experiment shows it. */
export function fenceLines(found: Fence, setting: Setting): string[] {
  if (found.output) return [];
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
  const notes = notesOf(found, setting);
  return lines.map((line, at) =>
    line === "" ? "" : `  ${line}${notes.get(at) ?? ""}`
  );
}

/** What stands behind references: the section where their chunk is, or for what they wait. */
function notesOf(found: Fence,
  { page, index, ink }: Setting): Map<number, string>
{
  const notes = new Map<number, string>();
  const block = index.blocks.get(found);
  for (const { name, line } of references(found)) {
    const target = block && definitionFor(page, name, index);
    const where = target && whereabouts(block, target);
    if (where)
      notes.set(line - found.firstLine, ink.style(`  (${where.words})`, "dim"));
  }
  return notes;
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
