// A Guest with gates of its own.
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { Reg } from "../../../tangled/abi/regs.ts";
import { asks, settled, lives } from "./actor.ts";
import { KERNEL } from "./places.ts";

export const loadGate = (vector: number, low: number, high: number) =>
  asks(Call.LHCALL_LOAD_IDT_ENTRY, vector, low, high);

/** A Guest with a handler at 0xc0008000 for all its traps. */
export function handling(type = 0x8e00) {
  const s = settled();
  for (const vector of [0, 3, 6, 10, 11, 12, 13, 14, 17, 32, 33])
    lives(s, loadGate(vector, 0x8000, (KERNEL | type) >>> 0));
  lives(s, asks(Call.LHCALL_SET_STACK, 0x69, KERNEL + 0x20000, 2));
  return s;
}

export const fromKernel: [Reg, number][] = [
  [Reg.CS, 0x61],
  [Reg.SS, 0x69],
  [Reg.EIP, 0xc0001234],
  [Reg.ESP, KERNEL + 0x9000],
  [Reg.EFLAGS, 0x246],
];
