// Runs a case on our machine, in the same world as on silicon.
import {
  descriptor,
  flatCode,
  flatData,
  gate,
  Gate,
  type Descriptor,
} from "../../tangled/machine/ground/descriptors.ts";
import { Flag, setFlags, settle } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  writePhys32,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import {
  setPageDirectory,
  setPaging,
} from "../../tangled/machine/memory/paging.ts";
import { run } from "../../tangled/machine/running/run.ts";
import {
  keepSegment,
  Seg,
  setRing,
} from "../../tangled/machine/protection/segments.ts";
import {
  CODE,
  CODE_SIZE,
  DATA,
  DATA_WRITABLE,
  DONE,
  HLT,
  image,
  stackOf,
  stacks,
  stackSelectors,
  type Case,
  type Outcome,
  type Stack,
} from "./world.ts";

/** Physical addresses. The kernel sees all of RAM at KERNEL. */
const at = {
  GDT: 0x1000,
  LDT: 0x1800,
  IDT: 0x2000,
  TSS: 0x3000,
  STACK: 0x5000,
  DIRECTORY: 0x6000,
  TABLES: 0x7000,
  HANDLERS: 0xb000,
} as const;
const KERNEL = 0xc000_0000;
const IRET = 0xcf;
/** Where the pages of the window and of the code lie: not in order. */
const dataPages = [0x12000, 0x10000, 0x11000] as const;
const codePages = [0x15000, 0x14000] as const;
const start = image();

/** The world; `selectors` are those a program has on the recorded machine. */
export function makeWorld(selectors: readonly number[]): Machine {
  const m = createMachine(0x20000);
  makePages(m);
  makeSegments(m, selectors);
  makeGates(m);
  m.cpu[Cpu.IDT_BASE] = KERNEL + at.IDT;
  m.cpu[Cpu.IDT_LIMIT] = 0x7ff;
  writePhys32(m, at.TSS + 4, KERNEL + at.STACK);
  writePhys32(m, at.TSS + 8, 0x18);
  writePhys32(m, at.TSS + 0x64, 0xffff << 16);
  keepSegment(m, Seg.TR, 0x40, descriptor(KERNEL + at.TSS, 0x67, 0x8b00));
  for (const page of codePages)
    m.bytes.fill(HLT, m.bytes.length - m.ramSize + page,
      m.bytes.length - m.ramSize + page + 4096);
  return m;
}

const user = 4, writable = 2, present = 1;

function makePages(m: Machine): void {
  const tables = [DATA, CODE, KERNEL].map((linear, n) => {
    writePhys32(m, at.DIRECTORY + (linear >>> 22) * 4,
      (at.TABLES + n * 4096) | 7);
    return (page: number, entry: number) =>
      writePhys32(m,
        at.TABLES + n * 4096 + (((linear >>> 12) & 1023) + page) * 4, entry);
  });
  dataPages.forEach((page, n) =>
    tables[0](n,
      page | user | present | (n * 4096 < DATA_WRITABLE ? writable : 0))
  );
  codePages.forEach((page, n) => tables[1](n, page | user | present));
  for (let n = 0; n < m.ramSize / 4096; n++)
    tables[2](n, (n << 12) | writable | present);
  setPageDirectory(m, at.DIRECTORY);
  setPaging(m, true);
}

/** The rows that Linux has in its GDT, where a test can tell. */
function makeSegments(m: Machine, [, cs, ss, , , gs]: readonly number[]): void {
  const put = (selector: number, [low, high]: Descriptor): void => {
    writePhys32(m, at.GDT + (selector & ~7), low);
    writePhys32(m, at.GDT + (selector & ~7) + 4, high);
  };
  put(0x08, flatCode(0));
  put(0x10, descriptor(0, 0xfffff, 0xa09b00));
  put(0x18, flatData(0));
  put(0x30, descriptor(0, 0xfffff, 0xa0fb00));
  put(cs!, flatCode(3));
  put(ss!, flatData(3));
  if (gs! > 3) put(gs!, flatData(3));
  stacks.forEach((stack, n) =>
    put(stackSelectors[n] + at.LDT - at.GDT, rowOf(stack))
  );
  keepSegment(m, Seg.LDTR, 0x48, descriptor(KERNEL + at.LDT, 0x7f, 0x8200));
  m.cpu[Cpu.GDT_BASE] = KERNEL + at.GDT;
  m.cpu[Cpu.GDT_LIMIT] = 0x7f;
}

const rowOf = ({ base, limit, pages, wide }: Stack): Descriptor =>
  descriptor(base, limit,
    0xf300 | (pages ? 0x80_0000 : 0) | (wide ? 0x40_0000 : 0));

const handlerOf = (vector: number): number =>
  KERNEL + at.HANDLERS + vector * 16;

/** A gate for each vector; programs may knock at those of int3 and into. */
function makeGates(m: Machine): void {
  for (let vector = 0; vector < 256; vector++) {
    const dpl = vector === 3 || vector === 4 ? 3 : 0;
    const [low, high] = gate(0x08, handlerOf(vector), Gate.INTERRUPT, dpl);
    writePhys32(m, at.IDT + vector * 8, low);
    writePhys32(m, at.IDT + vector * 8 + 4, high);
    writePhys8(m, at.HANDLERS + vector * 16, IRET);
  }
}

/**
 * Runs a case as silicon did: with the trap flag set, so that each step ends
 * in exception 1, whose handler returns if the case may take more steps.
 */
export function stepped(m: Machine, c: Case,
  selectors: readonly number[]): Outcome
{
  enter(m, c, selectors, c.flags);
  let steps = 1;
  for (step(m); steps < c.steps && wantsMore(m, c); steps++) run(m, 2);
  return outcome(m, c, steps);
}

/** One instruction; after a change of ss, the trap comes behind the next. */
function step(m: Machine): void {
  run(m, 1);
  if (m.cpu[Cpu.SHADOW] !== 0) run(m, 1);
}

/** Whether the handler of exception 1 is about to return to the case. */
const wantsMore = (m: Machine, c: Case): boolean =>
  wordOf(m, Cpu.EIP) === handlerOf(DONE)
  && readPhys32(m, at.STACK - 20) === c.at;

/** Runs a case for so many ticks at once, with the trap flag clear. */
export function atOnce(m: Machine, c: Case, selectors: readonly number[],
  ticks: number): Outcome
{
  enter(m, c, selectors, c.flags & ~Flag.TF);
  run(m, ticks);
  if (m.cpu[Cpu.SHADOW] !== 0) run(m, 1);
  return outcome(m, c, ticks);
}

function outcome(m: Machine, c: Case, steps: number): Outcome {
  const o = {
    ...(m.cpu[Cpu.CPL] === 0 ? faulted(m) : done(m)),
    steps,
    memory: changes(m, c),
  };
  erase(m, c);
  return o;
}

function enter(m: Machine, c: Case, selectors: readonly number[],
  flags: number): void
{
  const { cpu } = m;
  const data = windowOf(c);
  dataPages.forEach((page, n) => copyToPhys(m, page, pageOf(data, n)));
  putCode(m, c, c.bytes);
  selectors.forEach((selector, segment) =>
    keepSegment(m, segment, selector,
      selector < 4 ? [0, 0] : segment === Seg.CS ? flatCode(3) : flatData(3))
  );
  const own = stackOf(c.stack);
  if (own) keepSegment(m, Seg.SS, c.stack, rowOf(own));
  setRing(m, 3);
  c.registers.forEach((value, n) => {
    cpu[n] = value;
  });
  setFlags(cpu, flags, -1);
  cpu[Cpu.EIP] = c.at;
  cpu[Cpu.CR2] = 0;
}

/** The window as a case finds it. */
function windowOf(c: Case): Uint8Array {
  const data = start.slice();
  data.set(c.poke.bytes, c.poke.at);
  return data;
}

const pageOf = (data: Uint8Array, n: number): Uint8Array =>
  data.subarray(n * 4096, n * 4096 + 4096);

/** Puts bytes where the case's instruction is, as far as there is a page. */
function putCode(m: Machine, c: Case, bytes: Uint8Array): void {
  for (let k = 0; k < bytes.length; k++) {
    const offset = c.at - CODE + k;
    if (offset < CODE_SIZE)
      copyToPhys(m, codePages[offset >> 12] + (offset & 4095),
        bytes.subarray(k, k + 1));
  }
}

const erase = (m: Machine, c: Case): void =>
  putCode(m, c, new Uint8Array(c.bytes.length).fill(HLT));

const wordOf = (m: Machine, index: Cpu): number => m.cpu[index] >>> 0;
const registersOf = (m: Machine): number[] =>
  Array.from(m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1), (value) => value >>> 0);
const selectorsOf = (m: Machine): number[] =>
  Array.from(m.cpu.subarray(Cpu.SELECTOR, Cpu.SELECTOR + 6), (value) =>
    value & 0xffff);

type Fate = Omit<Outcome, "memory" | "steps">;

function done(m: Machine): Fate {
  return {
    vector: DONE,
    error: 0,
    cr2: 0,
    eip: wordOf(m, Cpu.EIP),
    flags: settle(m.cpu),
    registers: registersOf(m),
    selectors: selectorsOf(m),
  };
}

/** What the gate for a fault has pushed on the kernel's stack. */
function faulted(m: Machine): Fate {
  const vector = (wordOf(m, Cpu.EIP) - handlerOf(0)) / 16;
  const size = KERNEL + at.STACK - wordOf(m, Cpu.ESP);
  const frame = Array.from({ length: size / 4 },
    (_, n) => readPhys32(m, at.STACK - size + n * 4));
  const error = frame.length === 6 ? frame.shift()! : 0;
  const [eip, cs, flags, esp, ss] = frame as [number, number, number, number,
    number];
  const registers = registersOf(m), selectors = selectorsOf(m);
  registers[4] = esp;
  selectors[Seg.CS] = cs;
  selectors[Seg.SS] = ss;
  return {
    vector,
    error,
    cr2: vector === 14 ? wordOf(m, Cpu.CR2) : 0,
    eip,
    flags,
    registers,
    selectors,
  };
}

/** The bytes of the window that are not what they were. */
function changes(m: Machine, c: Case): [number, number][] {
  const found: [number, number][] = [];
  const old = windowOf(c);
  dataPages.forEach((page, n) => {
    const now = copyFromPhys(m, page, 4096);
    if (Buffer.compare(now, pageOf(old, n)) === 0) return;
    now.forEach((value, k) => {
      if (value !== old[n * 4096 + k]) found.push([n * 4096 + k, value]);
    });
  });
  return found;
}
