// One arithmetic instruction, done by the machine; and a quotient, by longhand.
import * as assert from "uvu/assert";
import { Flag, setFlags } from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { flagsOf } from "./flags.ts";
import { eax, machineWith, word } from "./machine.ts";

/** Multiplies or divides: `op ebx` with given eax and edx; null after a fault. */
export function longhand(op: string, a: number, d: number, b: number): [number,
  number] | null
{
  const m = machineWith(`${op} ebx\n hlt`);
  m.cpu[Cpu.EAX] = a;
  m.cpu[Cpu.EDX] = d;
  m.cpu[Cpu.EBX] = b;
  return run(m, 10) === "halt" ? [eax(m), word(m, Cpu.EDX)] : null;
}

/** Quotient and remainder of 64 bits by 32; null if the quotient does not fit. */
export function slowQuotient(a: bigint, b: bigint, fit: typeof BigInt.asIntN): [
  number,
  number,
] | null {
  if (b === 0n || fit(32, a / b) !== a / b) return null;
  return [Number(BigInt.asUintN(32, a / b)), Number(BigInt.asUintN(32, a % b))];
}

/** `op eax, cl` (or ax, al): the result, and CF and OF. */
export function shifted(op: string, register: string, value: number,
  count: number, cf = 0): [number, number, number]
{
  const m = machineWith(`${op} ${register}, cl\n hlt`);
  m.cpu[Cpu.EAX] = value;
  m.cpu[Cpu.ECX] = count;
  setFlags(m.cpu, cf, Flag.ARITHMETIC);
  assert.is(run(m, 10), "halt");
  return [eax(m), flagsOf(m) & Flag.CF, (flagsOf(m) & Flag.OF) >> 11];
}
