// Chapter III: the driver speaks.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { virtqueue } from "../../tangled/abi/devices.ts";
import { runStandIn } from "../../tangled/guest/stand-in.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import {
  boot,
  bootUntilReady,
  OUTPUT,
  runToEnd,
  status,
} from "./stage/console.ts";
import { dice, disk, LONG, MEMORY } from "./stage/guest.ts";

const looking = suite("looking for devices");

looking("finds the console, and speaks through it from then on", () => {
  const { host, there } = runToEnd();
  assert.is(host.said, "Hello from ring 1! Not a privilege in sight.\n");
  assert.match(there.said, /^I found a console! Its queues hold 256 /);
  assert.match(there.said, /Good night\.\n$/);
});

looking("finds it behind devices of any shape that it does not know", () => {
  for (
    const strangers of [dice, disk, [...dice, ...disk], [...disk, ...dice]]
  ) {
    const { host, there } = runToEnd(strangers);
    assert.is(status(host, strangers.length), 7);
    assert.match(there.said, /Good night\.\n$/);
  }
});

looking.run();

const ceremony = suite("the ceremony");

ceremony("is held once: a second console stays asleep", () => {
  const [host, there] = boot();
  const first = [...copyFromPhys(host.m, MEMORY, 21)];
  copyToPhys(host.m, MEMORY, Uint8Array.from([...first, ...first]));
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(status(host, 21), 0);
  assert.match(there.said, /Good night\.\n$/);
});

ceremony.run();

const speaking = suite("speaking");

speaking("hands over the text itself, with its length, to be read", () => {
  const [host] = bootUntilReady();
  const [where, , size, flags] = [0, 4, 8, 12].map((n) =>
    readPhys32(host.m, OUTPUT + n)
  );
  const text = String.fromCharCode(...copyFromPhys(host.m, where!, size!));
  assert.is(text, "I found a console! Its queues hold ");
  assert.is(flags, 0);
});

speaking("waits for the device to be done, and does not knock again", () => {
  const [host, there] = boot();
  const answer = host.notify;
  let kicks = 0;
  host.notify = (address) => address === OUTPUT ? ++kicks > 0 : answer(address);
  assert.is(runStandIn(host, 1e6), "limit");
  assert.is(there.said, "");
  assert.is(kicks, 1);
  host.notify = answer;
  answer(OUTPUT);
  assert.is(runStandIn(host, LONG), "dead");
  assert.match(there.said, /^I found a console/);
});

speaking("does not knock while there is a sign on the door", () => {
  const [host, there] = boot();
  const answer = host.notify;
  let kicks = 0;
  host.notify = (address) => {
    if (address === OUTPUT) kicks++;
    return answer(address);
  };
  while (there.statuses.length < 2) runStandIn(host, 100);
  writePhys8(host.m, OUTPUT + 8192, virtqueue.VRING_USED_F_NO_NOTIFY);
  const before = kicks;
  while (runStandIn(host, 1000) !== "dead") answer(OUTPUT);
  assert.is(kicks, before);
  assert.match(there.said, /Good night\.\n$/);
});

speaking.run();
