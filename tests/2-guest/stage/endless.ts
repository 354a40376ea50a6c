// Machines that get nowhere, and what they have come to after a thousand ticks.
import { createHash } from "node:crypto";
import * as assert from "uvu/assert";
import {
  Flag,
  setFlags,
  settle,
} from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { copyFromPhys } from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { retired, run } from "../../../tangled/machine/running/run.ts";
import { at, putProgram } from "./world.ts";

/** The same machine with a flag set, or with interrupts. */
export function nudged(m: Machine, flag: Flag, irqs = 0): Machine {
  setFlags(m.cpu, flag, flag);
  m.cpu[Cpu.IRQS] = irqs;
  return m;
}

/** A machine whose handler of a vector does this. */
export function handled(m: Machine, vector: number, source: string): Machine {
  putProgram(m, at.HANDLERS + vector * 16, source);
  return m;
}

/** What a machine has come to after a thousand ticks, so many at a time. */
function afterThousand(make: () => Machine, step: number,
  alsoWords: readonly Cpu[]): string
{
  const m = make();
  m.ports.out = () => {
    m.cpu[Cpu.IRQS] |= 2;
  };
  while (retired(m) < 1000)
    assert.is(run(m, Math.min(step, 1000 - retired(m))), "limit");
  assert.is(m.cpu[Cpu.FAULT], -1);
  const own = [...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1), settle(m.cpu),
    m.cpu[Cpu.CR2], ...alsoWords.map((index) => m.cpu[index]), m.cpu[Cpu.IRQS],
    retired(m)];
  return `${own.map((value) => value! >>> 0)} ${createHash("sha1").update(copyFromPhys(m, 0, m.ramSize)).digest("hex")}`;
}

/** Asserts that a machine comes to the same, however its time is cut; `alsoWords` of the CPU count, too. */
export function passesTime(make: () => Machine,
  ...alsoWords: readonly Cpu[]): void
{
  const whole = afterThousand(make, 1000, alsoWords);
  for (const step of [1, 7, 300])
    assert.is(afterThousand(make, step, alsoWords), whole, `${step} at a time`);
}
