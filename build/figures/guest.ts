/** Drawings of chapter II: what goes wrong, what is asked for, and how a program begins. */
import type { Facts, KernelLine } from "../machine/facts.ts";
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

const small = { size: 12, mono: true } as const;
const remark = { size: 13, italic: true, quiet: true } as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** A number of the Guest's kernel or of the contract. */
function number({ kernel }: Facts, name: string): number {
  const value = kernel.get(name);
  if (value === undefined)
    throw new Error(
      `the Guest has no ${name} any more: change build/figures/guest.ts`,
    );
  return value;
}

/** A piece of a descriptor's word: its name, and its highest and its lowest bit. */
type Piece = readonly [name: string, from: number, to: number];

const pieces: readonly (readonly Piece[])[] = [
  [["base", 31, 24], ["G", 23, 23], ["D", 22, 22], ["0", 21, 21], ["", 20, 20],
    ["limit", 19, 16], ["P", 15, 15], ["DPL", 14, 13], ["S", 12, 12], ["type",
    11, 8], ["base", 7, 0]],
  [["base", 31, 16], ["limit", 15, 0]],
];

/** One of the two words, with its pieces from left to right. */
function wordShape(word: number, parts: readonly Piece[], y: number,
  where: string): Shape
{
  const at = (bit: number): number => 30 + (31 - bit) * 18;
  const above = { ...small, quiet: true };
  return group([
    text(610, y + 15, where, { ...small, anchor: "start" }),
    ...parts.flatMap(([name, from, to]) => {
      const [x, width] = [at(from), (from - to + 1) * 18];
      const middle = x + width / 2;
      const value = (word >>> to) & (2 ** (from - to + 1) - 1);
      const digits = Math.ceil((from - to + 1) / 4);
      return [
        ...(from === to
          ? [text(middle, y - 11, `${from}`, above)]
          : [text(x + 9, y - 11, `${from}`, above),
            text(x + width - 9, y - 11, `${to}`, above)]),
        box({ x, y, width, height: 30 }, name === "" ? [] : [name], {
          size: 12,
          round: 0,
          fill: name === "base" ? "accent"
            : name === "limit" ? "strong" : "soft",
        }),
        text(middle, y + 43, value.toString(16).padStart(digits, "0"), {
          ...small,
          bold: name === "base" || name === "limit",
        }),
      ];
    }),
  ]);
}

export function descriptorBits({ segment: [low, high] }: Facts): string {
  return figure(
    "The eight bytes of a descriptor, with base 0xc0ffee00 in three pieces and limit 99 in two, and the bits between them",
    640,
    188,
    [
      wordShape(high, pieces[0] ?? [], 28, "+4"),
      wordShape(low, pieces[1] ?? [], 106, "+0"),
      text(320, 172,
        "base 0xc0ffee00, limit 0x00063: a hundred pages, the last has number 99",
        remark),
    ],
  );
}

/** What a program did, the fault of that, the fault on its way, and what is served. */
type Burning = readonly [did: string, first: string, second: string,
  served: string, why: string];

function burning([did, first, second, served, why]: Burning, y: number): Shape {
  const cells = [did, first, second, served];
  return group([
    ...cells.map((words, index) =>
      box({ x: 14 + index * 168, y, width: 108, height: 36 }, words, {
        mono: index === 0,
        size: 13,
        fill: index === 3 ? "accent" : index === 0 ? "soft" : "strong",
      })
    ),
    ...[0, 1, 2].map((index) =>
      arrow(`${122 + index * 168},${y + 18} ${181 + index * 168},${y + 18}`)
    ),
    text(404, y + 54, why, { size: 13 }),
  ]);
}

export function faults(): string {
  return figure(
    "A fault 10 on the way of a 6 is served by itself; on the way of a 13 it becomes a double fault; one more is the end",
    640,
    266,
    [
      ...["the program", "its fault", "on the way", "what is served"].map((
        words,
        index,
      ) => text(68 + index * 168, 16, words, { bold: true, size: 13 })),
      burning(["ud2", "vector 6", "vector 10", "vector 10",
        "6 is not about segments: the second is served"], 34),
      burning(["mov es, ax", "vector 13", "vector 10", "vector 8",
        "both are about segments: a double fault"], 114),
      arrow("572,150 572,205", { dashed: true }),
      text(506, 224, "and if that faults, too:", { ...remark, anchor: "end" }),
      box({ x: 518, y: 206, width: 108, height: 36 }, "shutdown", {
        size: 13,
        dashed: true,
      }),
      text(14, 250,
        "Vector 10: the gate leads to ring 0, for which there is no stack.", {
        ...remark,
        anchor: "start",
      }),
    ],
  );
}

/** One of the three floors on which somebody lives. */
function floor(y: number, who: string, fill: "soft" | "strong"): Shape {
  return box({ x: 20, y, width: 600, height: 36 }, who, { fill, size: 13 });
}

/** A note on the shared page, and the way from who writes it to who reads it. */
function note(x: number, words: string, up: boolean): Shape {
  const [from, to] = [118, 252];
  const ends = up ? [`${x},${to} ${x},203`, `${x},167 ${x},${from + 1}`]
    : [`${x},${from} ${x},166`, `${x},202 ${x},${to - 1}`];
  const [written, read] = up ? [234, 135] : [135, 234];
  return group([
    box({ x: x - 70, y: 167, width: 140, height: 36 }, words, {
      size: 12,
      fill: "accent",
      round: 0,
    }),
    ...ends.map((end) => arrow(end)),
    text(x + 8, written, "writes", { size: 12, anchor: "start" }),
    text(x + 8, read, "reads", { size: 12, anchor: "start" }),
  ]);
}

export function twoDoors(facts: Facts): string {
  const knock = (y: number, vector: string, what: string): Shape =>
    group([
      arrow(`60,${y} 60,${y + (y < 100 ? 35 : 133)}`, {
        accent: true,
        width: 2,
      }),
      text(72, y + (y < 100 ? 16 : 67),
        `int ${hex(number(facts, vector))}: ${what}`, {
        size: 13,
        anchor: "start",
      }),
    ]);
  return figure(
    "A program asks its kernel, and the kernel its Host, by a trap; of some things the one leaves a note that the other reads",
    640,
    326,
    [
      floor(10, "ring 3: the Guest's programs", "soft"),
      floor(82, "ring 1: the Guest's kernel", "strong"),
      floor(252, "ring 0: the Host", "strong"),
      knock(46, "SYSCALL_VECTOR", "a system call"),
      knock(118, "LGUEST_TRAP_ENTRY", "a hypercall"),
      box({ x: 264, y: 155, width: 348, height: 60 }),
      note(348, "may interrupts come?", false),
      note(526, "where the fault was", true),
      text(320, 310,
        "A knock costs a trap; a note on the page that they share, one mov.",
        remark),
    ],
  );
}

/** A slot of the directory, or what is left out between two. */
function slot(index: number, label: string, value: string): Shape {
  const y = 40 + index * 27;
  return group([
    text(100, y + 14, label, { ...small, anchor: "end" }),
    box({ x: 110, y, width: 120, height: 27 }, value, {
      ...small,
      round: 0,
      fill: value === "…" ? "none" : "accent",
    }),
  ]);
}

export function hungTwice(facts: Facts): string {
  const offset = number(facts, "PAGE_OFFSET");
  const first = number(facts, "kernel_end") - offset;
  const size = number(facts, "PAGE_SIZE");
  const high = number(facts, "KERNEL_SLOT");
  const entry = (table: number): string =>
    hex(first + table * size + number(facts, "TABLE_ENTRY"));
  const slotY = (index: number): number => 40 + index * 27 + 13;
  const tableY = [62, 172];
  return figure(
    "Slots n and 768 + n of the directory hold the same entry, so that low and high addresses share one table",
    640,
    282,
    [
      text(170, 18, "page directory", { bold: true, size: 13 }),
      text(378, 18, "page tables", { bold: true, size: 13 }),
      text(556, 18, "memory", { bold: true, size: 13 }),
      slot(0, "0", entry(0)),
      slot(1, "1", entry(1)),
      slot(2, "", "…"),
      slot(3, `${high}`, entry(0)),
      slot(4, `${high + 1}`, entry(1)),
      slot(5, "", "…"),
      ...[0, 1].flatMap((table) => {
        const y = tableY[table] ?? 0;
        const from = table * 4;
        return [
          box({ x: 320, y, width: 116, height: 52 }, [
            `at ${hex(first + table * size)}`,
            "1,024 pages",
          ], { size: 12, fill: "strong" }),
          arrow(`230,${slotY(table)} 319,${y + 16}`, { quiet: true }),
          arrow(`230,${slotY(3 + table)} 319,${y + 38}`, { accent: true }),
          arrow(`436,${y + 26} 492,${y + 26}`),
          box({ x: 494, y, width: 126, height: 52 },
            `${from} to ${from + 4} MiB`, { size: 13, fill: "soft" }),
        ];
      }),
      lines(320, 250, [
        `Slot 0 is for addresses from 0 on, slot ${high} for those from ${hex(offset)} on.`,
        "Both lead to the same pages; after the move the low slots are cleared.",
      ], remark),
    ],
  );
}

/** The instructions within which no interrupt may strike, from left to right. */
function zone(way: readonly KernelLine[], y: number, count: number): Shape {
  const widths = [0, 112, 112, 112];
  let x = 110;
  return group(way.slice(3, 3 + count).map(({ source }, index) => {
    const width = widths[index + 1] ?? 0;
    const cell = box({ x, y, width, height: 30 },
      index === 0 ? "flag = on" : source, {
      ...small,
      round: 0,
      fill: "accent",
    });
    x += width;
    return cell;
  }));
}

const plain = (x: number, y: number, width: number, words: string): Shape =>
  box({ x, y, width, height: 30 }, words, { size: 12, round: 0, fill: "soft" });

export function holdFire(facts: Facts): string {
  const [from, to] = [number(facts, "noirq_start"), number(facts, "noirq_end")];
  return figure(
    "Without the promise an interrupt lands on the unfinished way back and puts frame upon frame; with it, it comes after iret",
    640,
    346,
    [
      text(20, 20, "without the promise", {
        bold: true,
        size: 13,
        anchor: "start",
      }),
      plain(20, 40, 90, "a handler"),
      zone(facts.way, 40, 1),
      arrow("222,70 222,99", { accent: true, width: 2 }),
      text(234, 62, "an interrupt: 1st frame still there", {
        size: 12,
        anchor: "start",
      }),
      plain(222, 100, 90, "a handler"),
      box({ x: 312, y: 100, width: 112, height: 30 }, "flag = on", {
        ...small,
        round: 0,
        fill: "accent",
      }),
      arrow("424,130 424,159", { accent: true, width: 2 }),
      text(436, 122, "again: two are there", { size: 12, anchor: "start" }),
      plain(424, 160, 90, "a handler"),
      text(524, 175, "… and deeper", { size: 12, anchor: "start" }),
      text(20, 216, "with it", { bold: true, size: 13, anchor: "start" }),
      text(278, 216, `eip from ${hex(from)} to ${hex(to)}: the Host waits`, {
        size: 12,
      }),
      line("110,236 110,230 446,230 446,236", { quiet: true }),
      plain(20, 242, 90, "a handler"),
      zone(facts.way, 242, 3),
      plain(446, 242, 64, "outside"),
      plain(510, 242, 110, "a handler"),
      arrow("222,304 222,274", { dashed: true }),
      line("222,304 510,304", { dashed: true }),
      arrow("510,304 510,273", { accent: true, width: 2 }),
      text(366, 318,
        "an interrupt: it is kept, and delivered when the frame is gone", {
        size: 12,
      }),
    ],
  );
}

export function forgedFrame(facts: Facts): string {
  const eip = number(facts, "citizen") - number(facts, "MOVED");
  const words = [
    ["ss", "USER_DS", number(facts, "USER_DS")],
    ["esp", "USER_END", number(facts, "USER_END")],
    ["eflags", "X86_EFLAGS_IF", number(facts, "X86_EFLAGS_IF")],
    ["cs", "USER_CS", number(facts, "USER_CS")],
    ["eip", "eax", eip],
  ] as const;
  const top = 96;
  const at = (index: number): number => top + index * 26;
  return figure(
    "On the kernel's stack, below what run_program saved, lies a frame of five words that no interrupt has left; iret takes it",
    640,
    280,
    [
      text(330, 16, "the kernel's stack", { bold: true, size: 13 }),
      box({ x: 240, y: 32, width: 180, height: 26 }, "who called run_program", {
        size: 12,
        round: 0,
        fill: "soft",
      }),
      box({ x: 240, y: 58, width: 180, height: 38 }, "eight registers (pushad)",
        {
          size: 12,
          round: 0,
          fill: "soft",
        }),
      arrow(`196,${top} 239,${top}`, { accent: true }),
      lines(188, top - 6, ["program_stack, and", "where SET_STACK says"], {
        size: 12,
        anchor: "end",
      }),
      ...words.flatMap(([register, name, value], index) => [
        box({ x: 240, y: at(index), width: 180, height: 26 },
          name === "eax" ? hex(value) : `${name} = ${hex(value)}`, {
          ...small,
          round: 0,
          fill: "accent",
        }),
        arrow(`420,${at(index) + 13} 466,${at(index) + 13}`),
        text(478, at(index) + 13, register, { ...small, anchor: "start" }),
      ]),
      text(540, at(0) + 13, "a program's", { size: 12, anchor: "start" }),
      text(540, at(1) + 13, "its very top", { size: 12, anchor: "start" }),
      text(540, at(2) + 13, "interrupts on", { size: 12, anchor: "start" }),
      text(540, at(3) + 13, "ring 3", { size: 12, anchor: "start" }),
      text(540, at(4) + 13, "its beginning", { size: 12, anchor: "start" }),
      text(320, 262,
        "A trap of the program begins again at the arrow on the left.", remark),
    ],
  );
}
