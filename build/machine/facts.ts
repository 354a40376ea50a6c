/** What the book's own code says when it is asked, for the drawings that show it. */
import type { Book } from "../../tangle/book/chapter.ts";
import { parseStage, wholeBook, type Stage } from "../../tangle/book/stage.ts";
import { expandBook } from "../../tangle/tree/expand.ts";
import { runFromMemory } from "./run-from-memory.ts";

/** A record that the machine remembers. */
export interface Remembered {
  /** Where in its page the instruction stands, and where the next. */
  offset: number;
  next: number;
  /** The byte of the block at which the record begins. */
  at: number;
  op: string;
  to: number;
  from: number;
  form: number;
}

/** A program that was run, and what the machine knows of it then. */
export interface Run {
  bytes: readonly number[];
  /** EAX before and after it. */
  before: number;
  after: number;
  /** In the order of their offsets. */
  records: readonly Remembered[];
  /** The first words of the map from page to entries. */
  map: readonly number[];
}

/** A line of the Guest's kernel. */
export interface KernelLine {
  address: number;
  bytes: number;
  source: string;
}

/** One entry of the Guest's table, and that of the shadow for the same page. */
export interface Pair {
  guest: number;
  shadow: number;
}

export interface Facts {
  /** Of `mov ah, al`. */
  move: Run;
  /** How the instruction table has it. */
  row: { name: string; encoding: string; operands: readonly string[] };
  /** Of the sum that calls itself a hundred times. */
  sum: Run;
  /** FORM of `mov eax, [ebp + ecx*4 + 8]`, and where its fields begin. */
  form: number;
  fields: Readonly<Record<string, number>>;
  /** Where the tables lie that remember code. */
  at: Readonly<Record<string, number>>;
  /** Labels and constants of the Guest's kernel, and of the contract. */
  kernel: ReadonlyMap<string, number>;
  /** The Guest's routine that ends in `iret`. */
  way: readonly KernelLine[];
  /** A segment of a hundred pages from 0xc0ffee00 on, as chapter II packs it. */
  segment: readonly [low: number, high: number];
  /** An entry before any use, after a read, and after a write. */
  shadow: readonly Pair[];
  /** The machine's frame that is the Guest's page in question. */
  frame: number;
}

type Enum = Readonly<Record<string, number>> & Readonly<Record<number, string>>;

interface Machine {
  cpu: Int32Array;
}

interface Assembly {
  bytes: Uint8Array;
  labels: ReadonlyMap<string, number>;
  lines: readonly { line: number; address: number; bytes: ArrayLike<number> }[];
}

interface Memory {
  frames: readonly number[];
  read32(at: number): number;
  write32(at: number, value: number): void;
}

/** A Guest of the Host's, as far as it is asked here. */
interface Guest {
  linear: boolean;
  shadows: { top: number }[];
}

/** The part of chapter I that answers. */
interface First {
  At: Enum;
  Cpu: Enum;
  Rec: Enum;
  Op: Enum;
  Form: Enum;
  createMachine(bytes: number): Machine;
  copyToPhys(m: Machine, at: number, bytes: Uint8Array): void;
  run(m: Machine, ticks: number): string;
  parse(fetch: (offset: number) => number): { row: Facts["row"] };
  writeRecord(m: Machine, at: number, parsed: object, here: number): void;
  assemble(source: string): Assembly;
}

/** And that of the other chapters. */
interface Others {
  Desc: Enum;
  descriptor(base: number, limit: number,
    rights: number): readonly [number, number];
  readPhys32(m: Machine, at: number): number;
  assembleGuest(read: (path: string) => string): Assembly;
  layout: Readonly<Record<string, number>>;
  lguestData: Readonly<Record<string, number>>;
  createHost(options: { ramBytes: number }): { machine: Machine };
  allocateMemory(host: object, base: number, bytes: number): Memory;
  createGuest(host: object, memory: Memory, pages: number,
    entry: number): Guest;
  shadowInUse(guest: Guest): { directory: number };
  demandPage(guest: Guest, address: number, code: number): boolean;
}

/** Where the names of chapter I stand in tangled/, and then the others. */
const first = `
export { At, Cpu, Form, Rec } from "./machine/ground/layout.ts";
export { Op } from "./machine/ground/operations.ts";
export { createMachine } from "./machine/machine.ts";
export { copyToPhys, readPhys32 } from "./machine/ground/ram.ts";
export { run } from "./machine/running/run.ts";
export { parse } from "./machine/rows/decode.ts";
export { writeRecord } from "./machine/rows/records.ts";
export { assemble } from "./assembler/assemble.ts";
`;
const others = `
export { readPhys32 } from "./machine/ground/ram.ts";
export { Desc, descriptor } from "./machine/ground/descriptors.ts";
export { assembleGuest } from "./guest/image.ts";
export { layout } from "./abi/memory-map.ts";
export { lguestData } from "./abi/lguest-data.ts";
export { createHost } from "./host/host.ts";
export { allocateMemory } from "./host/ground/launcher-memory.ts";
export { createGuest } from "./host/birth.ts";
export { shadowInUse } from "./host/ground/guest-entries.ts";
export { demandPage } from "./host/page-tables.ts";
`;

/** Asks the code of a book: that of chapter I as it stands at its end. */
export async function readFacts(book: Book): Promise<Facts> {
  const early = sourcesOf(book, parseStage(endOfFirst, book));
  const late = sourcesOf(book, wholeBook(book));
  const code = (await runFromMemory(early, first)) as First;
  const rest = (await runFromMemory(late, others)) as Others;
  const move = runOf(code, "mov ah, al\nhlt", 0x2a, 1);
  return {
    move,
    row: code.parse((offset) => move.bytes[offset] ?? 0).row,
    sum: runOf(code, sumSource, 0, 10_000),
    form: formOf(code, "mov eax, [ebp + ecx*4 + 8]"),
    fields: code.Form,
    at: code.At,
    segment: segmentOf(rest),
    ...kernelOf(rest, (path) => late.get(path) ?? ""),
    ...shadowOf(rest),
  };
}

const endOfFirst = "Preparation: Directives";

function sourcesOf(book: Book, stage: Stage): Map<string, string> {
  return new Map(expandBook(book, stage).map(({ path, text }) => [path, text]));
}

/** The recursive sum of chapter I. */
const sumSource = `
  mov esp, 0x2000
  mov ecx, 100
  call sum
  hlt
sum: jecxz done
  push ecx
  dec ecx
  call sum
  pop ecx
  add eax, ecx
done: ret`;

function runOf(code: First, source: string, before: number,
  ticks: number): Run
{
  const { At, Cpu, Rec } = code;
  const m = code.createMachine(1 << 20);
  const { bytes } = code.assemble(source);
  code.copyToPhys(m, 0, bytes);
  m.cpu[member(Cpu, "EAX")] = before;
  code.run(m, ticks);
  const entries = member(At, "ENTRIES") / 4;
  const known = [...bytes.keys()].filter((n) => m.cpu[entries + n] !== 0);
  const map = member(At, "CODE_MAP") / 4;
  return {
    bytes: [...bytes],
    before,
    after: m.cpu[member(Cpu, "EAX")] ?? 0,
    records: known.map((offset) => {
      const at = m.cpu[entries + offset] ?? 0;
      const word = (name: string): number => m.cpu[at + member(Rec, name)] ?? 0;
      return {
        offset,
        next: word("NEXT"),
        at: at * 4,
        op: code.Op[word("OP")] ?? "",
        to: word("DST"),
        from: word("SRC"),
        form: word("FORM"),
      };
    }),
    map: [...m.cpu.slice(map, map + 4)],
  };
}

function formOf(code: First, source: string): number {
  const m = code.createMachine(4096);
  const { bytes } = code.assemble(source);
  const at = member(code.At, "RECORDS") / 4;
  code.writeRecord(m, at, code.parse((offset) => bytes[offset] ?? 0), 0);
  return m.cpu[at + member(code.Rec, "FORM")] ?? 0;
}

function segmentOf({ Desc, descriptor }: Others): Facts["segment"] {
  const rights = ["P", "S", "G"].map((name) => member(Desc, name));
  return descriptor(0xc0ffee00, 99, rights.reduce((all, bit) => all | bit));
}

function kernelOf(code: Others,
  read: (path: string) => string): Pick<Facts, "kernel" | "way">
{
  const { labels, lines } = code.assembleGuest(read);
  const source = read("guest/kernel.asm").split("\n");
  const kernel = new Map([
    ...Object.entries(code.layout),
    ...Object.entries(code.lguestData),
    ...labels,
    ...numbersIn(source),
  ]);
  const start = kernel.get("guest_iret") ?? 0;
  const end = kernel.get("noirq_end") ?? 0;
  const way = lines
    .filter(({ address, bytes }) =>
      address >= start && address < end && bytes.length > 0
    )
    .map(({ line, address, bytes }) => ({
      address,
      bytes: bytes.length,
      source: (source[line - 1] ?? "").trim(),
    }));
  return { kernel, way };
}

/** What the source calls plain numbers, as in "KERNEL_SLOT equ 768". */
function numbersIn(source: readonly string[]): [string, number][] {
  return source.flatMap((each) => {
    const found = /^(\w+) equ (0x[\da-fA-F]+|\d+)(?: *;.*)?$/u.exec(each);
    return found ? [[found[1] ?? "", Number(found[2])] as const] : [];
  }).map(([name, value]) => [name, value]);
}

/** The experiment of chapter V: one page of a Guest, first read, then written. */
function shadowOf(code: Others): Pick<Facts, "shadow" | "frame"> {
  const host = code.createHost({ ramBytes: 4 << 20 });
  const memory = code.allocateMemory(host, 0, 16 * 4096);
  const guest = code.createGuest(host, memory, 16, 0);
  memory.write32(0x1000 + 768 * 4, 0x2067);
  memory.write32(0x2000 + 5 * 4, 0x3003);
  guest.linear = false;
  (guest.shadows[0] as { top: number }).top = 0x1000;
  const pair = (): Pair => {
    const { directory } = code.shadowInUse(guest);
    const table = code.readPhys32(host.machine, directory + 768 * 4) & ~4095;
    const shadow = table === 0 ? 0 : code.readPhys32(host.machine, table + 20);
    return { guest: memory.read32(0x2014), shadow };
  };
  const after = (error: number): Pair => {
    code.demandPage(guest, 0xc0005123, error);
    return pair();
  };
  return {
    shadow: [pair(), after(0), after(2)],
    frame: memory.frames[3] ?? 0,
  };
}

/** A member of an enum that has to be there. */
function member(of: Readonly<Record<string, number>>, name: string): number {
  const value = of[name];
  if (value === undefined)
    throw new Error(
      `the book has no ${name} any more: change build/machine/facts.ts`,
    );
  return value;
}
