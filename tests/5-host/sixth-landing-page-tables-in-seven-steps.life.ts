// Chapter V, sixth landing: what the other landings promised, now that a Guest has pages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { buryGuest, createGuest } from "../../tangled/host/birth.ts";
import { reg } from "../../tangled/host/ground/guest.ts";
import type { Guest } from "../../tangled/host/ground/state.ts";
import { createHost } from "../../tangled/host/host.ts";
import {
  allocateMemory,
  freeMemory,
} from "../../tangled/host/ground/launcher-memory.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import {
  asks,
  data,
  deathOf,
  faults,
  init,
  introduced,
  lives,
  type Scene,
  settled,
  traps,
} from "./stage/actor.ts";
import {
  fromKernel,
  fromProgram,
  handlingPages,
  stackOf,
} from "./stage/gates.ts";
import { DIRECTORY, KERNEL, OTHER, PAGE, TABLE } from "./stage/places.ts";
import { gateCall, queue } from "./stage/ring.ts";

const life = suite("V: a Guest, and its death");

life("burying a Guest gives back every frame that it cost", () => {
  const host = createHost({ ramBytes: 8 << 20 });
  const before = [...host.free].sort();
  for (let n = 0; n < 20; n++) {
    const s = settled();
    const memory = allocateMemory(host, 0, 64 * PAGE);
    memory.copyIn(0, s.memory.copyOut(0, 64 * PAGE));
    const guest = createGuest(host, memory, 64, 0);
    const script: Scene[] = [init, ...[DIRECTORY, OTHER, DIRECTORY].map((top) =>
      asks(Call.LHCALL_NEW_PGTABLE, top)
    ), ...[...Array(n).keys()].map((k) =>
      faults(KERNEL + k * PAGE, 2)
    ), faults(0x3000, 4)];
    Object.assign(host, { enter: (g: Guest) => script.shift()!(g) });
    assert.throws(() => runGuest(guest, 1e6), /script|not a function/);
    buryGuest(guest);
    freeMemory(host, memory);
    assert.is(guest.death, "closed");
  }
  assert.equal([...host.free].sort(), before);
});

life.run();

const ring = suite("V: the ring of calls that could wait");

ring("other traps leave it alone", () => {
  const s = introduced();
  queue(s, 0, gateCall(3, 7));
  lives(s, traps(32), faults(0x8000, 0));
  assert.is(s.guest.gates[7], 0);
});

ring("what takes longer than the way through the door costs more", () => {
  const s = settled();
  const price = (...call: [number, ...number[]]) => {
    const at: number[] = [];
    const clock: Scene = (guest) => {
      at.push(guest.host.machine.time[Time.NOW]), traps(32)(guest);
    };
    lives(s, clock, asks(...call), clock);
    return at[1] - at[0] - 200;
  };
  assert.is(price(Call.LHCALL_FLUSH_ASYNC), 0);
  queue(s, 0, ...Array.from({ length: 10 }, () => [Call.LHCALL_TS, 0]));
  assert.is(price(Call.LHCALL_FLUSH_ASYNC), 200);
  assert.is(price(Call.LHCALL_FLUSH_TLB, 0), 96);
  assert.is(price(Call.LHCALL_FLUSH_TLB, 1), 127);
  assert.is(price(Call.LHCALL_NEW_PGTABLE, OTHER), 0);
  assert.is(price(Call.LHCALL_FLUSH_TLB, 1), 254);
});

ring.run();

const oldHabits = suite("V: old habits of kernels");

oldHabits("an instruction is fetched from wherever its pages are", () => {
  const s = settled();
  s.memory.write32(TABLE + 20 * 4, 7 * PAGE | 3);
  s.memory.write32(TABLE + 21 * 4, 9 * PAGE | 3);
  s.memory.write8(7 * PAGE + 4095, 0x66);
  s.memory.write8(9 * PAGE, 0xed);
  lives(s, traps(13, 0, [[Reg.EIP, KERNEL + 20 * PAGE + 4095], [Reg.EAX, 0]]));
  assert.is(reg(s.guest, Reg.EAX), 0xffff);
  assert.is(reg(s.guest, Reg.EIP), KERNEL + 21 * PAGE + 1);
});

oldHabits("where there is nothing to fetch, the Guest dies", () => {
  assert.is(deathOf(settled(), traps(13, 0, [[Reg.EIP, 0x80000000]])),
    "bad address 0x80000000");
  assert.is(deathOf(introduced(), traps(13, 0, [[Reg.EIP, 0xffffffff]])),
    "bad address 0xffffffff");
  const s = settled();
  s.memory.write8(63 * PAGE + 4095, 0x66);
  assert.is(deathOf(s, traps(13, 0, [[Reg.EIP, KERNEL + 64 * PAGE - 1]])),
    `bad address 0xc0040000`);
});

oldHabits.run();

const frames = suite("V: frames made by hand");

frames("each push finds its own page, even half a word at a time", () => {
  for (const below of [0, 1, 2, 3, 4, 8]) {
    const s = handlingPages();
    s.memory.write32(TABLE + 40 * 4, 50 * PAGE | 3);
    s.memory.write32(TABLE + 41 * 4, 45 * PAGE | 3);
    lives(s,
      traps(6, 0, [...fromKernel(KERNEL), [Reg.ESP,
        KERNEL + 41 * PAGE + below]]));
    const high = s.memory.copyOut(45 * PAGE, below),
      low = s.memory.copyOut(51 * PAGE - (12 - below), 12 - below);
    const frame = new DataView(new Uint8Array([...low, ...high]).buffer);
    assert.equal([0, 4, 8].map((at) => frame.getUint32(at, true)), [0xc0001234,
      0x61, 0x46], `${below} above`);
  }
});

frames("a frame needs only the pages that it touches", () => {
  const s = handlingPages();
  s.memory.write32(TABLE + 41 * 4, 0);
  lives(s, traps(6, 0, [...fromKernel(KERNEL), [Reg.ESP, KERNEL + 41 * PAGE]]));
  assert.equal(s.memory.read32(41 * PAGE - 12), 0xc0001234);
});

frames(
  "where there is no stack, the Guest dies, and no one else's memory is touched",
  () => {
    const none = handlingPages();
    none.memory.write32(TABLE + 40 * 4, 0);
    assert.is(
      deathOf(none,
        traps(6, 0, [...fromKernel(KERNEL), [Reg.ESP, KERNEL + 41 * PAGE]])),
      "bad address 0xc0028ffc",
    );
    const outside = handlingPages();
    outside.memory.write32(TABLE + 40 * 4, 64 * PAGE | 3);
    assert.match(
      deathOf(outside,
        traps(6, 0, [...fromKernel(KERNEL), [Reg.ESP, KERNEL + 41 * PAGE]])),
      /^bad address/,
    );
    const never = introduced();
    never.guest.gates.set([0x8000, 0x8e00], 12);
    assert.match(deathOf(never, traps(6, 0, fromProgram)),
      /^bad address 0xfffffffc/);
  },
);

frames("a page fault leaves its address for the Guest", () => {
  const s = handlingPages();
  lives(s, traps(32, 0, fromKernel(KERNEL)), faults(0x12345678, 2));
  assert.is(data(s, Data.LGUEST_DATA_CR2), 0x12345678);
  assert.equal(stackOf(s, 2), [2, 0xc0001234]);
});

frames("without a gate for it, the obituary names it", () => {
  const s = settled();
  assert.is(deathOf(s, faults(0x12345678, 6)),
    "unhandled trap 14 at 0x10000 (0x12345678)");
});

frames.run();
