// Chapter IV: devices on their bus, without a Guest.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Bus,
  createBus,
  notified,
  serve,
  setUpDevice,
} from "../../tangled/launcher/bus.ts";
import { consoleKind, createWayOut } from "../../tangled/launcher/console.ts";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { PORTION } from "../../tangled/launcher/virtqueue.ts";
import { messageOf } from "../tools.ts";
import { bytesOf, MB, text } from "./stage/files.ts";
import { RAM, describe, offer, crowd, OUTPUT, moves } from "./stage/queues.ts";

const lives = suite("IV: lives of Guests");

lives("three ^C within a second are the way out, however they arrive", () => {
  const out = (...keys: [typed: string, at: number][]) => {
    const wantsOut = createWayOut();
    return keys.map(([typed, at]) => wantsOut(bytesOf(typed), at));
  };
  assert.equal(out(["\x03\x03x\x03\x03", 0], ["\x03", 900]), [false, true]);
  assert.equal(out(["\x03\x03\x03 then", 0], ["x", 9000]), [true, true]);
  assert.equal(
    out(["\x03", 0], ["\x03", 4000], ["\x03", 8000], ["\x03", 8500], ["\x03",
      9001], ["\x03", 9500]),
    [false, false, false, false, false, true],
  );
  assert.equal(out(["\x03\x03", 0], ["x", 1], ["\x03", 2], ["\x03", 3]), [false,
    false, false, false]);
});

lives.run();

function practiceBus() {
  const memory = flatMemory(RAM + MB);
  const interrupts: number[] = [];
  let shown = "";
  const bus: Bus = createBus(memory, RAM, {
    interrupt: (irq) => interrupts.push(irq),
    listen: () => {},
    log: () => {},
    show: (words) => {
      shown += text(words);
    },
    spend: () => {},
  });
  return { bus, memory, interrupts, screen: () => shown };
}

const queues = suite("IV: queues whose owner wants you dead");

queues("indexes run past 65535 and over to 0", () => {
  const { bus, memory, screen, interrupts } = practiceBus();
  const device = setUpDevice(bus, consoleKind([], bus.wires.show));
  memory.write8(RAM + 4, 3);
  notified(bus, RAM);
  const [, output] = device.queues;
  output.nextAvailable = output.used = 0xfffe;
  memory.write16(output.address + 0x1002, 0xfffe);
  for (const word of ["w", "r", "a", "p"]) {
    memory.copyIn(0x8000, bytesOf(word));
    describe(memory, output.address, 3, { at: 0x8000, length: 1 });
    notified(bus, offer(memory, output.address, 3));
    while (serve(bus));
  }
  assert.is(screen(), "wrap");
  assert.is(memory.read16(output.address + 0x2002), 2);
  assert.is(interrupts.length, 4);
});

queues("devices lie back to back, features twice, configuration last", () => {
  const { bus, memory } = practiceBus();
  const queue = { name: "requests", serve: () => false };
  const disk = {
    name: "disk",
    type: 2,
    queues: [queue],
    features: Uint8Array.of(0x0f, 0x02),
    config: Uint8Array.of(7, 8, 9),
  };
  setUpDevice(bus, disk);
  setUpDevice(bus, consoleKind([], () => {}));
  assert.equal([...memory.copyOut(RAM, 21)], [2, 1, 2, 3, 0, 0, 1, 1, 0, 1, 2,
    0, 0, 0x0f, 0x02, 0, 0, 7, 8, 9, 3]);
  assert.equal([memory.read16(RAM + 20 + 7), memory.read32(RAM + 20 + 9)], [2,
    0x204]);
  assert.throws(() => {
    for (;;) setUpDevice(bus, disk);
  }, /pages for virtqueues are used up|page of descriptors is full/);
});

queues("accepted features are copied, and must have been offered", () => {
  const { bus, memory } = practiceBus();
  const device = setUpDevice(bus, {
    name: "disk",
    type: 2,
    queues: [],
    features: Uint8Array.of(0x05),
    config: new Uint8Array(),
  });
  memory.write8(RAM + 4, 3);
  memory.write8(RAM + 6, 0x04);
  notified(bus, RAM);
  assert.equal([...device.accepted], [4]);
  memory.write8(RAM + 4, 0);
  notified(bus, RAM);
  assert.is(memory.read8(RAM + 6), 0);
  memory.write8(RAM + 4, 3);
  memory.write8(RAM + 6, 0x02);
  assert.is(messageOf(() => notified(bus, RAM)),
    "disk: accepted a feature that was not offered");
});

queues.run();

const budgets = suite("IV: a budget is a budget");

budgets("a reset in the middle of a chain forgets it", () => {
  const { bus, memory, screen } = practiceBus();
  const [, output] = setUpDevice(bus, consoleKind([], bus.wires.show)).queues;
  memory.write8(RAM + 4, 3);
  notified(bus, RAM);
  crowd(memory, OUTPUT, { at: 0, length: 10_000 });
  notified(bus, moves(OUTPUT)(memory) as number);
  assert.ok(serve(bus) && output.open && memory.read16(OUTPUT + 0x2002) === 0);
  memory.write8(RAM + 4, 0);
  notified(bus, RAM);
  assert.equal([serve(bus), output.open, output.kicked, screen().length], [
    false,
    undefined,
    false,
    PORTION,
  ]);
});

budgets.run();
