// Chapter V, third landing: the loop, and an actor who plays the Guest.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Reg } from "../../tangled/abi/regs.ts";
import { buryGuest } from "../../tangled/host/birth.ts";
import { reg, setReg } from "../../tangled/host/ground/guest.ts";
import type { Guest } from "../../tangled/host/ground/state.ts";
import { createHost } from "../../tangled/host/host.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import { deathOf, faults, lives, stage, traps } from "./stage/actor.ts";
import { born } from "./stage/birth.ts";
import { messageOf } from "./stage/messages.ts";
import { TOP } from "./stage/places.ts";

const life = suite("V: a Guest, and its death");

life("an interrupt for the Host is none of the Guest's business", () => {
  const s = stage();
  lives(s, traps(32), traps(0x7f), traps(0x81), traps(255));
  assert.is(reg(s.guest, Reg.EIP), 0x10000);
});

life("before it has gates, any trap of its own is its last", () => {
  assert.is(deathOf(stage(), traps(6, 0, [[Reg.EIP, 0x1234]])),
    "unhandled trap 6 at 0x1234 (0x0)");
  assert.is(deathOf(stage(), traps(13, 0x68)),
    "unhandled trap 13 at 0x10000 (0x68)");
  assert.is(deathOf(stage(), traps(0x80)),
    "unhandled trap 128 at 0x10000 (0x0)");
  assert.is(deathOf(stage(), traps(256)),
    "unhandled trap 256 at 0x10000 (0x0)");
});

life("a page fault's obituary names the address", () => {
  assert.is(deathOf(stage(), faults(TOP + 0x678, 6)),
    "unhandled trap 14 at 0x10000 (0xffc00678)");
});

life("a Guest that is still in there is called home to be buried", () => {
  const { host, guest } = stage();
  const { time } = host.machine;
  host.busy = guest;
  time[Time.NOW] = 1000;
  time[Time.ALARM] = 90_000;
  buryGuest(guest);
  assert.equal([guest.death, time[Time.ALARM]], ["closed", Infinity]);
  assert.ok(time[Time.NOW] < 2000, "it is not waited for");
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

loop("a Guest that is not back when a read ends is not sent in again", () => {
  const { host, guest, script } = stage();
  let entries = 0, isBack = false;
  script.push(() => entries++);
  host.goOn = () => isBack;
  for (let n = 0; n < 3; n++)
    assert.equal(runGuest(guest, 1000), { kind: "interrupted" });
  assert.equal([entries, guest.since], [1, 0]);
  isBack = true;
  setReg(guest, Reg.TRAPNUM, 6);
  assert.equal(runGuest(guest, 1000).kind, "error");
  assert.is(guest.since, undefined);
});

loop("a dead Guest is not run", () => {
  const s = stage();
  deathOf(s, traps(6));
  s.script.push(() => assert.unreachable());
  assert.equal(runGuest(s.guest, 1000).kind, "error");
});

loop("without a Switcher nobody is let in, and to sleep is to set the clock",
  () => {
    const { guest } = born();
    assert.is(messageOf(() => runGuest(guest, 1000)), "no Switcher yet");
    const host = createHost({ ramBytes: 2 << 20 }), { time } = host.machine;
    host.sleep(guest, 5000);
    assert.equal([host.goOn(guest, 3000), time[Time.NOW]], [false, 3000]);
    assert.equal([host.goOn(guest, 8000), time[Time.NOW]], [true, 5000]);
    assert.equal([host.goOn(guest, 8000), time[Time.NOW]], [true, 5000]);
  });

loop.run();
