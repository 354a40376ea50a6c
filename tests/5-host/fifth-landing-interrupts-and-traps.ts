// Chapter V, fifth landing: the loop, and what a Guest without tables may do.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { createGuest } from "../../tangled/host/birth.ts";
import { reg, setReg } from "../../tangled/host/ground/guest.ts";
import type { Guest } from "../../tangled/host/ground/state.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import { stage, lives, traps, deathOf, asks } from "./stage/actor.ts";
import { DATA, PAGE } from "./stage/places.ts";

const life = suite("V: a Guest, and its death");

life("an interrupt for the Host is none of the Guest's business", () => {
  const s = stage();
  lives(s, traps(32), traps(0x80), traps(255));
  assert.is(reg(s.guest, Reg.EIP), 0x10000);
});

life.run();

const loop = suite("V: the loop");

loop("it comes back when the Launcher's patience is at its end", () => {
  const { guest, host } = stage();
  const before = host.machine.time[Time.NOW];
  assert.equal(runGuest(guest, 1_000_000), { kind: "interrupted" });
  const took = host.machine.time[Time.NOW] - before;
  assert.ok(took >= 1_000_000 && took < 1_100_000, `${took}`);
});

loop("nobody runs longer than a thousandth of a second at a time", () => {
  const s = stage();
  const stays: number[] = [];
  Object.assign(s.host, {
    enter(guest: Guest, until: number) {
      stays.push(until - guest.host.machine.time[Time.NOW]);
      guest.host.machine.time[Time.NOW] = until;
      setReg(guest, Reg.TRAPNUM, 32);
    },
  });
  runGuest(s.guest, 350_000);
  assert.equal(stays, [100_000, 100_000, 100_000, 100_000]);
});

loop(
  "every entry lets a Guest get something done, however soon its timer is due",
  () => {
    const s = stage();
    s.guest.alarm = s.host.machine.time[Time.NOW] + 1;
    const untils: number[] = [];
    Object.assign(s.host, {
      enter(guest: Guest, until: number) {
        untils.push(until - guest.host.machine.time[Time.NOW]);
        guest.host.machine.time[Time.NOW] += 1;
        setReg(guest, Reg.TRAPNUM, 32);
      },
    });
    assert.equal(runGuest(s.guest, 1), { kind: "interrupted" });
    assert.equal(untils, [500]);
    assert.equal(runGuest(s.guest, 0), { kind: "interrupted" });
    assert.is(untils.length, 1);
  },
);

loop.run();

const calls = suite("V: hypercalls");

calls("nothing comes before LGUEST_INIT", () => {
  for (const number of [0, 2, 4, 10, 17, 99]) {
    const s = stage();
    assert.is(deathOf(s, asks(number, DATA)),
      `hypercall ${number} before LGUEST_INIT`);
  }
});

calls("the limit is what INITIALIZE said, not what the Launcher has", () => {
  const s = stage();
  const guest = createGuest(s.host, s.memory, 2, 0);
  s.script.push(asks(1, 2 * PAGE - Data.LGUEST_DATA_SIZE + 4));
  runGuest(guest, 1000);
  assert.is(guest.death, "bad address 0x1a94");
});

calls.run();

const interrupts = suite("V: interrupts");

interrupts("before LGUEST_INIT there are none", () => {
  const s = stage();
  s.guest.irqs = -1;
  lives(s);
  assert.is(s.guest.irqs, -1);
});

interrupts.run();
