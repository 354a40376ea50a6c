// A Guest with gates of its own.
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { Reg } from "../../../tangled/abi/regs.ts";
import { reg } from "../../../tangled/host/ground/guest.ts";
import { asks, introduced, lives, settled, type Stage } from "./actor.ts";
import { KERNEL } from "./places.ts";

export const loadGate = (vector: number, low: number, high: number) =>
  asks(Call.LHCALL_LOAD_IDT_ENTRY, vector, low, high);

/** A Guest with a handler at 0xc0008000 for all its traps, and its stack above `base`. */
export function handling(type = 0x8e00, s = introduced(), base = 0) {
  for (const vector of [0, 3, 6, 10, 11, 12, 13, 14, 17, 32, 33])
    lives(s, loadGate(vector, 0x8000, (KERNEL | type) >>> 0));
  lives(s, asks(Call.LHCALL_SET_STACK, 0x69, base + 0x20000, 2));
  return s;
}

/** The same, with tables. */
export const handlingPages = (type?: number) =>
  handling(type, settled(), KERNEL);

/** It is in its kernel, on a stack above `base`. */
export const fromKernel = (base = 0): [Reg, number][] => [
  [Reg.CS, 0x61],
  [Reg.SS, 0x69],
  [Reg.EIP, 0xc0001234],
  [Reg.ESP, base + 0x9000],
  [Reg.EFLAGS, 0x246],
];

export const fromProgram: [Reg, number][] = [
  [Reg.CS, 0x73],
  [Reg.SS, 0x7b],
  [Reg.EIP, 0x400],
  [Reg.ESP, 0x9000],
  [Reg.EFLAGS, 0x293],
];

/** The words on the stack, which has tables if it lies above KERNEL. */
export const stackOf = (s: Stage, count: number) => {
  const esp = reg(s.guest, Reg.ESP);
  return Array.from({ length: count },
    (_, n) => s.memory.read32((esp >= KERNEL ? esp - KERNEL : esp) + n * 4));
};
