// Chapter IV: what a NOTIFY does to a device, and to a text.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createBus,
  DEVICE_ROOM,
  kick,
  notified,
  serve,
  setUpDevice,
} from "../../tangled/launcher/bus.ts";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { GuestError } from "../../tangled/launcher/virtqueue.ts";
import { messageOf } from "../tools.ts";
import { bytesOf, MB, text } from "./stage/files.ts";

const notifies = suite("IV: three things a NOTIFY can mean");

const RAM = 2 * MB, STATUS = RAM + 4;

/** A device with one queue and a byte of features, of which it offers 5. */
function practice() {
  const memory = flatMemory(RAM + DEVICE_ROOM);
  const heard: string[] = [];
  let toDo = 0;
  const bus = createBus(memory, RAM, {
    interrupt: (irq) => heard.push(`interrupt ${irq}`),
    listen: (address) => heard.push(`kicks: ${address.toString(16)}`),
    show: (bytes) => heard.push(`shown: ${text(bytes)}`),
    log: (remark) => heard.push(remark),
    spend: () => {},
  });
  const device = setUpDevice(bus, {
    name: "practice",
    type: 9,
    queues: [{ name: "practice", serve: () => toDo-- > 0 }],
    features: Uint8Array.of(5),
    config: new Uint8Array(),
  });
  const tell = (status: number) => {
    memory.write8(STATUS, status);
    notified(bus, RAM);
  };
  const work = (pieces: number) => {
    toDo = pieces;
  };
  return { memory, bus, device, heard, tell, work, queue: device.queues[0]! };
}

notifies("a device comes alive at its features, once, and a reset ends it",
  () => {
    const { memory, device, heard, tell, queue } = practice();
    memory.write8(RAM + 14, 4);
    tell(3);
    assert.equal([...device.accepted], [4]);
    assert.ok(device.running);
    assert.is(messageOf(() => tell(3)),
      "practice: started twice without a reset");
    queue.used = 7;
    tell(0);
    assert.equal([device.running, queue.used, memory.read8(RAM + 14)], [false,
      0, 0]);
    tell(3);
    assert.equal(heard, ["kicks: 201000", "practice started", "practice reset",
      "practice started"]);
  });

notifies("what was not offered cannot be accepted", () => {
  const { memory, tell } = practice();
  memory.write8(RAM + 14, 2);
  assert.is(messageOf(() => tell(3)),
    "practice: accepted a feature that was not offered");
});

notifies("a driver that gives up is told of, and resets its device", () => {
  const { device, heard, tell } = practice();
  tell(3);
  tell(0x83);
  assert.not(device.running);
  assert.equal(heard.slice(2), ["practice: the Guest's driver gave up",
    "practice reset"]);
});

notifies("a kick is work, done a piece at a time, and a lie before the start",
  () => {
    const { bus, device, queue, tell, work } = practice();
    assert.throws(() => kick(device, queue),
      (error: unknown) => error instanceof GuestError);
    tell(3);
    assert.not(serve(bus));
    work(2);
    notified(bus, queue.address);
    assert.equal([1, 2, 3, 4].map(() => serve(bus)), [true, true, true, false]);
  });

notifies("anything else is a text, as far as there is memory", () => {
  const { bus, memory, heard } = practice();
  memory.copyIn(0x8000, bytesOf("x".repeat(5000)));
  notified(bus, 0x8000);
  while (serve(bus));
  assert.equal(heard.map((line) => line.length), [7 + 4096, 7 + 904]);
  memory.copyIn(bus.nextPage - 3, bytesOf("end"));
  notified(bus, bus.nextPage - 3);
  while (serve(bus));
  assert.is(heard.at(-1), "shown: end");
  assert.match(messageOf(() => notified(bus, bus.nextPage)),
    /^it notified 0x204000, where there is neither a device nor memory$/);
});

notifies.run();
