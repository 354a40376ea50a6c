/** Blocks of code: their captions, their colours, and the links inside and beneath them. */
import { type Fence } from "../../tangle/book/chapter.ts";
import { references, type Reference } from "../../tangle/book/references.ts";
import type { Block, ChunkIndex } from "../structure/chunks.ts";
import {
  definitionFor,
  definitionSign,
  relationsOf,
  whereabouts,
  type Relation,
} from "../structure/relations.ts";
import type { Loom } from "../loom/loom.ts";
import { formerLines, newLines } from "../structure/changed-lines.ts";
import type { Piece } from "../colours/highlight.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml } from "../text/html-text.ts";

/** Lines longer than this do not fit a phone: their block can be scrolled, so the keyboard must reach it. */
const narrowScreen = 34;

/** The figure that a fence becomes; an output becomes none, for its experiment shows it. */
export function codeFigure(fence: Fence, loom: Loom): string {
  const block = loom.index.blocks.get(fence);
  if (fence.output) return "";
  if (!block)
    return `<figure class="code plain">\n${codeBlock(fence, loom)}</figure>\n`;
  const parts = [
    caption(block, loom),
    codeBlock(fence, loom),
    ...former(block, loom),
    ...output(block),
    footer(block, loom),
  ];
  return `<figure class="code ${block.kind}" id="${block.id}">\n${parts.join("")}</figure>\n`;
}

/** "push and pop ≡ machine/stack.ts" */
function caption(block: Block, { index }: Loom): string {
  return `<figcaption>${captionWords(block, index)}</figcaption>\n`;
}

function captionWords(block: Block, index: ChunkIndex): string {
  const { kind, id, name } = block;
  const link = `href="#${id}">${escapeHtml(name)}</a>`;
  if (kind === "experiment")
    return `<span class="kind">experiment</span> <a class="name" ${link}`;
  if (kind === "file") return `<a class="name path" ${link}`;
  const [sign, meaning] = definitionSign(block, index);
  const files = index.files.get(name) ?? [];
  const where = [...files.slice(0, 2), ...(files.length > 2 ? ["…"] : [])].join(
    ", ",
  );
  const equals =
    `<span class="sign" role="img" aria-label="${meaning}">${sign}</span>`;
  return `<a class="name" ${link} ${equals}${where === "" ? "" : ` <span class="where">${escapeHtml(where)}</span>`}`;
}

function codeBlock(fence: Fence, loom: Loom): string {
  const coloured = loom.highlight(fence.lines, fence.language);
  if (!coloured) {
    loom.complain({
      place: fence.place,
      message:
        `the book does not know the language "${fence.language}": add it to languages in book.config.ts`,
    });
    return "";
  }
  const uses = new Map(
    references(fence).map((use) => [use.line - fence.firstLine, use]),
  );
  const changed = changedLines(fence, loom);
  const lines = coloured.map((pieces, index) => {
    const use = uses.get(index);
    const html = use
      ? referenceLine(fence.lines[index] ?? "", use, fence, loom)
      : codeLine(pieces, loom);
    return changed.has(index) ? `<span class="new">${html}</span>` : html;
  });
  const language = fence.language === "" ? "text" : fence.language;
  return `${openPre(fence.lines)}<code class="language-${escapeHtml(language)}">${lines.join("\n")}</code></pre>\n`;
}

/** Opens a box of code; one that may have to be scrolled can be reached by the keyboard. */
export function openPre(lines: readonly string[]): string {
  const wide = lines.some((line) => line.length > narrowScreen);
  return wide ? "<pre tabindex=\"0\" role=\"group\" aria-label=\"code\">"
    : "<pre>";
}

/** Neighbours of one colour are drawn together; plain spaces belong to what stands before them. */
function codeLine(pieces: readonly Piece[], { palette }: Loom): string {
  const runs: { look: string; text: string }[] = [];
  for (const piece of pieces) {
    const look = palette.classOf(piece);
    const last = runs.at(-1);
    if (last && (last.look === look || piece.text.trim() === ""))
      last.text += piece.text;
    else runs.push({ look, text: piece.text });
  }
  return runs
    .map(({ look, text }) =>
      text.trim() === "" ? text
        : `<span class="${look}">${escapeHtml(text)}</span>`
    )
    .join("");
}

/** A line that refers to a chunk leads to where the chunk is defined, or says for what it waits. */
function referenceLine(line: string, use: Reference, fence: Fence,
  { index, page, palette, highlight }: Loom): string
{
  const block = index.blocks.get(fence);
  const target = block && definitionFor(page, use.name, index);
  const pieces = highlight([line.trim()], fence.language)?.[0] ?? [];
  const words = escapeHtml(line.trim());
  if (!target) return `${use.indent}<span class="missing">${words}</span>`;
  const where = whereabouts(block, target);
  const there = where === undefined ? ""
    : ` data-mark="${escapeHtml(where.words)}" data-short="${escapeHtml(where.short)}"`;
  const look = pieces[0] ? palette.classOf(pieces[0]) : "";
  return `${use.indent}<a class="reference ${look}" href="${linkTo(target.href, page.file)}"${there}>${words}</a>`;
}

/** In a fence that replaces a chunk, the lines that were not there before. */
function changedLines(fence: Fence, { index }: Loom): ReadonlySet<number> {
  const block = index.blocks.get(fence);
  if (block?.kind !== "replaces") return new Set();
  return newLines(formerLines(block, index), fence.lines);
}

/** What a replaced chunk said before, folded away. */
function former(block: Block, loom: Loom): string[] {
  if (block.kind !== "replaces") return [];
  const lines = formerLines(block, loom.index);
  const coloured = loom.highlight(lines, block.fence.language) ?? [];
  const code = coloured.map((pieces) => codeLine(pieces, loom)).join("\n");
  return [
    `<details class="former"><summary>before</summary>\n${openPre(lines)}<code>${code}</code></pre></details>\n`,
  ];
}

/** What an experiment printed. */
function output({ output: printed }: Block): string[] {
  if (!printed) return [];
  const box = openPre(printed.lines).replace("<pre", "<pre class=\"output\"");
  return [
    `<p class="prints">prints</p>\n${box}<samp>${escapeHtml(printed.lines.join("\n"))}</samp></pre>\n`,
  ];
}

function footer(block: Block, { index, page }: Loom): string {
  const relations = relationsOf(block, index);
  if (relations.length === 0) return "";
  const sentences = relations.map((relation) =>
    relationHtml(relation, page.file)
  );
  return `<p class="relations">${sentences.join(" · ")}</p>\n`;
}

/** "used in §1.2, in §5.4", each a link. */
function relationHtml({ words, blocks }: Relation, here: string): string {
  const links = blocks.map(({ block: { href }, where }) =>
    `<a href="${linkTo(href, here)}">${where}</a>`
  );
  return `${words} ${links.join(", ")}`;
}
