/** The appendix of instructions: read off the machine's own table, and off runs of the machine. */
import type { Book, Fence } from "../../tangle/book/chapter.ts";
import { wholeBook } from "../../tangle/book/stage.ts";
import { expandBook } from "../../tangle/tree/expand.ts";
import type { TangledFile } from "../../tangle/tree/tangled-file.ts";
import { runFromMemory } from "./run-from-memory.ts";

/** What the appendix knows of one encoding. */
export interface Instruction {
  /** Every name it goes by, the preferred one first. */
  names: string[];
  operands: readonly string[];
  encoding: string;
  /** The flags that it was seen to change, as in "CF ZF". */
  flags: string;
  /** The fence that its row stands in. */
  fence: Fence | undefined;
}

/** A row of machine/rows/table.ts, as far as the appendix reads it. */
interface Row {
  name: string;
  encoding: string;
  operands: readonly string[];
}

const table = "machine/rows/table.ts";

/** Every instruction of the book's machine, by name; none if the book has no such table. */
export async function readInstructions(book: Book): Promise<Instruction[]> {
  const files = expandBook(book, wholeBook(book));
  const file = files.find(({ path }) => path === table);
  if (!file) return [];
  const { text, fences } = withMarks(file);
  const sources = new Map(
    files.map(({ path, text: source }) => [path, source]),
  );
  const { marked, flagsOf } =
    (await runFromMemory(sources.set(table, text), probe)) as Probed;
  const found = new Map<string, Instruction>();
  let fence: Fence | undefined;
  for (const row of marked) {
    if (typeof row === "number") fence = fences[row];
    else collect(found, row, fence, flagsOf);
  }
  return [...found.values()].sort((a,
    b) => ((a.names[0] ?? "") < (b.names[0] ?? "") ? -1 : 1)
  );
}

/** Adds a row; names that share an encoding share an entry. */
function collect(found: Map<string, Instruction>, row: Row,
  fence: Fence | undefined, flagsOf: (row: Row) => string): void
{
  const key = `${row.encoding}|${row.operands.join()}`;
  const known = found.get(key);
  if (known) known.names.push(row.name);
  else {
    const { name, operands, encoding } = row;
    found.set(key, {
      names: [name],
      operands,
      encoding,
      flags: flagsOf(row),
      fence,
    });
  }
}

/** The table, and beside it one with a number before the rows of each fence, to tell them apart. */
function withMarks(file: TangledFile): { text: string; fences: Fence[] } {
  const fences: Fence[] = [];
  const lines = file.text.split("\n").map((line, at) => {
    const fence = file.origins[at]?.fence;
    const isRow = fence?.chunk === "the instruction table";
    const begins = isRow && fence !== fences.at(-1);
    return begins ? `${fences.push(fence) - 1}, ${line}` : line;
  });
  const text = lines.join("\n").replace("const rows: readonly Row[] =",
    "const marked: (Row | number)[] =");
  return {
    text:
      `${text}\nexport const rows = marked.filter((row) => typeof row !== "number");\n`,
    fences,
  };
}

/** The rows, marks between them, and a function that finds out what flags a row changes. */
interface Probed {
  marked: readonly (Row | number)[];
  flagsOf(row: Row): string;
}

/** Runs one encoding with many operands, and collects the flags that differ afterwards. */
const probe = `
import { settle, setFlags } from "./machine/ground/flags.ts";
import { Cpu } from "./machine/ground/layout.ts";
import { copyToPhys } from "./machine/ground/ram.ts";
import { createMachine } from "./machine/machine.ts";
import { run } from "./machine/running/run.ts";
export { marked } from "./machine/rows/table.ts";

const FLAGS = [["CF", 1], ["PF", 4], ["AF", 16], ["ZF", 64], ["SF", 128],
  ["DF", 1024], ["OF", 2048]];
const ALL = FLAGS.reduce((sum, [, bit]) => sum | bit, 0);
const CODE = 0x8000, DATA = 0x4000;
const SYSTEM = /^(hlt|int|iret|[sl][gil]dt|l?mov|lmsw|ltr|str|clts|in|out|rd|wr|wb|inv|f|retf)/;
const m = createMachine(0x10000);
const fresh = m.bytes.slice(0, 0x1000);

function bytesOf(row) {
  const register = !row.operands.some((o) => /^m/.test(o));
  const reg = row.digit >= 0 ? row.digit : 3;
  const modrm = !row.modrm ? []
    : register ? [0xc0 | (reg << 3) | 1] : [(reg << 3) | 6];
  const prefix = row.only === 16 ? [0x66] : [];
  const constants = row.trailers.flatMap((t) =>
    t === "ib" ? [3] : t === "iw" ? [3, 0] : t === "mo" ? [0, 0x40, 0, 0] : [3, 0, 0, 0]);
  return [...prefix, ...(row.escape ? [0x0f] : []), row.opcode, ...modrm, ...constants];
}

let seed = 1;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return seed >> (seed & 15);
};

/** One run: the flags that changed, or none if it faulted. */
function trial(flags) {
  m.bytes.set(fresh);
  for (let r = 0; r < 8; r++) m.cpu[r] = random();
  m.cpu[Cpu.ECX] &= 63;
  m.cpu[Cpu.EDX] &= 1;
  m.cpu[Cpu.ESP] = m.cpu[Cpu.ESI] = m.cpu[Cpu.EDI] = m.cpu[Cpu.EBP] = DATA;
  m.cpu[Cpu.EIP] = CODE;
  setFlags(m.cpu, flags, ALL);
  return run(m, 1) === "shutdown" ? 0 : (settle(m.cpu) ^ flags) & ALL;
}

export function flagsOf(row) {
  if (SYSTEM.test(row.name) && !/^(in|inc|fs)$/.test(row.name)) return "";
  copyToPhys(m, CODE, Uint8Array.from(bytesOf(row)));
  let seen = 0;
  for (let n = 0; n < 100; n++) seen |= trial((n & 1) * ALL);
  return FLAGS.filter(([, bit]) => seen & bit).map(([name]) => name).join(" ");
}
`;
