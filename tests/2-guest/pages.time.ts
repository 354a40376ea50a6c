// Chapter II: time passes, however it is cut, whatever leads to itself.
import { suite } from "uvu";
import { Flag } from "../../tangled/machine/ground/flags.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { handled, nudged, passesTime } from "./stage/endless.ts";
import { mapped } from "./stage/paging.ts";
import { world } from "./stage/world.ts";

const passing = suite("time passes");

/** Machines that get nowhere, by what keeps them. */
const endless: Readonly<Record<string, () => Machine>> = {
  "int3 in the handler of int3": () =>
    handled(world("mov esp, 0xf0000\n int3"), 3, "int3"),
  "a handler that mends nothing": () =>
    handled(mapped(world("mov edi, 0x400000\n mov ecx, 9\n rep stosd")), 14,
      "add esp, 4\n iret"),
  "code on no page": () =>
    handled(mapped(world("jmp 0x400000")), 14, "add esp, 4\n iret"),
  "a page of changes of ss": () =>
    world("mov eax, ss\n here: times 2000 mov ss, ax\n jmp here"),
  "sti after sti": () =>
    nudged(handled(world("here: times 2000 sti\n jmp here"), 0x21, "jmp $"),
      Flag.IF, 2),
  "an empty rep": () =>
    world("here: xor ecx, ecx\n rep movsb\n repe cmpsd\n jmp here"),
  "more prefixes than there may be": () =>
    handled(world("times 20 db 0x2e\n nop"), 13, "add esp, 4\n iret"),
  "sleep that is always disturbed": () =>
    nudged(handled(world("here: hlt\n jmp here"), 0x21, "out 0x80, al\n iret"),
      Flag.IF, 2),
};

for (const [what, make] of Object.entries(endless))
  passing(`with ${what}, however it is cut`, () => passesTime(make));

passing.run();
