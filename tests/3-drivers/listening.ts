// Chapter III: the driver listens.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { virtqueue } from "../../tangled/abi/devices.ts";
import { lguestData } from "../../tangled/abi/lguest-data.ts";
import { layout } from "../../tangled/abi/memory-map.ts";
import { runStandIn } from "../../tangled/guest/stand-in.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import {
  boot,
  bootUntilReady,
  half,
  INPUT,
  OUTPUT,
  runToEnd,
} from "./stage/console.ts";
import { labels } from "./stage/guest.ts";

const speaking = suite("speaking");

speaking("wants no interrupt from the output queue", () => {
  const { host } = runToEnd();
  assert.is(half(host, OUTPUT + 4096), virtqueue.VRING_AVAIL_F_NO_INTERRUPT);
  const blocked = readPhys32(host.m,
    host.data + lguestData.LGUEST_DATA_BLOCKED_INTERRUPTS);
  assert.is(blocked, 0xfffffffc, "the clock and the keys, and nothing else");
});

speaking.run();

const listening = suite("listening");

listening("offers one empty buffer, for the device to write", () => {
  const [host] = bootUntilReady();
  assert.is(half(host, INPUT + 4096 + 2), 1);
  assert.is(readPhys32(host.m, INPUT),
    labels.get("input_buffer")! - layout.PAGE_OFFSET);
  assert.equal([readPhys32(host.m, INPUT + 8), half(host, INPUT + 12)], [128,
    virtqueue.VRING_DESC_F_WRITE]);
});

listening("shrugs at an interrupt that brings nothing", () => {
  const [host, there] = boot();
  while (runStandIn(host, 50_000) !== "dead") host.pending |= 1 << 1;
  assert.match(there.said, /Good night\.\n$/);
});

listening.run();
