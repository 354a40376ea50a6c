// Chapter V, fourth landing: hypercalls, their ring, and some old habits.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Errno } from "../../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { createGuest } from "../../tangled/host/birth.ts";
import { reg } from "../../tangled/host/ground/guest.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import {
  asks,
  data,
  deathOf,
  init,
  introduced,
  lives,
  stage,
  traps,
} from "./stage/actor.ts";
import { habit, PORTS } from "./stage/habits.ts";
import { DATA, PAGE, TOP } from "./stage/places.ts";
import { queue, statusOf } from "./stage/ring.ts";

const life = suite("V: a Guest, and its death");

life("the first reason for a death counts", () => {
  const s = introduced();
  const reason = deathOf(s, asks(3));
  assert.is(reason, "bad hypercall 3");
  assert.is(deathOf(s, asks(11)), reason);
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

ring("it is emptied in order, and then comes the call that brought us", () => {
  const s = introduced();
  queue(s, 0, [Call.LHCALL_NOTIFY, 0x7000], [Call.LHCALL_TS, 1], [
    Call.LHCALL_NOTIFY,
    0x8000,
  ]);
  assert.equal(s.play(asks(Call.LHCALL_NOTIFY, 0x9000)), {
    kind: "notify",
    address: 0x7000,
  });
  assert.equal([s.guest.ts, ...statusOf(s).slice(0, 3)], [false, 0xff, 0, 0]);
  assert.equal(s.play(), { kind: "notify", address: 0x8000 });
  assert.ok(s.guest.ts);
  assert.equal(s.play(), { kind: "notify", address: 0x9000 });
  assert.ok(statusOf(s).every((status) => status === 0xff));
});

ring("each call in it costs twenty ticks", () => {
  const s = introduced(), { time } = s.host.machine;
  queue(s, 0, ...Array.from({ length: 10 }, () => [Call.LHCALL_TS, 0]));
  const before = time[Time.NOW];
  s.play(asks(Call.LHCALL_NOTIFY, 0x9000));
  assert.is(time[Time.NOW] - before, 100 + 10 * 20);
});

ring.run();

const oldHabits = suite("V: old habits of kernels");

oldHabits("ports read all ones and swallow everything, and cli is skipped",
  () => {
    for (const [bytes, eax] of PORTS) {
      const s = introduced();
      s.memory.write32(DATA, 0x200);
      assert.equal(habit(s, bytes), { kind: "interrupted" });
      assert.is(reg(s.guest, Reg.EAX), eax, `${bytes}`);
      assert.is(reg(s.guest, Reg.EIP), 0x10000 + bytes.length, `${bytes}`);
      assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), 0x200,
        "cli changes nothing");
    }
  });

oldHabits("everything else is the Guest's own fault", () => {
  const others = [[0x66, 0xfa], [0xfb], [0xf4], [0x66, 0x66, 0xe5, 0x60], [0x2e,
    0xec], [0xf3, 0xec], [0x6c], [0x0f, 0x20, 0xc0], [0xe8]];
  for (const bytes of others) {
    const s = introduced();
    assert.equal(habit(s, bytes), { kind: "error", errno: Errno.ENOENT });
    assert.is(s.guest.death, "unhandled trap 13 at 0x10000 (0x0)");
  }
});

oldHabits("only the Guest's kernel has them, and only when the error code is 0",
  () => {
    for (const cs of [0x73, 0x60, 0x62])
      assert.equal(habit(introduced(), [0xfa], cs).kind, "error");
    const s = introduced();
    s.memory.write8(0x10000, 0xfa);
    assert.is(deathOf(s, traps(13, 8)), "unhandled trap 13 at 0x10000 (0x8)");
  });

oldHabits.run();
