// Chapter III: a page of descriptors, and one who listens.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deviceDescriptor } from "../../tangled/abi/devices.ts";
import { plugInConsole } from "../../tangled/guest/cardboard-console.ts";
import { makeStandIn } from "../../tangled/guest/stand-in.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import { dice, image, MEMORY } from "./stage/guest.ts";

const page = suite("a console of cardboard");

page("it stands behind the strangers, with two queues and their interrupts",
  () => {
    const host = makeStandIn(image, MEMORY);
    plugInConsole(host, dice);
    assert.equal([...copyFromPhys(host.m, MEMORY, dice.length + 22)], [...dice,
      3, 2, 0, 0, 0, 0, 1, 1, 0, 1, 8, 0, 0, 0, 1, 2, 0, 4, 8, 0, 0, 0]);
  });

page("it hears of its status, and of nothing that is not its own", () => {
  const host = makeStandIn(image, MEMORY);
  const there = plugInConsole(host, dice);
  const status = MEMORY + dice.length + deviceDescriptor.DEVICE_STATUS;
  for (const value of [1, 0x83]) {
    copyToPhys(host.m, status, Uint8Array.of(value));
    assert.ok(host.notify(MEMORY + dice.length));
  }
  assert.not(host.notify(MEMORY));
  assert.equal(there.statuses, [1, 0x83]);
});

page.run();
