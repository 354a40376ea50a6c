// The small print of protection: pointers and other operands are taken whole or not at all.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { copyToPhys } from "../../../tangled/machine/ground/ram.ts";
import { Seg } from "../../../tangled/machine/protection/segments.ts";
import { leavesFirstHalfAlone } from "../../2-guest/stage/paging.ts";
import {
  code,
  faults,
  flat,
  selectorOf,
  word,
  world,
} from "../../2-guest/stage/world.ts";

const tail = suite("the long tail of protection");

tail("hands whole pointers to registers, or nothing", () => {
  const m = world(`les ebx, [0x4000]\n lfs ecx, [0x4006]\n hlt`);
  copyToPhys(m, 0x4000,
    Uint8Array.of(1, 2, 3, 4, flat[0], 0, 5, 6, 7, 8, code[3], 0x10));
  faults(m, 13, code[3] & ~3 | 0x1000);
  assert.equal([word(m, Cpu.EBX), word(m, Cpu.ECX), selectorOf(m, Seg.ES)], [
    0x04030201,
    0,
    flat[0],
  ]);
});

tail("leaves the first half of an operand alone if a page refuses the second",
  () => {
    for (
      const access of ["pop dword [ebx]", "xadd [ebx], eax",
        "cmpxchg [ebx], ecx", "bts [ebx], ecx"]
    ) leavesFirstHalfAlone(access);
  });

tail.run();
