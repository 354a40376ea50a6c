/** Drawings of chapter I: from bytes to an effect, and what is kept in between. */
import type { Facts, Run } from "../machine/facts.ts";
import { strip } from "./memory.ts";
import { arrow, box, figure, group, line, text, type Shape } from "./svg.ts";

const small = { size: 12, mono: true } as const;
const remark = { size: 13, italic: true, quiet: true } as const;

const bits = (value: number, count: number): string =>
  value.toString(2).padStart(count, "0");

const byte = (value: number): string =>
  (value & 255).toString(16).toUpperCase().padStart(2, "0");

const hex = (value: number): string => `0x${value.toString(16)}`;

const byteRegisters = ["al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"];

/** The four columns of the first drawing. */
const column = (index: number): number => 12 + index * 162;
const columnWidth = 130;

function heads(): Shape {
  const names = ["bytes", "a row", "a record", "an effect"];
  const steps = ["parse", "writeRecord", "perform"];
  return group([
    ...names.map((name, index) =>
      text(column(index) + columnWidth / 2, 16, name, { bold: true })
    ),
    ...steps.flatMap((step, index) => {
      const middle = column(index + 1) - 16;
      return [
        arrow(`${middle - 30},16 ${middle + 30},16`, { accent: true }),
        text(middle, 36, step, small),
      ];
    }),
  ]);
}

function bytesColumn([opcode = 0, modrm = 0]: readonly number[]): Shape {
  const x = column(0);
  const parts = [
    ["mod", bits(modrm >> 6, 2), 36],
    ["reg", bits((modrm >> 3) & 7, 3), 47],
    ["rm", bits(modrm & 7, 3), 47],
  ] as const;
  return group([
    strip(x, 58, 30, [
      [65, byte(opcode), "soft"],
      [65, byte(modrm), "accent"],
    ]),
    line(`${x + 65},88 ${x},122`, { quiet: true, dashed: true }),
    line(`${x + 130},88 ${x + 130},122`, { quiet: true, dashed: true }),
    strip(x, 122, 30,
      parts.map(([, value, width]) => [width, value, "accent"])),
    ...parts.map(([name], index) =>
      text(x + ([18, 60, 107][index] ?? 0), 166, name, small)
    ),
  ]);
}

function rowColumn({ name, encoding, operands }: Facts["row"],
  modrm: number): Shape
{
  const x = column(1);
  const named = [
    `rm ${modrm & 7} is ${byteRegisters[modrm & 7]}`,
    `reg ${(modrm >> 3) & 7} is ${byteRegisters[(modrm >> 3) & 7]}`,
  ];
  return group([
    box({ x, y: 58, width: columnWidth, height: 30 }, encoding, {
      mono: true,
      fill: "soft",
      round: 0,
    }),
    box({ x, y: 88, width: columnWidth, height: 30 },
      `${name} ${operands.join(", ")}`, { mono: true, round: 0 }),
    ...named.map((each, index) =>
      text(x + columnWidth / 2, 138 + index * 20, each, { size: 13 })
    ),
  ]);
}

function recordColumn({ records: [record] }: Run): Shape {
  const x = column(2);
  const cells = [
    ["what", record?.op ?? ""],
    ["to", `byte ${record?.to}`],
    ["from", `byte ${record?.from}`],
    ["next", `at ${record?.next}`],
  ] as const;
  return group(cells.flatMap(([name, value], index) => {
    const y = 58 + index * 27;
    return [
      text(x + 32, y + 14, name, { size: 12, anchor: "end" }),
      box({ x: x + 40, y, width: columnWidth - 40, height: 27 }, value, {
        size: 12,
        round: 0,
        fill: index === 0 ? "soft" : "none",
      }),
    ];
  }));
}

function wordCells(x: number, y: number, word: number, told: number): Shape {
  return group(
    [3, 2, 1, 0].map((place, index) =>
      box({ x: x + index * 32.5, y, width: 32.5, height: 30 },
        byte(word >> (8 * place)), {
        ...small,
        round: 0,
        fill: place === told ? "accent" : "soft",
      })
    ),
  );
}

function effectColumn({ before, after, records: [record] }: Run): Shape {
  const x = column(3);
  const from = record?.from ?? 0;
  const to = record?.to ?? 0;
  const middle = (place: number): number => x + (3 - place) * 32.5 + 16;
  return group([
    wordCells(x, 58, before, from),
    wordCells(x, 122, after, to),
    arrow(`${middle(from)},88 ${middle(to)},121`, { accent: true }),
    ...[3, 2, 1, 0].map((place) => text(middle(place), 166, `${place}`, small)),
    text(x + columnWidth / 2, 186, "eip + 2, clock + 1", { size: 12 }),
  ]);
}

export function byHand({ move, row }: Facts): string {
  const modrm = move.bytes[1] ?? 0;
  return figure(
    "The bytes 88 C4 become a row of the table, the row becomes a record of four numbers, and the record moves AL to AH",
    640,
    204,
    [heads(), bytesColumn(move.bytes), rowColumn(row, modrm),
      recordColumn(move), effectColumn(move)],
  );
}

/** A field of FORM: its name, its lowest bit, how many it has, and what the value means. */
interface Field {
  name: string;
  from: number;
  count: number;
  means: (value: number) => string;
}

const registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const segments = ["es", "cs", "ss", "ds", "fs", "gs"];

/** From the highest bit to the lowest. */
function fieldsOf(form: Facts["fields"]): Field[] {
  const at = (name: string): number => form[name] ?? 0;
  const log = (name: string): number => Math.log2(at(name));
  const yes = (value: number): string => (value === 0 ? "no" : "yes");
  const which = log("DST");
  return [
    { name: "NARROW", from: log("NARROW"), count: 1, means: yes },
    {
      name: "",
      from: log("WRITE") + 1,
      count: log("NARROW") - log("WRITE") - 1,
      means: () => "",
    },
    { name: "WRITE", from: log("WRITE"), count: 1, means: yes },
    {
      name: "which",
      from: which,
      count: 2,
      means: (value) => ["", "1st", "2nd", "it"][value] ?? "",
    },
    {
      name: "SIZE",
      from: at("SIZE"),
      count: which - at("SIZE"),
      means: (value) => `${value} bytes`,
    },
    {
      name: "SEGMENT",
      from: at("SEGMENT"),
      count: 3,
      means: (value) => segments[value] ?? "",
    },
    {
      name: "SCALE",
      from: at("SCALE"),
      count: 2,
      means: (value) => `× ${1 << value}`,
    },
    {
      name: "INDEX",
      from: at("INDEX"),
      count: 4,
      means: (value) => registers[value] ?? "",
    },
    {
      name: "base",
      from: 0,
      count: 4,
      means: (value) => registers[value] ?? "",
    },
  ];
}

const bitWidth = 25;

function fieldShape(form: number, { name, from, count, means }: Field): Shape {
  const width = count * bitWidth;
  const x = 20 + (24 - from - count) * bitWidth;
  const value = (form >> from) & ((1 << count) - 1);
  const told = value !== 0;
  const nameAt: Shape = name === "NARROW"
    ? text(x, 18, name, { size: 12, anchor: "start" })
    : name === "WRITE"
    ? text(x + 24, 18, name, { size: 12, anchor: "end" })
    : text(x + width / 2, 18, name, { size: 12 });
  return group([
    ...(name === "" ? [] : [nameAt]),
    box({ x, y: 32, width, height: 32 }, bits(value, count), {
      mono: true,
      round: 0,
      fill: name === "" ? "none" : told ? "accent" : "soft",
      quiet: name === "",
      dashed: name === "",
    }),
    text(x + width - bitWidth / 2, 76, `${from}`, { ...small, quiet: true }),
    ...(means(value) === ""
      ? []
      : [text(x + width / 2, 100, means(value), { size: 13, bold: told })]),
  ]);
}

export function formBits({ form, fields }: Facts): string {
  return figure(
    `The bits of FORM ${hex(form)}: base ebp, index ecx, times 4, in the stack's segment, 4 bytes, the second operand`,
    640,
    140,
    [
      ...fieldsOf(fields).map((field) => fieldShape(form, field)),
      text(320, 126, `${hex(form)}, the form of [ebp + ecx*4 + 8]`, remark),
    ],
  );
}

/** The carry vector, as `add` of the book has it. */
const carriesOf = (a: number, b: number, r: number): number =>
  (a & b) | ((a | b) & ~r);

export function carries(): string {
  const [a, b] = [5, 6];
  const r = (a + b) & 15;
  const out = carriesOf(a, b, r) & 15;
  const [left, cell] = [128, 46];
  const rows = [
    ["a", a, "5"],
    ["b", b, "6"],
    ["result", r, "11, which reads as -5 if the top bit is a sign"],
    ["carries", out, ""],
  ] as const;
  const topAt = (index: number): number =>
    14 + index * 32
    + (index > 1 ? 8 : 0) + (index > 2 ? 8 : 0);
  const [carry, into] = [out >> 3, (out >> 2) & 1];
  return figure(
    "Five plus six in four bits: a carry comes into the top place and none goes out, so CF is 0 and OF is 1",
    640,
    212,
    [
      ...rows.flatMap(([name, value, words], row) => [
        text(left - 14, topAt(row) + 16, name, { anchor: "end" }),
        ...[...bits(value, 4)].map((bit, index) =>
          box({
            x: left + index * cell,
            y: topAt(row),
            width: cell,
            height: 32,
          }, bit, {
            mono: true,
            round: 0,
            fill: row === 3 && index < 2 ? "accent"
              : row === 3 ? "none" : "soft",
          })
        ),
        ...(words === ""
          ? []
          : [
            text(left + 4 * cell + 16, topAt(row) + 16, words, {
              size: 13,
              anchor: "start",
            }),
          ]),
      ]),
      line(`${left},82 ${left + 4 * cell},82`, { width: 2 }),
      line(`${left + cell / 2},158 ${left + cell / 2},196 ${left + 96},196`, {
        accent: true,
      }),
      line(`${left + 1.5 * cell},158 ${left + 1.5 * cell},174 ${left + 96},174`,
        { accent: true }),
      text(left + 104, 174,
        `${into} into the top place, ${carry} out of it: they ${carry === into ? "agree" : "differ"}, and OF is ${carry ^ into}`, { size: 13, anchor: "start" }),
      text(left + 104, 196, `${carry} out of the top place: CF is ${carry}`, {
        size: 13,
        anchor: "start",
      }),
    ],
  );
}

const rowHeight = 26;

/** The entries for some offsets, with the bytes that stand there. */
function entriesShape({ bytes, records }: Run, from: number, to: number,
  y: number): Shape
{
  const offsets = Array.from({ length: to - from }, (_, n) => from + n);
  return group(offsets.flatMap((offset, index) => {
    const record = records.find((each) => each.offset === offset);
    const top = y + index * rowHeight;
    return [
      text(204, top + 13, `${offset}`, {
        ...small,
        anchor: "end",
        quiet: true,
      }),
      text(240, top + 13, byte(bytes[offset] ?? 0), {
        ...small,
        anchor: "end",
      }),
      box({ x: 254, y: top, width: 120, height: rowHeight },
        record ? hex(record.at / 4) : "0", {
        ...small,
        round: 0,
        fill: record ? "accent" : "soft",
      }),
    ];
  }));
}

function mapShape({ map }: Run, y: number): Shape {
  return group(map.map((slot, page) => {
    const top = y + page * rowHeight;
    return group([
      text(58, top + 13, `page ${page}`, { size: 12, anchor: "end" }),
      box({ x: 66, y: top, width: 54, height: rowHeight }, `${slot}`, {
        ...small,
        round: 0,
        fill: slot > 0 ? "accent" : "soft",
      }),
    ]);
  }));
}

export function remembered({ sum }: Facts): string {
  const [from, to, y] = [16, 24, 48];
  const chosen = sum.records.filter(({ offset }) =>
    offset >= from && offset < to
  );
  const entryAt = (offset: number): number =>
    y + (offset - from) * rowHeight + 13;
  const recordAt = (index: number): number => y + 13 + index * 48;
  return figure(
    "The map leads from page 0 to its entries; those where an instruction begins lead to its record, all others are 0",
    640,
    304,
    [
      text(93, 18, "map of pages", { bold: true, size: 13 }),
      text(314, 18, "entries of page 0", { bold: true, size: 13 }),
      text(530, 18, "records", { bold: true, size: 13 }),
      mapShape(sum, y),
      arrow(`120,${y + 13} 152,${y + 13} 152,36 252,36 252,${y}`),
      entriesShape(sum, from, to, y),
      ...chosen.flatMap((record, index) => [
        arrow(`374,${entryAt(record.offset)} 449,${recordAt(index)}`, {
          accent: true,
        }),
        box({ x: 450, y: recordAt(index) - 19, width: 176, height: 38 }, [
          record.op,
          `here ${record.offset}, next ${record.next}`,
        ], { size: 12, fill: "strong" }),
      ]),
      text(320, 282,
        "Where an instruction begins, the entry says at which word its record does.",
        remark),
    ],
  );
}
