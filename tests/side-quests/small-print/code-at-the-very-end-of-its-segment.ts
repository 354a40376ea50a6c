// The small print of protection: code ends with its segment, in mid-page.
import { suite } from "uvu";
import {
  Desc,
  descriptor,
} from "../../../tangled/machine/ground/descriptors.ts";
import {
  keepSegment,
  Seg,
} from "../../../tangled/machine/protection/segments.ts";
import { at, faults, world } from "../../2-guest/stage/world.ts";

const segments = suite("segments");

segments("of code end, too", () => {
  const m = world("nop\n nop\n nop\n nop");
  keepSegment(m, Seg.CS, 8, descriptor(0, at.CODE + 2, 0xc09a00 & ~Desc.G));
  faults(m, 13, 0, at.CODE + 3);
  const crossing = world("nop\n mov eax, 1");
  keepSegment(crossing, Seg.CS, 8,
    descriptor(0, at.CODE + 2, 0xc09a00 & ~Desc.G));
  faults(crossing, 13, 0, at.CODE + 1);
});

segments.run();
