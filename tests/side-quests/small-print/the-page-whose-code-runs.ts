// The small print of protection: a page that runs stays, until somebody is told.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import {
  copyToPhys,
  writePhys32,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { DIRECTORY, mapped, TABLE } from "../../2-guest/stage/paging.ts";
import { afterSteps, at, world } from "../../2-guest/stage/world.ts";

const pages = suite("pages");

pages(
  "of a running program stay while nobody is told, however the time is cut up",
  () => {
    const inside = `mov dword [${TABLE + 5 * 4}], ${0x40000 | 7}
    mov eax, [0x1005000]      ; takes the place of this page in the TLB
    mov ecx, 20
    again: inc ebx
    loop again
    jmp far_away`;
    const program =
      `${inside}\n times 0xffe - ($ - $$) nop\n far_away: nop\n nop\n inc edx\n jmp $$`;
    const remapped = (): Machine => {
      const m = mapped(world(""));
      writePhys32(m, DIRECTORY + 4 * 4, TABLE | 7);
      const { bytes } = assemble(program, { origin: at.CODE });
      copyToPhys(m, at.CODE, bytes);
      copyToPhys(m, 0x40000, bytes.map((byte) => byte === 0x43 ? 0x4b : byte)); // dec ebx
      return m;
    };
    const whole = afterSteps(remapped(), 120, 120);
    for (const step of [1, 2, 3, 7, 50])
      assert.is(afterSteps(remapped(), 120, step), whole, `steps of ${step}`);
  },
);

pages.run();
