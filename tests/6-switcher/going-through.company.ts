// Chapter VI: many Guests on one Host, most of them not honest.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LauncherMemory, Lhreq } from "../../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { buryGuest } from "../../tangled/host/birth.ts";
import type { Guest, Host } from "../../tangled/host/ground/state.ts";
import { createHostKernel } from "../../tangled/host/kernel.ts";
import { freeMemory } from "../../tangled/host/ground/launcher-memory.ts";
import { runGuest } from "../../tangled/host/loop.ts";
import { createLauncher } from "../../tangled/launcher/launch.ts";
import { copyFromPhys } from "../../tangled/machine/ground/ram.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import { HostAt } from "../../tangled/switcher/world.ts";
import { elfOf, MB } from "../elf.ts";
import { portion, seedFrom } from "../tools.ts";
import {
  type Subject,
  makeHost,
  makeGuest,
  furnish,
  told,
  watching,
  visit,
  live,
} from "./stage/guests.ts";
import {
  settleDown,
  gate,
  descriptor,
  ask,
  tell,
  goodbye,
  AT,
  bytesOf,
  descend,
} from "./stage/programs.ts";
import { read, PAGES, PAGE } from "./stage/pages.ts";
import { inTurn } from "./stage/turns.ts";

const company = suite("VI: in company");

/** Adds up what its own gates, descriptors and memory say, 500 times. */
const accountant = (step: number, base: number) =>
  [settleDown, gate(0x80, "called", 0xef00),
    descriptor(6, (base << 16 | 0xffff) >>> 0, 0x00cff200 | base >>> 16),
    "push 0x33", "pop gs", `mov dword [${base}], ${step * 3}`, "mov edi, 500",
    "on: int 0x80", "add ebp, [gs:0]", ask(Call.LHCALL_FLUSH_TLB, 1),
    ask(Call.LHCALL_LOAD_IDT_ENTRY, 5, "edi", 0x8e00), "dec edi", "jnz on",
    tell("ebp"), goodbye, `called: add ebp, ${step}`, "iret"].join("\n");

company("two Guests in turn on one Host do not get into each other's books",
  () => {
    const host = makeHost();
    const guests = [accountant(5, 0x20000), accountant(70_000, 0x30000)].map((
      source,
    ) => makeGuest(source, host));
    const alone = [accountant(5, 0x20000), accountant(70_000, 0x30000)].map((
      source,
    ) => told(source));
    assert.equal(alone, [[500 * 20], [500 * 280_000]]);
    assert.equal(inTurn(guests), alone);
  });

company("what one leaves in a frame, the next does not find", () => {
  const host = makeHost(2 << 20);
  for (let n = 0; n < 8; n++) {
    const { guest } = makeGuest(
      `${settleDown}\nmov edi, 0x14000\nmov ecx, 0xb000\nmov eax, 0x5ec4e7\nrep stosd\n${tell(1)}`,
      host,
    );
    assert.ok(
      guest.memory.copyOut(0x14000, 0x2c000).every((byte) => byte === 0),
    );
    assert.is(runGuest(guest, 1e6).kind, "notify");
    assert.is(guest.memory.read32(0x3fffc), 0x5ec4e7);
    buryGuest(guest);
    freeMemory(host, guest.memory);
  }
});

company.run();

const budgets = suite("VI: a budget is a budget");

/** A kernel of these lines. */
const elf = (source: string) => ({
  name: "a nuisance",
  bytes: elfOf(source),
});

const RAM = 2 * MB, QUEUES = [RAM + 0x1000, RAM + 0x4000], SHARED = 0x2000;
const DIRECTORY = 0x8000;

/** A kernel that has introduced itself and started its console. Its page
 *  tables are made, but not in use. */
const nuisanceStarts = ["cld", "mov esp, 0x90000",
  `mov dword [${SHARED + Data.LGUEST_DATA_SYSCALL_VEC}], 0x80`,
  `mov dword [${SHARED + Data.LGUEST_DATA_KERNEL_ADDRESS}], 0xc0000000`,
  `mov edi, ${SHARED + Data.LGUEST_DATA_HCALL_STATUS}`, "mov ecx, 16",
  "mov eax, -1", "rep stosd", ask(Call.LHCALL_LGUEST_INIT, SHARED),
  `mov byte [${RAM + 4}], 3`, tell(RAM), `mov edi, ${DIRECTORY}`,
  `mov eax, ${0x10000 | 0x67}`, "mov ecx, 1023", "rep stosd",
  "mov edi, 0x10000", "mov eax, 7", "tables: stosd", "add eax, 4096",
  `cmp eax, ${RAM + 0x7000}`, "jb tables"].join("\n");

/** Puts a chain of `count` pieces, all the same, into a queue, and offers it
 *  256 times with each kick. */
const crowd = (queue: number, count: number, at: number, length: number,
  writable: 0 | 2, name: string) =>
  [`mov edi, ${queue}`, "xor edx, edx", `${name}_fill: mov dword [edi], ${at}`,
    "mov dword [edi + 4], 0", `mov dword [edi + 8], ${length}`, "inc edx",
    `mov word [edi + 12], ${writable | 1}`, "mov [edi + 14], dx", "add edi, 16",
    `cmp edx, ${count}`, `jb ${name}_fill`, `mov word [edi - 4], ${writable}`,
    `mov edi, ${queue + 0x1004}`, "xor eax, eax", "mov ecx, 128", "rep stosd",
    `add word [${queue + 0x1002}], 256`, tell(queue)].join("\n");

/** Queues one call 64 times, and has it done. */
const bulk = (name: string, ...words: number[]) =>
  [`mov edi, ${SHARED + Data.LGUEST_DATA_HCALLS}`, "mov ecx, 64",
    `${name}_fill: ${words.map((word, n) => `mov dword [edi + ${4 * n}], ${word}`).join("\n")}`, "add edi, 20", `loop ${name}_fill`,
    `mov edi, ${SHARED + Data.LGUEST_DATA_HCALL_STATUS}`, "mov ecx, 16",
    "xor eax, eax", "rep stosd", ask(Call.LHCALL_FLUSH_ASYNC)].join("\n");

/** One thing that keeps a Host or a Launcher busy; `name` is for its labels. */
function nuisance(random: (below: number) => number, name: string): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  switch (random(12)) {
    case 0: return crowd(QUEUES[1], 256, 0, 0, 0, name);
    case 1: return crowd(QUEUES[0], 256, 0x20000, random(3), 2, name);
    case 2: return crowd(QUEUES[1], 1 + random(3), 0, random(8000), 0, name);
    case 3: return crowd(QUEUES[1], 1, 0, RAM, 0, name);
    case 4:
      return `add word [${QUEUES[1] + 0x1002}], ${1 + random(256)}\n${tell(QUEUES[1])}`;
    case 5:
      return [`mov edi, ${MB + 0x10000}`, `mov ecx, ${random(0xe0000)}`,
        "mov al, 65", "rep stosb", tell(MB + 0x10000)].join("\n");
    case 6:
      return [`mov ecx, ${random(40)}`, `${name}_again: push ecx`,
        tell(pick([0x3000, 0x20000, RAM + 5, RAM + 0x6fff])), "pop ecx",
        `loop ${name}_again`].join("\n");
    case 7:
      return [`mov byte [${RAM + 4}], 0`, tell(RAM), `mov byte [${RAM + 4}], 3`,
        tell(RAM)].join("\n");
    case 8:
      return bulk(name,
        pick([Call.LHCALL_FLUSH_TLB, Call.LHCALL_TS, Call.LHCALL_SET_PTE]),
        random(2), 0xc0001000, 0x1067);
    case 9:
      return bulk(name, Call.LHCALL_NOTIFY,
        pick([0x3000, MB, QUEUES[0], QUEUES[1]]));
    case 10:
      return [ask(Call.LHCALL_NEW_PGTABLE, DIRECTORY),
        `mov ecx, ${random(200)}`, `${name}_touch: mov eax, ecx`, "shl eax, 22",
        "mov eax, [eax]", `loop ${name}_touch`, ask(Call.LHCALL_FLUSH_TLB, 1)]
        .join("\n");
    default:
      return [`mov dword [${SHARED + 4}], 0`, `mov dword [${SHARED}], 0x200`,
        ask(Call.LHCALL_SET_CLOCKEVENT, 1 + random(5000)),
        ...(random(2) ? [ask(Call.LHCALL_HALT)] : [])].join("\n");
  }
}

/** A Guest that does a few of these for ever, or until it dies of it; one in
 *  four ends in an exception whose handler is where it came from. */
function busybody(seed: number) {
  const random = randomNumbers(seed * 40_503);
  const gates = [
    ...[0, 6, 13, 14].map((v) =>
      gate(v, "trouble", random(2) ? 0x8e00 : 0x8f00)
    ),
    gate(32, "tick"),
  ];
  const body = Array.from({ length: 1 + random(4) },
    (_, n) => nuisance(random, `n${n}`));
  const last = random(4) === 0
    ? ["trouble: ud2", "div eax", "mov esp, 0xffc00000\nint3",
      "cli\nhlt"][random(4)] : "";
  return elf(
    [nuisanceStarts, ...gates, "body:", ...body, last, "jmp body",
      last.startsWith("trouble") ? "" : "trouble: jmp trouble", "tick: iret"]
      .join("\n"),
  );
}

/** Its life in steps, up to a tick; what was done for it. */
function keepBusy(image: ReturnType<typeof elf>, step: number, until: number,
  slow = Infinity)
{
  const work = { words: 0, events: 0, shown: 0, portions: 0, longest: 0 };
  let hash = 0, tick = 0;
  const kernel = createHostKernel({
    ramBytes: RAM + 3 * MB,
    read,
    ...watching(({ tick, text }) => {
      work.events++;
      hash = Math.imul(hash ^ tick, 16777619) ^ text.length;
    }),
  });
  const { allocate } = kernel;
  const launcher = createLauncher({
    ...kernel,
    allocate: (bytes) => counted(allocate(bytes), work),
  }, {
    megabytes: RAM / MB,
    commandLine: "",
    kernel: image,
    log: () => {},
    show: (text) => {
      work.shown += text.length;
      for (const byte of text.subarray(0, 64))
        hash = Math.imul(hash ^ byte, 16777619);
      return ++work.portions % slow !== 0;
    },
  });
  launcher.type(Uint8Array.from({ length: 3000 }, (_, n) => n));
  work.words = 0;
  for (;;) {
    const before = kernel.retired();
    const outcome = launcher.step(Math.min(step, until - before));
    work.longest = Math.max(work.longest, kernel.retired() - before);
    tick = kernel.retired();
    const goesOn = ["limit", "output"].includes(outcome.kind);
    if (!goesOn || tick >= until)
      return { outcome: goesOn ? "goes on" : outcome.kind, tick, hash, work };
  }
}

/** The same memory; `work` is how many words of it were touched. */
function counted(memory: LauncherMemory,
  work: { words: number }): LauncherMemory
{
  const one =
    <A extends unknown[], R>(use: (...args: A) => R) => (
      ...args: A
    ): R => (work.words++, use(...args));
  const { base, size, copyIn, copyOut } = memory;
  return {
    base,
    size,
    read8: one(memory.read8),
    read16: one(memory.read16),
    read32: one(memory.read32),
    write8: one(memory.write8),
    write16: one(memory.write16),
    write32: one(memory.write32),
    copyIn: (at,
      bytes) => (work.words += Math.ceil(bytes.length / 4), copyIn(at, bytes)),
    copyOut: (at,
      length) => (work.words += Math.ceil(length / 4), copyOut(at, length)),
  };
}

budgets(
  "whatever keeps its Host and its Launcher busy costs a Guest its own time",
  () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { tick, work } = keepBusy(busybody(seed), 20_000, 100_000);
      assert.ok(work.longest < 26_000,
        `${seed}: ${work.longest} ticks in a step`);
      assert.ok(work.words <= tick,
        `${seed}: ${work.words} words in ${tick} ticks`);
      assert.ok(work.shown <= 4 * tick && work.portions * 100 <= tick,
        `${seed}: ${work.shown} bytes in ${work.portions} portions`);
      assert.ok(work.events * 10 <= tick + 1000,
        `${seed}: ${work.events} events in ${tick} ticks`);
    }
  },
);

budgets("and its life is the same however it is cut, and whoever reads", () => {
  const life = (
    ...[image, step, slow]: [ReturnType<typeof elf>, number, number?]
  ) => {
    const { work: { longest, ...work }, ...rest } = keepBusy(image, step,
      50_000, slow);
    return { ...rest, ...work };
  };
  for (let seed = 1; seed <= 10; seed++) {
    const image = busybody(seed), whole = life(image, 1e9);
    for (
      const [step, slow] of [[1 + seed * 61, Infinity], [12_345, 1], [999,
        4]] as const
    )
      assert.equal(life(image, step, slow), whole,
        `${seed} in steps of ${step}`);
  }
});

budgets(
  "a Guest whose exceptions lead to themselves runs out of ticks, or out of stack",
  () => {
    const gates = (rights: number) =>
      [0, 6, 13, 14].map((v) => gate(v, "trouble", rights)).join("\n");
    for (const rights of [0x8e00, 0x8f00, 0xef00])
      for (
        const code of ["ud2", "xor ecx, ecx\ndiv ecx", "mov eax, [0x7ffff000]",
          "int 0x30", "push ss\npop ss\nud2"]
      ) {
        const { result } = visit(
          `${settleDown}\n${gates(rights)}\ntrouble: ${code}`,
          60_000,
          (_, life) => life,
        );
        assert.ok(["interrupted", "error"].includes(result.kind), code);
      }
  },
);

budgets(
  "a Guest that is closed while it runs, or sleeps, leaves the processor to the others",
  () => {
    const host = makeHost();
    const { guest: other } = makeGuest(
      [settleDown, "mov ebp, 0x1234", tell("ebp"), "jmp $"].join("\n"),
      host,
    );
    const free = host.free.length;
    const sleeper = [settleDown, ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000),
      ask(Call.LHCALL_HALT), "jmp $"].join("\n");
    for (const source of [`${settleDown}\njmp $`, sleeper]) {
      const { guest } = makeGuest(source, host);
      assert.equal(runGuest(guest, 30_000), { kind: "interrupted" });
      assert.is(host.busy, guest);
      buryGuest(guest);
      freeMemory(host, guest.memory);
      assert.equal([host.busy, host.free.length], [undefined, free]);
    }
    assert.equal(runGuest(other, 1e5), { kind: "notify", address: 0x1234 });
  },
);

budgets(
  "an interrupt wakes a sleeper at once, though its timer is far away and the read has ended",
  () => {
    const kernel = createHostKernel({ ramBytes: 4 * MB, read });
    const memory = kernel.allocate(PAGES * PAGE), device = kernel.open();
    furnish(memory,
      bytesOf(
        [settleDown, gate(33, "woken"), "mov dword [DATA + 4], 0",
          ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000), ask(Call.LHCALL_HALT),
          "jmp $", `woken: ${tell(0x77)}`].join("\n"),
      ));
    device.write([Lhreq.INITIALIZE, memory.base, PAGES, AT.CODE]);
    for (let n = 1; n < 5; n++)
      assert.equal(device.read(50_000), { kind: "interrupted" });
    assert.is(kernel.retired(), 200_000, "to the tick");
    device.write([Lhreq.IRQ, 1]);
    assert.equal(device.read(50_000), { kind: "notify", address: 0x77 });
    assert.ok(kernel.retired() < 200_500);
  },
);

budgets.run();

const mischief = suite("VI: mischief");

function randomNumbers(seed: number): (below: number) => number {
  let state = seedFrom(seed) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const EDGES = [0, 1, 2, 3, 4, 6, 8, 13, 14, 15, 31, 32, 63, 255, 256, 1023,
  1024, 0x61, 0x69, 0x73, 0x7b, 0x80, 0x200, 0x202, 0x3202, 0x20202, 0x4302,
  0x1000, 0x2000, 0x2067, 0x3067, 0x4067, 0x5003, 0x8063, 0x9067, 0x10067,
  0x3f067, 0x3ffff, 0x3fff0, 0x40000, 0x40067, 0x7fffffff, 0x80000000,
  0xbfffffff, 0xc0000000, 0xc0002000, 0xc0010000, 0xffbfffff, 0xffc00000,
  0xffc01000, 0xffc01fb8, 0xffc01ffc, 0xffc02000, 0xffc02020, 0xffc02088,
  0xffc02888, 0xffc03000, 0xffffffff];

const RIGHTS = [0x00cf9a00, 0x00cf9200, 0x00cffa00, 0x00cff200, 0x00cfbe00,
  0x0040b200, 0x00c0b600, 0x00cf1a00, 0, 0x00cfb000, 0x008f9200, 0x00cfd200,
  0x8900, 0x8c00];

const SELECTORS = [0, 3, 0x30, 0x33, 0x3b, 0x50, 0x51, 0x58, 0x59, 0x60, 0x61,
  0x63, 0x68, 0x69, 0x6b, 0x73, 0x7b, 0x80, 0x83, 0xf8, 0xfb, 0x100, 4, 7,
  0xffff];

/** Those that there are: without the side quests there are fewer. */
const known = (lines: readonly string[]): string[] =>
  lines.filter((line) => {
    try {
      return bytesOf(line).length > 0;
    } catch {
      return false;
    }
  });

const ODDITIES = known(["lgdt [0x5000]", "sgdt [0xffc01ffc]",
  "sidt [0xffc02000]", "mov cr3, eax", "hlt", "cli", "in al, dx", "pop ss",
  "pop es", "mov eax, cr0", "ltr ax", "invlpg [eax]", "into", "pushad", "popad",
  "std", "ret", "retf 8", "leave"]);

const TOUCHES = known(["mov ecx, [eax]", "mov [eax], ecx", "mov [eax - 2], esp",
  "push dword [eax]", "pop dword [eax]", "xchg [eax], eax", "rep movsb",
  "lock inc dword [eax]", "jmp eax", "call eax", "cmpxchg [eax], ecx",
  "bts [eax], ecx"]);

const RETURNS = known(["iret", "retf", "popfd"]);

/** A few lines of assembly that no honest kernel would write. */
function trick(random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const edge = () => (random(4) === 0 ? random(2 ** 32) : pick(EDGES));
  const place = () => pick([AT.CODE + random(600), edge()]);
  const call = (): number[] => {
    const directory = () =>
      pick([AT.DIRECTORY, 0x5000, 0x6000, 0x7000, 0xa000, 0xb000, edge()]);
    switch (random(9)) {
      case 0:
        return [6, random(256), place(),
          (pick([0x8e00, 0x8f00, 0xee00, 0xef00, 0, edge()]) | AT.CODE) >>> 0];
      case 1:
        return [18, random(33), pick([0xffff, edge()]),
          pick([...RIGHTS, edge()])];
      case 2: return [4, directory()];
      case 3: return [14, directory(), edge(), edge()];
      case 4: return [15, directory(), edge()];
      case 5:
        return [7, pick([0x69, 1, edge()]), pick([AT.STACK, edge()]),
          random(3)];
      default:
        return [pick([0, 5, 8, 9, 10, 16, 17, 19, random(30)]), edge(), edge(),
          edge()];
    }
  };
  switch (random(11)) {
    case 0: case 1: return ask(...(call() as [number]));
    case 2: {
      const slot = random(64),
        at = AT.DATA + Data.LGUEST_DATA_HCALLS + slot * 20;
      return [...call().map((word, n) => `mov dword [${at + 4 * n}], ${word}`),
        `mov byte [${AT.DATA + Data.LGUEST_DATA_HCALL_STATUS + slot}], ${pick([0, 0xff, 1])}`].join("\n");
    }
    case 3: {
      const slot = pick([0, 1, 16, 768, 1022, 1023, random(1024)]);
      return `mov dword [${pick([AT.DIRECTORY, AT.TABLE]) + slot * 4}], ${edge()}`;
    }
    case 4:
      return `mov eax, ${pick(SELECTORS)}\nmov ${pick(["ds", "es", "fs", "gs", "ss"])}, eax`;
    case 5: return `${pick(["jmp", "call"])} ${pick(SELECTORS)}:${place()}`;
    case 6: {
      const frame = [pick([0x7b, 0x69, 0x58]), pick([AT.USTACK, edge()]),
        edge(), pick(SELECTORS), place()];
      return [...frame.map((word) => `push ${word}`), pick(RETURNS)].join("\n");
    }
    case 7: return `int ${random(256)}`;
    case 8:
      return `db ${Array.from({ length: 1 + random(12) }, () => random(256)).join(", ")}`;
    case 9:
      return `mov ${pick(["eax", "esp", "ecx", "esi", "edi"])}, ${edge()}\n${pick(TOUCHES)}`;
    default: return pick(ODDITIES);
  }
}

function rogue(seed: number, host: Host): Subject {
  const random = randomNumbers(seed);
  const body = Array.from({ length: 4 + random(20) }, () => trick(random));
  const rights = [0x8e00, 0x8f00, 0xee00, 0xef00];
  const gates = random(4) === 0 ? []
    : [...Array(18).keys(), 0x80].map((v) =>
      gate(v, "again", rights[random(4)])
    );
  const downstairs = random(3) === 0 ? descend("body") : "";
  return makeGuest(
    [settleDown, ...gates, "mov dword [DATA + 4], 0", "mov dword [DATA], 0x200",
      "start:", downstairs, "body:", ...body, "jmp body",
      "again: mov esp, STACK", "mov eax, 0x69", "mov ds, eax", "mov es, eax",
      "jmp start"].join("\n"),
    host,
  );
}

/** All that no Guest may change: the Host's megabyte, the Switcher's pages,
 *  a witness. Left out are marks that the hardware makes (accessed, dirty),
 *  the Host's stack, and what of page B is a Guest's own. */
function untouchable(host: Host, witness: Guest): Buffer {
  const page = (at: number, size = PAGE) =>
    Buffer.from(copyFromPhys(host.machine, at, size));
  const low = page(0, 1 << 20).fill(0, 0x8000, HostAt.STACK_TOP);
  for (let at = HostAt.DIRECTORY; at < HostAt.GDT; at += 4) low[at] &= ~0x60;
  const state = page(host.switcher.state);
  for (
    const [from, to] of [[0x2c, 0x34], [0x88, 0x8d8], [0x8e8, 0x908], [0x910,
      0x988]] as const
  ) state.fill(0, from, to);
  const frames = [host.switcher.code, witness.regsPage, witness.switcherTable,
    ...witness.memory.frames];
  return Buffer.concat([low, state, ...frames.map((at) => page(at))]);
}

mischief(
  "whatever a Guest tries, it lives or dies, and everybody else is as before",
  () => {
    const host = makeHost(2 << 20);
    const { guest: witness } = makeGuest(
      [settleDown, "mov edi, 0x20000", "mov ecx, 0x4000", "mov eax, 0x5a5a5a5a",
        "rep stosd", tell(7), "jmp $"].join("\n"),
      host,
    );
    assert.equal(runGuest(witness, 1e6), { kind: "notify", address: 7 });
    const before = untouchable(host, witness), frames = host.free.length;
    for (let seed = 1; seed <= portion(90, 1500); seed++) {
      const subject = rogue(seed, host);
      const { result, death } = live(subject, 6000);
      if (death === undefined)
        assert.ok(["interrupted", "asleep"].includes(result.kind), `${seed}`);
      else assert.ok(result.kind === "error" && death !== "",
          `${seed}: ${death}`);
      buryGuest(subject.guest);
      freeMemory(host, subject.guest.memory);
      assert.is(host.free.length, frames, `${seed}`);
      assert.is(Buffer.compare(untouchable(host, witness), before), 0,
        `${seed}`);
    }
    assert.equal(runGuest(witness, 1e5), { kind: "interrupted" });
  },
);

mischief("random bytes are no better, in either ring", () => {
  const host = makeHost(2 << 20);
  const frames = host.free.length;
  const starts = ["", `${descend("body")}\nbody:`].map((last) =>
    bytesOf(`${settleDown}\n${last}`)
  );
  for (let seed = 1; seed <= portion(100, 1500); seed++) {
    const random = randomNumbers(seed * 7919);
    const start = starts[seed % 2];
    const bytes = Uint8Array.from({ length: 2048 }, (_, n) =>
      start[n] ?? random(256));
    const subject = makeGuest(bytes, host);
    const { death, result } = live(subject, 5000);
    assert.ok(death !== undefined || result.kind === "interrupted");
    buryGuest(subject.guest);
    freeMemory(host, subject.guest.memory);
    assert.is(host.free.length, frames);
  }
});

mischief("even mischief repeats itself to the tick", () => {
  const run = (seed: number) => {
    const subject = rogue(seed, makeHost(2 << 20));
    return {
      ...live(subject, 8000),
      ticks: subject.host.machine.time[Time.NOW],
      irqs: subject.guest.irqs,
    };
  };
  for (const seed of [3, 14, 15, 92, 65]) assert.equal(run(seed), run(seed));
});

mischief.run();
