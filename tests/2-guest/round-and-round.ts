// Chapter II: the Guest, run by the Host of cardboard.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls } from "../../tangled/abi/hypercalls.ts";
import { layout } from "../../tangled/abi/memory-map.ts";
import { lguestData } from "../../tangled/abi/lguest-data.ts";
import { assembleGuest } from "../../tangled/guest/image.ts";
import {
  makeStandIn,
  runStandIn,
  type StandIn,
} from "../../tangled/guest/stand-in.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { portion } from "../tools.ts";
import { source, physical, address } from "./stage/guest.ts";

const MEMORY = 8 << 20;
const LONG = 1e9;

/** A part of the Guest's source, and what a test puts in its place. */
type Change = [from: string, to: string];

function assembleWith(...changes: Change[]) {
  const text = changes.reduce((old, [from, to]) => {
    assert.ok(old.includes(from), `the Guest's source has "${from}"`);
    return old.replace(from, to);
  }, source);
  const done = assembled.get(text) ?? assembleGuest(() => text);
  assembled.set(text, done);
  return done;
}

const assembled = new Map<string, ReturnType<typeof assembleGuest>>();

function boot(...changes: Change[]): StandIn {
  return makeStandIn(assembleWith(...changes).bytes, MEMORY);
}

/** Runs the Guest to its end. */
function runToEnd(...changes: Change[]): StandIn {
  const host = boot(...changes);
  assert.is(runStandIn(host, LONG), "dead");
  return host;
}

/** Lets the rogue do something else instead of `cli`. */
const rogueDoes = (
  ...instructions: string[]
): Change => ["  cli\n", instructions.map((line) => `  ${line}\n`).join("")];

const data = (host: StandIn, field: number) =>
  readPhys32(host.m, host.data + field);

const callsOf = (host: StandIn, name: keyof typeof hypercalls) =>
  host.calls.filter((call) => call.name === name);

const waking = suite("waking up");

waking("introduces itself before anything else", () => {
  const [first, second] = runToEnd().calls;
  assert.is(first!.name, "LHCALL_LGUEST_INIT");
  assert.is(first!.args[0], physical("lguest_data"));
  assert.is(second!.name, "LHCALL_NEW_PGTABLE");
  assert.is(second!.args[0], physical("page_directory"));
});

waking("maps every page of memory, and none beyond, at PAGE_OFFSET", () => {
  const host = boot();
  while (host.calls.length < 2) runStandIn(host, 10);
  for (let at = 0; at < MEMORY + (4 << 20); at += 4096) {
    const high = entryFor(host, layout.PAGE_OFFSET + at);
    assert.is(high, at < MEMORY ? at | 0x003 : undefined);
    assert.is(entryFor(host, at), high, "and at the bottom, for now");
  }
});

waking("forgets the low addresses in one trap", () => {
  const host = boot();
  while (callsOf(host, "LHCALL_FLUSH_ASYNC").length === 0) runStandIn(host, 10);
  for (let at = 0; at < MEMORY; at += 4 << 20)
    assert.is(entryFor(host, at), undefined);
  const forgotten = callsOf(host, "LHCALL_SET_PGD");
  assert.equal(forgotten.map(({ queued, args }) => [queued, args[1]]), [[true,
    0], [true, 1]]);
});

waking("uses only the directory flags that lguest allows", () => {
  const host = runToEnd();
  for (let slot = 0; slot < 1023; slot++) {
    const entry = readPhys32(host.m, physical("page_directory") + 4 * slot);
    assert.is(entry & 0xfff & ~0x067, 0, `slot ${slot}`);
  }
});

waking("uses 768 MB when there is more", () => {
  const host = boot(["  cmp ecx, MAPPED_MEMORY",
    "  mov ecx, 0x40000000\n  cmp ecx, MAPPED_MEMORY"], [
    "MAPPED_MEMORY equ 0x30000000",
    "MAPPED_MEMORY equ 0x00400000",
  ]);
  while (host.calls.length < 2) runStandIn(host, 10);
  assert.is(entryFor(host, layout.PAGE_OFFSET + 0x3ff000), 0x3ff003);
  assert.is(entryFor(host, layout.PAGE_OFFSET + 0x400000), undefined);
});

waking.run();

/** The Guest's page table entry for an address, if it is present. */
function entryFor({ m }: StandIn, linear: number): number | undefined {
  const directory = physical("page_directory");
  const pde = readPhys32(m, directory + (linear >>> 22) * 4);
  if ((pde & 1) === 0) return undefined;
  const pte = readPhys32(m, (pde & ~0xfff) + (linear >>> 12 & 1023) * 4);
  return pte & 1 ? pte & ~0x060 : undefined;
}

const asking = suite("hypercalls");

asking("hands over its four segments and a gate for every exception", () => {
  const host = runToEnd();
  assert.equal(
    callsOf(host, "LHCALL_LOAD_GDT_ENTRY").map(({ args }) => args[0]),
    [12, 13, 14, 15],
  );
  const gates = new Set(callsOf(host, "LHCALL_LOAD_IDT_ENTRY")
    .map(({ args }) => args[0]));
  for (let vector = 0; vector < 20; vector++) assert.ok(gates.has(vector));
  assert.ok(gates.has(layout.FIRST_EXTERNAL_VECTOR));
});

asking("makes a trap gate of the system call only, open to ring 3", () => {
  for (const { args } of callsOf(runToEnd(), "LHCALL_LOAD_IDT_ENTRY")) {
    const isSystemCall = args[0] === layout.SYSCALL_VECTOR;
    assert.is(args[1] >>> 16, layout.KERNEL_CS);
    assert.is(args[2] & 0xffff, isSystemCall ? 0xef00 : 0x8e00);
  }
});

asking("queues only what may wait", () => {
  const patient = ["NEW_PGTABLE", "FLUSH_TLB", "SET_PTE", "SET_PGD",
    "SET_STACK", "LOAD_TLS", "TS"].map((name) => `LHCALL_${name}`);
  for (const { name, queued } of runToEnd().calls)
    assert.ok(!queued || patient.includes(name), name);
});

asking("goes the direct way when the ring is full, in order", () => {
  const again = [".all:", "  mov edi, 100", ".again:",
    "  mov eax, LHCALL_SET_PGD", "  mov ecx, edi", "  call queue_hypercall",
    "  dec edi", "  jnz .again", ""].join("\n");
  const host = runToEnd([".all:\n", again]);
  const calls = callsOf(host, "LHCALL_SET_PGD").slice(2);
  assert.equal(calls.map(({ args }) => args[1]),
    Array.from({ length: 100 }, (_, n) => 100 - n));
  assert.is(calls.filter(({ queued }) => !queued).length, 1);
});

asking("says good night and why it leaves", () => {
  const host = runToEnd();
  assert.match(host.said, /Good night\.\n$/);
  assert.is(host.lastWords, "Power down");
  assert.is(host.calls.at(-1)!.name, "LHCALL_SHUTDOWN");
  assert.is(host.calls.at(-1)!.args[1], 1);
});

asking("runs the same way each time", () => {
  assert.equal(runToEnd().calls, runToEnd().calls);
});

asking.run();

const flag = suite("the interrupt flag");

flag("is closed while nobody could receive an interrupt", () => {
  const host = boot();
  while (callsOf(host, "LHCALL_SET_CLOCKEVENT").length === 0) {
    assert.is(runStandIn(host, 3), "limit");
    if (host.data !== 0)
      assert.is(data(host, lguestData.LGUEST_DATA_IRQ_ENABLED), 0);
  }
});

flag("is opened and closed without one hypercall", () => {
  assert.is(callsOf(runToEnd(), "LHCALL_SEND_INTERRUPTS").length, 0);
});

flag("sends for what was held up while it was closed", () => {
  const closed = "sub eax, ebp";
  const host = runToEnd(["  call nanoseconds\n  mov ebp, eax",
    `  mov dword [lguest_data], 0
  mov ecx, 3000000
  loop $
  call enable_interrupts
  call nanoseconds
  mov ebp, eax`]);
  assert.ok(source.includes(closed));
  assert.ok(callsOf(host, "LHCALL_SEND_INTERRUPTS").length >= 1);
  assert.is(data(host, lguestData.LGUEST_DATA_IRQ_PENDING), 0);
});

flag("holds up under a clock that rings all the time", () => {
  const host = runToEnd(["TICK equ 10000000", "TICK equ 3000"]);
  assert.match(host.said, /I slept for [3-9] ticks/);
  assert.match(host.said, /Good night\.\n$/);
  assert.ok(callsOf(host, "LHCALL_SET_CLOCKEVENT").length > 10);
});

flag("needs no luck: interrupts may come after any number of ticks", () => {
  for (let every = 301; every < 340; every++) {
    const host = boot();
    while (runStandIn(host, every) !== "dead") if (host.data) host.pending |= 1;
    assert.match(host.said, /Good night\.\n$/, `one every ${every} ticks`);
  }
});

flag("is honoured: no interrupt strikes between the store and the iret", () => {
  const host = boot();
  while (runStandIn(host, 97) !== "dead") {
    if (host.data) host.pending |= 1;
    const frames = stackWords(host);
    for (const word of frames)
      assert.not.ok(
        word > address("noirq_start") && word < address("noirq_end"),
        "no frame on the kernel's stack points there",
      );
  }
});

flag.run();

/** The words of the kernel's stack page. */
function stackWords({ m }: StandIn): number[] {
  const top = physical("kernel_stack_top");
  return Array.from({ length: 64 }, (_, n) => readPhys32(m, top - 4 - 4 * n));
}

const time = suite("time");

time("winds the clock again at each tick", () => {
  const host = runToEnd();
  const [first, ...rest] = callsOf(host, "LHCALL_SET_CLOCKEVENT");
  assert.is(first!.args[0], 10_000_000);
  assert.is(rest.length, readPhys32(host.m, physical("ticks")));
});

time("sleeps as many ticks as it was asked to, and by HALT", () => {
  const host = runToEnd(["  mov ebx, 3\n", "  mov ebx, 7\n"]);
  assert.match(host.said, /I slept for 7 ticks/);
  assert.is(callsOf(host, "LHCALL_HALT").length, 12);
});

time("agrees with the Host's clock", () => {
  assert.match(runToEnd().said, /Five more ticks took 50 ms/);
});

time("never sleeps through the tick that it waits for", () => {
  const ticks: number[] = [];
  for (let moment = 3; moment < 200; moment += portion(5, 1)) {
    const host = boot(["  add ebx, 5\n", "  add ebx, 1\n"]);
    while (!host.said.includes("exception 0D")) runStandIn(host, 50);
    runStandIn(host, moment);
    host.pending |= 1;
    assert.is(runStandIn(host, LONG), "dead");
    ticks.push(readPhys32(host.m, physical("ticks")));
  }
  const [most, least] = [ticks[0], ticks.at(-1)!];
  assert.is(most, least + 1, "an extra tick counts, unless it ends the wait");
  assert.equal(ticks, ticks.slice().sort((a, b) => b - a));
});

time("lets only the clock's interrupt in", () => {
  const host = runToEnd();
  const blocked = data(host, lguestData.LGUEST_DATA_BLOCKED_INTERRUPTS);
  assert.is(blocked, 0xfffffffe);
});

time.run();

const programs = suite("programs");

const EAR = "for ever after I ";

for (
  const [what, vector, instructions] of [
    ["turn off interrupts", "0D", ["cli"]],
    ["turn on interrupts", "0D", ["sti"]],
    ["halt the machine", "0D", ["hlt"]],
    ["make a hypercall", "0D", ["mov eax, LHCALL_SHUTDOWN", "int 0x1f"]],
    ["pretend to be the clock", "0D", ["int 32"]],
    ["use a port", "0D", ["in al, 0x60"]],
    ["read the kernel's memory", "0E", ["mov eax, [0xC0100000]"]],
    ["write the Host's memory", "0E", ["mov [0xFFC00000], eax"]],
    ["follow a null pointer", "0E", ["mov eax, [0]"]],
    ["change its own code", "0E", ["mov [USER_START], eax"]],
    ["divide by zero", "00", ["xor ecx, ecx", "div ecx"]],
    ["execute nonsense", "06", ["ud2"]],
    ["take the kernel's stack", "0D", ["mov eax, KERNEL_DS", "mov ss, eax"]],
    ["outgrow its stack", "0E", [".more: push eax", "jmp .more"]],
  ] as const
) {
  programs(`cannot ${what}`, () => {
    const host = runToEnd(rogueDoes(...instructions));
    const end = host.said.slice(host.said.indexOf(EAR) + EAR.length);
    assert.match(end, new RegExp(`^exception ${vector} at 004000..\n`));
    assert.is(host.lastWords, "Power down", "the kernel goes on");
  });
}

programs("are named with the address of what they did", () => {
  const { bytes, labels } = assembleWith(rogueDoes("rogue_ud: ud2"));
  const host = makeStandIn(bytes, MEMORY);
  runStandIn(host, LONG);
  const at = labels.get("rogue_ud")! - labels.get("programs")! + 0x400000;
  const hex = at.toString(16).toUpperCase().padStart(8, "0");
  assert.ok(host.said.includes(`exception 06 at ${hex}\n`));
});

programs("get a page of stack for each that they touch, up to 64 KB", () => {
  const host = runToEnd(
    rogueDoes("mov ecx, 16", ".page: sub esp, 4096", "mov [esp], ecx",
      "loop .page", "cli"),
  );
  assert.match(host.said, /exception 0D/);
  assert.match(host.said, /turned into pages: 17\./);
});

programs("find zeros on a stack that another has used", () => {
  const host = runToEnd(
    rogueDoes("mov eax, [USER_END - 60]", "test eax, eax", "jnz $ + 3", "cli",
      "ud2"),
  );
  assert.match(host.said, /exception 0D/);
});

programs("keep all registers but eax across a system call", () => {
  const host = runToEnd(
    rogueDoes("mov ebx, 1", "mov ecx, 2", "mov edx, 4", "mov esi, 8",
      "mov edi, 16", "mov ebp, 32", "mov eax, SYS_SLEEP", "int SYSCALL_VECTOR",
      "add ebx, ecx", "add ebx, edx", "add ebx, esi", "add ebx, edi",
      "add ebx, ebp", "cmp ebx, 63", "jne $ + 3", "cli", "ud2"),
  );
  assert.match(host.said, /exception 0D/);
});

programs("are refused a system call that does not exist", () => {
  const host = runToEnd(
    rogueDoes("mov eax, 99", "int SYSCALL_VECTOR", "cmp eax, -1", "jne $ + 3",
      "cli", "ud2"),
  );
  assert.match(host.said, /exception 0D/);
});

programs("cannot have the kernel's memory printed", () => {
  const host = runToEnd(
    rogueDoes("mov ebx, text_power_down", "mov eax, SYS_WRITE",
      "int SYSCALL_VECTOR", "cmp eax, -1", "jne $ + 3", "cli", "ud2"),
  );
  assert.match(host.said, /exception 0D/);
  assert.not.match(host.said, /Power down/);
});

programs("take the blame when the kernel faults on their pointer", () => {
  for (const pointer of ["0", "0x00500000", "PAGE_OFFSET - 251"]) {
    const host = runToEnd(
      rogueDoes(`mov ebx, ${pointer}`, "mov eax, SYS_WRITE",
        "int SYSCALL_VECTOR"),
    );
    assert.match(host.said, /exception 0E at C01/);
    assert.is(host.lastWords, "Power down");
  }
});

programs("may leave the direction flag and segments as they like", () => {
  const host = runToEnd(
    rogueDoes("std", "xor ecx, ecx", "mov es, ecx",
      "mov ebx, text_rogue - MOVED", "mov eax, SYS_WRITE", "int SYSCALL_VECTOR",
      "mov ds, ecx", "cli"),
  );
  assert.is(host.said.split(EAR).length - 1, 2);
  assert.match(host.said, /exception 0D/);
  assert.is(host.lastWords, "Power down");
});

programs("do not spoil it for the next by how they end", () => {
  const { said } = runToEnd(["citizen:\n", "citizen:\n  std\n  ud2\n"]);
  assert.match(said, /exception 06[^]*I turn off the interrupts/);
  assert.match(said, /exception 0D/);
});

programs("are interrupted by the clock while they compute", () => {
  const host = runToEnd(rogueDoes("mov ecx, 2500000", "loop $", "cli"));
  assert.is(callsOf(host, "LHCALL_SET_CLOCKEVENT").length, 1 + 8 + 2);
  assert.match(host.said, /exception 0D/);
});

programs.run();

const panic = suite("the kernel's own mistakes");

for (
  const [what, vector, mistake] of [
    ["an undefined instruction", "06", "  mistake: ud2\n"],
    ["a page that is not there", "0E", "  mistake: mov eax, [0x1000]\n"],
    ["a privileged instruction", "0D", "  mistake: hlt\n"],
  ] as const
) {
  panic(`${what} ends it with vector and address`, () => {
    const { bytes, labels } = assembleWith(["  call start_the_clock\n",
      mistake]);
    const host = makeStandIn(bytes, MEMORY);
    assert.is(runStandIn(host, LONG), "dead");
    const hex = labels.get("mistake")!.toString(16).toUpperCase();
    assert.is(host.lastWords,
      `The kernel stumbled: exception ${vector} at ${hex}\n`);
  });
}

panic.run();
