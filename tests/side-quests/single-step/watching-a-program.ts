// Debug registers and single step: time passes, whoever watches.
import { suite } from "uvu";
import { Flag } from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { handled, nudged, passesTime } from "../../2-guest/stage/endless.ts";
import { at, stacks, world } from "../../2-guest/stage/world.ts";

const passing = suite("time passes");

/** Machines that get nowhere, by what keeps them. */
const endless: Readonly<Record<string, () => Machine>> = {
  "a breakpoint on its own handler": () => {
    const m = handled(world("jmp $"), 1, "iret");
    m.cpu[Cpu.DR0] = at.HANDLERS + 16;
    m.cpu[Cpu.DR0 + 1] = at.CODE;
    m.cpu[Cpu.DR7] = 0x40f;
    return m;
  },
  "a watched stack of its own handler": () => {
    const m = handled(nudged(world("jmp $"), Flag.TF), 1, "iret");
    m.cpu[Cpu.DR0] = stacks[0] - 4;
    m.cpu[Cpu.DR7] = 0xd0403 | 0;
    return m;
  },
};

for (const [what, make] of Object.entries(endless))
  passing(`with ${what}, however it is cut`, () => passesTime(make, Cpu.DR6));

passing.run();
