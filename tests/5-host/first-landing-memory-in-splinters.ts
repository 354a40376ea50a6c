// Chapter V, first landing: frames.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { allocateFrame, freeFrame } from "../../tangled/host/ground/frames.ts";
import { createHost } from "../../tangled/host/host.ts";
import {
  allocateMemory,
  freeMemory,
} from "../../tangled/host/ground/launcher-memory.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import { PAGE } from "./stage/places.ts";
import { messageOf } from "./stage/messages.ts";

const splinters = suite("V: memory in splinters");

splinters("every frame of RAM is given out, and once", () => {
  for (const megabytes of [2, 3, 7, 16]) {
    const { free } = createHost({ ramBytes: megabytes << 20 });
    assert.is(free.length, (megabytes - 1) * 256 - 2,
      "all but the Switcher's two");
    assert.is(new Set(free).size, free.length);
    assert.ok(
      free.every((frame) => frame >= 1 << 20 && frame < megabytes << 20),
    );
  }
});

splinters("a frame that changes hands is wiped", () => {
  const host = createHost({ ramBytes: 2 << 20 });
  const frame = allocateFrame(host);
  copyToPhys(host.machine, frame, new Uint8Array(PAGE).fill(0x5a));
  freeFrame(host, frame);
  assert.is(allocateFrame(host), frame);
  assert.equal(copyFromPhys(host.machine, frame, PAGE), new Uint8Array(PAGE));
});

splinters(
  "whoever asks for more than there is gets a clear answer, and nothing else",
  () => {
    const host = createHost({ ramBytes: 2 << 20 });
    const before = host.free.length;
    assert.match(messageOf(() => allocateMemory(host, 0, 2 << 20)),
      /^the Host has 1016 KB left, not 2048$/);
    assert.is(host.free.length, before);
    freeMemory(host, allocateMemory(host, 0, 1016 << 10));
    assert.is(host.free.length, before);
  },
);

splinters.run();
