// Chapter III: looking for devices.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeStandIn, runStandIn } from "../../tangled/guest/stand-in.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import { runToEnd } from "./stage/console.ts";
import { dice, disk, image, LONG, MEMORY } from "./stage/guest.ts";

const looking = suite("looking for devices");

looking("finds nothing on an empty page, and goes on without", () => {
  const host = makeStandIn(image, MEMORY);
  assert.is(runStandIn(host, LONG), "dead");
  assert.match(host.said, /^Hello[^]*Good night\.\n$/);
  assert.not.match(host.said, /likes to talk/);
});

looking("stops at the end of a page that is full to the last byte", () => {
  const host = makeStandIn(image, MEMORY);
  const page = new Uint8Array(8192);
  for (let n = 0; n < 315; n++) page.set(dice, 13 * n);
  page.fill(0x55, 4096);
  page[4095] = 9;
  copyToPhys(host.m, MEMORY, page);
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(host.said.split("There is a device of type").length - 1, 315);
  assert.is(host.lastWords, "Power down");
});

looking("names each stranger, and touches none", () => {
  const strangers = [...dice, ...disk];
  const { host } = runToEnd(strangers);
  assert.match(host.said, /device of type 4\. [^]*device of type 2\. /);
  const after = [...copyFromPhys(host.m, MEMORY, strangers.length)];
  assert.equal(after, strangers);
});

looking.run();
