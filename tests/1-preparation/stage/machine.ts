// Machines for the tests of chapter I, and what there is to see in them.
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { recorded } from "./programs.ts";

export const hex = (bytes: ArrayLike<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** A machine with a program at address 0, ready to run it. */
export function machineWith(source: string, bytes = recorded(source)): Machine {
  const m = createMachine(1 << 20);
  copyToPhys(m, 0, bytes);
  m.cpu[Cpu.ESP] = 0x8000;
  return m;
}

/** The machine after a program that ends with `hlt`. */
export function ran(source: string): Machine {
  const m = machineWith(source);
  assert.is(run(m, 100_000), "halt", "the program did not come to its end");
  return m;
}

/** The machine after a program that faults, with nobody to catch it. */
export function failed(source: string): Machine {
  const m = machineWith(source);
  assert.is(run(m, 100_000), "shutdown", "the program did not fault");
  return m;
}

export const word = (m: Machine, index: Cpu): number => m.cpu[index] >>> 0;
export const eax = (m: Machine): number => word(m, Cpu.EAX);

export const bytesAt = (m: Machine, at: number, size: number): string =>
  hex(copyFromPhys(m, at, size));
