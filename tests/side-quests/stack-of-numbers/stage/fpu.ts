// Programs for a machine with an FPU.
import * as assert from "uvu/assert";
import { assemble } from "../../../../tangled/assembler/assemble.ts";
import { Cpu } from "../../../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  writePhys32,
} from "../../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../../tangled/machine/ground/state.ts";
import { createMachine } from "../../../../tangled/machine/machine.ts";
import { run } from "../../../../tangled/machine/running/run.ts";

/** Runs a program until it halts, with gates for 7, 13, 14 and 16 that halt as well, and a segment 16 from address 8 on; gives the machine. */
export function runProgram(source: string): Machine {
  const m = createMachine(1 << 20);
  writePhys32(m, 0x7008, 0xffff);
  writePhys32(m, 0x700c, 0xcf9b00);
  writePhys32(m, 0x7010, 0x0008ffff);
  writePhys32(m, 0x7014, 0xcf9300);
  for (const vector of [7, 13, 14, 16]) {
    writePhys32(m, 0x6000 + vector * 8, 0x85000);
    writePhys32(m, 0x6004 + vector * 8, 0x8e00);
  }
  copyToPhys(m, 0x5000, Uint8Array.of(0xf4));
  m.cpu.set([0x7000, 0xff, 0x6000, 0x7ff], Cpu.GDT_BASE);
  m.cpu[Cpu.ESP] = 0x9000;
  m.cpu[Cpu.EIP] = 0x1000;
  copyToPhys(m, 0x1000, assemble(source, { origin: 0x1000 }).bytes);
  assert.is(run(m, 1000), "halt");
  return m;
}

/** The vector that a program ran into. */
export const vectorOf = (source: string): number =>
  runProgram(source).cpu[Cpu.EVENT];

export const setCr0 = (bits: number): string =>
  `mov eax, cr0\nor eax, ${bits}\nmov cr0, eax\n`;

export const BY_ZERO =
  "fninit\nmov word [0x2000], 0x37b\nfldcw [0x2000]\nfld1\nfldz\nfdivp st1, st0\n";
