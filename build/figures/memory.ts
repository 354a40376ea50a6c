/** Drawings of memory and of the tables that lead through it. */
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

type Cell = readonly [
  width: number,
  label: string | readonly string[],
  fill: "none" | "soft" | "strong" | "accent",
];

/** A row of boxes from left to right, each with its width and label. */
export function strip(x: number, y: number, height: number,
  cells: readonly Cell[]): Shape
{
  let left = x;
  return group(cells.map(([width, label, fill]) => {
    const cell = box({ x: left, y, width, height }, label, { fill, round: 0 });
    left += width;
    return cell;
  }));
}

/** A brace-like line under or over the span from `x1` to `x2`, with words beside it. */
function span(x1: number, x2: number, y: number, words: string,
  side: 1 | -1): Shape
{
  return group([
    line(`${x1},${y} ${x1},${y + 7 * side} ${x2},${y + 7 * side} ${x2},${y}`, {
      quiet: true,
    }),
    text((x1 + x2) / 2, y + 20 * side, words, { size: 13 }),
  ]);
}

export function machineMemory(): string {
  return figure(
    "One WebAssembly.Memory holds the whole machine: CPU block, TLB, decoded operations, RAM",
    640,
    216,
    [
      text(320, 18, "one WebAssembly.Memory", { bold: true }),
      span(20, 620, 54, "bytes: Uint8Array · view: DataView", -1),
      strip(20, 62, 64, [
        [96, ["CPU", "block"], "accent"],
        [84, "TLB", "soft"],
        [150, ["decoded", "operations"], "soft"],
        [270, ["RAM", "machine-physical 0, 1, 2, …"], "strong"],
      ]),
      text(20, 142, "0", { mono: true, size: 12, anchor: "start" }),
      text(350, 142, "At.RAM", { mono: true, size: 12 }),
      text(620, 142, "At.RAM + ramSize", {
        mono: true,
        size: 12,
        anchor: "end",
      }),
      span(20, 116, 156, "cpu: Int32Array", 1),
      text(350, 190, "TypeScript and translated code see the very same bytes.",
        {
          italic: true,
          size: 13,
          quiet: true,
          anchor: "middle",
        }),
    ],
  );
}

/** A table of `rows` cells with the row `chosen` marked and named. */
function table(x: number, y: number, width: number, title: string,
  chosen: string): Shape
{
  const height = 24;
  const labels = ["0", "1", "…", chosen, "…", "1023"];
  return group([
    text(x + width / 2, y - 14, title, { bold: true, size: 13 }),
    ...labels.map((label, index) =>
      box({ x, y: y + index * height, width, height }, label, {
        round: 0,
        size: 12,
        mono: true,
        fill: index === 3 ? "accent" : "soft",
      })
    ),
  ]);
}

export function twoLevelTables(): string {
  const fields = [
    ["directory", "10 bits"],
    ["table", "10 bits"],
    ["offset", "12 bits"],
  ] as const;
  return figure(
    "A linear address split 10, 10, 12 leads from cr3 through the page directory and a page table into a 4 KiB page",
    640,
    350,
    [
      text(320, 14, "linear address", { bold: true }),
      strip(110, 40, 34, [
        [150, fields[0].join(" · "), "accent"],
        [150, fields[1].join(" · "), "accent"],
        [160, fields[2].join(" · "), "accent"],
      ]),
      ...["31", "22", "21", "12", "11", "0"].map((bit, index) =>
        text([120, 250, 270, 400, 420, 562][index] ?? 0, 32, bit, {
          size: 11,
          mono: true,
          quiet: true,
        })
      ),
      box({ x: 14, y: 148, width: 64, height: 30 }, "cr3", {
        mono: true,
        fill: "strong",
      }),
      table(130, 148, 110, "page directory", "entry"),
      table(300, 148, 110, "page table", "entry"),
      text(545, 134, "page, 4 KiB", { bold: true, size: 13 }),
      box({ x: 490, y: 148, width: 110, height: 144 }, [], {
        fill: "soft",
        round: 0,
      }),
      box({ x: 490, y: 216, width: 110, height: 24 }, "the byte", {
        fill: "accent",
        round: 0,
        size: 12,
      }),
      arrow("78,163 104,163 104,148 129,148"),
      line("185,74 185,96 92,96 92,188", { accent: true }),
      arrow("92,188 92,232 129,232", { accent: true }),
      line("335,74 335,112 272,112 272,228", { accent: true }),
      arrow("272,228 299,228", { accent: true }),
      line("490,74 490,112 450,112 450,228", { accent: true }),
      arrow("450,228 489,228", { accent: true }),
      arrow("240,238 258,238 258,148 299,148"),
      arrow("410,238 436,238 436,148 489,148"),
      lines(320, 326, [
        "1024 entries of 4 bytes in each table: frame number and flags",
      ], {
        italic: true,
        size: 13,
        quiet: true,
      }),
    ],
  );
}

/** Where page `index` of the Guest's strip lands among the machine's frames. */
const scatter = [5, 1, 8, 3, 11, 6, 9, 2] as const;

export function guestMemory(): string {
  const left = 20;
  const width = 600;
  const cell = width / scatter.length;
  const frame = width / 13;
  const threads = scatter.map((place, index): Shape => {
    const [from, to] = [left + cell * (index + 0.5),
      left + frame * (place + 0.5)];
    return line(`${from},202 ${to},262`, { quiet: index % 2 === 1 });
  });
  return figure(
    "The Guest's memory as the Launcher lays it out, contiguous to the Guest, scattered over the machine's frames below",
    640,
    334,
    [
      text(left, 14, "Guest-physical, as the Launcher lays it out", {
        bold: true,
        anchor: "start",
      }),
      strip(left, 62, 56, [
        [86, ["boot", "parameters"], "accent"],
        [88, ["command", "line"], "accent"],
        [100, ["kernel"], "accent"],
        [96, "free RAM", "soft"],
        [60, "initrd", "soft"],
        [78, ["device", "page"], "strong"],
        [92, ["virtqueues"], "strong"],
      ]),
      ...(
        [
          ["0", 20],
          ["0x1000", 106],
          ["1 MiB", 194],
        ] as const
      ).map(([words, x]) =>
        text(x, 50, words, { mono: true, size: 12, anchor: "start" })
      ),
      text(450, 50, "end of RAM", { size: 12, anchor: "middle" }),
      line("450,58 450,62"),
      text(left, 146, "page by page", {
        size: 13,
        anchor: "start",
        italic: true,
        quiet: true,
      }),
      strip(left, 162, 36,
        scatter.map((_, index) => [cell, `page ${index}`, "soft"] as const)),
      ...threads,
      strip(left, 266, 36, Array.from({ length: 13 }, (_, index) => {
        const page = scatter.findIndex((place) => place === index);
        return [frame, page < 0 ? "" : `${page}`,
          page < 0 ? "none" : "accent"] as const;
      })),
      text(left, 322, "the machine's frames", { bold: true, anchor: "start" }),
    ],
  );
}

export function shadowTables(): string {
  return figure(
    "The Guest's tables and the Launcher's memory are two steps; the shadow tables take both at once",
    640,
    264,
    [
      box({ x: 16, y: 96, width: 140, height: 56 }, ["Guest", "virtual"], {
        fill: "soft",
      }),
      box({ x: 250, y: 96, width: 140, height: 56 }, ["Guest", "physical"], {
        fill: "soft",
      }),
      box({ x: 484, y: 96, width: 140, height: 56 }, ["machine", "physical"], {
        fill: "strong",
      }),
      arrow("156,124 248,124", { dashed: true }),
      arrow("390,124 482,124", { dashed: true }),
      lines(203, 178, ["the Guest's", "own tables"], { size: 13 }),
      lines(437, 178, ["the Launcher's", "memory"], { size: 13 }),
      arrow("86,96 86,52 554,52 554,94", { accent: true, width: 2 }),
      text(320, 34, "shadow tables: what the CPU walks", {
        bold: true,
        accent: true,
      }),
      lines(320, 232, [
        "The Guest writes the first step, the Host knows the second;",
        "the shadow entry is made when a fault asks for it.",
      ], { size: 13, italic: true, quiet: true }),
    ],
  );
}

/** One world's view of its top 4 MiB, from the end of the address space downwards. */
function worldColumn(x: number, name: string, pageA: string,
  below: string): Shape
{
  const pages = ["page B: ro_state", pageA, "the Switcher's code"];
  return group([
    text(x + 90, 16, name, { bold: true }),
    box({ x, y: 40, width: 180, height: 40 }, "nothing", {
      dashed: true,
      round: 0,
      size: 13,
    }),
    ...pages.map((page, index) =>
      box({ x, y: 80 + index * 46, width: 180, height: 46 }, page, {
        fill: index === 1 ? "accent" : "strong",
        round: 0,
        size: 13,
      })
    ),
    box({ x, y: 218, width: 180, height: 70 }, below, {
      fill: "soft",
      round: 0,
      size: 13,
    }),
  ]);
}

export function switcherMap(): string {
  const addresses = [
    ["0xFFC02000", 126],
    ["0xFFC01000", 172],
    ["0xFFC00000", 218],
  ] as const;
  return figure(
    "The Switcher's code, page A and page B stand at the same linear addresses in both worlds",
    640,
    356,
    [
      worldColumn(30, "the Host's world", "page A", "the Host's own"),
      worldColumn(430, "the Guest's world", "page A: its registers",
        "the Guest's own"),
      ...addresses.map(([words, y]) =>
        text(320, y, words, { mono: true, size: 13 })
      ),
      ...addresses.flatMap(([, y]) => [
        line(`212,${y} 268,${y}`, { quiet: true, dashed: true }),
        line(`372,${y} 428,${y}`, { quiet: true, dashed: true }),
      ]),
      text(320, 40, "4 GiB", { size: 13 }),
      line("212,40 290,40", { quiet: true, dashed: true }),
      line("350,40 428,40", { quiet: true, dashed: true }),
      text(320, 104, "ring 1 may only read", { size: 12, quiet: true }),
      text(320, 150, "ring 1 may write", { size: 12, quiet: true }),
      text(320, 196, "ring 1 may only read", { size: 12, quiet: true }),
      text(320, 288, "0", { mono: true, size: 13 }),
      line("212,288 308,288", { quiet: true, dashed: true }),
      line("332,288 428,288", { quiet: true, dashed: true }),
      lines(320, 326, [
        "Only because the code is at home in both worlds",
        "can it load cr3 and still be there afterwards.",
      ], { size: 13, italic: true, quiet: true }),
    ],
  );
}
