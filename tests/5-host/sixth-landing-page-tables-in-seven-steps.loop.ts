// Chapter V, sixth landing: deaths, the loop, hypercalls and their ring, now
// that a Guest has pages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Errno } from "../../tangled/abi/dev-lguest.ts";
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
  introduced,
  deathOf,
  asks,
  stage,
  traps,
  settled,
  init,
  faults,
  lives,
  data,
  type Stage,
} from "./stage/actor.ts";
import type { Scene } from "./stage/birth.ts";
import { PAGE, DIRECTORY, OTHER, KERNEL, DATA, TOP } from "./stage/places.ts";

const life = suite("V: a Guest, and its death");

life("the first reason for a death counts", () => {
  const s = introduced();
  const reason = deathOf(s, asks(3));
  assert.is(reason, "bad hypercall 3");
  assert.is(deathOf(s, asks(11)), reason);
});

life("before it has gates, any trap of its own is its last", () => {
  assert.is(deathOf(stage(), traps(6, 0, [[Reg.EIP, 0x1234]])),
    "unhandled trap 6 at 0x1234 (0x0)");
  assert.is(deathOf(stage(), traps(13, 0x68)),
    "unhandled trap 13 at 0x10000 (0x68)");
  assert.is(deathOf(introduced(), traps(256)),
    "unhandled trap 256 at 0x10000 (0x0)");
});

life("a trap 256 is its last even if it has every gate", () => {
  const s = settled();
  const gates = [...Array(256).keys()].map((v) =>
    asks(Call.LHCALL_LOAD_IDT_ENTRY, v, 0, 0x8e00)
  );
  s.play(...gates);
  assert.match(deathOf(s, traps(256)), /^unhandled trap 256 /);
});

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

const loop = suite("V: the loop");

loop("a NOTIFY goes to its eventfd, and to the Launcher if it has none", () => {
  const s = introduced();
  let kicks = 0;
  s.guest.eventfds.set(0x5000, () => {
    kicks++;
  });
  const notify = (address: number) => asks(Call.LHCALL_NOTIFY, address);
  for (const n of [1, 2]) {
    const before = s.host.machine.time[Time.NOW];
    assert.equal(s.play(notify(0x5000)), { kind: "interrupted" });
    assert.is(kicks, n);
    assert.ok(s.host.machine.time[Time.NOW] - before < 1000, "at once");
  }
  assert.equal(s.play(notify(0x6000)), { kind: "notify", address: 0x6000 });
  lives(s, notify(0));
  assert.equal(s.play(notify(0xfffffffc)), {
    kind: "notify",
    address: 0xfffffffc,
  });
});

loop("a halted Guest sleeps until its timer is due, and not a tick longer",
  () => {
    const s = introduced();
    s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
    let woken = 0, armed = 0;
    lives(s, asks(Call.LHCALL_LOAD_IDT_ENTRY, 32, 0x8000, 0x8e00),
      traps(32, 0, [[Reg.ESP, 0x9000]]), (guest) => {
      armed = guest.host.machine.time[Time.NOW];
      asks(Call.LHCALL_SET_CLOCKEVENT, 1_000_005)(guest);
    }, asks(Call.LHCALL_HALT), (guest) => {
      woken = guest.host.machine.time[Time.NOW] - 100;
      traps(32)(guest);
    });
    assert.is(woken - armed, 100_001);
    assert.is(reg(s.guest, Reg.EIP), 0x8000);
  });

loop("a sleeper does not try the Launcher's patience either", () => {
  const s = introduced();
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  lives(s, asks(Call.LHCALL_SET_CLOCKEVENT, 0xffffffff));
  const before = s.host.machine.time[Time.NOW];
  for (let n = 1; n < 5; n++) {
    assert.equal(s.play(...(n === 1 ? [asks(Call.LHCALL_HALT)] : [])), {
      kind: "interrupted",
    });
    assert.is(s.host.machine.time[Time.NOW] - before, n * 200_000);
  }
  s.host.machine.time[Time.NOW] = s.guest.alarm;
  lives(s);
  assert.not(s.guest.halted);
});

loop("SET_CLOCKEVENT with 0 disarms the timer", () => {
  const s = introduced();
  assert.equal(
    s.play(asks(Call.LHCALL_SET_CLOCKEVENT, 1000),
      asks(Call.LHCALL_SET_CLOCKEVENT, 0), asks(Call.LHCALL_HALT)),
    { kind: "asleep" },
  );
  assert.is(s.guest.irqs, 0);
});

loop("halted without a timer, only an interrupt can wake it", () => {
  const s = introduced();
  assert.equal(s.play(asks(Call.LHCALL_HALT)), { kind: "asleep" });
  assert.equal(s.play(), { kind: "asleep" });
  s.guest.irqs |= 4;
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 4);
  assert.equal(s.play(), { kind: "asleep" }, "not one that is masked");
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  lives(s);
});

loop("a Guest that halts where no interrupt may strike does not hang the Host",
  () => {
    const s = stage();
    s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_START, 0x10000);
    s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_END, 0x10010);
    s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
    lives(s, init);
    s.guest.irqs = 2;
    lives(s, asks(Call.LHCALL_HALT));
  });

loop.run();

const calls = suite("V: hypercalls");

calls("LGUEST_INIT answers the Guest's questions", () => {
  const s = stage();
  s.host.machine.time[Time.NOW] = 123_456_789;
  lives(s, init);
  assert.is(data(s, Data.LGUEST_DATA_RESERVE_MEM), 0x400000);
  assert.is(data(s, Data.LGUEST_DATA_TSC_KHZ), 100_000);
  assert.is(data(s, Data.LGUEST_DATA_TIME_SEC), 1_191_196_801);
  assert.is(data(s, Data.LGUEST_DATA_TIME_NSEC), 234_568_890);
  assert.is(reg(s.guest, Reg.EAX), 1, "eax is as it was");
});

calls("its page has to lie in the Guest's memory, whole", () => {
  const last = 64 * PAGE - Data.LGUEST_DATA_SIZE;
  for (
    const address of [last + 1, 64 * PAGE, 0x7ffff000, 0xfffffff0, 0xffffffff]
  )
    assert.is(deathOf(stage(), asks(1, address)),
      `bad address 0x${address.toString(16)}`);
  const s = stage();
  s.memory.write32(last + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  lives(s, asks(1, last));
});

calls(
  "LGUEST_INIT wants 0x80 as the system call, and a kernel below the Switcher",
  () => {
    const vector = stage();
    vector.memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x40);
    assert.is(deathOf(vector, init), "bad syscall vector");
    const address = stage();
    address.memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, TOP);
    assert.is(deathOf(address, init), "bad kernel address");
    const just = stage();
    just.memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, TOP - 1);
    lives(just, init);
  },
);

calls("one introduction is enough", () => {
  assert.is(deathOf(introduced(), init), "second LGUEST_INIT");
});

calls("a number that is none is a death", () => {
  for (const number of [3, 11, 12, 13, 20, 255, 0x80000000, 0xffffffff])
    assert.is(deathOf(introduced(), asks(number)), `bad hypercall ${number}`);
});

calls("two do nothing at all", () => {
  const s = introduced();
  const before = s.memory.copyOut(0, s.memory.size);
  lives(s, asks(Call.LHCALL_FLUSH_ASYNC), asks(Call.LHCALL_SEND_INTERRUPTS));
  assert.equal(s.memory.copyOut(0, s.memory.size), before);
});

calls("SHUTDOWN's last words are cut to 127 characters", () => {
  const words = (text: string) => {
    const s = introduced();
    s.memory.copyIn(0x8000, new TextEncoder().encode(text));
    return deathOf(s, asks(Call.LHCALL_SHUTDOWN, 0x8000, 1));
  };
  assert.is(words("Power down\0and more"), "CRASH: Power down");
  assert.is(words("x".repeat(200)), `CRASH: ${"x".repeat(127)}`);
  assert.is(words(""), "CRASH: ");
});

calls("last words are read as UTF-8, whatever they are", () => {
  const words = (...bytes: number[]) => {
    const s = introduced();
    s.memory.copyIn(0x8000, Uint8Array.from(bytes));
    return deathOf(s, asks(Call.LHCALL_SHUTDOWN, 0x8000, 1));
  };
  const utf8 = (text: string) => [...new TextEncoder().encode(text)];
  assert.is(words(...utf8("Tsch\xfcss \u2014 \u4f60\u597d")),
    "CRASH: Tsch\xfcss \u2014 \u4f60\u597d");
  assert.is(words(...utf8(`a${"\xfc".repeat(64)}`)),
    `CRASH: a${"\xfc".repeat(63)}`, "cut in the middle of a letter");
  assert.is(words(0x61, 0xff, 0xc3, 0x62, 0x80), "CRASH: a\ufffd\ufffdb\ufffd");
});

calls("SHUTDOWN reads 128 bytes, and they have to be there", () => {
  const at = 64 * PAGE - 127;
  assert.is(deathOf(introduced(), asks(2, at, 1)),
    `bad address 0x${at.toString(16)}`);
  assert.is(deathOf(introduced(), asks(2, at - 1, 1)), "CRASH: ");
  assert.is(deathOf(introduced(), asks(2, 0xffffffff, 1)),
    "bad address 0xffffffff");
});

calls(
  "SHUTDOWN with reason 1 asks to be switched off, with any other it does not, whatever the text",
  () => {
    for (const text of ["Power down", "Kernel panic", ""])
      for (const reason of [0, 1, 2, 3, 0xffffffff]) {
        const s = introduced();
        s.memory.copyIn(0x8000, new TextEncoder().encode(`${text}\0`));
        s.play(asks(2, 0x8000, reason));
        assert.equal([s.guest.poweroff, s.guest.death], [reason === 1,
          `CRASH: ${text}`]);
      }
  },
);

calls(
  "SHUTDOWN with reason 2 asks for another life, with any other it does not",
  () => {
    const again = introduced();
    assert.equal(again.play(asks(2, 0x8000, 2)), {
      kind: "error",
      errno: Errno.ERESTART,
    });
    for (const reason of [0, 1, 3, 0xffffffff])
      assert.is(deathOf(introduced(), asks(2, 0x8000, reason)), "CRASH: ");
  },
);

calls("TS is remembered, and an FPU trap is the Guest's only if it is set",
  () => {
    const s = introduced();
    lives(s, asks(Call.LHCALL_TS, 8));
    assert.ok(s.guest.ts);
    lives(s, asks(Call.LHCALL_TS, 0), traps(7));
    assert.not(s.guest.ts);
    assert.match(deathOf(s, asks(Call.LHCALL_TS, 8), traps(7)),
      /^unhandled trap 7 /);
  });

calls.run();

const ring = suite("V: the ring of calls that could wait");

/** Puts calls into the ring, from `slot` on. */
function queue({ memory }: Stage, slot: number, ...entries: number[][]): void {
  for (const [n, words] of entries.entries()) {
    const at = (slot + n) % 64;
    words.forEach((word, k) =>
      memory.write32(DATA + Data.LGUEST_DATA_HCALLS + at * 20 + k * 4, word)
    );
    memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + at, 0);
  }
}

const statusOf = (
  { memory }: Stage,
) => [...memory.copyOut(DATA + Data.LGUEST_DATA_HCALL_STATUS, 64)];
const gateCall = (vector: number,
  handler: number) => [Call.LHCALL_LOAD_IDT_ENTRY, vector, handler, 0x8e00];

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

ring("other traps leave it alone", () => {
  const s = introduced();
  queue(s, 0, gateCall(3, 7));
  lives(s, traps(32), faults(0x8000, 0));
  assert.is(s.guest.gates[7], 0);
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
