// Chapter IV, told from the other side of the door: the Host is made of
// cardboard, its "Guest" a list of functions that scribble in memory.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Errno,
  type HostKernel,
  Lhreq,
  type LauncherMemory,
} from "../../tangled/abi/dev-lguest.ts";
import type { Outcome } from "../../tangled/launcher/launch.ts";
import { PORTION } from "../../tangled/launcher/virtqueue.ts";
import { messageOf } from "../tools.ts";
import {
  cardboard,
  launch,
  powersOff,
  starts,
  prints,
  resets,
  sets,
  sleeps,
  room,
  dies,
  because,
  restarts,
} from "./stage/cardboard.ts";
import {
  RAM,
  OUTPUT,
  INPUT,
  describe,
  offer,
  type Act,
  type Buffer,
  crowd,
  moves,
} from "./stage/queues.ts";
import { MB, text, bytesOf } from "./stage/files.ts";

const lives = suite("IV: lives of Guests");

lives("a Guest is a kernel, a letter, a page of devices and three numbers",
  () => {
    const host = cardboard([]);
    launch(host);
    const [memory] = host.memories;
    assert.is(memory.size, RAM + MB);
    assert.is(memory.read32(MB), 0xfeeb9090);
    assert.is(text(memory.copyOut(0x1000, 21)), "root=/dev/null quiet\0");
    assert.equal([...memory.copyOut(RAM, 22)], [3, 2, 0, 0, 0, 0, 1, 1, 0, 1, 2,
      0, 0, 0, 1, 2, 0, 4, 2, 0, 0, 0]);
    assert.equal(host.orders, [[Lhreq.INITIALIZE, 0x40000000, 512 + 7,
      MB + 2]]);
  });

lives("before it has drivers it may notify a string", () => {
  const host = cardboard([
    (memory) => (memory.copyIn(0x3000, bytesOf("early\n\0hidden")), 0x3000),
    ...powersOff,
  ]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "early\n");
});

lives(
  "a string may lie anywhere in the Guest's memory, and ends where that ends",
  () => {
    const shown = (at: number, words: string) => {
      const { step, screen } = launch(
        cardboard([(memory) => (memory.copyIn(at, bytesOf(words)), at)]),
      );
      assert.equal(step(), { kind: "asleep" });
      return screen();
    };
    assert.is(shown(RAM + 0x7000 - 3, "end"), "end");
    assert.is(shown(RAM - 3, "into"), "into\x02",
      "the page of descriptors follows: a console, two queues");
    assert.is(shown(RAM + 0x3800, "in the pages of a queue"),
      "in the pages of a queue");
    assert.is(shown(RAM + 22, "behind the descriptors"),
      "behind the descriptors");
  },
);

lives("a notify of nothing at all is its last", () => {
  for (const address of [RAM + 0x7000, RAM + 0x8000, 0xfffff000]) {
    const { step } = launch(cardboard([() => address]));
    assert.equal(step(), {
      kind: "killed",
      reason: `it notified 0x${address.toString(16)}, where there is neither a device nor memory`,
    });
  }
});

lives("the console starts at status 3 and prints within the kick", () => {
  const host = cardboard([starts, prints("Hello, "), prints("wall!\n"),
    (memory) => (assert.is(memory.read16(OUTPUT + 0x2002), 2), 0x9000),
    ...powersOff]);
  const { step, screen, remarks } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "Hello, wall!\n");
  assert.equal(host.orders.slice(1, 3), [
    [Lhreq.EVENTFD, INPUT, 100],
    [Lhreq.EVENTFD, OUTPUT, 101],
  ]);
  assert.equal(host.interrupts, [2, 2]);
  assert.ok(remarks.includes("console started"));
});

lives("a Guest that looks by itself is not interrupted", () => {
  const host = cardboard([starts,
    (memory) => (memory.write16(OUTPUT + 0x1000, 1), prints("psst")(memory)),
    ...powersOff]);
  const { step, screen } = launch(host);
  step();
  assert.is(screen(), "psst");
  assert.equal(host.interrupts, []);
});

lives("one kick, many chains, one interrupt", () => {
  const host = cardboard([starts, (memory) => {
    memory.copyIn(0x8000, bytesOf("abcdef"));
    describe(memory, OUTPUT, 0, { at: 0x8000, length: 1 }, {
      at: 0x8001,
      length: 2,
    });
    describe(memory, OUTPUT, 7, { at: 0x8003, length: 3 });
    offer(memory, OUTPUT, 7);
    return offer(memory, OUTPUT, 0);
  }]);
  const { step, screen } = launch(host);
  step();
  assert.is(screen(), "defabc");
  assert.equal(host.interrupts, [2]);
  assert.equal(
    [0, 8].map((at) => host.memories[0].read32(OUTPUT + 0x2004 + at)),
    [7, 0],
  );
});

lives("reset makes a device new, and afterwards it hears kicks again", () => {
  const host = cardboard([starts, prints("before "), resets,
    (
      memory,
    ) => (assert.equal(memory.copyOut(OUTPUT, 0x2806), new Uint8Array(0x2806)),
      starts(memory)), prints("after"), ...powersOff]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "before after");
  assert.is(host.orders.filter(([order]) => order === Lhreq.EVENTFD).length, 2);
});

lives("a driver that gives up is remarked upon, and reset", () => {
  const { step, remarks } = launch(
    cardboard([starts, sets(RAM, 0x83), starts, ...powersOff]),
  );
  assert.equal(step(), { kind: "poweroff" });
  assert.ok(remarks.includes("console: the Guest's driver gave up"));
});

lives("starting twice, or kicking what was not started, is its last", () => {
  const told: readonly [readonly Act[], string][] = [
    [[starts, starts], "console: started twice without a reset"],
    [[prints("x")],
      "console output queue: kicked before the console was started"],
    [[starts, resets, prints("x")],
      "console output queue: kicked before the console was started"],
  ];
  for (const [acts, reason] of told)
    assert.equal(launch(cardboard(acts)).step(), { kind: "killed", reason });
});

lives("after its lie a Guest runs on to the end of the read, unheard", () => {
  const { step, screen } = launch(
    cardboard([starts,
      (memory) => (memory.write16(OUTPUT + 0x1002, 999), OUTPUT),
      prints("hello?"), sleeps, starts]),
  );
  assert.equal(step(), {
    kind: "killed",
    reason: "console output queue: 999 chains wait in 256 entries",
  });
  assert.is(screen(), "");
});

lives("what was typed early waits for a driver and for buffers", () => {
  const host = cardboard([sleeps, starts, room(INPUT, 0, 2, 1),
    room(INPUT, 3, 8), sleeps, sleeps]);
  const { launcher, step } = launch(host);
  launcher.type(bytesOf("abcd"));
  assert.equal(step(), { kind: "asleep" });
  assert.equal(step(), { kind: "asleep" });
  const [memory] = host.memories;
  assert.is(text(memory.copyOut(0x9000, 2)) + text(memory.copyOut(0x9100, 1))
    + text(memory.copyOut(0x9300, 1)), "abcd");
  assert.equal([0, 4, 8, 12].map((at) => memory.read32(INPUT + 0x2004 + at)), [
    0,
    3,
    3,
    1,
  ]);
  assert.equal(host.interrupts, [1, 1]);
});

lives("a buffer that waited gets the next key at once", () => {
  const host = cardboard([starts, room(INPUT, 5, 64), sleeps]);
  const { launcher, step } = launch(host);
  step();
  assert.equal(host.interrupts, []);
  launcher.type(bytesOf("k"));
  step();
  assert.is(host.memories[0].read8(0x9500), 0x6b);
  assert.equal(host.interrupts, [1]);
});

lives("wrong buffers for the console are a Guest's last", () => {
  const output = launch(cardboard([starts, room(OUTPUT, 0, 8)]));
  assert.match((output.step() as { reason: string }).reason,
    /^console output queue: a buffer to be shown is writable/);
  const input = launch(
    cardboard([starts,
      (
        memory,
      ) => (describe(memory, INPUT, 0, { at: 0x8000, length: 4 }),
        offer(memory, INPUT, 0)), sleeps]),
  );
  assert.equal(input.step(), { kind: "asleep" });
  input.launcher.type(bytesOf("x"));
  assert.match((input.step() as { reason: string }).reason,
    /^console input queue: a buffer for what is typed is not writable/);
});

lives("^C is the Guest's like any other key, wherever the way out is", () => {
  const { launcher, step } = launch(cardboard([]));
  launcher.type(bytesOf("\x03\x03\x03"));
  assert.equal([step(), launcher.waiting()], [{ kind: "asleep" }, 3]);
});

lives("peaceful is what asked to be switched off, whatever it said", () => {
  const ends = (reason: string, poweroff: boolean): Outcome =>
    launch(cardboard([dies, because(reason, poweroff)])).step();
  assert.equal(ends("CRASH: Power down", true), { kind: "poweroff" });
  for (const words of ["Power down.", "Fatal exception", ""])
    assert.equal(ends(`CRASH: ${words}`, true), { kind: "poweroff", words });
  for (
    const reason of ["CRASH: Power down", "CRASH: VFS: Unable to mount root fs",
      "bad page table entry"]
  )
    assert.equal(ends(reason, false), { kind: "killed", reason });
});

lives(
  "a restart is a new life with the same settings, and keeps what was typed",
  () => {
    const host = cardboard([
      (memory) => (memory.write32(MB, 0), restarts(memory)),
    ], [starts, room(INPUT, 0, 8), ...powersOff]);
    const { launcher, step } = launch(host);
    launcher.type(bytesOf("again"));
    assert.equal(step(), { kind: "restarted" });
    assert.equal([host.opened, host.closed, host.memories.length], [2, 1, 2]);
    assert.is(host.memories[1].read32(MB), 0xfeeb9090);
    assert.equal(step(), { kind: "poweroff" });
    assert.is(text(host.memories[1].copyOut(0x9000, 5)), "again");
  },
);

lives("the dead stay dead, and the door is closed once", () => {
  const host = cardboard(powersOff);
  const { launcher, step } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  launcher.type(bytesOf("hello?"));
  assert.equal(step(), { kind: "poweroff" });
  assert.is(host.closed, 1);
});

lives("a step ends when its instructions are used up", () => {
  const knocks: Act = (memory) => (memory.write8(0x3000, 0), 0x3000);
  const host = cardboard(Array.from({ length: 50 }, () => knocks));
  const { launcher } = launch(host);
  assert.equal(launcher.step(10_000), { kind: "limit" });
  assert.is(host.retired(), 10_000);
});

lives("ringing for a Guest that died a moment ago is no mistake", () => {
  const host = cardboard([starts, room(INPUT, 0, 9), sleeps, ...powersOff]);
  let dead = false;
  const open = () => {
    const door = host.open();
    return {
      ...door,
      write: (words: readonly number[]) =>
        dead ? -Errno.ENOENT : door.write(words),
    };
  };
  const { launcher, step } = launch({ ...host, open });
  step();
  dead = true;
  launcher.type(bytesOf("x"));
  assert.equal([step(), launcher.waiting()], [{ kind: "poweroff" }, 0]);
});

lives("an order that is refused names itself", () => {
  const host = cardboard([]);
  const refusing: HostKernel = {
    ...host,
    open: () => ({ ...host.open(), write: () => -Errno.EINVAL }),
  };
  assert.is(messageOf(() => launch(refusing)),
    "/dev/lguest refused INITIALIZE: EINVAL");
  const { step } = launch(
    cardboard([() => ({ kind: "error", errno: Errno.EINVAL })]),
  );
  assert.is(messageOf(step), "/dev/lguest: a read failed with EINVAL");
});

lives.run();

const queues = suite("IV: queues whose owner wants you dead");

queues("a forged used index is written over, not believed", () => {
  const host = cardboard([starts, prints("a"),
    (memory) => (memory.write16(OUTPUT + 0x2002, 999), prints("b")(memory))]);
  launch(host).step();
  assert.is(host.memories[0].read16(OUTPUT + 0x2002), 2);
});

queues("what the Guest writes into its descriptor moves no queue", () => {
  const host = cardboard([
    (
      memory,
    ) => (memory.copyIn(RAM + 5, new Uint8Array(16).fill(0xff)),
      starts(memory)),
    prints("still here"),
    ...powersOff,
  ]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "still here");
});

queues.run();

const budgets = suite("IV: a budget is a budget");

/** A Host as before, whose memory counts the words that are touched. */
function counting(host: ReturnType<typeof cardboard>) {
  const work = { words: 0 };
  const counted = (memory: LauncherMemory): LauncherMemory => ({
    ...memory,
    ...Object.fromEntries(
      (["read8", "read16", "read32", "write8", "write16", "write32"] as const)
        .map((
          name,
        ) => [name,
          (a: number, b: number) => (work.words++, memory[name](a, b))]
        ),
    ),
    copyIn: (at,
      bytes) => (work.words += Math.ceil(bytes.length / 4),
        memory.copyIn(at, bytes)),
    copyOut: (at,
      length) => (work.words += Math.ceil(length / 4),
        memory.copyOut(at, length)),
  });
  return {
    work,
    host: { ...host, allocate: (size: number) => counted(host.allocate(size)) },
  };
}

const many = (count: number, act: Act) =>
  Array.from({ length: count }, () => act);

const pieces = (count: number, buffer: Buffer): Buffer[] =>
  Array.from({ length: count }, (_, n) => ({
    ...buffer,
    ...(n < count - 1 ? {} : { flags: (buffer.flags ?? 0) & 2 }),
  }));

/** Guests that keep their Launcher busy, and what they bring into memory. */
const nuisances: readonly [name: string,
  prepare: (memory: LauncherMemory) => void, act: Act][] = [
    ["empty pieces",
      (m) => crowd(m, OUTPUT, ...pieces(256, { at: 0, length: 0 })),
      moves(OUTPUT)],
    ["empty pieces for what is typed",
      (m) => crowd(m, INPUT, ...pieces(256, { at: 0, length: 0, flags: 3 })),
      moves(INPUT)],
    ["one that only moves an index",
      (m) => crowd(m, OUTPUT, { at: 0, length: 0 }), moves(OUTPUT)],
    ["single bytes", (m) => crowd(m, OUTPUT, { at: 0, length: 1 }),
      moves(OUTPUT)],
    ["all of RAM, 256 times", (m) => crowd(m, OUTPUT, { at: 0, length: RAM }),
      moves(OUTPUT)],
    ["all of RAM in 256 pieces, 256 times",
      (m) => crowd(m, OUTPUT, ...pieces(256, { at: 0, length: RAM / 256 })),
      moves(OUTPUT)],
    ["a text as long as RAM",
      (m) => m.copyIn(0x2000, new Uint8Array(RAM - 0x2000).fill(65)),
      () => 0x2000],
    ["a text of one letter", (m) => m.write16(0x2000, 65), () => 0x2000],
    ["an empty text", (m) => m.write8(0x2000, 0), () => 0x2000],
    ["resets", () => {}, (m) => (m.write8(RAM + 4, 0), RAM)],
  ];

budgets(
  "whatever a Guest asks for, a step ends in time, and no word is touched that was not paid for",
  () => {
    for (const [name, prepare, act] of nuisances) {
      const { work, host } = counting(
        cardboard([starts, (memory) => (prepare(memory), act(memory)),
          ...many(5000, act)]),
      );
      let shown = 0;
      const { launcher } = launch(host, {
        show: (bytes) => {
          assert.ok(bytes.length > 0 && bytes.length <= PORTION,
            `${name}: ${bytes.length} bytes in one go`);
          shown += bytes.length;
        },
      });
      launcher.type(new Uint8Array(100_000));
      launcher.step(20_000);
      work.words = -host.retired();
      for (let n = 0; n < 30; n++) {
        const before = host.retired();
        assert.equal(launcher.step(20_000), { kind: "limit" }, name);
        const took = host.retired() - before;
        assert.ok(took >= 20_000 && took < 26_000, `${name}: ${took} ticks`);
      }
      assert.ok(work.words <= host.retired(),
        `${name}: ${work.words} words more than ticks`);
      assert.ok(shown <= 4 * host.retired(), name);
    }
  },
);

/** A Guest's life in steps of `steps`, with a reader who is behind at each
 *  `slow`th portion: what it showed, when, and how it ended. */
function lived(acts: readonly Act[], steps: number, slow: number) {
  const host = cardboard(acts);
  const told: [tick: number, bytes: number][] = [];
  let shown = "", portions = 0, stops = 0;
  const { launcher } = launch(host, {
    show: (bytes) => {
      shown += text(bytes);
      told.push([host.retired(), bytes.length]);
      return ++portions % slow !== 0;
    },
  });
  launcher.type(
    bytesOf("typed before the boot, and more than one buffer holds"),
  );
  for (;;) {
    const at = host.retired(), outcome = launcher.step(steps);
    if (outcome.kind === "output") {
      stops++;
      assert.is(told.length, portions, "it stands still until it is stepped");
    } else if (outcome.kind !== "limit")
      return { shown, told, outcome, ticks: host.retired(), stops };
    assert.ok(outcome.kind === "output" || host.retired() >= at + steps);
  }
}

budgets(
  "while its reader is behind a Guest stands still, and its life is the same whoever reads",
  () => {
    const acts: Act[] = [starts, room(INPUT, 0, 5, 0, 9), room(INPUT, 8, 3),
      (
        memory,
      ) => (memory.copyIn(0x20000, new Uint8Array(50_000).fill(66)), 0x20000),
      prints("and now for something longer"), (memory) => {
      crowd(memory, OUTPUT, { at: 0x20000, length: 10_000 }, {
        at: 0x30000,
        length: 0,
      }, { at: 0x21000, length: 7 });
      return moves(OUTPUT, 9)(memory);
    }, ...powersOff];
    const { stops, ...whole } = lived(acts, 1e9, Infinity);
    assert.equal([stops, whole.outcome], [0, { kind: "poweroff" }]);
    assert.is(whole.shown.length, 28 + 50_000 + 9 * 10_007);
    for (const slow of [1, 2, 5, Infinity]) {
      const { stops, ...life } = lived(acts, 1e9, slow);
      assert.is(stops, Math.floor(whole.told.length / slow));
      assert.equal(life, whole);
    }
  },
);

budgets("a Guest that is born again and again gives everything back", () => {
  const host = cardboard(
    ...Array.from({ length: 50 }, () => [starts, restarts]),
    [starts, ...powersOff],
  );
  const open = new Set<number>();
  const { launcher } = launch({
    ...host,
    eventfd(signal) {
      const fd = host.eventfd(signal);
      open.add(fd);
      return fd;
    },
    close(fd) {
      assert.ok(open.delete(fd));
      host.close(fd);
    },
  });
  for (let n = 1; n <= 50; n++) {
    const before = host.retired();
    assert.equal(launcher.step(1e6), { kind: "restarted" });
    assert.ok(host.retired() - before > 4096, "a birth is work");
    assert.equal([open.size, host.opened, host.closed], [0, n + 1, n]);
  }
  assert.equal(launcher.step(1e6), { kind: "poweroff" });
  assert.is(open.size, 0);
});

budgets(
  "what is typed comes in portions, whole and in order, however much it is",
  () => {
    const letters = Uint8Array.from({ length: 30_000 }, (_, n) => n * 7 >> 3);
    const host = cardboard([starts, (memory) => (describe(memory, INPUT, 0, {
      at: 0x20000,
      length: 20_001,
      flags: 2,
    }),
      offer(memory, INPUT, 0)), sleeps, sleeps]);
    const { launcher, step } = launch(host);
    for (let n = 0; n < letters.length; n += 7001)
      launcher.type(letters.subarray(n, n + 7001));
    assert.is(launcher.waiting(), 30_000);
    assert.equal(step(), { kind: "asleep" });
    assert.is(launcher.waiting(), 9999);
    assert.equal(host.memories[0].copyOut(0x20000, 20_002),
      Uint8Array.of(...letters.subarray(0, 20_001), 0));
    assert.equal([host.memories[0].read32(INPUT + 0x2008), host.interrupts], [
      20_001,
      [1],
    ]);
  },
);

budgets.run();
