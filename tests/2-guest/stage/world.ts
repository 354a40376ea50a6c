// A kernel of nothing but gates, on the machine that learns to protect.
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import {
  Desc,
  descriptor,
  flatCode,
  flatData,
  gate,
  Gate,
  type Descriptor,
} from "../../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  writePhys32,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { retired, run } from "../../../tangled/machine/running/run.ts";
import {
  keepSegment,
  Seg,
  setRing,
} from "../../../tangled/machine/protection/segments.ts";

export const at = {
  GDT: 0x1000,
  IDT: 0x2000,
  TSS: 0x3000,
  CODE: 0x5000,
  HANDLERS: 0x6000,
} as const;
export const stacks = [0x9000, 0xa000, 0, 0xb000] as const;

/** Selectors of flat segments, by ring. */
export const code = [0x08, 0x21, 0, 0x33] as const;

export const flat = [0x10, 0x29, 0, 0x3b] as const;

/** The first row of the GDT that is free for a test. */
export const FREE = 0x40;

export const writable = Desc.P | Desc.S | Desc.D | Desc.WRITABLE;

export function putEntry(m: Machine, address: number,
  [low, high]: Descriptor): void
{
  writePhys32(m, address, low);
  writePhys32(m, address + 4, high);
}

export const putSegment = (m: Machine, selector: number, d: Descriptor): void =>
  putEntry(m, at.GDT + (selector & ~7), d);
export const putGate = (m: Machine, vector: number, d: Descriptor): void =>
  putEntry(m, at.IDT + vector * 8, d);

/** A kernel of nothing but gates: whatever happens, it halts there. */
export function world(source: string, ring: 0 | 1 | 3 = 0): Machine {
  const m = createMachine(1 << 20);
  for (const r of [0, 1, 3] as const) {
    putSegment(m, code[r], flatCode(r));
    putSegment(m, flat[r], flatData(r));
  }
  for (let vector = 0; vector < 64; vector++) {
    putGate(m, vector,
      gate(code[0], at.HANDLERS + vector * 16, Gate.INTERRUPT, 0));
    copyToPhys(m, at.HANDLERS + vector * 16, Uint8Array.of(0xf4));
  }
  for (const r of [0, 1] as const) {
    writePhys32(m, at.TSS + 4 + r * 8, stacks[r]);
    writePhys32(m, at.TSS + 8 + r * 8, flat[r]);
  }
  writePhys32(m, at.TSS + 0x64, 0x68 << 16); // no table of ports
  m.cpu[Cpu.GDT_BASE] = at.GDT;
  m.cpu[Cpu.GDT_LIMIT] = 0x7f;
  m.cpu[Cpu.IDT_BASE] = at.IDT;
  m.cpu[Cpu.IDT_LIMIT] = 64 * 8 - 1;
  keepSegment(m, Seg.TR, 0x18, descriptor(at.TSS, 0x67, 0x8b00));
  keepSegment(m, Seg.CS, code[ring], flatCode(ring));
  for (const segment of [Seg.ES, Seg.SS, Seg.DS])
    keepSegment(m, segment, flat[ring], flatData(ring));
  setRing(m, ring);
  m.cpu[Cpu.EIP] = at.CODE;
  m.cpu[Cpu.ESP] = stacks[ring];
  putProgram(m, at.CODE, source);
  return m;
}

export function putProgram(m: Machine, origin: number, source: string): void {
  copyToPhys(m, origin, assemble(source, { origin }).bytes);
}

/** Vectors that come with an error code. */
export const withCode = [8, 10, 11, 12, 13, 14, 17];

/** Runs until the kernel halts in one of its gates, and says which, and what is on its stack. */
export function caught(m: Machine) {
  assert.is(run(m, 10_000), "halt", "nothing was caught");
  const vector = (word(m, Cpu.EIP) - 1 - at.HANDLERS) / 16;
  assert.ok(Number.isInteger(vector) && vector >= 0 && vector < 64,
    `halted at ${word(m, Cpu.EIP).toString(16)}`);
  const esp = word(m, Cpu.ESP), hasCode = withCode.includes(vector);
  const [eip, cs, flags, oldEsp, ss] = [0, 1, 2, 3, 4].map((n) =>
    readPhys32(m, esp + (n + +hasCode) * 4)
  );
  return {
    vector,
    code: hasCode ? readPhys32(m, esp) : undefined,
    eip,
    cs,
    flags,
    esp: oldEsp,
    ss,
  };
}

export const word = (m: Machine, index: Cpu): number => m.cpu[index] >>> 0;
export const selectorOf = (m: Machine, segment: Seg): number =>
  m.cpu[Cpu.SELECTOR + segment];

/** Asserts that the program's only achievement was a fault. */
export function faults(m: Machine, vector: number, errorCode?: number,
  eip?: number): void
{
  const found = caught(m);
  assert.equal([found.vector, found.code], [vector, errorCode]);
  if (eip !== undefined) assert.is(found.eip, eip);
}

export const ENTRY = at.HANDLERS + 0x20 * 16;

/** Closes gates, as if they were not there. */
export const without = (m: Machine, ...vectors: number[]): Machine => {
  for (const vector of vectors) putGate(m, vector, [0, 0]);
  return m;
};

/** What is left of a machine that ran for so long, in steps. */
export function afterSteps(m: Machine, ticks: number, step: number): string {
  for (let left = ticks; left > 0; left -= step) run(m, Math.min(step, left));
  return [...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1), retired(m)].join(" ");
}
