// The small print of protection: segments that begin where others end.
import { suite } from "uvu";
import {
  Desc,
  descriptor,
} from "../../../tangled/machine/ground/descriptors.ts";
import { writePhys32 } from "../../../tangled/machine/ground/ram.ts";
import { isBarred, isFine, through } from "../../2-guest/stage/short.ts";
import {
  at,
  faults,
  FREE,
  putSegment,
  writable,
} from "../../2-guest/stage/world.ts";

const segments = suite("segments");

segments("of the kind that grows down begin beyond their limit", () => {
  const down = descriptor(0, 0x8fff, writable | Desc.DOWN);
  isFine(through(down, "mov eax, [es:0x9000]"));
  isFine(through(down, "mov eax, [es:0xfffffffc]"));
  faults(through(down, "mov eax, [es:0x8fff]"), 13, 0);
  faults(through(down, "mov eax, [es:0]"), 13, 0);
  faults(through(down, "mov eax, [es:0xfffffffd]"), 13, 0);
  faults(
    through(descriptor(0, 0x8fff, (writable | Desc.DOWN) & ~Desc.D),
      "mov eax, [es:0x10000]"),
    13,
    0,
  );
});

segments("with room for two words are no stack to push five on", () => {
  isBarred((m) => {
    putSegment(m, FREE, descriptor(0, 0x8ff7, writable | Desc.DOWN));
    writePhys32(m, at.TSS + 8, FREE);
  });
});

segments.run();
