// Page tables for that kernel.
import * as assert from "uvu/assert";
import { gate, Gate } from "../../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  readPhys32,
  writePhys32,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import {
  setPageDirectory,
  setPaging,
} from "../../../tangled/machine/memory/paging.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { at, code, putGate, word, world } from "./world.ts";

export const DIRECTORY = 0x30000, TABLE = 0x31000;

/** Maps the first megabyte to itself, for everybody. */
export function mapped(m: Machine): Machine {
  writePhys32(m, DIRECTORY, TABLE | 7);
  for (let page = 0; page < 256; page++)
    writePhys32(m, TABLE + page * 4, (page << 12) | 7);
  setPageDirectory(m, DIRECTORY);
  setPaging(m, true);
  return m;
}

export const map = (m: Machine, linear: number, entry: number): void =>
  writePhys32(m, TABLE + (linear >> 12) * 4, entry);

/** Nobody can be called: the machine stops where the fault was. */
export function keepOwnStack(m: Machine): void {
  m.cpu[Cpu.IDT_LIMIT] = 0;
}

/** Runs to the triple fault, one instruction at a time; gives esp before the last of them. */
function stopsAt(m: Machine): { esp: number } {
  for (let n = 0; n < 10; n++) {
    const esp = word(m, Cpu.ESP);
    if (run(m, 1) === "shutdown") return { esp };
  }
  throw new Error("nothing has faulted");
}

/** Asserts that an access to the doubleword at ebx, whose second half is on no page, changes nothing. */
export function leavesFirstHalfAlone(access: string): void {
  const m = mapped(world(`mov eax, 0x12345678\n mov ebx, 0x80ffe\n ${access}`));
  putGate(m, 14, gate(code[0], at.HANDLERS + 14 * 16, Gate.INTERRUPT, 0));
  keepOwnStack(m);
  map(m, 0x81000, 0);
  writePhys32(m, 0x80ffc, 0xaabbccdd);
  const last = stopsAt(m);
  assert.is(readPhys32(m, 0x80ffc), 0xaabbccdd, access);
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX].map((r) => word(m, r)), [0x12345678,
    0x80ffe, 0], access);
  assert.is(word(m, Cpu.ESP), last.esp, access);
}
