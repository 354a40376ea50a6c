// Command-line finery: a machine larger than what there is.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { messageOf } from "../../tools.ts";

const memory = suite("Command-line finery: memory");

memory("that is not to be had is missed in one line", () => {
  const { Memory } = WebAssembly;
  try {
    WebAssembly.Memory = class {
      constructor() {
        throw new RangeError("could not allocate memory");
      }
    } as unknown as typeof Memory;
    assert.is(messageOf(() => createMachine(1 << 24)),
      "there is not enough memory here for a machine of 27 MB: ask for a smaller one");
  } finally {
    WebAssembly.Memory = Memory;
  }
});

memory.run();
