/** Drawings of the block of memory that is the machine, made from its own layout. */
import type { Block, Part } from "../machine/block.ts";
import { box, figure, group, line, text, type Shape } from "./svg.ts";

/** The block where chapter I lays out its first words, and at the end of the book. */
export interface Blocks {
  first: Block;
  whole: Block;
}

const left = 68;
const wordWidth = 100;
const lineWidth = 4 * wordWidth;
const rowHeight = 23;
const gap = 9;
const lineBytes = 16;

/** A line of the drawing: a few words beside each other, or one thing that takes more. */
interface Row {
  from: number;
  to: number;
  parts: Part[];
  /** Its upper edge. */
  y: number;
}

/** The parts in rows, the first of them at `y`; where bytes are left out, there is a gap. */
function rowsOf(parts: readonly Part[], y: number): Row[] {
  const rows: Row[] = [];
  for (const part of parts) {
    const isWide = part.size > lineBytes || part.pieces !== undefined;
    const from = isWide ? part.from : part.from - (part.from % lineBytes);
    const last = rows.at(-1);
    if (last && !isWide && last.from === from) {
      last.parts.push(part);
      continue;
    }
    const top = last ? last.y + rowHeight + (last.to === from ? 0 : gap) : y;
    rows.push({
      from,
      to: isWide ? from + part.size : from + lineBytes,
      parts: [part],
      y: top,
    });
  }
  return rows;
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** "512 bytes", "4 KiB" or "2 MiB". */
function sizeWords(bytes: number): string {
  if (bytes >= 1 << 20) return `${bytes / (1 << 20)} MiB`;
  return bytes >= 1 << 10 ? `${bytes / (1 << 10)} KiB` : `${bytes} bytes`;
}

/** What every processor of the family has; all else is there for the sake of this one. */
const ofAnyProcessor =
  /^Cpu\.(E[A-D]X|E[SB]P|E[SD]I|EIP|FLAGS|SELECTOR|BASE|LIMIT|RIGHTS|CPL|CR\d|[GI]DT_\w+|DR\d)$|^Fpu\.(REGISTERS|CONTROL|STATUS|TOP|FULL|OPCODE|(CODE|DATA)(_SELECTOR)?)$/;

const fillOf = (
  { id }: Part,
): "accent" | "soft" => (ofAnyProcessor.test(id) ? "accent" : "soft");

const small = { size: 12, mono: true } as const;

function rowShape({ from, parts, y }: Row): Shape {
  const middle = y + rowHeight / 2;
  const shapes = parts.map((part) => {
    if (part.pieces) return piecesShape(part, part.pieces, y);
    return part.size > lineBytes ? bandShape(part, y) : wordShape(part, y);
  });
  return group([text(left - 8, middle, hex(from), { ...small, anchor: "end" }),
    ...shapes]);
}

/** A word, or what takes a few of them. */
function wordShape(part: Part, y: number): Shape {
  const x = left + ((part.from % lineBytes) / 4) * wordWidth;
  const bounds = {
    x,
    y,
    width: (part.size / 4) * wordWidth,
    height: rowHeight,
  };
  return box(bounds, part.name, { ...small, round: 0, fill: fillOf(part) });
}

/** What has its pieces beside each other. */
function piecesShape(part: Part, pieces: readonly string[], y: number): Shape {
  const width = (lineWidth - wordWidth) / pieces.length;
  return group([
    text(left + wordWidth - 8, y + rowHeight / 2, part.name, {
      ...small,
      anchor: "end",
    }),
    ...pieces.map((piece, index) => {
      const x = left + wordWidth + index * width;
      return box({ x, y, width, height: rowHeight }, piece, {
        ...small,
        round: 0,
        fill: fillOf(part),
      });
    }),
  ]);
}

/** What is longer than a line. */
function bandShape(part: Part, y: number): Shape {
  return group([
    box({ x: left, y, width: lineWidth, height: rowHeight }, [], {
      round: 0,
      fill: fillOf(part),
    }),
    text(left + 10, y + rowHeight / 2, part.name, {
      ...small,
      anchor: "start",
    }),
    text(left + lineWidth - 10, y + rowHeight / 2, sizeWords(part.size), {
      size: 12,
      anchor: "end",
      quiet: true,
    }),
  ]);
}

/** Words beside the rows from that of the part with this id to where the next remark begins. */
type Remark = readonly [id: string, ...words: string[]];

function remarkShapes(rows: readonly Row[],
  remarks: readonly Remark[]): Shape[]
{
  const starts = remarks.map(([id]) => {
    const at = rows.findIndex(({ parts }) =>
      parts.some((part) => part.id === id)
    );
    if (at < 0)
      throw new Error(
        `the machine's block has no ${id} any more: change the remark in build/figures/block.ts`,
      );
    return at;
  });
  return remarks.map(([, ...words], index) => {
    const beside = rows.slice(starts[index], starts[index + 1]);
    return remarkShape(beside[0]?.y ?? 0, (beside.at(-1)?.y ?? 0) + rowHeight,
      words);
  });
}

/** Words at the right of some rows, with a brace if there are several. */
function remarkShape(top: number, bottom: number,
  words: readonly string[]): Shape
{
  const [x, middle, step] = [left + lineWidth + 7, (top + bottom) / 2, 17];
  const brace = `${x},${top + 3} ${x + 7},${top + 3} ${x + 7},${bottom - 3} ${x},${bottom - 3}`;
  return group([
    ...(bottom - top > rowHeight ? [line(brace, { quiet: true })] : []),
    ...words.map((each, index) =>
      text(x + 14, middle + (index - (words.length - 1) / 2) * step, each, {
        size: 13,
        anchor: "start",
      })
    ),
  ]);
}

/** Says above the rows what stands in them: where a row begins, and how far its words are from there. */
function headShape(y: number): Shape {
  const offsets = [0, 1, 2, 3].map((word) =>
    text(left + (word + 0.5) * wordWidth, y, `+${word * 4}`, {
      ...small,
      quiet: true,
    })
  );
  return group([
    text(left - 8, y, "byte", {
      size: 12,
      anchor: "end",
      italic: true,
      quiet: true,
    }),
    ...offsets,
  ]);
}

/** Says below the rows what their colours mean. */
function legendShape(y: number): Shape {
  const entries = [
    ["accent", left, "any such processor has it"],
    ["soft", left + 2.5 * wordWidth, "this machine needs it besides"],
  ] as const;
  return group(entries.flatMap(([fill, x, words]) => [
    box({ x, y: y - 7, width: 20, height: 14 }, [], { fill, round: 0 }),
    text(x + 28, y, words, {
      size: 13,
      anchor: "start",
      italic: true,
      quiet: true,
    }),
  ]));
}

/** A drawing of some parts, and of RAM above them if it is to be there. */
function blockFigure(title: string, parts: readonly Part[],
  remarks: readonly Remark[], ram?: number): string
{
  const rows = rowsOf(parts, 26);
  const end = (rows.at(-1)?.y ?? 0) + rowHeight;
  const bottom = ram === undefined ? end : end + rowHeight;
  return figure(title, 640, bottom + 34, [
    headShape(12),
    ...rows.map(rowShape),
    ...remarkShapes(rows, remarks),
    ...(ram === undefined ? [] : [ramShape(ram, end)]),
    legendShape(bottom + 20),
  ]);
}

function ramShape(ram: number, y: number): Shape {
  return group([
    text(left - 8, y + rowHeight / 2, hex(ram), { ...small, anchor: "end" }),
    box({ x: left, y, width: lineWidth, height: rowHeight }, [], {
      round: 0,
      fill: "strong",
    }),
    text(left + 10, y + rowHeight / 2, "RAM", { ...small, anchor: "start" }),
    remarkShape(y, y + rowHeight, ["physical address 0"]),
  ]);
}

export function firstWords({ first }: Blocks): string {
  const parts = first.parts.filter(({ id }) => id.startsWith("Cpu."));
  return blockFigure(
    "The first words of the block: the processor's own, with their byte addresses",
    parts,
    [
      ["Cpu.EAX", "general registers"],
      ["Cpu.ZERO", "always 0; what is", "next; flags"],
    ],
  );
}

export function wholeBlock({ whole: { parts, ram } }: Blocks): string {
  return blockFigure(
    "The whole block of memory, from the registers at byte 0 to where RAM begins",
    parts,
    [
      ["Cpu.EAX", "general registers"],
      ["Cpu.ZERO", "eip; flags; a", "split operand; a fault"],
      ["Cpu.EA", "an address; how far", "to run; flags, lazily"],
      ["Cpu.CODE_ENTRIES", "where records stand"],
      ["Cpu.SELECTOR", "segment registers,", "with what stood in",
        "their descriptors"],
      ["Cpu.CPL", "the ring; control", "registers; tables"],
      ["Cpu.IDT_LIMIT", "a gate; interrupts;", "the TLB's state"],
      ["Cpu.DR0", "debug registers"],
      ["Cpu.SEEN", "the page that runs;", "for side quests"],
      ["Time.NOW", "the clock"],
      ["Cpu.SAVED", "a stack left behind"],
      ["At.SPLIT", "operands on two", "pages: in, and out"],
      ["Fpu.REGISTERS", "the FPU: registers,", "operands, results,",
        "and its own words"],
      ["Cpu.FRAME", "what is to be pushed"],
      ["Fpu.IMAGE", "a long operand"],
      ["At.NOWHERE", "where no RAM is"],
      ["At.HARD", "not for the sprinter"],
      ["At.OWNERS", "pages with records"],
      ["At.TLB", "where pages are"],
      ["At.GLOBALS", "which are global"],
      ["At.CODED", "which hold code"],
      ["At.ENTRIES", "from byte to record"],
      ["At.RECORDS", "decoded instructions"],
      ["At.CODE_MAP", "from page to entries"],
    ],
    ram,
  );
}
