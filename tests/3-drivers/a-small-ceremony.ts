// Chapter III: the ceremony.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  deviceDescriptor as at,
  deviceStatus,
} from "../../tangled/abi/devices.ts";
import { plugInConsole } from "../../tangled/guest/cardboard-console.ts";
import { makeStandIn, runStandIn } from "../../tangled/guest/stand-in.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import {
  boot,
  half,
  INPUT,
  OUTPUT,
  runToEnd,
  status,
} from "./stage/console.ts";
import { image, LONG, MEMORY } from "./stage/guest.ts";

const ceremony = suite("the ceremony");

ceremony("tells of a reset, then of final features, and no more", () => {
  const { host, there } = runToEnd();
  assert.equal(there.statuses, [0, 3]);
  assert.is(status(host, 0), 7, "DRIVER_OK is set in silence");
});

ceremony("touches no queue before the features are final", () => {
  const [host, there] = boot();
  while (there.statuses.length < 2) {
    runStandIn(host, 10);
    if (there.statuses.length > 1) break;
    assert.is(half(host, INPUT + 4096 + 2), 0);
    assert.is(half(host, OUTPUT + 4096 + 2), 0);
  }
});

ceremony("accepts no feature, and clears what another accepted", () => {
  const host = makeStandIn(image, MEMORY);
  const offered = [0xff, 0x0f, 0x80], stale = [0x11, 0x22, 0x33];
  const there = plugInConsole(host);
  const plain = [...copyFromPhys(host.m, MEMORY, 21)];
  plain[at.DEVICE_FEATURE_LEN] = 3;
  copyToPhys(host.m, MEMORY, Uint8Array.from([...plain, ...offered, ...stale]));
  assert.is(runStandIn(host, LONG), "dead");
  assert.equal([...copyFromPhys(host.m, MEMORY + 21, 6)], [...offered, 0, 0,
    0]);
  assert.equal(there.statuses, [0, 3]);
});

ceremony("gives up on a console with one queue, and says so", () => {
  const host = makeStandIn(image, MEMORY);
  const there = plugInConsole(host);
  const one = copyFromPhys(host.m, MEMORY, 21);
  one[at.DEVICE_NUM_VQ] = 1;
  one.fill(0, 13);
  copyToPhys(host.m, MEMORY, one);
  assert.is(runStandIn(host, LONG), "dead");
  const { VIRTIO_STATUS_ACKNOWLEDGE, VIRTIO_STATUS_FAILED } = deviceStatus;
  assert.equal(there.statuses, [0,
    VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_FAILED]);
  assert.match(host.said, /Good night\.\n$/);
});

ceremony.run();
