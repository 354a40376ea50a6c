// The small print of protection: addresses and operands of 16 bits, at the end of their segments.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  keepsCount,
  keepsStack,
  withShortSegment,
} from "../../2-guest/stage/short.ts";
import { faults, word } from "../../2-guest/stage/world.ts";

const tail = suite("the long tail of protection");

tail(
  "stops narrow strings in the middle of a word, of which nothing is written",
  () => {
    const m = withShortSegment(
      "mov edi, 0x7000000d\n mov ecx, 0x70000002\n a16 rep stosw\n",
    );
    faults(m, 13, 0);
    assert.equal([Cpu.EDI, Cpu.ECX].map((r) => word(m, r)), [0x7000000f,
      0x70000001]);
  },
);

tail("keeps the stack of a narrow call that leads out of its segment", () => {
  keepsStack("o16 call 0x7000");
});

tail("keeps the count of a narrow loop that leads out of its segment", () => {
  for (const loop of ["a16 loop", "o16 loopne"]) keepsCount(loop);
});

tail.run();
