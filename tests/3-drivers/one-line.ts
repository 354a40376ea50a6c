// Chapter III: a program reads.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assembleGuest } from "../../tangled/guest/image.ts";
import {
  makeStandIn,
  runStandIn,
  type StandIn,
} from "../../tangled/guest/stand-in.ts";
import { LONG, MEMORY } from "./stage/guest.ts";

const reading = suite("the read system call");

for (
  const [what, ...setUp] of [
    ["into the kernel's memory", "mov ebx, lguest_data", "mov ecx, 4"],
    ["across PAGE_OFFSET", "mov ebx, PAGE_OFFSET - 8", "mov ecx, 16"],
    ["of nothing", "mov ebx, esp", "xor ecx, ecx"],
    ["of too much", "mov ebx, esp", "mov ecx, 251"],
  ] as const
) {
  reading(`is refused when it asks for a read ${what}`, () => {
    const host = withRogue(...setUp, "mov eax, SYS_READ", "int SYSCALL_VECTOR",
      "cmp eax, -1", "jne $ + 3", "cli", "ud2");
    assert.match(host.said, /exception 0D/);
  });
}

/** A run without a console, with another rogue. */
function withRogue(...instructions: string[]): StandIn {
  const source = readFileSync("tangled/guest/kernel.asm", "utf8");
  const rogue = instructions.map((line) => `  ${line}\n`).join("");
  const text = source.replace("  cli\n", rogue);
  const host = makeStandIn(assembleGuest(() => text).bytes, MEMORY);
  assert.is(runStandIn(host, LONG), "dead");
  return host;
}

reading("gives nothing, after a while, when there is no console", () => {
  const host = withRogue("lea ebx, [esp - 64]", "mov ecx, 8",
    "mov eax, SYS_READ", "int SYSCALL_VECTOR", "test eax, eax", "jne $ + 3",
    "cli", "ud2");
  assert.match(host.said, /exception 0D/);
});

reading.run();
