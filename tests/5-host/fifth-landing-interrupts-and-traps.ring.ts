// Chapter V, fifth landing: the ring, now that calls in it can be told by their gates.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import {
  asks,
  deathOf,
  init,
  introduced,
  lives,
  stage,
} from "./stage/actor.ts";
import { DATA } from "./stage/places.ts";
import { gateCall, queue, statusOf } from "./stage/ring.ts";

const ring = suite("V: the ring of calls that could wait");

ring("it is emptied in order, before the call that brought us", () => {
  const s = introduced();
  queue(s, 0, gateCall(3, 1), gateCall(3, 2), gateCall(4, 5));
  lives(s, asks(Call.LHCALL_LOAD_IDT_ENTRY, 4, 6, 0x8e00));
  assert.is(s.guest.gates[6] & 0xffff, 2);
  assert.is(s.guest.gates[8] & 0xffff, 6);
  assert.ok(statusOf(s).every((byte) => byte === 0xff));
});

ring("it goes round, and remembers where it was", () => {
  const s = introduced();
  for (let round = 0; round < 5; round++) {
    queue(s, round * 50, ...Array.from({ length: 50 }, (_, n) =>
      gateCall(9, round * 50 + n)));
    lives(s, asks(Call.LHCALL_FLUSH_ASYNC));
    assert.is(s.guest.gates[18] & 0xffff, round * 50 + 49);
  }
  assert.is(s.guest.ringNext, 250 % 64);
});

ring("a full ring is done once round, and no further", () => {
  const s = introduced();
  lives(s, asks(Call.LHCALL_FLUSH_ASYNC));
  queue(s, 0, ...Array.from({ length: 64 }, (_, n) => gateCall(9, n)));
  lives(s, asks(Call.LHCALL_FLUSH_ASYNC));
  assert.is(s.guest.gates[18] & 0xffff, 63);
  assert.is(s.guest.ringNext, 0);
});

ring("ready is whatever is not 0xFF", () => {
  const s = introduced();
  queue(s, 0, gateCall(3, 7), gateCall(3, 8));
  s.memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS, 0x80);
  s.memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + 1, 0xfe);
  lives(s, asks(Call.LHCALL_FLUSH_ASYNC));
  assert.is(s.guest.gates[6] & 0xffff, 8);
});

ring(
  "a NOTIFY in it goes to the Launcher first; ring and call wait for its return",
  () => {
    const s = introduced();
    queue(s, 0, gateCall(3, 1), [Call.LHCALL_NOTIFY, 0x7000], gateCall(3, 2), [
      Call.LHCALL_NOTIFY,
      0x8000,
    ]);
    const direct = asks(Call.LHCALL_LOAD_IDT_ENTRY, 3, 3, 0x8e00);
    assert.equal(s.play(direct), { kind: "notify", address: 0x7000 });
    assert.is(s.guest.gates[6] & 0xffff, 1);
    assert.equal(statusOf(s).slice(0, 4), [0xff, 0xff, 0, 0]);
    assert.equal(s.play(), { kind: "notify", address: 0x8000 });
    assert.is(s.guest.gates[6] & 0xffff, 2);
    lives(s);
    assert.is(s.guest.gates[6] & 0xffff, 3);
  },
);

ring(
  "every call in it costs ticks, and the rest of them wait when the read's time is up",
  () => {
    const s = introduced();
    queue(s, 0, ...Array.from({ length: 64 }, (_, n) => gateCall(64 + n, 1)));
    s.script.push(asks(Call.LHCALL_LOAD_IDT_ENTRY, 200, 1, 0x8e00));
    const loaded = () =>
      [...s.guest.gates].filter((word, n) => n % 2 === 0 && word !== 0).length;
    for (
      let reads = 1, before = s.host.machine.time[Time.NOW];
      loaded() < 65;
      reads++
    ) {
      assert.ok(reads < 30, `${loaded()} gates after ${reads} reads`);
      assert.equal(runGuest(s.guest, 100), { kind: "interrupted" });
      assert.ok(loaded() * 20 <= s.host.machine.time[Time.NOW] - before + 20);
    }
    assert.ok(statusOf(s).every((status) => status === 0xff));
  },
);

ring("even one that is filled again while it is emptied comes to an end",
  () => {
    const s = introduced();
    let heard = 0;
    s.guest.eventfds.set(0x7000, () => {
      s.memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + heard++ % 64, 0);
    });
    for (let slot = 0; slot < 64; slot++)
      queue(s, slot, [Call.LHCALL_NOTIFY, 0x7000]);
    s.script.push(asks(Call.LHCALL_HALT));
    for (let n = 0; !s.guest.halted; n++) {
      assert.ok(n < 100);
      runGuest(s.guest, 1e5);
    }
    assert.is(heard, 64);
  });

ring(
  "a NOTIFY in it that an eventfd waits for ends the read, and the rest waits",
  () => {
    const s = introduced();
    const heard: number[] = [];
    s.guest.eventfds.set(0x7000, () => heard.push(s.guest.gates[6] & 0xffff));
    queue(s, 0, gateCall(3, 1), [Call.LHCALL_NOTIFY, 0x7000], gateCall(3, 2));
    assert.equal(s.play(asks(Call.LHCALL_NOTIFY, 0x9000)), {
      kind: "interrupted",
    });
    assert.equal(heard, [1]);
    assert.is(s.guest.gates[6] & 0xffff, 1);
    assert.equal(s.play(), { kind: "notify", address: 0x9000 });
    assert.is(s.guest.gates[6] & 0xffff, 2);
  },
);

ring("HALT, SHUTDOWN and INIT work from it as well", () => {
  const s = introduced();
  queue(s, 0, [Call.LHCALL_HALT]);
  assert.equal(s.play(asks(Call.LHCALL_FLUSH_ASYNC)), { kind: "asleep" });
  queue(s, 1, [Call.LHCALL_SHUTDOWN, 0x8000, 1]);
  s.guest.halted = false;
  assert.is(deathOf(s, asks(Call.LHCALL_FLUSH_ASYNC)), "CRASH: ");
  const twice = introduced();
  queue(twice, 0, [Call.LHCALL_LGUEST_INIT, DATA]);
  assert.is(deathOf(twice, asks(Call.LHCALL_FLUSH_ASYNC)),
    "second LGUEST_INIT");
});

ring("the introduction itself does not look into it", () => {
  const s = stage();
  queue(s, 0, gateCall(3, 7));
  lives(s, init);
  assert.is(s.guest.gates[7], 0);
});

ring.run();
