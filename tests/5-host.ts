// Chapter V, a landing at a time. There is no Switcher yet: an actor plays
// the Guest. Each time he is let in he plays one scene, which leaves the
// registers as a trap would have left them, and comes back.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Errno, Lhreq, type ReadResult } from "../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../tangled/abi/hypercalls.ts";
import { layout } from "../tangled/abi/memory-map.ts";
import { lguestData as Data } from "../tangled/abi/lguest-data.ts";
import { Reg } from "../tangled/abi/regs.ts";
import { buryGuest, createGuest } from "../tangled/host/birth.ts";
import { reg, setReg } from "../tangled/host/ground/guest.ts";
import type { Guest } from "../tangled/host/ground/state.ts";
import { allocateFrame, freeFrame } from "../tangled/host/ground/frames.ts";
import { createHost } from "../tangled/host/host.ts";
import { realGate } from "../tangled/host/interrupts.ts";
import { createHostKernel } from "../tangled/host/kernel.ts";
import { allocateMemory, freeMemory } from "../tangled/host/ground/launcher-memory.ts";
import { runGuest } from "../tangled/host/loop.ts";
import { copyFromPhys, copyToPhys, readPhys32 } from "../tangled/machine/ground/ram.ts";
import { Time } from "../tangled/machine/ground/state.ts";

const PAGE = 4096;
/** Where our Guests keep what they share with the Host. */
const DATA = 0x1000, DIRECTORY = 0x2000, TABLE = 0x3000, LOW = 0x4000, OTHER = 0x5000;
const KERNEL = 0xc0000000;
const TOP = layout.SWITCHER_ADDRESS;

// ---- the stage -------------------------------------------------------

/** What the Guest does when it is let in. */
type Scene = (guest: Guest) => void;
type Stage = ReturnType<typeof stage>;

/** A Guest of 64 pages that does as the script says. */
function stage(pages = 64, ramBytes = 4 << 20) {
  const script: Scene[] = [];
  const host = createHost({
    ramBytes,
    enter(guest, until) {
      guest.host.machine.time[Time.NOW] += 100;
      const scene = script.shift();
      if (scene) return scene(guest);
      setReg(guest, Reg.TRAPNUM, 32);
      guest.host.machine.time[Time.NOW] = until;
    },
  });
  const memory = allocateMemory(host, 0, pages * PAGE);
  const guest = createGuest(host, memory, pages, 0x10000);
  memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, KERNEL);
  memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(DATA + Data.LGUEST_DATA_HCALL_STATUS, new Uint8Array(64).fill(0xff));
  const play = (...scenes: Scene[]): ReadResult => {
    script.push(...scenes);
    return runGuest(guest, 200_000);
  };
  return { host, memory, guest, script, play };
}

const asks = (number: number, ...args: number[]): Scene => (guest) => {
  const where = [Reg.EAX, Reg.EBX, Reg.ECX, Reg.EDX, Reg.ESI];
  [number, ...args].forEach((word, n) => setReg(guest, where[n], word));
  setReg(guest, Reg.TRAPNUM, layout.LGUEST_TRAP_ENTRY);
};
const traps = (vector: number, code = 0, registers: readonly (readonly [Reg, number])[] = []): Scene => (guest) => {
  setReg(guest, Reg.TRAPNUM, vector);
  setReg(guest, Reg.ERRCODE, code);
  for (const [which, value] of registers) setReg(guest, which, value);
};
const faults = (address: number, code: number): Scene => (guest) => {
  guest.cr2 = address;
  traps(14, code)(guest);
};
const init = asks(Call.LHCALL_LGUEST_INIT, DATA);

/** A Guest that has introduced itself, and is still without tables. */
function introduced(pages = 64, ramBytes = 4 << 20) {
  const s = stage(pages, ramBytes);
  assert.equal(s.play(init), { kind: "interrupted" });
  return s;
}

/** A Guest with tables: its pages at KERNEL for itself, and at 0 for all. */
function settled(pages = 64, ramBytes = 4 << 20) {
  const s = introduced(pages, ramBytes);
  s.memory.write32(DIRECTORY + 768 * 4, TABLE | 0x67);
  s.memory.write32(DIRECTORY, LOW | 0x67);
  for (let page = 0; page < Math.min(pages, 1024); page++) {
    s.memory.write32(TABLE + page * 4, page * PAGE | 3);
    s.memory.write32(LOW + page * 4, page * PAGE | 7);
  }
  assert.equal(s.play(asks(Call.LHCALL_NEW_PGTABLE, DIRECTORY)), { kind: "interrupted" });
  return s;
}

/** Plays the scenes to a Guest's death, and gives the reason. */
function deathOf(s: Stage, ...scenes: Scene[]): string {
  assert.equal(s.play(...scenes), { kind: "error", errno: Errno.ENOENT });
  return s.guest.death!;
}
const lives = (s: Stage, ...scenes: Scene[]) =>
  assert.equal(s.play(...scenes), { kind: "interrupted" }, s.guest.death);
const data = ({ memory }: Stage, field: number) => memory.read32(DATA + field);

/** The entry that the shadow in use has for an address; 0: none. */
function shadowOf({ guest, host }: Stage, address: number, which = guest.current): number {
  const { directory } = guest.shadows[which];
  if (directory === 0) return 0;
  const table = readPhys32(host.machine, directory + (address >>> 22) * 4);
  if ((table & 1) === 0) return 0;
  return readPhys32(host.machine, ((table & ~4095) >>> 0) + ((address >>> 12) & 1023) * 4);
}

/** The message of what `action` throws. */
function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.instance(error, Error);
    return (error as Error).message;
  }
  return "nothing was thrown";
}

// ---- first landing ---------------------------------------------------

const splinters = suite("V: memory in splinters");

splinters("no two neighbours of a process are neighbours in the machine", () => {
  const { memory: { frames } } = stage();
  assert.is(new Set(frames).size, frames.length);
  frames.forEach((frame, page) => {
    assert.is(frame % PAGE, 0);
    assert.ok(frame >= 1 << 20, "the lowest megabyte is the Host's own");
    assert.is.not(frame, page * PAGE);
    assert.is.not(frame + PAGE, frames[page + 1]);
  });
});

splinters("every frame of RAM is given out, and once", () => {
  for (const megabytes of [2, 3, 7, 16]) {
    const { free } = createHost({ ramBytes: megabytes << 20 });
    assert.is(free.length, (megabytes - 1) * 256 - 2, "all but the Switcher's two");
    assert.is(new Set(free).size, free.length);
    assert.ok(free.every((frame) => frame >= 1 << 20 && frame < megabytes << 20));
  }
});

splinters("a frame that changes hands is wiped", () => {
  const host = createHost({ ramBytes: 2 << 20 });
  const frame = allocateFrame(host);
  copyToPhys(host.machine, frame, new Uint8Array(PAGE).fill(0x5a));
  freeFrame(host, frame);
  assert.is(allocateFrame(host), frame);
  assert.equal(copyFromPhys(host.machine, frame, PAGE), new Uint8Array(PAGE));
});

splinters("to its process, memory is in one piece", () => {
  const { memory } = stage();
  const bytes = Uint8Array.from({ length: 3 * PAGE }, (_, n) => (n * 7 + (n >> 8)) & 255);
  memory.copyIn(PAGE - 5, bytes);
  assert.equal(memory.copyOut(PAGE - 5, bytes.length), bytes);
  memory.write32(2 * PAGE - 2, 0x11223344);
  assert.is(memory.read32(2 * PAGE - 2), 0x11223344);
  assert.is(memory.read16(2 * PAGE - 1), 0x2233);
  assert.is(memory.read8(2 * PAGE + 1), 0x11);
  memory.write16(3 * PAGE - 1, 0xa1b2c3);
  assert.equal([...memory.copyOut(3 * PAGE - 1, 2)], [0xc3, 0xb2]);
  memory.write8(7, 0x1ff);
  assert.is(memory.read8(7), 0xff);
});

splinters("nobody reaches outside, not even with one foot", () => {
  const { memory } = stage(2);
  memory.copyIn(0, new Uint8Array(2 * PAGE).fill(1));
  const outside: (() => unknown)[] = [
    () => memory.read8(2 * PAGE), () => memory.read16(2 * PAGE - 1), () => memory.read32(2 * PAGE - 3),
    () => memory.read32(-4), () => memory.read32(NaN), () => memory.read8(0xffffffff),
    () => memory.write8(2 * PAGE, 9), () => memory.write16(2 * PAGE - 1, 9), () => memory.write32(2 * PAGE - 3, 9),
    () => memory.copyIn(PAGE, new Uint8Array(PAGE + 1)), () => memory.copyOut(0, -1), () => memory.copyOut(PAGE, 2 ** 32),
  ];
  for (const action of outside) {
    assert.throws(action, (error: unknown) => error instanceof RangeError);
    assert.ok(memory.copyOut(0, 2 * PAGE).every((byte) => byte === 1), `${action} wrote something`);
  }
});

splinters("whoever asks for more than there is gets a clear answer, and nothing else", () => {
  const host = createHost({ ramBytes: 2 << 20 });
  const before = host.free.length;
  assert.match(messageOf(() => allocateMemory(host, 0, 2 << 20)), /^the Host has 1016 KB left, not 2048$/);
  assert.is(host.free.length, before);
  freeMemory(host, allocateMemory(host, 0, 1016 << 10));
  assert.is(host.free.length, before);
});

splinters.run();

// ---- second landing --------------------------------------------------

const life = suite("V: a Guest, and its death");

life("a Guest is born with the registers that the contract names", () => {
  const { guest } = stage();
  for (const which of [Reg.EAX, Reg.EBX, Reg.ECX, Reg.EDX, Reg.ESI, Reg.EDI, Reg.EBP, Reg.ESP, Reg.FS, Reg.GS])
    assert.is(reg(guest, which), 0);
  for (const which of [Reg.DS, Reg.ES, Reg.SS]) assert.is(reg(guest, which), 0x69);
  assert.equal([Reg.CS, Reg.EFLAGS, Reg.EIP].map((r) => reg(guest, r)), [0x61, 0x202, 0x10000]);
});

life("and with two flat segments of ring 1, and no gate", () => {
  const { guest } = stage();
  const set = [...guest.gdt].flatMap((word, n) => (word === 0 ? [] : [[n, word]]));
  assert.equal(set, [[24, 0xffff], [25, 0x00cfbb00], [26, 0xffff], [27, 0x00cfb300]]);
  assert.ok(guest.gates.every((word) => word === 0));
});

life("the first reason for a death counts", () => {
  const s = introduced();
  const reason = deathOf(s, asks(3));
  assert.is(reason, "bad hypercall 3");
  assert.is(deathOf(s, asks(11)), reason);
});

life("before it has gates, any trap of its own is its last", () => {
  assert.is(deathOf(stage(), traps(6, 0, [[Reg.EIP, 0x1234]])), "unhandled trap 6 at 0x1234 (0x0)");
  assert.is(deathOf(stage(), traps(13, 0x68)), "unhandled trap 13 at 0x10000 (0x68)");
  assert.is(deathOf(introduced(), traps(256)), "unhandled trap 256 at 0x10000 (0x0)");
});

life("a trap 256 is its last even if it has every gate", () => {
  const s = settled();
  const gates = [...Array(256).keys()].map((v) => asks(Call.LHCALL_LOAD_IDT_ENTRY, v, 0, 0x8e00));
  s.play(...gates);
  assert.match(deathOf(s, traps(256)), /^unhandled trap 256 /);
});

life("an interrupt for the Host is none of the Guest's business", () => {
  const s = stage();
  lives(s, traps(32), traps(0x80), traps(255));
  assert.is(reg(s.guest, Reg.EIP), 0x10000);
});

life("burying a Guest gives back every frame that it cost", () => {
  const host = createHost({ ramBytes: 8 << 20 });
  const before = [...host.free].sort();
  for (let n = 0; n < 20; n++) {
    const s = settled();
    const memory = allocateMemory(host, 0, 64 * PAGE);
    memory.copyIn(0, s.memory.copyOut(0, 64 * PAGE));
    const guest = createGuest(host, memory, 64, 0);
    const script: Scene[] = [init, ...[DIRECTORY, OTHER, DIRECTORY].map((top) => asks(Call.LHCALL_NEW_PGTABLE, top)),
      ...[...Array(n).keys()].map((k) => faults(KERNEL + k * PAGE, 2)), faults(0x3000, 4)];
    Object.assign(host, { enter: (g: Guest) => script.shift()!(g) });
    assert.throws(() => runGuest(guest, 1e6), /script|not a function/);
    buryGuest(guest);
    freeMemory(host, memory);
    assert.is(guest.death, "closed");
  }
  assert.equal([...host.free].sort(), before);
});

life.run();

// ---- third landing ---------------------------------------------------

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
  Object.assign(s.host, { enter(guest: Guest, until: number) {
    stays.push(until - guest.host.machine.time[Time.NOW]);
    guest.host.machine.time[Time.NOW] = until;
    setReg(guest, Reg.TRAPNUM, 32);
  } });
  runGuest(s.guest, 350_000);
  assert.equal(stays, [100_000, 100_000, 100_000, 100_000]);
});

loop("every entry lets a Guest get something done, however soon its timer is due", () => {
  const s = stage();
  s.guest.alarm = s.host.machine.time[Time.NOW] + 1;
  const untils: number[] = [];
  Object.assign(s.host, { enter(guest: Guest, until: number) {
    untils.push(until - guest.host.machine.time[Time.NOW]);
    guest.host.machine.time[Time.NOW] += 1;
    setReg(guest, Reg.TRAPNUM, 32);
  } });
  assert.equal(runGuest(s.guest, 1), { kind: "interrupted" });
  assert.equal(untils, [500]);
  assert.equal(runGuest(s.guest, 0), { kind: "interrupted" });
  assert.is(untils.length, 1);
});

loop("a NOTIFY goes to its eventfd, and to the Launcher if it has none", () => {
  const s = introduced();
  let kicks = 0;
  s.guest.eventfds.set(0x5000, () => { kicks++; });
  const notify = (address: number) => asks(Call.LHCALL_NOTIFY, address);
  for (const n of [1, 2]) {
    const before = s.host.machine.time[Time.NOW];
    assert.equal(s.play(notify(0x5000)), { kind: "interrupted" });
    assert.is(kicks, n);
    assert.ok(s.host.machine.time[Time.NOW] - before < 1000, "at once");
  }
  assert.equal(s.play(notify(0x6000)), { kind: "notify", address: 0x6000 });
  lives(s, notify(0));
  assert.equal(s.play(notify(0xfffffffc)), { kind: "notify", address: 0xfffffffc });
});

loop("a halted Guest sleeps until its timer is due, and not a tick longer", () => {
  const s = introduced();
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  let woken = 0, armed = 0;
  lives(s, asks(Call.LHCALL_LOAD_IDT_ENTRY, 32, 0x8000, 0x8e00), traps(32, 0, [[Reg.ESP, 0x9000]]), (guest) => {
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
    assert.equal(s.play(...(n === 1 ? [asks(Call.LHCALL_HALT)] : [])), { kind: "interrupted" });
    assert.is(s.host.machine.time[Time.NOW] - before, n * 200_000);
  }
  s.host.machine.time[Time.NOW] = s.guest.alarm;
  lives(s);
  assert.not(s.guest.halted);
});

loop("SET_CLOCKEVENT with 0 disarms the timer", () => {
  const s = introduced();
  assert.equal(s.play(asks(Call.LHCALL_SET_CLOCKEVENT, 1000), asks(Call.LHCALL_SET_CLOCKEVENT, 0), asks(Call.LHCALL_HALT)),
    { kind: "asleep" });
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

loop("a Guest that halts where no interrupt may strike does not hang the Host", () => {
  const s = stage();
  s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_START, 0x10000);
  s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_END, 0x10010);
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  lives(s, init);
  s.guest.irqs = 2;
  lives(s, asks(Call.LHCALL_HALT));
});

loop.run();

// ---- fourth landing --------------------------------------------------

const calls = suite("V: hypercalls");

calls("nothing comes before LGUEST_INIT", () => {
  for (const number of [0, 2, 4, 10, 17, 99]) {
    const s = stage();
    assert.is(deathOf(s, asks(number, DATA)), `hypercall ${number} before LGUEST_INIT`);
  }
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
  for (const address of [last + 1, 64 * PAGE, 0x7ffff000, 0xfffffff0, 0xffffffff])
    assert.is(deathOf(stage(), asks(1, address)), `bad address 0x${address.toString(16)}`);
  const s = stage();
  s.memory.write32(last + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  lives(s, asks(1, last));
});

calls("the limit is what INITIALIZE said, not what the Launcher has", () => {
  const s = stage();
  const guest = createGuest(s.host, s.memory, 2, 0);
  s.script.push(asks(1, 2 * PAGE - Data.LGUEST_DATA_SIZE + 4));
  runGuest(guest, 1000);
  assert.is(guest.death, "bad address 0x1a94");
});

calls("LGUEST_INIT wants 0x80 as the system call, and a kernel below the Switcher", () => {
  const vector = stage();
  vector.memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x40);
  assert.is(deathOf(vector, init), "bad syscall vector");
  const address = stage();
  address.memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, TOP);
  assert.is(deathOf(address, init), "bad kernel address");
  const just = stage();
  just.memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, TOP - 1);
  lives(just, init);
});

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
  assert.is(words(...utf8("Tsch\xfcss \u2014 \u4f60\u597d")), "CRASH: Tsch\xfcss \u2014 \u4f60\u597d");
  assert.is(words(...utf8(`a${"\xfc".repeat(64)}`)), `CRASH: a${"\xfc".repeat(63)}`, "cut in the middle of a letter");
  assert.is(words(0x61, 0xff, 0xc3, 0x62, 0x80), "CRASH: a\ufffd\ufffdb\ufffd");
});

calls("SHUTDOWN reads 128 bytes, and they have to be there", () => {
  const at = 64 * PAGE - 127;
  assert.is(deathOf(introduced(), asks(2, at, 1)), `bad address 0x${at.toString(16)}`);
  assert.is(deathOf(introduced(), asks(2, at - 1, 1)), "CRASH: ");
  assert.is(deathOf(introduced(), asks(2, 0xffffffff, 1)), "bad address 0xffffffff");
});

calls("SHUTDOWN with reason 1 asks to be switched off, with any other it does not, whatever the text", () => {
  for (const text of ["Power down", "Kernel panic", ""])
    for (const reason of [0, 1, 2, 3, 0xffffffff]) {
      const s = introduced();
      s.memory.copyIn(0x8000, new TextEncoder().encode(`${text}\0`));
      s.play(asks(2, 0x8000, reason));
      assert.equal([s.guest.poweroff, s.guest.death], [reason === 1, `CRASH: ${text}`]);
    }
});

calls("SHUTDOWN with reason 2 asks for another life, with any other it does not", () => {
  const again = introduced();
  assert.equal(again.play(asks(2, 0x8000, 2)), { kind: "error", errno: Errno.ERESTART });
  for (const reason of [0, 1, 3, 0xffffffff]) assert.is(deathOf(introduced(), asks(2, 0x8000, reason)), "CRASH: ");
});

calls("TS is remembered, and an FPU trap is the Guest's only if it is set", () => {
  const s = introduced();
  lives(s, asks(Call.LHCALL_TS, 8));
  assert.ok(s.guest.ts);
  lives(s, asks(Call.LHCALL_TS, 0), traps(7));
  assert.not(s.guest.ts);
  assert.match(deathOf(s, asks(Call.LHCALL_TS, 8), traps(7)), /^unhandled trap 7 /);
});

calls.run();

const ring = suite("V: the ring of calls that could wait");

/** Puts calls into the ring, from `slot` on. */
function queue({ memory }: Stage, slot: number, ...entries: number[][]): void {
  for (const [n, words] of entries.entries()) {
    const at = (slot + n) % 64;
    words.forEach((word, k) => memory.write32(DATA + Data.LGUEST_DATA_HCALLS + at * 20 + k * 4, word));
    memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + at, 0);
  }
}
const statusOf = ({ memory }: Stage) => [...memory.copyOut(DATA + Data.LGUEST_DATA_HCALL_STATUS, 64)];
const gateCall = (vector: number, handler: number) => [Call.LHCALL_LOAD_IDT_ENTRY, vector, handler, 0x8e00];

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
    queue(s, round * 50, ...Array.from({ length: 50 }, (_, n) => gateCall(9, round * 50 + n)));
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

ring("a NOTIFY in it goes to the Launcher first; ring and call wait for its return", () => {
  const s = introduced();
  queue(s, 0, gateCall(3, 1), [Call.LHCALL_NOTIFY, 0x7000], gateCall(3, 2), [Call.LHCALL_NOTIFY, 0x8000]);
  const direct = asks(Call.LHCALL_LOAD_IDT_ENTRY, 3, 3, 0x8e00);
  assert.equal(s.play(direct), { kind: "notify", address: 0x7000 });
  assert.is(s.guest.gates[6] & 0xffff, 1);
  assert.equal(statusOf(s).slice(0, 4), [0xff, 0xff, 0, 0]);
  assert.equal(s.play(), { kind: "notify", address: 0x8000 });
  assert.is(s.guest.gates[6] & 0xffff, 2);
  lives(s);
  assert.is(s.guest.gates[6] & 0xffff, 3);
});

ring("every call in it costs ticks, and the rest of them wait when the read's time is up", () => {
  const s = introduced();
  queue(s, 0, ...Array.from({ length: 64 }, (_, n) => gateCall(64 + n, 1)));
  s.script.push(asks(Call.LHCALL_LOAD_IDT_ENTRY, 200, 1, 0x8e00));
  const loaded = () => [...s.guest.gates].filter((word, n) => n % 2 === 0 && word !== 0).length;
  for (let reads = 1, before = s.host.machine.time[Time.NOW]; loaded() < 65; reads++) {
    assert.ok(reads < 30, `${loaded()} gates after ${reads} reads`);
    assert.equal(runGuest(s.guest, 100), { kind: "interrupted" });
    assert.ok(loaded() * 20 <= s.host.machine.time[Time.NOW] - before + 20);
  }
  assert.ok(statusOf(s).every((status) => status === 0xff));
});

ring("what takes longer than the way through the door costs more", () => {
  const s = settled();
  const price = (...call: [number, ...number[]]) => {
    const at: number[] = [];
    const clock: Scene = (guest) => { at.push(guest.host.machine.time[Time.NOW]), traps(32)(guest); };
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

ring("even one that is filled again while it is emptied comes to an end", () => {
  const s = introduced();
  let heard = 0;
  s.guest.eventfds.set(0x7000, () => { s.memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + heard++ % 64, 0); });
  for (let slot = 0; slot < 64; slot++) queue(s, slot, [Call.LHCALL_NOTIFY, 0x7000]);
  s.script.push(asks(Call.LHCALL_HALT));
  for (let n = 0; !s.guest.halted; n++) {
    assert.ok(n < 100);
    runGuest(s.guest, 1e5);
  }
  assert.is(heard, 64);
});

ring("a NOTIFY in it that an eventfd waits for ends the read, and the rest waits", () => {
  const s = introduced();
  const heard: number[] = [];
  s.guest.eventfds.set(0x7000, () => heard.push(s.guest.gates[6] & 0xffff));
  queue(s, 0, gateCall(3, 1), [Call.LHCALL_NOTIFY, 0x7000], gateCall(3, 2));
  assert.equal(s.play(asks(Call.LHCALL_NOTIFY, 0x9000)), { kind: "interrupted" });
  assert.equal(heard, [1]);
  assert.is(s.guest.gates[6] & 0xffff, 1);
  assert.equal(s.play(), { kind: "notify", address: 0x9000 });
  assert.is(s.guest.gates[6] & 0xffff, 2);
});

ring("HALT, SHUTDOWN and INIT work from it as well", () => {
  const s = introduced();
  queue(s, 0, [Call.LHCALL_HALT]);
  assert.equal(s.play(asks(Call.LHCALL_FLUSH_ASYNC)), { kind: "asleep" });
  queue(s, 1, [Call.LHCALL_SHUTDOWN, 0x8000, 1]);
  s.guest.halted = false;
  assert.is(deathOf(s, asks(Call.LHCALL_FLUSH_ASYNC)), "CRASH: ");
  const twice = introduced();
  queue(twice, 0, [Call.LHCALL_LGUEST_INIT, DATA]);
  assert.is(deathOf(twice, asks(Call.LHCALL_FLUSH_ASYNC)), "second LGUEST_INIT");
});

ring("the introduction itself does not look into it", () => {
  const s = stage();
  queue(s, 0, gateCall(3, 7));
  lives(s, init);
  assert.is(s.guest.gates[7], 0);
});

ring.run();

const oldHabits = suite("V: old habits of kernels");

/** Lets instruction bytes fault with code 0 at the entry, in a ring. */
function habit(s: Stage, bytes: number[], cs = 0x61, at = 0x10000) {
  s.memory.copyIn(at, new Uint8Array(bytes));
  const scene = traps(13, 0, [[Reg.EIP, at], [Reg.EAX, 0x12345678], [Reg.CS, cs]]);
  return s.play(scene);
}

const PORTS: readonly [bytes: number[], eax: number][] = [
  [[0xe4, 0x60], 0x123456ff], [[0xe5, 0x60], 0xffffffff], [[0xec], 0x123456ff], [[0xed], 0xffffffff],
  [[0x66, 0xe4, 0x60], 0x123456ff], [[0x66, 0xe5, 0x60], 0x1234ffff], [[0x66, 0xed], 0x1234ffff], [[0x66, 0xec], 0x123456ff],
  [[0xe6, 0x80], 0x12345678], [[0xe7, 0x80], 0x12345678], [[0xee], 0x12345678], [[0xef], 0x12345678],
  [[0x66, 0xe7, 0x80], 0x12345678], [[0x66, 0xef], 0x12345678], [[0xfa], 0x12345678],
];

oldHabits("ports read all ones and swallow everything, and cli is skipped", () => {
  for (const [bytes, eax] of PORTS) {
    const s = introduced();
    s.memory.write32(DATA, 0x200);
    assert.equal(habit(s, bytes), { kind: "interrupted" });
    assert.is(reg(s.guest, Reg.EAX), eax, `${bytes}`);
    assert.is(reg(s.guest, Reg.EIP), 0x10000 + bytes.length, `${bytes}`);
    assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), 0x200, "cli changes nothing");
  }
});

oldHabits("everything else is the Guest's own fault", () => {
  const others = [[0x66, 0xfa], [0xfb], [0xf4], [0x66, 0x66, 0xe5, 0x60], [0x2e, 0xec], [0xf3, 0xec], [0x6c], [0x0f, 0x20, 0xc0], [0xe8]];
  for (const bytes of others) {
    const s = introduced();
    assert.equal(habit(s, bytes), { kind: "error", errno: Errno.ENOENT });
    assert.is(s.guest.death, "unhandled trap 13 at 0x10000 (0x0)");
  }
});

oldHabits("only the Guest's kernel has them, and only when the error code is 0", () => {
  for (const cs of [0x73, 0x60, 0x62]) assert.equal(habit(introduced(), [0xfa], cs).kind, "error");
  const s = introduced();
  s.memory.write8(0x10000, 0xfa);
  assert.is(deathOf(s, traps(13, 8)), "unhandled trap 13 at 0x10000 (0x8)");
});

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
  assert.is(deathOf(settled(), traps(13, 0, [[Reg.EIP, 0x80000000]])), "bad address 0x80000000");
  assert.is(deathOf(introduced(), traps(13, 0, [[Reg.EIP, 0xffffffff]])), "bad address 0xffffffff");
  const s = settled();
  s.memory.write8(63 * PAGE + 4095, 0x66);
  assert.is(deathOf(s, traps(13, 0, [[Reg.EIP, KERNEL + 64 * PAGE - 1]])), `bad address 0xc0040000`);
});

oldHabits.run();

// ---- fifth landing ---------------------------------------------------

const gates = suite("V: gates");

const loadGate = (vector: number, low: number, high: number) => asks(Call.LHCALL_LOAD_IDT_ENTRY, vector, low, high);
const gateOf = ({ guest }: Stage, vector: number) => [guest.gates[vector * 2], guest.gates[vector * 2 + 1]];
const STUB = 0xffc00123, LGUEST_CS = 0x50;
const real = ({ guest }: Stage, vector: number) => [...realGate(guest, vector, STUB, LGUEST_CS)];
const stub = (dpl: number) => [0x00500123, (0xffc00000 | 0x8e00 | dpl << 13) >>> 0];

gates("of a gate, address, type, DPL and presence are taken; the selector is ours", () => {
  const s = introduced();
  lives(s, loadGate(3, 0xbeef5678, 0x1234eeff), loadGate(4, 0x00081111, 0xc0228f00));
  assert.equal(gateOf(s, 3), [0x00615678, 0x1234ee00]);
  assert.equal(gateOf(s, 4), [0x00611111, 0xc0228f00]);
  lives(s, loadGate(3, 0xffffffff, 0xffff0000));
  assert.equal(gateOf(s, 3), [0, 0], "one that is not present is nothing");
});

gates("four vectors are not to be had, whatever is in the gate", () => {
  const s = introduced();
  for (const vector of [2, 8, 15, 31]) {
    lives(s, loadGate(vector, 0x1234, 0x8e00), loadGate(vector, 0, 0x8500));
    assert.equal(gateOf(s, vector), [0, 0]);
  }
});

gates("there are 256 of them", () => {
  const s = introduced();
  lives(s, loadGate(255, 1, 0x8e00));
  for (const vector of [256, 0x80000003, 0xffffffff])
    assert.is(deathOf(introduced(), loadGate(vector, 0, 0)), `bad IDT entry ${vector}`);
});

gates("a gate of any other type is a death, unless it is not present", () => {
  for (let type = 0; type < 32; type++) {
    const s = introduced();
    lives(s, loadGate(3, 0, type << 8));
    if (type === 14 || type === 15) lives(s, loadGate(3, 0, 0x8000 | type << 8));
    else assert.is(deathOf(s, loadGate(3, 0, 0x8000 | type << 8)), `bad IDT entry 3: type ${type}`);
  }
});

gates("a trap gate for an exception or the system call is real; nothing else is", () => {
  const s = introduced();
  for (let vector = 0; vector < 256; vector++) lives(s, loadGate(vector, 0x5678, 0xc000ef00));
  for (let vector = 0; vector < 256; vector++) {
    const never = [2, 7, 8, 13, 14, 15, 31].includes(vector);
    const direct = !never && (vector < 32 || vector === 0x80);
    if (direct) assert.equal(real(s, vector), [0x00615678, 0xc000ef00], `vector ${vector}`);
    else assert.equal(real(s, vector), stub(vector === 31 ? 1 : 0), `vector ${vector}`);
  }
});

gates("an interrupt gate never is, for the processor would turn interrupts off", () => {
  const s = introduced();
  for (let vector = 0; vector < 256; vector++) lives(s, loadGate(vector, 0x5678, 0xc000ee00));
  for (let vector = 0; vector < 256; vector++) assert.is(real(s, vector)[0], stub(0)[0]);
  assert.equal(real(s, 3), stub(3), "but programs may knock if their kernel says so");
  assert.equal(real(s, 0x80), stub(3));
  assert.equal(real(s, 14), stub(0), "at a door that only the Host opens they may not");
  assert.equal(real(s, 0x21), stub(0));
});

gates("without a gate, there is the Host's stub, and only the hypercall's is for ring 1", () => {
  const s = introduced();
  for (let vector = 0; vector < 256; vector++) assert.equal(real(s, vector), stub(vector === 31 ? 1 : 0));
  lives(s, loadGate(3, 0, 0x6e00));
  assert.equal(real(s, 3), stub(0), "nor does the DPL of an absent one count");
});

gates.run();

const frames = suite("V: frames made by hand");

/** A Guest with a handler at 0xc0008000 for all its traps. */
function handling(type = 0x8e00) {
  const s = settled();
  for (const vector of [0, 3, 6, 10, 11, 12, 13, 14, 17, 32, 33])
    lives(s, loadGate(vector, 0x8000, (KERNEL | type) >>> 0));
  lives(s, asks(Call.LHCALL_SET_STACK, 0x69, KERNEL + 0x20000, 2));
  return s;
}
/** The words on the stack, by the Guest's own tables. */
const stackOf = (s: Stage, count: number) =>
  Array.from({ length: count }, (_, n) => s.memory.read32(reg(s.guest, Reg.ESP) - KERNEL + n * 4));
const fromKernel: [Reg, number][] = [
  [Reg.CS, 0x61], [Reg.SS, 0x69], [Reg.EIP, 0xc0001234], [Reg.ESP, KERNEL + 0x9000], [Reg.EFLAGS, 0x246],
];
const fromProgram: [Reg, number][] = [[Reg.CS, 0x73], [Reg.SS, 0x7b], [Reg.EIP, 0x400], [Reg.ESP, 0x9000], [Reg.EFLAGS, 0x293]];

frames("from ring 1, the frame goes to the stack in use", () => {
  const s = handling();
  lives(s, traps(6, 0, fromKernel));
  assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)), [0x61, 0xc0008000, 0x69, KERNEL + 0x9000 - 12]);
  assert.equal(stackOf(s, 3), [0xc0001234, 0x61, 0x46]);
});

frames("from ring 3, it goes to the stack of SET_STACK, with the program's own", () => {
  const s = handling();
  lives(s, traps(6, 0, fromProgram));
  assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)), [0x61, 0xc0008000, 0x69, KERNEL + 0x20000 - 20]);
  assert.equal(stackOf(s, 5), [0x400, 0x73, 0x93, 0x9000, 0x7b]);
});

frames("it is ss that says where the Guest came from", () => {
  const s = handling();
  lives(s, traps(6, 0, [...fromKernel, [Reg.SS, 0x7b], [Reg.ESP, 0x700]]));
  assert.equal(stackOf(s, 5), [0xc0001234, 0x61, 0x46, 0x700, 0x7b]);
});

frames("those exceptions that have an error code push it, unchanged", () => {
  for (const [vector, count] of [[0, 3], [3, 3], [6, 3], [10, 4], [11, 4], [12, 4], [13, 4], [17, 4]] as const) {
    const s = handling();
    lives(s, traps(vector, 0xabcd, fromKernel));
    assert.is(KERNEL + 0x9000 - reg(s.guest, Reg.ESP), count * 4, `vector ${vector}`);
    if (count === 4) assert.is(stackOf(s, 1)[0], 0xabcd);
  }
});

frames("the flags show the Guest's interrupt flag, not the real one", () => {
  for (const enabled of [0, 0x200, 0xffffffff]) {
    const s = handling();
    s.memory.write32(DATA, enabled);
    lives(s, traps(6, 0, fromKernel));
    assert.is(stackOf(s, 3)[2], enabled === 0 ? 0x46 : 0x246);
    assert.is(reg(s.guest, Reg.EFLAGS) & 0x200, 0x200, "which stays on");
  }
});

frames("an interrupt gate turns the Guest's interrupts off, a trap gate does not", () => {
  for (const [type, after] of [[0x8e00, 0], [0x8f00, 0x200]] as const) {
    const s = handling(type);
    s.memory.write32(DATA, 0x200);
    lives(s, traps(13, 8, fromKernel));
    assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), after);
  }
});

frames("a handler starts without TF, NT, RF and VM, and the frame keeps them", () => {
  const s = handling();
  lives(s, traps(6, 0, [...fromProgram, [Reg.EFLAGS, 0x34346]]));
  assert.is(reg(s.guest, Reg.EFLAGS), 0x34346 & ~0x34100);
  assert.is(stackOf(s, 3)[2], 0x34146);
});

frames("each push finds its own page, even half a word at a time", () => {
  for (const below of [0, 1, 2, 3, 4, 8]) {
    const s = handling();
    s.memory.write32(TABLE + 40 * 4, 50 * PAGE | 3);
    s.memory.write32(TABLE + 41 * 4, 45 * PAGE | 3);
    lives(s, traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE + below]]));
    const high = s.memory.copyOut(45 * PAGE, below), low = s.memory.copyOut(51 * PAGE - (12 - below), 12 - below);
    const frame = new DataView(new Uint8Array([...low, ...high]).buffer);
    assert.equal([0, 4, 8].map((at) => frame.getUint32(at, true)), [0xc0001234, 0x61, 0x46], `${below} above`);
  }
});

frames("a frame needs only the pages that it touches", () => {
  const s = handling();
  s.memory.write32(TABLE + 41 * 4, 0);
  lives(s, traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]]));
  assert.equal(s.memory.read32(41 * PAGE - 12), 0xc0001234);
});

frames("where there is no stack, the Guest dies, and no one else's memory is touched", () => {
  const none = handling();
  none.memory.write32(TABLE + 40 * 4, 0);
  assert.is(deathOf(none, traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]])), "bad address 0xc0028ffc");
  const outside = handling();
  outside.memory.write32(TABLE + 40 * 4, 64 * PAGE | 3);
  assert.match(deathOf(outside, traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]])), /^bad address/);
  const never = introduced();
  never.guest.gates.set([0x8000, 0x8e00], 12);
  assert.match(deathOf(never, traps(6, 0, fromProgram)), /^bad address 0xfffffffc/);
});

frames("a page fault leaves its address for the Guest", () => {
  const s = handling();
  lives(s, traps(32, 0, fromKernel), faults(0x12345678, 2));
  assert.is(data(s, Data.LGUEST_DATA_CR2), 0x12345678);
  assert.equal(stackOf(s, 2), [2, 0xc0001234]);
});

frames("without a gate for it, the obituary names it", () => {
  const s = settled();
  assert.is(deathOf(s, faults(0x12345678, 6)), "unhandled trap 14 at 0x10000 (0x12345678)");
});

frames.run();

const interrupts = suite("V: interrupts");

/** A Guest with all the gates for devices, interrupts on, nothing masked. */
function awaiting() {
  const s = handling();
  for (let irq = 0; irq < 32; irq++) lives(s, loadGate(32 + irq, 0xa000 + irq * 16, (KERNEL | 0x8e00) >>> 0));
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  s.memory.write32(DATA, 0x200);
  lives(s, traps(32, 0, fromKernel));
  return s;
}
const handlerOf = (irq: number) => KERNEL + 0xa000 + irq * 16;

interrupts("the lowest that is due goes first, the others wait for the Guest", () => {
  const s = awaiting();
  s.guest.irqs = 1 << 5 | 1 << 9 | 1 << 31;
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), handlerOf(5));
  assert.is(s.guest.irqs >>> 0, 0x80000200);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), 0);
  assert.equal(stackOf(s, 3), [0xc0001234, 0x61, 0x246]);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0x200, "and a note says so");
  for (const irq of [9, 31]) {
    s.memory.write32(DATA, 0x200);
    lives(s);
    assert.is(reg(s.guest, Reg.EIP), handlerOf(irq));
  }
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0, "until nothing waits any more");
});

interrupts("one that is masked waits, and leaves no note", () => {
  const s = awaiting();
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0x20);
  s.memory.write32(DATA, 0);
  s.guest.irqs = 0x20;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0);
  assert.is(reg(s.guest, Reg.EIP), 0xc0001234);
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  s.memory.write32(DATA, 0x200);
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), handlerOf(5));
});

interrupts("with interrupts off there is only a note", () => {
  const s = awaiting();
  s.memory.write32(DATA, 0);
  s.guest.irqs = 2;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0x200);
  assert.is(s.guest.irqs, 2);
  s.memory.write32(DATA, 0x200);
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0);
});

interrupts("none strikes in the Guest's way out, from its first byte to before its last", () => {
  for (const [eip, strikes] of [[0xc0001ffe, true], [0xc0001fff, false], [0xc0002001, false], [0xc0002002, true]] as const) {
    const s = awaiting();
    s.guest.noirq = [0xc0001fff, 0xc0002002];
    s.memory.write32(DATA, 0);
    lives(s, traps(32, 0, [[Reg.EIP, eip]]));
    s.guest.irqs = 2;
    lives(s);
    assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), strikes ? 0x200 : 0, "not even with a note");
    s.memory.write32(DATA, 0x200);
    lives(s);
    assert.is(reg(s.guest, Reg.EIP), strikes ? handlerOf(1) : eip);
  }
});

interrupts("a halted Guest is woken though its interrupts are off", () => {
  const s = awaiting();
  s.memory.write32(DATA, 0);
  assert.equal(s.play(asks(Call.LHCALL_HALT)), { kind: "asleep" });
  s.guest.irqs = 8;
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), handlerOf(3));
  assert.is(stackOf(s, 3)[2], 0x246, "as by sti; hlt");
});

interrupts("one without a gate stays pending", () => {
  const s = awaiting();
  lives(s, loadGate(34, 0, 0));
  s.guest.irqs = 4;
  lives(s);
  assert.is(s.guest.irqs, 4);
  lives(s, loadGate(34, 0x7000, (KERNEL | 0x8e00) >>> 0));
  assert.is(reg(s.guest, Reg.EIP), 0xc0007000);
});

interrupts("a program is interrupted on its kernel's stack", () => {
  const s = awaiting();
  lives(s, traps(32, 0, fromProgram));
  s.guest.irqs = 2;
  lives(s);
  assert.equal(stackOf(s, 5), [0x400, 0x73, 0x293, 0x9000, 0x7b]);
});

interrupts("each brings the time of day", () => {
  const s = awaiting();
  s.host.machine.time[Time.NOW] = 700_000_000;
  s.guest.irqs = 2;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_TIME_SEC), 1_191_196_807);
  assert.ok(data(s, Data.LGUEST_DATA_TIME_NSEC) < 100_000);
});

interrupts("the timer is interrupt 0, once", () => {
  const s = awaiting();
  lives(s, asks(Call.LHCALL_SET_CLOCKEVENT, 10_000));
  assert.is(reg(s.guest, Reg.EIP), handlerOf(0));
  assert.is(s.guest.alarm, Infinity);
  s.memory.write32(DATA, 0x200);
  setReg(s.guest, Reg.EIP, 0xc0001234);
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), 0xc0001234);
});

interrupts("before LGUEST_INIT there are none", () => {
  const s = stage();
  s.guest.irqs = -1;
  lives(s);
  assert.is(s.guest.irqs, -1);
});

interrupts.run();

// ---- sixth landing ---------------------------------------------------

const believing = suite("V: pages, step one: whom to believe");

believing("a directory's entry may have the flags of 0x67, and name a page that the Guest has", () => {
  const told: [number, string?][] = [
    [TABLE | 1], [TABLE | 0x67], [TABLE | 0x87, "0x3087"], [TABLE | 0x107, "0x3107"], [TABLE | 0x207, "0x3207"],
    [TABLE | 0x0f, "0x300f"], [TABLE | 0x17, "0x3017"], [64 * PAGE | 7, "0x40007"], [0xfffff067, "0xfffff067"],
  ];
  for (const [entry, bad] of told) {
    const s = settled();
    s.memory.write32(DIRECTORY + 512 * 4, entry);
    if (bad) assert.is(deathOf(s, faults(0x80005000, 0)), `bad page directory entry ${bad}`);
    else lives(s, faults(0x80005000, 0));
  }
});

believing("a table's entry may have any flag but one, and name a page that the Guest has", () => {
  const told: [number, string?][] = [
    [5 * PAGE | 1], [5 * PAGE | 0xf7f], [5 * PAGE | 0x81, "0x5081"], [63 * PAGE | 3],
    [64 * PAGE | 3, "0x40003"], [0x7ffff003, "0x7ffff003"], [0xfffff003, "0xfffff003"],
  ];
  for (const [entry, bad] of told) {
    const s = settled();
    s.memory.write32(TABLE + 5 * 4, entry);
    if (bad) assert.is(deathOf(s, faults(KERNEL + 0x5000, 0)), `bad page table entry ${bad}`);
    else lives(s, faults(KERNEL + 0x5000, 0));
  }
});

believing("a directory must be one of the Guest's pages", () => {
  lives(settled(), asks(Call.LHCALL_NEW_PGTABLE, 63 * PAGE));
  assert.is(deathOf(settled(), asks(Call.LHCALL_NEW_PGTABLE, 64 * PAGE)), "bad page 0x40");
  assert.is(deathOf(settled(), asks(Call.LHCALL_NEW_PGTABLE, 0xfffff000)), "bad page 0xfffff");
});

believing("entries that are not present are nobody's business", () => {
  const s = handling();
  s.memory.write32(TABLE + 5 * 4, 0xfffffffe);
  s.memory.write32(DIRECTORY + 512 * 4, 0xfffffffe);
  lives(s, traps(32, 0, fromKernel), faults(KERNEL + 0x5000, 0), faults(0x80000000, 0));
  assert.is(data(s, Data.LGUEST_DATA_CR2), 0x80000000);
});

believing.run();

const filling = suite("V: pages, step three: filling");

/** Whether a fault was satisfied; else the Guest has been told of it. */
function isFilled(s: Stage, address: number, code: number): boolean {
  s.memory.write32(DATA + Data.LGUEST_DATA_CR2, 1);
  lives(s, traps(32, 0, fromKernel), faults(address, code));
  return data(s, Data.LGUEST_DATA_CR2) === 1;
}
const frameAt = ({ memory }: Stage, page: number) => memory.frames[page];

filling("before it has tables, every page of the Guest is itself", () => {
  const s = introduced();
  lives(s, faults(0x5123, 0), faults(0x6123, 2));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x21);
  assert.is(shadowOf(s, 0x6000), frameAt(s, 6) | 0x63);
  assert.is(deathOf(s, faults(64 * PAGE, 0)), "bad page table entry 0x40003");
  assert.is(deathOf(introduced(), faults(0xf0000000, 0)), "bad page table entry 0xf0000003");
});

filling("and its pages are not for programs", () => {
  assert.match(deathOf(introduced(), faults(0x5000, 4)), /^unhandled trap 14 /);
});

filling("a page that was only read is entered read-only, and the first write notes it", () => {
  const s = handling();
  assert.ok(isFilled(s, KERNEL + 0x5123, 0));
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x21);
  assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 0x23);
  assert.ok(isFilled(s, KERNEL + 0x5123, 3));
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
  assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 0x63);
});

filling("a page that is dirty already is entered writable at the first touch", () => {
  const s = handling();
  s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 0x43);
  assert.ok(isFilled(s, KERNEL + 0x5000, 0));
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
});

filling("read-only is read-only, for the kernel as well, in either table", () => {
  const s = handling();
  s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 1);
  s.memory.write32(DIRECTORY + 512 * 4, TABLE | 5);
  assert.not(isFilled(s, KERNEL + 0x5000, 2));
  assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 1, "a refusal leaves no trace");
  assert.ok(isFilled(s, KERNEL + 0x5000, 0));
  assert.not(isFilled(s, 0x80006000, 2));
});

filling("the kernel's is not the programs', in either table", () => {
  const s = handling();
  s.memory.write32(DIRECTORY + 512 * 4, LOW | 3);
  for (const [address, code, fills] of [
    [0x5000, 4, true], [0x6000, 6, true], [KERNEL + 0x5000, 4, false], [KERNEL + 0x5000, 6, false],
    [0x80007000, 4, false], [0x80007000, 0, true],
  ] as const) assert.is(isFilled(s, address, code), fills, address.toString(16));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x25);
  assert.is(shadowOf(s, 0x6000), frameAt(s, 6) | 0x67);
});

filling("the flag for global pages is the Host's own affair; others are passed on", () => {
  const s = handling();
  s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 0xf1b);
  assert.ok(isFilled(s, KERNEL + 0x5000, 2));
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0xe7b);
});

filling("the shadow's directory has the flags of the Guest's, and follows when it grants more", () => {
  const s = handling();
  const entry = () => readPhys32(s.host.machine, s.guest.shadows[s.guest.current].directory + 512 * 4);
  s.memory.write32(DIRECTORY + 512 * 4, LOW | 1);
  assert.ok(isFilled(s, 0x80005000, 0));
  assert.is(entry() & 4095, 1);
  s.memory.write32(DIRECTORY + 512 * 4, LOW | 0x67);
  assert.ok(isFilled(s, 0x80005000, 7), "a fault tells, no hypercall has to");
  assert.is(entry() & 4095, 0x67);
});

filling("from the Switcher's address up, nothing is ever filled in", () => {
  const s = handling();
  s.memory.write32(DIRECTORY + 1023 * 4, TABLE | 0x67);
  for (const address of [TOP, TOP + 0x1000, TOP + 0x3000, 0xfffff000]) assert.not(isFilled(s, address, 0));
  assert.ok((() => { s.memory.write32(DIRECTORY + 1022 * 4, TABLE | 0x67); return isFilled(s, TOP - 0x3fb000, 0); })());
});

filling("a directory that points to itself is walked two steps, no more", () => {
  const s = handling();
  s.memory.write32(DIRECTORY + 256 * 4, DIRECTORY | 0x67);
  assert.ok(isFilled(s, 0x40100000, 0));
  assert.is(shadowOf(s, 0x40100000), frameAt(s, DIRECTORY / PAGE) | 0x67);
});

filling.run();

const stacks = suite("V: pages, step four: the stack");
const setStack = (ss: number, esp: number, pages: number) => asks(Call.LHCALL_SET_STACK, ss, esp, pages);

stacks("its pages are there before anybody pushes", () => {
  const s = settled();
  lives(s, setStack(0x69, KERNEL + 0x20000, 2));
  assert.equal(s.guest.stack, { ss: 0x69, esp: KERNEL + 0x20000, pages: 2 });
  assert.is(shadowOf(s, KERNEL + 0x1f000), frameAt(s, 0x1f) | 0x63);
  assert.is(shadowOf(s, KERNEL + 0x1e000), frameAt(s, 0x1e) | 0x63);
  assert.is(shadowOf(s, KERNEL + 0x20000), 0);
  assert.is(shadowOf(s, KERNEL + 0x1d000), 0);
});

stacks("it must belong to ring 1, and have two pages at most", () => {
  for (const ss of [0, 0x68, 0x6a, 0x6b, 0x7b])
    assert.is(deathOf(settled(), setStack(ss, KERNEL + 0x20000, 1)), `bad stack segment 0x${ss.toString(16)}`);
  for (const pages of [3, 0x80000000, 0xffffffff])
    assert.is(deathOf(settled(), setStack(0x69, KERNEL + 0x20000, pages)), `bad stack of ${pages} pages`);
  lives(settled(), setStack(0x69, 0, 0));
  lives(settled(), setStack(1, 0x12345, 0));
});

stacks("a page of it that is missing or read-only is a death", () => {
  const told: [number, number, string][] = [
    [0, 1, "0xffffffff"], [TOP + 1, 1, "0xffc00000"], [KERNEL + 0x40001, 1, "0xc0040000"], [KERNEL + 1, 2, "0xbffff000"],
    [KERNEL + 0x6001, 1, "0xc0006000"], [KERNEL + 0x8000, 2, "0xc0006fff"],
  ];
  for (const [esp, pages, bad] of told) {
    const s = settled();
    s.memory.write32(TABLE + 6 * 4, 6 * PAGE | 1);
    assert.is(deathOf(s, setStack(0x69, esp, pages)), `bad stack page ${bad}`);
  }
});

stacks("it is put back when the shadows were thrown away", () => {
  const s = handling();
  lives(s, asks(Call.LHCALL_FLUSH_TLB, 1));
  assert.is(shadowOf(s, KERNEL + 0x1f000) & 3, 3);
  s.memory.write32(TABLE + 0x1f * 4, 0);
  assert.is(deathOf(s, asks(Call.LHCALL_FLUSH_TLB, 1)), "bad stack page 0xc001ffff");
});

stacks.run();

const changes = suite("V: pages, step five: changes");
const setPte = (top: number, address: number, value: number) => asks(Call.LHCALL_SET_PTE, top, address, value);
const newTables = (top: number) => asks(Call.LHCALL_NEW_PGTABLE, top);

/** A Guest with two address spaces, DIRECTORY and OTHER, both in use. */
function twofold() {
  const s = handling();
  s.memory.copyIn(OTHER, s.memory.copyOut(DIRECTORY, PAGE));
  lives(s, faults(KERNEL + 0x5000, 2), faults(0x5000, 2), newTables(OTHER), faults(KERNEL + 0x5000, 2), faults(0x5000, 2));
  assert.equal(s.guest.shadows.map(({ top }) => top), [DIRECTORY, OTHER, -1, -1]);
  return s;
}

changes("for a kernel's address, a new entry goes to all shadows", () => {
  const s = twofold();
  lives(s, setPte(DIRECTORY, KERNEL + 0x5000, 9 * PAGE | 0x63));
  for (const which of [0, 1]) assert.is(shadowOf(s, KERNEL + 0x5000, which), frameAt(s, 9) | 0x63);
  lives(s, setPte(0, KERNEL + 0x5000, 0));
  for (const which of [0, 1]) assert.is(shadowOf(s, KERNEL + 0x5000, which), 0, "whatever directory it names");
});

changes("for a program's, to the shadow of the directory that it names", () => {
  const s = twofold();
  lives(s, setPte(DIRECTORY | 0x123, 0x5000, 9 * PAGE | 0x67));
  assert.is(shadowOf(s, 0x5000, 0), frameAt(s, 9) | 0x67);
  assert.is(shadowOf(s, 0x5000, 1), frameAt(s, 5) | 0x67);
  lives(s, setPte(0x9000, 0x5000, 0), setPte(0xfffff000, 0x5000, 0));
  assert.is(shadowOf(s, 0x5000, 1), frameAt(s, 5) | 0x67, "and to none if there is none");
});

changes("the border is the kernel's address, to the byte", () => {
  const s = twofold();
  s.memory.write32(DIRECTORY + 767 * 4, LOW | 0x67);
  s.memory.write32(OTHER + 767 * 4, LOW | 0x67);
  s.memory.write32(LOW + 1023 * 4, 5 * PAGE | 7);
  const last = KERNEL - PAGE;
  lives(s, faults(last, 2), newTables(DIRECTORY), faults(last, 2), setPte(DIRECTORY, last, 0));
  assert.is(shadowOf(s, last, 0), 0);
  assert.is(shadowOf(s, last, 1), frameAt(s, 5) | 0x67);
});

changes("an entry that was read but not written is entered read-only", () => {
  const s = twofold();
  lives(s, setPte(OTHER, 0x5000, 9 * PAGE | 0x27));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 9) | 0x25);
});

changes("an unused one, or one that is not present, is left to be faulted in", () => {
  for (const value of [9 * PAGE | 7, 9 * PAGE | 0x66, 0xfffff066, 0]) {
    const s = twofold();
    lives(s, setPte(OTHER, 0x5000, value));
    assert.is(shadowOf(s, 0x5000), 0);
  }
});

changes("where the shadow has no table, there is nothing to do", () => {
  const s = twofold();
  const before = s.host.free.length;
  lives(s, setPte(OTHER, 0x80000000, 9 * PAGE | 0x63), setPte(OTHER, 0x80000000, 0xfffff063));
  assert.is(s.host.free.length, before);
  assert.is(shadowOf(s, 0x80000000), 0);
});

changes("a bad entry is a death by this way too, and no way leads to the Switcher", () => {
  assert.is(deathOf(twofold(), setPte(OTHER, 0x5000, 64 * PAGE | 0x63)), "bad page table entry 0x40063");
  assert.is(deathOf(twofold(), setPte(OTHER, 0x5000, 5 * PAGE | 0xe3)), "bad page table entry 0x50e3");
  for (const address of [TOP, 0xffffffff])
    assert.is(deathOf(twofold(), setPte(OTHER, address, 0)), `bad address 0x${address.toString(16)} for SET_PTE`);
  lives(twofold(), setPte(OTHER, TOP - 1, 0));
});

changes("SET_PGD drops one table, in one shadow", () => {
  const s = twofold();
  const before = s.host.free.length;
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 0));
  assert.is(shadowOf(s, 0x5000, 1), 0);
  assert.is(shadowOf(s, 0x5000, 0), frameAt(s, 5) | 0x67);
  assert.is(s.host.free.length, before + 1);
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 0), asks(Call.LHCALL_SET_PGD, 0x9000, 0));
  assert.is(s.host.free.length, before + 1);
});

changes("it leaves the Switcher where it is, and has 1024 slots", () => {
  const s = twofold();
  const entry = () => readPhys32(s.host.machine, s.guest.shadows[1].directory + 1023 * 4);
  const before = entry();
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 1023));
  assert.is(entry(), before);
  for (const slot of [1024, 0xffffffff])
    assert.is(deathOf(twofold(), asks(Call.LHCALL_SET_PGD, OTHER, slot)), `bad page directory slot ${slot}`);
});

changes.run();

const spaces = suite("V: pages, steps six and seven: changing and throwing away");

spaces("the first NEW_PGTABLE throws away what went before", () => {
  const s = introduced();
  lives(s, faults(0x5000, 2));
  const [before] = s.guest.shadows.map(({ directory }) => directory);
  lives(s, newTables(DIRECTORY));
  assert.not(s.guest.linear);
  assert.equal(s.guest.shadows.map(({ top }) => top), [DIRECTORY, -1, -1, -1]);
  assert.is(shadowOf(s, 0x5000), 0);
  assert.ok(before !== 0);
});

spaces("a directory that is known keeps its shadow", () => {
  const s = twofold();
  lives(s, newTables(DIRECTORY));
  assert.is(s.guest.current, 0);
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x67);
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
});

spaces("the fifth takes the place of one, which loses its programs but not its kernel", () => {
  const s = twofold();
  const tops = [DIRECTORY, OTHER, 0x8000, 0x9000, 0xa000];
  for (const top of tops.slice(2)) s.memory.copyIn(top, s.memory.copyOut(DIRECTORY, PAGE));
  lives(s, newTables(0x8000), newTables(0x9000), newTables(0xa000));
  assert.equal(s.guest.shadows.map(({ top }) => top), [0xa000, OTHER, 0x8000, 0x9000]);
  assert.is(s.guest.current, 0);
  assert.is(shadowOf(s, 0x5000), 0);
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
});

spaces("every shadow has the Switcher's three pages, the registers writable, nothing for programs", () => {
  const s = twofold();
  for (const which of [0, 1]) {
    const { host: { switcher }, guest } = s;
    assert.equal([0, 1, 2, 3].map((n) => shadowOf(s, TOP + n * PAGE, which)),
      [switcher.code | 0x61, guest.regsPage | 0x63, switcher.state | 0x61, 0]);
    assert.is(readPhys32(s.host.machine, guest.shadows[which].directory + 1023 * 4) & 4, 0);
  }
});

spaces("the small FLUSH_TLB drops the programs' half of one, the large one everything", () => {
  const s = twofold();
  lives(s, asks(Call.LHCALL_FLUSH_TLB, 0));
  assert.equal([0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, 1) !== 0), [false, true]);
  assert.equal([0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, 0) !== 0), [true, true]);
  lives(s, asks(Call.LHCALL_FLUSH_TLB, 0x80000000));
  for (const which of [0, 1]) assert.equal([0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, which) !== 0), [false, false]);
});

spaces("a Guest has its share of frames for shadows, and starts again when it is used up", () => {
  const s = settled(64, 16 << 20);
  for (let slot = 0; slot < 1023; slot++) s.memory.write32(DIRECTORY + slot * 4, TABLE | 0x67);
  for (const top of [OTHER, 0x8000]) s.memory.copyIn(top, s.memory.copyOut(DIRECTORY, PAGE));
  let most = 0;
  for (const top of [DIRECTORY, OTHER, 0x8000]) {
    lives(s, newTables(top));
    for (let slot = 0; slot < 1023; slot++) {
      lives(s, faults(slot * 0x400000 + 0x5000, 2));
      assert.is(shadowOf(s, slot * 0x400000 + 0x5000) & 1, 1);
      most = Math.max(most, s.guest.shadowFrames);
    }
  }
  assert.ok(most > 1000 && most <= 1024 + 3, `${most}`);
});

spaces("a Host without a frame to spare lets the Guest start again, or die; it does not fall over", () => {
  const s = settled();
  for (let slot = 0; slot < 1023; slot++) s.memory.write32(DIRECTORY + slot * 4, TABLE | 0x67);
  while (s.host.free.length > 3) allocateFrame(s.host);
  for (let slot = 0; slot < 1023; slot++) {
    lives(s, faults(slot * 0x400000 + 0x5000, 2));
    assert.is(shadowOf(s, slot * 0x400000 + 0x5000) & 1, 1);
  }
  while (s.host.free.length > 0) allocateFrame(s.host);
  assert.match(deathOf(s, newTables(OTHER)), /no memory/);
});

spaces.run();

// ---- seventh landing -------------------------------------------------

const segments = suite("V: segments");
const loadGdt = (index: number, low: number, high: number) => asks(Call.LHCALL_LOAD_GDT_ENTRY, index, low, high);
const descriptorOf = ({ guest }: Stage, index: number) => [guest.gdt[index * 2], guest.gdt[index * 2 + 1]];

segments("no descriptor is better than ring 1, and all are marked as used", () => {
  const s = introduced();
  for (const [high, after] of [
    [0x00cf9a00, 0x00cfbb00], [0x00cf9200, 0x00cfb300], [0x00cffa00, 0x00cffb00], [0x00cfd200, 0x00cfd300], [0x00cfba00, 0x00cfbb00],
    [0xff4f1234, 0xff4f3334], [0, 0x2100],
  ] as const) {
    lives(s, loadGdt(5, 0x12345678, high));
    assert.equal(descriptorOf(s, 5), [0x12345678, after], high.toString(16));
  }
});

segments("what is no segment is refused, unless it is not present", () => {
  for (let type = 0; type < 16; type++) {
    const high = 0x8000 | type << 8;
    assert.is(deathOf(introduced(), loadGdt(5, 0, high)), `bad GDT entry 5: 0x${high.toString(16)} is not a segment`);
    lives(introduced(), loadGdt(5, 0, type << 8));
  }
});

segments("four rows are the Host's; writing there does nothing", () => {
  const s = introduced();
  for (const index of [10, 11, 16, 31]) {
    lives(s, loadGdt(index, 0xffff, 0x00cf9a00), loadGdt(index, 0x68, 0x8900));
    assert.equal(descriptorOf(s, index), [0, 0]);
  }
  for (const index of [32, 0x80000001, 0xffffffff]) assert.is(deathOf(introduced(), loadGdt(index, 0, 0)), `bad GDT entry ${index}`);
});

segments("LOAD_TLS changes three rows at once, and believes them no more than others", () => {
  const s = introduced();
  [1, 0x00cff200, 2, 0x00cf9200, 3, 0].forEach((word, n) => s.memory.write32(2 * PAGE - 10 + n * 4, word));
  lives(s, asks(Call.LHCALL_LOAD_TLS, 2 * PAGE - 10, 0));
  assert.equal([6, 7, 8].map((n) => descriptorOf(s, n)), [[1, 0x00cff300], [2, 0x00cfb300], [3, 0x2100]]);
  assert.is(deathOf(s, asks(Call.LHCALL_LOAD_TLS, 64 * PAGE - 23)), "bad address 0x3fffd");
  const gate = introduced();
  gate.memory.write32(0x8004, 0x8c00);
  assert.match(deathOf(gate, asks(Call.LHCALL_LOAD_TLS, 0x8000)), /^bad GDT entry 6: /);
});

segments.run();

// ---- the door --------------------------------------------------------

const door = suite("V: the door, from behind");

/** A kernel whose Guests do as the script says. */
function behind(ramBytes = 4 << 20) {
  const script: Scene[] = [];
  const kernel = createHostKernel({ ramBytes, enter(guest, until) {
    guest.host.machine.time[Time.NOW] = until;
    (script.shift() ?? traps(32))(guest);
  } });
  return { kernel, script };
}
const initialize = (base: number, pages = 64, start = 0x10000) => [Lhreq.INITIALIZE, base, pages, start];

door("INITIALIZE takes twelve bytes, once", () => {
  const { kernel } = behind();
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  assert.is(device.write(initialize(base)), 12);
  assert.is(device.write(initialize(base)), -Errno.EBUSY);
});

door("nothing but INITIALIZE makes sense before it", () => {
  const device = behind().kernel.open();
  for (const words of [[], [1], [Lhreq.IRQ, 1], [3], [Lhreq.EVENTFD, 1, 3], [99]]) assert.is(device.write(words), -Errno.EINVAL);
  assert.equal(device.read(1000), { kind: "error", errno: Errno.EINVAL });
});

door("INITIALIZE wants memory that the process has, and a limit within it", () => {
  const { kernel } = behind();
  const { base } = kernel.allocate(64 * PAGE);
  const wrong = [
    initialize(base + 1), initialize(0), initialize(base, 65), initialize(base, 0xffffffff), [0, base], [0, base, 64], [0],
  ];
  for (const words of wrong)
    assert.is(kernel.open().write(words), -Errno.EFAULT, `${words}`);
});

door("one stretch of memory is for one Guest", () => {
  const { kernel } = behind();
  const first = kernel.allocate(64 * PAGE), second = kernel.allocate(64 * PAGE);
  const one = kernel.open(), two = kernel.open();
  assert.is(one.write(initialize(first.base)), 12);
  assert.ok(two.write(initialize(first.base)) < 0);
  assert.is(two.write(initialize(second.base)), 12);
});

door("IRQ has 32 numbers, EVENTFD wants an address and a descriptor that is open", () => {
  const { kernel } = behind();
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  device.write(initialize(base));
  const fd = kernel.eventfd(() => {});
  for (const [words, result] of [
    [[Lhreq.IRQ, 0], 0], [[Lhreq.IRQ, 31], 0], [[Lhreq.IRQ, 32], -Errno.EINVAL],
    [[Lhreq.IRQ, 0xffffffff], -Errno.EINVAL], [[Lhreq.IRQ], -Errno.EINVAL],
    [[Lhreq.EVENTFD, 0x1000, fd], 0], [[Lhreq.EVENTFD, 0, fd], -Errno.EINVAL], [[Lhreq.EVENTFD], -Errno.EINVAL],
    [[Lhreq.EVENTFD, 0x1000, fd + 1], -Errno.EBADF], [[Lhreq.EVENTFD, 0x1000, 0], -Errno.EBADF], [[Lhreq.EVENTFD, 0x1000], -Errno.EBADF],
    [[1], -Errno.EINVAL], [[3], -Errno.EINVAL], [[5], -Errno.EINVAL],
  ] as const) assert.is(device.write(words), result, `${words}`);
});

door("the first read after a death says so, all others say why", () => {
  const { kernel, script } = behind();
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  device.write(initialize(base));
  script.push(asks(17, 5));
  assert.equal(device.read(1e6), { kind: "error", errno: Errno.ENOENT });
  for (let n = 0; n < 3; n++) assert.equal(device.read(1e6), { kind: "reason", text: "hypercall 17 before LGUEST_INIT", poweroff: false });
  assert.is(device.write([Lhreq.IRQ, 1]), -Errno.ENOENT);
  assert.is(device.write(initialize(base)), -Errno.EBUSY);
});

door("close gives every frame back, however the Guest ended", () => {
  const { kernel, script } = behind(2 << 20);
  for (let n = 0; n < 300; n++) {
    const memory = kernel.allocate(512 << 10), device = kernel.open();
    memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
    assert.is(device.write(initialize(memory.base, 128)), 12);
    script.push(init, faults(0x5000, 2), n % 2 === 0 ? traps(6) : faults(0x400000 - 1, 0));
    device.read(1e6);
    script.length = 0;
    device.close();
    device.close();
    assert.equal(device.read(1), { kind: "error", errno: Errno.EINVAL });
  }
  assert.is(kernel.allocate(1016 << 10).size, 1016 << 10, "all of it can be had again");
});

door("a device that was closed can be used again, and tells the new story", () => {
  const { kernel, script } = behind();
  const device = kernel.open();
  for (const number of [2, 17]) {
    assert.is(device.write(initialize(kernel.allocate(64 * PAGE).base)), 12);
    script.push(asks(number));
    assert.equal(device.read(1e6), { kind: "error", errno: Errno.ENOENT });
    assert.equal(device.read(1e6), { kind: "reason", text: `hypercall ${number} before LGUEST_INIT`, poweroff: false });
    device.close();
  }
});

door("a Guest for which there are no frames left is refused, and costs none", () => {
  const { kernel } = behind(2 << 20);
  const free = 254 * PAGE;
  const { base } = kernel.allocate(free - 2 * PAGE);
  assert.is(kernel.open().write(initialize(base, 4)), -Errno.ENOMEM);
  assert.is(kernel.allocate(2 * PAGE).size, 2 * PAGE);
  assert.match(messageOf(() => kernel.allocate(1)), /^the Host has 0 KB left, not 4$/);
});

door("a descriptor that was given back is the next to be given out", () => {
  const { kernel } = behind();
  const [a, b, c] = [0, 1, 2].map(() => kernel.eventfd(() => {}));
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  device.write(initialize(base));
  kernel.close(b!);
  assert.is(device.write([Lhreq.EVENTFD, 0x1000, b!]), -Errno.EBADF);
  assert.is(kernel.eventfd(() => {}), b);
  assert.equal([a, b, c].map((fd) => device.write([Lhreq.EVENTFD, 0x1000, fd!])), [0, 0, 0]);
});

door("work done in a process takes time", () => {
  const { kernel } = behind();
  kernel.spend(123);
  assert.is(kernel.retired(), 123);
});

door("two Guests share a Host, and nothing else", () => {
  const { kernel, script } = behind();
  const guests = [1, 2].map(() => {
    const memory = kernel.allocate(64 * PAGE), device = kernel.open();
    memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
    device.write(initialize(memory.base));
    script.push(init);
    assert.equal(device.read(1000), { kind: "interrupted" });
    return { memory, device };
  });
  const [one, two] = guests as [typeof guests[0], typeof guests[0]];
  one.device.write([Lhreq.IRQ, 3]);
  script.push(asks(3));
  assert.equal(one.device.read(1e6), { kind: "error", errno: Errno.ENOENT });
  script.push(asks(Call.LHCALL_HALT));
  assert.equal(two.device.read(1e6), { kind: "asleep" });
  two.memory.write32(0x8000, 0x1234);
  one.device.close();
  assert.is(kernel.allocate(64 * PAGE).read32(0x8000), 0);
  assert.is(two.memory.read32(0x8000), 0x1234);
});

door.run();
