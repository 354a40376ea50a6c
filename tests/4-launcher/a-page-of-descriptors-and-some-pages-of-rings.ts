// Chapter IV: devices are put on the bus.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createBus,
  DEVICE_ROOM,
  type DeviceKind,
  setUpDevice,
} from "../../tangled/launcher/bus.ts";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { messageOf } from "../tools.ts";
import { MB } from "./stage/files.ts";

const bus = suite("IV: the bus");

/** A bus of two megabytes, and how many ticks it has cost. */
function practice() {
  const memory = flatMemory(2 * MB + DEVICE_ROOM), cost = { ticks: 0 };
  const wires = {
    interrupt: () => {},
    listen: () => {},
    show: () => {},
    log: () => {},
    spend: (ticks: number) => {
      cost.ticks += ticks;
    },
  };
  return { memory, cost, bus: createBus(memory, 2 * MB, wires) };
}

const kind = (queues: number, features = 0, config = 0): DeviceKind => ({
  name: "practice",
  type: 9,
  queues: Array.from({ length: queues }, (_, n) => ({
    name: `practice ${n}`,
    serve: () => false,
  })),
  features: new Uint8Array(features).fill(0xf0),
  config: new Uint8Array(config).fill(0xc0),
});

bus("a descriptor says all that there is to say, and the next follows on",
  () => {
    const { bus, memory } = practice();
    setUpDevice(bus, kind(1, 2, 3));
    const second = setUpDevice(bus, kind(2));
    assert.equal([...memory.copyOut(2 * MB, 20)], [9, 1, 2, 3, 0, 0, 1, 1, 0, 1,
      2, 0, 0, 0xf0, 0xf0, 0, 0, 0xc0, 0xc0, 0xc0]);
    assert.is(second.descriptor, 2 * MB + 20);
    assert.equal([...memory.copyOut(2 * MB + 20, 22)], [9, 2, 0, 0, 0, 0, 1, 2,
      0, 4, 2, 0, 0, 0, 1, 3, 0, 7, 2, 0, 0, 0]);
    assert.equal(second.queues.map(({ irq, address }) => [irq, address]), [[2,
      2 * MB + 0x4000], [3, 2 * MB + 0x7000]]);
  });

bus("there is an end to descriptors, and an end to rings", () => {
  const texts = practice(), rings = practice();
  for (let n = 0; n < 17; n++) setUpDevice(texts.bus, kind(0, 0, 230));
  assert.is(messageOf(() => setUpDevice(texts.bus, kind(0, 0, 230))),
    "the page of descriptors is full");
  for (let n = 0; n < 85; n++) setUpDevice(rings.bus, kind(1));
  assert.is(messageOf(() => setUpDevice(rings.bus, kind(1))),
    "the pages for virtqueues are used up");
});

bus("what is done in the Guest's name costs a tick for each word", () => {
  const { bus: { paid }, cost } = practice();
  const price = (act: () => unknown) => {
    cost.ticks = 0;
    act();
    return cost.ticks;
  };
  assert.equal([price(() => paid.read8(0)), price(() => paid.write32(0, 1)),
    price(() => paid.copyOut(0, 4096)),
    price(() => paid.copyIn(0, new Uint8Array(5)))], [1, 1, 1024, 2]);
  assert.is(paid.read32(4), 0);
});

bus.run();
