/** The drawing of a virtqueue: three arrays in the Guest's memory. */
import {
  arrow,
  box,
  figure,
  group,
  line,
  lines,
  text,
  type Shape,
} from "./svg.ts";

const rowHeight = 28;

/** A table with a head line; the first column is the index of each row. */
function grid(x: number, y: number, widths: readonly number[],
  rows: readonly (readonly string[])[], marked: readonly number[]): Shape
{
  const lefts = widths.map((_, index) =>
    x + widths.slice(0, index).reduce((sum, width) => sum + width, 0)
  );
  return group(rows.flatMap((row, line) =>
    row.map((cell, column) => {
      const bounds = {
        x: lefts[column] ?? x,
        y: y + line * rowHeight,
        width: widths[column] ?? 0,
        height: rowHeight,
      };
      if (line === 0)
        return text(bounds.x + bounds.width / 2, bounds.y + 16, cell, {
          size: 12,
          italic: true,
          quiet: true,
        });
      return box(bounds, cell, {
        size: 12,
        mono: true,
        round: 0,
        fill: marked.includes(line) ? "accent" : "soft",
      });
    })
  ));
}

export function virtqueue(): string {
  const descriptors = [
    ["addr", "len", "flags", "next"],
    ["0x8f000", "16", "NEXT", "1"],
    ["0x91000", "512", "NEXT|WRITE", "2"],
    ["0x8f010", "1", "WRITE", ""],
    ["…", "", "", ""],
  ];
  return figure(
    "A virtqueue: the descriptor table, the available ring that the driver writes, the used ring that the device writes",
    640,
    400,
    [
      text(40, 16, "descriptor table", { bold: true, anchor: "start" }),
      text(604, 16, "one chain: 0, 1, 2", {
        size: 13,
        italic: true,
        quiet: true,
        anchor: "end",
      }),
      grid(40, 26, [130, 90, 160, 90], descriptors, [1, 2, 3]),
      ...[0, 1, 2].map((index) =>
        text(26, 26 + (index + 1.5) * rowHeight, String(index), {
          mono: true,
          size: 12,
        })
      ),
      arrow("510,68 536,68 536,92 512,92", { accent: true }),
      arrow("510,100 536,100 536,124 512,124", { accent: true }),
      text(40, 218, "available ring", { bold: true, anchor: "start" }),
      text(40, 238, "written by the driver", {
        size: 13,
        italic: true,
        quiet: true,
        anchor: "start",
      }),
      ring(40, ["flags", "idx: 1", "0", "…"]),
      text(360, 218, "used ring", { bold: true, anchor: "start" }),
      text(360, 238, "written by the device", {
        size: 13,
        italic: true,
        quiet: true,
        anchor: "start",
      }),
      ring(360, ["flags", "idx: 1", "0, 513", "…"]),
      line("180,288 180,306", { accent: true }),
      lines(180, 322, ["head of a chain that is ready"], { size: 13 }),
      line("500,288 500,306", { accent: true }),
      lines(500, 322, ["head, and bytes written"], { size: 13 }),
      lines(320, 366, [
        "A buffer travels right: offered in the one ring, handed back in the other.",
        "Each side writes only what is its own.",
      ], { size: 13, italic: true, quiet: true }),
    ],
  );
}

/** One of the two rings; the third cell holds the entry that the drawing talks about. */
function ring(x: number, cells: readonly string[]): Shape {
  const widths = [54, 66, 60, 50];
  return group(cells.map((cell, index) => {
    const left = x
      + widths.slice(0, index).reduce((sum, width) => sum + width, 0);
    return box({ x: left, y: 256, width: widths[index] ?? 0, height: 32 }, cell,
      {
        size: 12,
        mono: true,
        round: 0,
        fill: index === 2 ? "accent" : "soft",
      });
  }));
}
