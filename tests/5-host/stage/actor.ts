// There is no Switcher yet: an actor plays the Guest. Each time he is let in he
// plays one scene, which leaves the registers as a trap would have left them, and
// comes back.
import * as assert from "uvu/assert";
import { Errno, type ReadResult } from "../../../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { layout } from "../../../tangled/abi/memory-map.ts";
import { Reg } from "../../../tangled/abi/regs.ts";
import { setReg } from "../../../tangled/host/ground/guest.ts";
import type { Guest } from "../../../tangled/host/ground/state.ts";
import { runGuest } from "../../../tangled/host/loop.ts";
import { Time } from "../../../tangled/machine/ground/state.ts";
import { born } from "./birth.ts";
import { DATA, DIRECTORY, LOW, PAGE, TABLE } from "./places.ts";

/** What the Guest does when it is let in. */
export type Scene = (guest: Guest) => void;

export type Stage = ReturnType<typeof stage>;

/** A Guest of 64 pages that does as the script says. */
export function stage(pages = 64, ramBytes = 4 << 20) {
  const { host, memory, guest } = born(pages, ramBytes);
  const script: Scene[] = [];
  host.enter = (guest, until) => {
    const { time } = host.machine;
    time[Time.NOW] += 100;
    const scene = script.shift();
    if (scene) return scene(guest);
    setReg(guest, Reg.TRAPNUM, 32);
    time[Time.NOW] = until;
  };
  const play = (...scenes: Scene[]): ReadResult => {
    script.push(...scenes);
    return runGuest(guest, 200_000);
  };
  return { host, memory, guest, script, play };
}

export const asks = (number: number, ...args: number[]): Scene => (guest) => {
  const where = [Reg.EAX, Reg.EBX, Reg.ECX, Reg.EDX, Reg.ESI];
  [number, ...args].forEach((word, n) => setReg(guest, where[n], word));
  setReg(guest, Reg.TRAPNUM, layout.LGUEST_TRAP_ENTRY);
};

export const traps =
  (vector: number, code = 0,
    registers: readonly (readonly [Reg, number])[] = []): Scene =>
  (guest) => {
    setReg(guest, Reg.TRAPNUM, vector);
    setReg(guest, Reg.ERRCODE, code);
    for (const [which, value] of registers) setReg(guest, which, value);
  };

export const faults = (address: number, code: number): Scene => (guest) => {
  guest.cr2 = address;
  traps(14, code)(guest);
};

export const init = asks(Call.LHCALL_LGUEST_INIT, DATA);

/** A Guest that has introduced itself, and is still without tables. */
export function introduced(pages = 64, ramBytes = 4 << 20) {
  const s = stage(pages, ramBytes);
  assert.equal(s.play(init), { kind: "interrupted" });
  return s;
}

/** A Guest with tables: its pages at KERNEL for itself, and at 0 for all. */
export function settled(pages = 64, ramBytes = 4 << 20) {
  const s = introduced(pages, ramBytes);
  s.memory.write32(DIRECTORY + 768 * 4, TABLE | 0x67);
  s.memory.write32(DIRECTORY, LOW | 0x67);
  for (let page = 0; page < Math.min(pages, 1024); page++) {
    s.memory.write32(TABLE + page * 4, page * PAGE | 3);
    s.memory.write32(LOW + page * 4, page * PAGE | 7);
  }
  assert.equal(s.play(asks(Call.LHCALL_NEW_PGTABLE, DIRECTORY)), {
    kind: "interrupted",
  });
  return s;
}

/** Plays the scenes to a Guest's death, and gives the reason. */
export function deathOf(s: Stage, ...scenes: Scene[]): string {
  assert.equal(s.play(...scenes), { kind: "error", errno: Errno.ENOENT });
  return s.guest.death!;
}

export const lives = (s: Stage, ...scenes: Scene[]) =>
  assert.equal(s.play(...scenes), { kind: "interrupted" }, s.guest.death);

export const data = ({ memory }: Stage, field: number) =>
  memory.read32(DATA + field);
