// Machines with programs that the book's assembler has made.
import * as assert from "uvu/assert";
import { assemble } from "../../../../tangled/assembler/assemble.ts";
import { Cpu } from "../../../../tangled/machine/ground/layout.ts";
import type { Machine } from "../../../../tangled/machine/ground/state.ts";
import { copyToPhys } from "../../../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../../../tangled/machine/machine.ts";
import { run } from "../../../../tangled/machine/running/run.ts";
import { word } from "../../../1-preparation/stage/machine.ts";

export { word };

export function machineWith(source: string, origin = 0): Machine {
  const m = createMachine(1 << 20);
  copyToPhys(m, origin, assemble(source, { origin }).bytes);
  m.cpu[Cpu.ESP] = 0x8000;
  m.cpu[Cpu.EIP] = origin;
  return m;
}

/** The machine after a program that ends with `hlt`, or with a fault. */
export function after(source: string, end = "halt", origin = 0): Machine {
  const m = machineWith(source, origin);
  assert.is(run(m, 100_000), end);
  return m;
}

export const words = (m: Machine, ...indexes: Cpu[]): number[] =>
  indexes.map((index) => word(m, index));
