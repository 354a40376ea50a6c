// The small print of protection: operands that must be aligned, and a fault that leads to itself.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag } from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { readPhys32 } from "../../../tangled/machine/ground/ram.ts";
import { Time, type Machine } from "../../../tangled/machine/ground/state.ts";
import { retired } from "../../../tangled/machine/running/run.ts";
import { nudged, passesTime } from "../../2-guest/stage/endless.ts";
import { map, mapped } from "../../2-guest/stage/paging.ts";
import {
  at,
  caught,
  faults,
  putEntry,
  stacks,
  without,
} from "../../2-guest/stage/world.ts";
import { misaligned } from "./stage/misaligned.ts";

const passing = suite("time passes");

/** Machines that get nowhere, by what keeps them. */
const endless: Readonly<Record<string, () => Machine>> = {
  "a step that cannot be told": () =>
    nudged(misaligned("jmp $", 1, 17), Flag.TF),
  "an alignment check whose frame is out of line": () =>
    misaligned("push eax", 17),
  "one that follows int": () => misaligned("int 3\n jmp $", 3, 17),
  "protection, alignment, protection": () => without(misaligned("cli", 13), 17),
  "page, alignment, page": () => {
    const m = mapped(misaligned("mov al, [0x80000]", 14, 17));
    for (let vector = 0; vector < 16; vector++)
      putEntry(m, 0x7f80 + vector * 8, [readPhys32(m, at.IDT + vector * 8),
        readPhys32(m, at.IDT + vector * 8 + 4)]);
    m.cpu[Cpu.IDT_BASE] = 0x7f80; // the gate of 17 is on the next page
    map(m, 0x8000, 0);
    map(m, 0x80000, 0);
    return m;
  },
  "interrupts that cannot be told": () =>
    nudged(misaligned("jmp $", 0x21, 0x22, 17), Flag.IF, 6),
};

for (const [what, make] of Object.entries(endless))
  passing(`with ${what}, however it is cut`, () => passesTime(make));

passing(
  "and an interrupt comes between a fault and itself, with everything as the program left it",
  () => {
    const m = nudged(misaligned("push eax", 17), Flag.IF);
    m.time[Time.ALARM] = 500;
    const { vector, eip, esp } = caught(m);
    assert.equal([vector, eip, esp], [0x20, at.CODE, stacks[3] - 1]);
    assert.is(retired(m), 501);
  },
);

passing(
  "only where no gate can be gone through: alignment upon protection is served",
  () => {
    faults(misaligned("cli", 13), 17, 1, at.CODE); // EXT: it came of another. SDM vol. 3, 6.15, #AC
  },
);

passing.run();
