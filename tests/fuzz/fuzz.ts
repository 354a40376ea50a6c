// Machines in worlds of chance: whatever they do, it is a machine's doing.
import type { Express } from "../../tangled/machine/ground/state.ts";
import { careful } from "../../tangled/machine/protection/usual-ways.ts";
import { Cpu, At } from "../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../tangled/machine/ground/state.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { run, type Stop } from "../../tangled/machine/running/run.ts";
import { dice, type Dice } from "./dice.ts";
import {
  checkCode,
  checkGuards,
  checkPages,
  checkWords,
  fingerprint,
  guard,
} from "./inspect.ts";
import { flavors, RAM, type Flavor } from "./plan.ts";
import { makeWorld } from "./world.ts";

/** What came of a world. */
export interface Outcome {
  seed: number;
  instructions: number;
  stop: Stop;
}

const machine = createMachine(RAM);
const pristine = machine.bytes.slice(0, At.RAM);

let gates = 0, most = 0;

/** The ways through gates, which count them: a machine that never comes back is one that pays no tick for them. */
const counted = (ways: Express): Express => ({
  ...ways,
  interrupt: (vector, code, event) => {
    if (++gates > most)
      throw new Error(
        `it has gone through more gates (${gates}) than its ticks allow`,
      );
    return ways.interrupt(vector, code, event);
  },
});
const express = counted(machine.express), slow = counted(careful);

/** Runs for some ticks. Each has room for a fault, a trap behind it, and what comes of either; the first also for all interrupts. */
function runCounted(m: Machine, ticks: number): Stop {
  gates = 0;
  most = 100 + 24 * ticks;
  return run(m, ticks);
}

/** The machine as it was made, with this in its RAM. */
export function power(ram: Uint8Array): Machine {
  const m = machine;
  m.bytes.set(pristine);
  m.bytes.set(ram, At.RAM);
  guard(m);
  m.express = express;
  let reads = 0;
  m.ports = {
    in: (port) => Math.imul(port + ++reads, 0x9e3779b1) >>> 0,
    out: () => {},
  };
  return m;
}

/** What happens from outside, and how long to run until then. */
interface Event {
  ticks: number;
  alarm: number;
  irqs: number;
}

export const script = (d: Dice): Event[] =>
  Array.from({ length: 30 }, () => ({
    ticks: 1 + d.below(d.oneOf([10, 500, 10_000])),
    alarm: d.once(2) ? d.below(8000) : Infinity,
    irqs: d.once(3) ? 1 << d.below(32) : 0,
  }));

/** Lets a machine live through a script in steps of at most `step`. */
function live(m: Machine, events: readonly Event[], step: number,
  look: (n: number, stop: Stop) => void = () => {}): Stop
{
  let stop: Stop = "limit";
  for (const [n, event] of events.entries()) {
    m.cpu[Cpu.IRQS] |= event.irqs;
    m.time[Time.ALARM] = m.time[Time.NOW] + event.alarm;
    const end = m.time[Time.NOW] + event.ticks;
    while (m.time[Time.NOW] < end) {
      stop = runCounted(m, Math.min(step, end - m.time[Time.NOW]));
      if (stop !== "limit") break;
    }
    look(n, stop);
    if (stop === "shutdown") break;
  }
  return stop;
}

/** Runs the world of a seed, `again` in steps of several lengths too. Throws an Error when something is wrong with the machine. */
export function oneWorld(seed: number, again: boolean,
  flavor: Flavor = flavors[seed % flavors.length]): Outcome
{
  const d = dice(seed);
  const ram = makeWorld(d, flavor), events = script(d);
  const often = d.once(16);
  const m = power(ram);
  const stop = live(m, events, Infinity, (n, stop) => {
    checkWords(m, stop);
    if (often || n === 15) checkCode(m), checkPages(m);
  });
  checkCode(m);
  checkPages(m);
  checkGuards(m);
  const instructions = m.time[Time.NOW];
  if (again) {
    const print = fingerprint(m);
    same(print, m, ram, events, Infinity, "a second time");
    same(print, m, ram, events, 1, "step by step");
    same(print, m, ram, events, 7, "in steps of seven");
    same(print, m, ram, events, Infinity, "with care only", (m) => {
      m.express = slow;
      m.cpu.fill(1, At.HARD / 4, At.HARD / 4 + 1024);
    });
  }
  return { seed, instructions, stop };
}

function same(print: string, m: Machine, ram: Uint8Array,
  events: readonly Event[], step: number, how: string,
  prepare: (m: Machine) => void = () => {}): void
{
  power(ram);
  prepare(m);
  live(m, events, step);
  const other = fingerprint(m);
  if (print !== other)
    throw new Error(
      `it ends otherwise when run ${how}:\n    ${print}\n    ${other}`,
    );
}
