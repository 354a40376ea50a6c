// The small print of protection: strings through ports.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readPhys32 } from "../../../tangled/machine/ground/ram.ts";
import { retired, run } from "../../../tangled/machine/running/run.ts";
import { withDevice } from "../../2-guest/stage/device.ts";
import { afterSteps, faults, world } from "../../2-guest/stage/world.ts";

const tail = suite("the long tail of protection");

tail("reads strings from ports and writes them there, one tick a step", () => {
  const m = world(
    `mov edx, 0x300\n mov edi, 0x4000\n mov ecx, 3\n rep insw\n mov esi, 0x4000\n mov ecx, 2\n rep outsb\n hlt`,
  );
  const said: string[] = [];
  let next = 0x4140;
  m.ports = {
    in: (port, width) => {
      said.push(`in ${port} ${width}`);
      return next++;
    },
    out: (port, width, value) =>
      void said.push(`out ${port} ${width} ${value}`),
  };
  assert.is(run(m, 100), "halt");
  assert.equal(said, ["in 768 2", "in 768 2", "in 768 2", "out 768 1 64",
    "out 768 1 65"]);
  assert.is(readPhys32(m, 0x4002), 0x41424141);
  assert.is(retired(m), 11);
});

tail("asks for the port even if nothing would pass", () => {
  faults(world("xor ecx, ecx\n rep insb", 3), 13, 0);
});

tail("lets an interrupt in between two steps, if the device asks for it",
  () => {
    for (const source of ["rep outsb", "outsd\n inc ebp\n outsd"])
      for (const step of [1, 2, 5])
        assert.is(afterSteps(withDevice(source), 60, step),
          afterSteps(withDevice(source), 60, 60), source);
  });

tail.run();
