// Chapter IV: queues whose owner wants you dead.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import {
  GuestError,
  takeChain,
  type Virtqueue,
} from "../../tangled/launcher/virtqueue.ts";
import { messageOf } from "../tools.ts";
import { RAM, type Buffer, describe, offer } from "./stage/queues.ts";
import { MB } from "./stage/files.ts";
import { randomNumbers } from "./stage/chance.ts";

const queues = suite("IV: queues whose owner wants you dead");

function practiceQueue(): Virtqueue {
  return {
    name: "practice",
    memory: flatMemory(RAM + MB),
    ramSize: RAM,
    address: RAM + 0x1000,
    entries: 256,
    irq: 5,
    nextAvailable: 0,
    used: 0,
    unannounced: false,
    kicked: false,
    open: undefined,
  };
}

function lie(...buffers: Buffer[]): string {
  const queue = practiceQueue();
  describe(queue.memory, queue.address, 0, ...buffers);
  offer(queue.memory, queue.address, 0);
  return messageOf(() => takeChain(queue)).replace("practice queue: ", "");
}

queues("every lie has its line", () => {
  const ok = { at: 0x8000, length: 16 };
  assert.is(lie(ok, ok), "nothing was thrown");
  assert.is(lie({ at: 0, length: RAM }), "nothing was thrown");
  assert.is(lie({ at: RAM, length: 0 }), "nothing was thrown");
  assert.is(lie({ ...ok, flags: 1, next: 256 }),
    "descriptor 256 does not exist: there are 256");
  assert.is(lie({ at: RAM - 15, length: 16 }),
    "descriptor 0 wants 0x10 bytes at 0x1ffff1, outside the Guest's RAM");
  assert.is(lie({ at: 0xffffffff, length: 2 }),
    "descriptor 0 wants 0x2 bytes at 0xffffffff, outside the Guest's RAM");
  assert.is(lie({ at: 2 ** 32 + 0x8000, length: 1 }),
    "descriptor 0 wants 0x1 bytes at 0x100008000, outside the Guest's RAM");
  assert.is(lie({ ...ok, length: 0xffffffff }),
    "descriptor 0 wants 0xffffffff bytes at 0x8000, outside the Guest's RAM");
  assert.is(lie({ ...ok, flags: 4 }),
    "descriptor 0 is INDIRECT, which was not offered");
  assert.is(lie({ ...ok, flags: 3 }, ok),
    "descriptor 1 is readable, but comes after a writable one");
  assert.is(lie({ ...ok, flags: 1, next: 0 }),
    "the chain from 0 goes in a circle");
  assert.is(lie({ ...ok, flags: 1 }, { ...ok, flags: 1, next: 0 }),
    "the chain from 0 goes in a circle");
  assert.is(lie({ at: 0, length: RAM }, ok),
    "descriptor 1 makes its chain larger than the Guest's whole RAM");
});

queues("a chain of every descriptor there is, is the longest", () => {
  const buffers = Array.from({ length: 256 }, (_, i) => ({
    at: 0x8000,
    length: 1,
    ...(i === 255 ? { flags: 0, next: 0 } : {}),
  }));
  assert.is(lie(...buffers), "nothing was thrown");
});

queues("a head or an index out of range is found out", () => {
  const queue = practiceQueue();
  offer(queue.memory, queue.address, 300);
  assert.is(messageOf(() => takeChain(queue)),
    "practice queue: descriptor 300 does not exist: there are 256");
  queue.memory.write16(queue.address + 0x1002, 40_000);
  assert.match(messageOf(() => takeChain(queue)),
    /^practice queue: 39999 chains wait in 256 entries$/);
});

queues("no queue whatever makes the Launcher throw anything but a GuestError",
  () => {
    const random = randomNumbers(2007);
    let chains = 0, lies = 0;
    for (let round = 0; round < 2000; round++) {
      const queue = practiceQueue();
      const { memory, address } = queue;
      for (let n = 0; n < 24; n++) {
        const sane = random() % 8 !== 0;
        describe(memory, address, n, {
          at: sane ? random() % RAM : random() * 99991,
          length: sane ? random() % 4096 : random() * 977 % 2 ** 32,
          flags: random() % (sane ? 4 : 0x10000),
          next: random() % (sane ? 24 : 0x10000),
        });
      }
      for (let n = random() % 6; n > 0; n--)
        offer(memory, address, random() % (random() % 9 ? 24 : 0x10000));
      if (random() % 50 === 0) memory.write16(address + 0x1002, random());
      try {
        for (let chain; (chain = takeChain(queue)); chains++)
          for (const piece of [...chain.readable, ...chain.writable])
            assert.ok(piece.address + piece.length <= RAM);
      } catch (error) {
        assert.instance(error, GuestError);
        assert.match((error as Error).message, /^practice queue: [^\n]+$/);
        lies++;
      }
    }
    assert.ok(chains > 500 && lies > 500, `${chains} chains and ${lies} lies`);
  });

queues.run();
