// The small print of protection: there is but one task.
import { suite } from "uvu";
import { Flag, setFlags } from "../../../tangled/machine/ground/flags.ts";
import { writePhys32 } from "../../../tangled/machine/ground/ram.ts";
import { at, code, faults, world } from "../../2-guest/stage/world.ts";

const returning = suite("coming back");

returning("to another task is refused, as that is not in order", () => {
  const m = world("iret");
  setFlags(m.cpu, Flag.NT, Flag.NT);
  writePhys32(m, at.TSS, 0x5b);
  faults(m, 10, 0x58, at.CODE);
  faults(world("push dword 0x4202\n popfd\n iret", 1), 10, 0);
});

returning("to the virtual 8086 is refused to ring 0", () => {
  const source = (flags: number): string =>
    `push dword ${flags}\n push dword ${code[0]}\n push dword 0x7000\n iret`;
  faults(world(source(Flag.VM | 2)), 13, 0);
});

returning.run();
