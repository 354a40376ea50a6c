// Chapter I: a machine's memory, before it does anything.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyFromPhys, readPhys8 } from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";

const memory = suite("Memory");

memory("is handed out as a copy", () => {
  const m = createMachine(4096);
  copyFromPhys(m, 0, 4)[0] = 1;
  assert.is(readPhys8(m, 0), 0);
});

memory("comes in whole pages", () => {
  for (const size of [0, -4096, 1, 4095, 4097, 0x60001000])
    assert.throws(() => createMachine(size), RangeError);
});

memory.run();
