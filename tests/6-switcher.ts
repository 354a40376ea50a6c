// Chapter VI: real Guests on the real machine. Most of them are not honest.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LauncherMemory, Lhreq, type ReadResult } from "../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../tangled/abi/lguest-data.ts";
import { Reg } from "../tangled/abi/regs.ts";
import { assemble } from "../tangled/assembler/assemble.ts";
import { guestImage } from "../tangled/guest/image.ts";
import { buryGuest, createGuest } from "../tangled/host/birth.ts";
import { reg } from "../tangled/host/ground/guest.ts";
import type { Guest } from "../tangled/host/ground/state.ts";
import type { Host } from "../tangled/host/ground/state.ts";
import { createHost } from "../tangled/host/host.ts";
import { createHostKernel } from "../tangled/host/kernel.ts";
import { allocateMemory, freeMemory } from "../tangled/host/ground/launcher-memory.ts";
import { rows } from "../tangled/machine/rows/table.ts";
import { runGuest } from "../tangled/host/loop.ts";
import { createLauncher } from "../tangled/launcher/launch.ts";
import { Cpu } from "../tangled/machine/ground/layout.ts";
import { copyFromPhys, readPhys32 } from "../tangled/machine/ground/ram.ts";
import { Time } from "../tangled/machine/ground/state.ts";
import { assembleSwitcher } from "../tangled/switcher/image.ts";
import { switcherConstants } from "../tangled/switcher/pages.ts";
import { HostAt } from "../tangled/switcher/world.ts";
import { hasNasm, nasm, portion, seedFrom } from "./tools.ts";

const PAGE = 4096, PAGES = 64;
const read = (path: string) => readFileSync(`tangled/${path}`, "utf8");

// ---- a Guest in a few lines ------------------------------------------

/** Where things are in our Guests' memory. */
const AT = {
  DATA: 0x1000, DIRECTORY: 0x2000, TABLE: 0x3000, LOG: 0x4000,
  STACK: 0x8000, USTACK: 0x9000, NOTES: 0xa000, CODE: 0x10000,
};

/** A hypercall, in assembly. */
const ask = (number: number, ...args: (number | string)[]) => [
  `mov eax, ${number}`, ...args.map((arg, n) => `mov ${["ebx", "ecx", "edx", "esi"][n]}, ${arg}`), "int 0x1f",
].join("\n");
const hello = ask(Call.LHCALL_LGUEST_INIT, AT.DATA);
const tell = (value: number | string) => ask(Call.LHCALL_NOTIFY, value);
const goodbye = ask(Call.LHCALL_SHUTDOWN, AT.DATA, 1);
const gate = (vector: number, handler: string, rights = 0x8e00) =>
  [`mov edx, ${handler}`, "and edx, 0xffff0000", `or edx, ${rights}`, ask(Call.LHCALL_LOAD_IDT_ENTRY, vector, handler)].join("\n");
/** Goes down to ring 3. */
const descend = (label: string) =>
  ["push 0x7b", "push USTACK", "push 0x202", "push 0x73", `push ${label}`, "iret"].join("\n");
const descriptor = (index: number, low: number, high: number) => ask(Call.LHCALL_LOAD_GDT_ENTRY, index, low, high);

/** Introduces itself, takes tables and a stack, and segments for programs. */
const settleDown = [
  "mov esp, STACK", hello, ask(Call.LHCALL_NEW_PGTABLE, AT.DIRECTORY),
  descriptor(14, 0xffff, 0x00cffa00), descriptor(15, 0xffff, 0x00cff200),
  ask(Call.LHCALL_SET_STACK, 0x69, AT.STACK, 1),
].join("\n");

interface Subject { host: Host; guest: Guest }

const makeHost = (ramBytes = 3 << 20) => createHost({ ramBytes, read });

const bytesOf = (source: string) => assemble(`bits 32\n${source}\n`, { origin: AT.CODE, constants: AT }).bytes;

/** A Guest with this program at CODE, and page tables ready for use: its
 *  first four megabytes are at 0 for everybody, and at 0xc0000000. */
function makeGuest(source: string | Uint8Array, host = makeHost(), pages = PAGES): Subject {
  const memory = allocateMemory(host, 0, pages * PAGE);
  memory.copyIn(AT.CODE, typeof source === "string" ? bytesOf(source) : source);
  memory.write32(AT.DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, 0xc0000000);
  memory.write32(AT.DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(AT.DATA + Data.LGUEST_DATA_HCALL_STATUS, new Uint8Array(64).fill(0xff));
  for (const slot of [0, 768]) memory.write32(AT.DIRECTORY + slot * 4, AT.TABLE | 0x67);
  for (let page = 0; page < pages; page++) memory.write32(AT.TABLE + page * 4, page * PAGE | 7);
  return { host, guest: createGuest(host, memory, pages, AT.CODE) };
}

/** Runs a Guest for so many ticks; what it told, and how it ended. */
function live({ guest, host }: Subject, ticks = 2_000_000) {
  const end = host.machine.time[Time.NOW] + ticks;
  const told: number[] = [];
  for (;;) {
    const result: ReadResult = runGuest(guest, Math.max(0, end - host.machine.time[Time.NOW]));
    if (result.kind === "notify") told.push(result.address);
    else return { told, result, death: guest.death };
  }
}
/** The Host of all those who come alone. */
const common = makeHost();

/** Lets a Guest live on it, and clears up behind it. */
function visit<T>(source: string, ticks: number, look: (subject: Subject, life: ReturnType<typeof live>) => T): T {
  const subject = makeGuest(source, common);
  try {
    return look(subject, live(subject, ticks));
  } finally {
    buryGuest(subject.guest);
    freeMemory(common, subject.guest.memory);
  }
}
const told = (source: string) => visit(source, 2_000_000, (_, life) => life.told);
const deathOf = (source: string) => visit(source, 2_000_000, (_, life) => life.death);

// ---- attempts --------------------------------------------------------

/** What an attempt led to: a vector and its error code, "lived", or death. */
type Result = string;
const WITH_CODE = [8, 10, 11, 12, 13, 14, 17];

/** A Guest that tries each snippet in turn, in ring 1 or 3, and gets up
 *  again each time; `int 0x80` behind each snippet means that it lived. */
function attempt(ring: 1 | 3, snippets: readonly string[], before = ""): Result[] {
  const vectors = [...Array(18).keys()];
  const handlers = [...vectors, 0x80].map((v) =>
    `trap_${v}:\n${WITH_CODE.includes(v) ? "" : "push 0\n"}push ${v}\njmp record`).join("\n");
  const bodies = snippets.map((snippet, n) => [
    `try_${n}:`, `mov dword [NOTES], try_${n + 1}`, "mov esp, STACK", "mov eax, 0x69", "mov ds, eax", "mov es, eax",
    ring === 3 ? descend(`body_${n}`) : "",
    `body_${n}:`, snippet, "int 0x80",
  ].join("\n"));
  const source = [
    settleDown, ...vectors.map((v) => gate(v, `trap_${v}`, v === 3 ? 0xee00 : 0x8e00)), gate(0x80, "trap_128", 0xef00), before,
    "mov dword [NOTES + 4], LOG", "jmp try_0", handlers,
    "record:", "mov eax, 0x69", "mov ds, eax", "mov eax, [NOTES + 4]", "pop dword [eax]", "pop dword [eax + 4]", "add dword [NOTES + 4], 8",
    "jmp dword [NOTES]", ...bodies, `try_${snippets.length}:`, goodbye,
  ].join("\n");
  return visit(source, 20_000_000, ({ guest: { memory } }, { death }) => {
    const count = (memory.read32(AT.NOTES + 4) - AT.LOG) / 8;
    const results = Array.from({ length: count }, (_, n) => {
      const vector = memory.read32(AT.LOG + n * 8), code = memory.read32(AT.LOG + n * 8 + 4);
      if (vector === 0x80) return "lived";
      return WITH_CODE.includes(vector) ? `${vector} (${code.toString(16)})` : `${vector}`;
    });
    return death === "CRASH: " ? results : [...results, `died: ${death}`];
  });
}

/** Each snippet in the ring leads to what stands beside it. */
function leadTo(ring: 1 | 3, rows: readonly (readonly [snippet: string, result: Result])[], before = ""): void {
  const results = attempt(ring, rows.map(([snippet]) => snippet), before);
  rows.forEach(([snippet, result], n) => assert.is(results[n], result, `ring ${ring}: ${snippet}`));
  assert.is(results.length, rows.length, results.at(-1));
}

// ---- the verses ------------------------------------------------------

const ballad = suite("VI: the Ballad, in bytes");

ballad("nasm reads the same bytes in it, stubs and all", () => {
  if (!hasNasm()) return;
  const stubs = Array.from({ length: 256 }, (_, v) =>
    `${WITH_CODE.includes(v) ? "" : "push 0\n"}push ${v}\njmp ${v === 2 ? "ignore_nmi" : "leave_guest"}\n`);
  const theirs = nasm(read("switcher/switcher.asm") + stubs.join(""), { ...switcherConstants, SYSCALL: 0x80 });
  assert.is(Buffer.compare(assembleSwitcher(read("switcher/switcher.asm")).bytes, theirs), 0);
});

ballad("and in the Host's few lines", () => {
  if (!hasNasm()) return;
  const constants = { ...switcherConstants, HOST_CODE: HostAt.CODE };
  const source = read("switcher/host.asm");
  assert.is(Buffer.compare(assemble(source, { constants }).bytes, nasm(source, constants)), 0);
});

ballad("every vector has a stub of its own, all of them in one page", () => {
  const { bytes, entry, stubs } = assembleSwitcher(read("switcher/switcher.asm"));
  assert.is(entry, 0xffc00000);
  assert.ok(bytes.length <= PAGE);
  assert.is(new Set(stubs).size, 256);
  assert.ok(stubs.every((at) => at > entry && at < entry + bytes.length));
});

ballad.run();

// ---- there and back --------------------------------------------------

const crossing = suite("VI: there and back");

/** Calls `look` after each return of a Guest. */
function watch(host: Host, look: (guest: Guest, ticks: number) => void): void {
  const { goOn } = host;
  host.goOn = (guest, end) => {
    const back = goOn(guest, end);
    if (back && !guest.halted) look(guest, host.machine.time[Time.NOW] - guest.since!);
    return back;
  };
}

const REGISTERS = ["eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"];

crossing("no register is lost on the way, nor a flag, whatever took the Guest away", () => {
  const subject = makeGuest([
    settleDown, descriptor(6, 0xffff, 0x00cff200), descriptor(7, 0xffff, 0x00cfb200),
    "push 0x33", "pop gs", "push 0x39", "pop fs", "push 0x7b", "pop es", "mov esp, 0x7ff0",
    ...REGISTERS.map((r, n) => `mov ${r}, ${0x11111111 * (n + 1)}`), "mov [0x2f000], esp",
    "std", "loop_on: xchg [LOG], eax", "inc eax", "cmp eax, 300000", "xchg [LOG], eax", "jne loop_on", "stc",
    "pushfd", "pushad", "mov eax, gs", "shl eax, 16", "mov ax, fs", "push eax", "mov eax, es", "push eax",
    "cld", "mov esi, esp", "mov edi, 0x20000", "push ds", "pop es", "mov ecx, 11", "rep movsd", goodbye,
  ].join("\n"));
  let returns = 0;
  watch(subject.host, () => { returns++; });
  assert.is(live(subject, 4_000_000).death, "CRASH: ");
  assert.ok(returns > 20, `${returns}`);
  const words = Array.from({ length: 11 }, (_, n) => subject.guest.memory.read32(0x20000 + n * 4));
  const [es, gsfs, edi, esi, ebp, esp, ebx, edx, ecx, eax, flags] = words;
  assert.equal([es, gsfs], [0x7b, 0x00330039]);
  assert.equal([eax, ebx, ecx, edx, esi, edi, ebp], [1, 2, 3, 4, 5, 6, 7].map((n) => 0x11111111 * n));
  assert.is(esp, 0x7fec);
  assert.is(flags, 0x647, "carry, parity, zero, interrupts, direction");
});

crossing("after each return the Host's world is what it was", () => {
  const subject = makeGuest([
    settleDown, gate(3, "on", 0xee00), "mov ebp, 20", "on: mov esp, STACK", "std", ask(Call.LHCALL_FLUSH_TLB, 1),
    "dec ebp", "js $", "mov [0x20000], eax", "int3",
  ].join("\n"));
  const { machine } = subject.host;
  const segments = [0, 1, 3, 4, 5, 7].flatMap((segment) =>
    [Cpu.SELECTOR, Cpu.BASE, Cpu.LIMIT, Cpu.RIGHTS].map((word) => word + segment));
  const words = [Cpu.GDT_BASE, Cpu.GDT_LIMIT, Cpu.IDT_BASE, Cpu.IDT_LIMIT, Cpu.CR0, Cpu.CR3, Cpu.CR4, Cpu.CPL, Cpu.USER,
    Cpu.ESP, ...segments];
  const world = () => words.map((word) => machine.cpu[word] >>> 0);
  const rights = (at: number) => readPhys32(machine, at + 4) & 0xff00;
  let before: number[] | undefined, returns = 0;
  watch(subject.host, () => {
    returns++;
    before ??= world();
    assert.equal(world(), before);
    assert.equal([Cpu.CR3, Cpu.GDT_BASE, Cpu.IDT_BASE].map((word) => machine.cpu[word]), [HostAt.DIRECTORY, HostAt.GDT, HostAt.IDT]);
    assert.is(machine.cpu[Cpu.ESP], HostAt.STACK_TOP);
    assert.is(machine.cpu[Cpu.FLAGS] & 0x7700, 0, "no interrupts, no direction, no ring but 0");
    assert.is(rights(HostAt.GDT + 0x80), 0x8b00, "the Host's task is busy");
    assert.is(rights(subject.host.switcher.state + 0x888 + 0x80), 0x8900, "the Guest's is not");
  });
  live(subject, 300_000);
  assert.ok(returns > 60, `${returns}`);
});

/** Fills pages with `mov ss, eax`. */
function fill({ guest }: Subject, first: number, end: number): void {
  const page = Uint8Array.from({ length: PAGE }, (_, n) => [0x8e, 0xd0][n % 2]);
  for (let n = first; n < end; n++) guest.memory.copyIn(n * PAGE, page);
}

crossing("a Guest that loops for ever is interrupted by the Host's clock, whatever it loops with", () => {
  const loops: [string, (subject: Subject) => void][] = [
    ["jmp $", () => {}],
    ["xor ecx, ecx\nforever: dec ecx\nmov edi, 0x20000\nmov ecx, 0x4000\nrep stosb\njmp forever", () => {}],
    ["mov ecx, 0xffffffff\nrep lodsb", ({ guest }) => {
      const { memory } = guest;
      for (let slot = 1; slot < 1023; slot++) memory.write32(AT.DIRECTORY + slot * 4, AT.TABLE | 0x67);
      for (let row = 0; row < 1024; row++) memory.write32(AT.TABLE + row * 4, (row % PAGES) * PAGE | 0x67);
    }],
    [`mov eax, 0x69\n${"mov ss, eax\n".repeat(10)}jmp 0x20000`, (subject) => { fill(subject, 0x20, 0x3f); }],
    ["popf_: push 0x3002\npopf\njmp popf_", () => {}],
  ];
  for (const [code, change] of loops) {
    const subject = makeGuest([settleDown, gate(14, "again"), "again: mov esp, STACK", code].join("\n"));
    change(subject);
    let longest = 0;
    watch(subject.host, (_, ticks) => { longest = Math.max(longest, ticks); });
    assert.equal(live(subject, 250_000).result, { kind: "interrupted" }, code);
    assert.ok(longest < 101_000, `${code}: ${longest} ticks in one go`);
  }
});

crossing("changes of ss cannot keep the clock out, though each asks for a pause", () => {
  const subject = makeGuest([
    settleDown, "mov esi, 0x20000", "touch: mov eax, [esi]", "add esi, 4096", "cmp esi, 0x80000", "jb touch",
    "mov eax, 0x69", "jmp 0x20000",
  ].join("\n"), makeHost(), 128);
  fill(subject, 0x20, 0x80);
  let longest = 0;
  watch(subject.host, (_, ticks) => { longest = Math.max(longest, ticks); });
  live(subject, 250_000);
  assert.ok(longest > 99_000 && longest < 101_000, `${longest}`);
});

crossing("int 0x80 leads from ring 3 to ring 1 and the Host never hears of it", () => {
  const subject = makeGuest([
    settleDown, gate(0x80, "called", 0xef00), "mov ecx, 1000", "push 0x7b", "pop ds", descend("program"),
    "program: int 0x80", "dec ecx", "jnz program", "mov ecx, 0x80000000", "int 0x80",
    "called: test ecx, ecx", "js done", "inc dword [LOG]", "iret",
    "done: mov eax, cs", "shl eax, 16", "mov ax, ss", "mov ebp, eax", "add ebp, [LOG]", tell("ebp"), goodbye,
  ].join("\n"));
  let returns = 0, last = 0;
  watch(subject.host, (guest) => { returns++; last = reg(guest, Reg.TRAPNUM); });
  assert.equal(live(subject).told, [0x00610069 + 1000]);
  assert.ok(returns < 30, `${returns} returns for 1000 calls`);
  assert.is(last, 31);
});

crossing("sleeping takes exactly as long as it was meant to", () => {
  const subject = makeGuest([
    settleDown, gate(32, "woken"), "mov dword [DATA + 4], 0", "rdtsc", "mov edi, eax",
    ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000), ask(Call.LHCALL_HALT), "jmp $",
    "woken: rdtsc", "sub eax, edi", "mov ebp, eax", tell("ebp"), goodbye,
  ].join("\n"));
  const [ticks] = live(subject, 20_000_000).told;
  assert.ok(ticks! >= 5_000_000 && ticks! < 5_000_500, `${ticks}`);
});

crossing("a trap onto a stack that the shadow does not have yet is an ordinary page fault", () => {
  const use = (page: number, flush: string) => visit([
    settleDown, gate(0x80, "called", 0xef00), ask(Call.LHCALL_SET_STACK, 0x69, page * PAGE, 0), flush,
    descend("program"), "program: int 0x80", "called: mov ebp, esp", tell("ebp"), goodbye,
  ].join("\n"), 2_000_000, (_, life) => life);
  for (const flush of ["", ask(Call.LHCALL_FLUSH_TLB, 0), ask(Call.LHCALL_FLUSH_TLB, 1)])
    assert.equal(use(0x21, flush), { told: [0x21 * PAGE - 20], result: { kind: "error", errno: 2 }, death: "CRASH: " });
  assert.match(use(PAGES + 2, "").death!, /^(unhandled trap 14|bad address)/);
});

crossing.run();

// ---- locked doors ----------------------------------------------------

const doors = suite("VI: locked doors");

doors("what only ring 0 may do, nobody out here can", () => {
  const nowhere = ["lgdt", "lidt", "ltr", "lldt", "lmsw", "invlpg"].map((name) => `${name} [0xfffffff0]`);
  const privileged = ["lgdt [0x5000]", "lidt [0x5000]", "mov eax, 0x80\nltr ax", ...nowhere, "clts", "hlt", "invlpg [0x5000]", "sti",
    ...[0, 2, 3, 4].flatMap((n) => [`mov eax, cr${n}`, `mov cr${n}, eax`])];
  for (const ring of [1, 3] as const) leadTo(ring, privileged.map((code) => [code, "13 (0)"]));
  const habits = ["cli", "in al, 0x60", "in eax, dx", "out 0x80, al", "out dx, ax"];
  leadTo(1, habits.map((code) => [code, "lived"]));
  leadTo(3, habits.map((code) => [code, "13 (0)"]));
});

doors("knocking with int is allowed where the Guest allows it, and else tells the door's number", () => {
  const every = (ring: 1 | 3) => [...Array(256).keys()].map((v) => {
    const opens = v === 0x80 || (v === 31 && ring === 1);
    const result = opens ? "lived" : v === 3 ? "3" : `13 (${(v * 8 + 2).toString(16)})`;
    return [`xor eax, eax\nint ${v}`, result] as const;
  });
  for (const ring of [1, 3] as const) leadTo(ring, every(ring));
});

doors("programs cannot make hypercalls, nor system calls that their kernel does not have", () => {
  leadTo(3, [["mov eax, 2\nint 0x1f", "13 (fa)"]]);
  const refuse = (rights: number) => attempt(3, ["int 0x80"], gate(0x80, "trap_128", rights));
  assert.equal(refuse(0x8f00).slice(0, 1), ["13 (402)"]);
  assert.equal(refuse(0).slice(0, 1), ["13 (402)"]);
});

doors("the Host's segments are nobody's, by whatever name", () => {
  const data = ["ds", "es", "fs", "gs"].flatMap((segment) =>
    [[0x58, 58], [0x59, 58], [0x5b, 58], [0x80, 80], [0x50, 50]].map(([selector, code]) =>
      [`mov eax, ${selector}\nmov ${segment}, eax`, `13 (${code})`] as const));
  const jumps = [0x50, 0x53, 0x58, 0x80, 0xf8, 0x100].flatMap((selector) => {
    const result = `13 (${(selector & ~3).toString(16)})`;
    return [
      `jmp ${selector}:0xffc00000`, `call ${selector}:0xffc00000`, `push ${selector}\npush 0xffc00000\nretf`,
      `push 0x69\npush STACK\npush 0x202\npush ${selector}\npush 0xffc00000\niret`,
    ].map((code) => [code, result] as const);
  });
  for (const ring of [1, 3] as const)
    leadTo(ring, [
      ...data, ...jumps, ["mov eax, 0x58\nmov ss, eax", "13 (58)"], ["mov eax, 0\nmov ss, eax", "13 (0)"],
      ["jmp 0:0", "13 (0)"], ["jmp 0x64:0", "13 (64)"],
    ]);
});

doors("nobody returns inward", () => {
  const frame = (cs: number, ss: number) => `push ${ss}\npush STACK\npush 0x202\npush ${cs}\npush 0x5000\niret`;
  leadTo(1, [
    [frame(0x60, 0x68), "13 (60)"], [frame(0x62, 0x6a), "13 (60)"], [frame(0x70, 0x78), "13 (70)"],
    [frame(0x73, 0x58), "13 (58)"], [frame(0x73, 0x69), "13 (68)"],
  ]);
  leadTo(3, [
    [frame(0x61, 0x69), "13 (60)"], [frame(0x60, 0x68), "13 (60)"], [frame(0x71, 0x79), "13 (70)"],
    ["push 0x61\npush 0x5000\nretf", "13 (60)"],
  ]);
});

doors("no flag that matters can be had by popf or iret", () => {
  const check = "pushfd\npop eax\nand eax, 0x23200\ncmp eax, 0x200\nje .same\nud2\n.same:";
  const values = [0x2, 0x3002, 0x3202, 0x20002, 0xffffbeff];
  for (const ring of [1, 3] as const) {
    const [cs, ss] = ring === 1 ? [0x61, 0x69] : [0x73, 0x7b];
    leadTo(ring, values.flatMap((flags) => [
      [`push ${flags}\npopfd\n${check}`, "lived"],
      [`mov ebx, esp\npush ${ss}\npush ebx\npush ${flags}\npush ${cs}\npush .here\niret\n.here: ${check}`, "lived"],
      [`push ${flags}\npopfd\nsti`, "13 (0)"],
    ] as const));
  }
  leadTo(1, [["push 0x4202\npopfd\niret", "10 (0)"]]);
});

doors("ring 1 may look at the Switcher's pages and write to its own registers, ring 3 may nothing", () => {
  const [code, a, b, none] = [0xffc00000, 0xffc01ffc, 0xffc02000, 0xffc03000];
  leadTo(1, [
    [`mov eax, [${code}]`, "lived"], [`mov [${code}], eax`, "14 (3)"],
    [`mov eax, [${a}]`, "lived"], [`mov [${a}], eax`, "lived"],
    [`mov eax, [${b}]`, "lived"], [`mov [${b}], eax`, "14 (3)"],
    [`mov eax, [${none}]`, "14 (0)"], [`mov [${none}], eax`, "14 (2)"], ["mov eax, [0xfffffffe]", "14 (0)"],
    ["mov edi, 0xffc01000\nmov ecx, 1024\nrep stosd", "lived"], ["mov dword [0xffc01ffe], 0", "14 (3)"],
    ["sgdt [0xffc02000]", "14 (3)"], ["lock inc dword [0xffc02888]", "14 (3)"],
  ]);
  const program = "mov eax, 0x7b\nmov ds, eax\n";
  leadTo(3, [
    ...[code, a, b].flatMap((at) =>
      [[`${program}mov eax, [${at}]`, "14 (5)"], [`${program}mov [${at}], eax`, "14 (7)"]] as const),
    [`${program}mov eax, [${none}]`, "14 (4)"], [`${program}mov [${none}], eax`, "14 (6)"],
    [`jmp ${code}`, "14 (5)"], [`jmp ${none}`, "14 (4)"],
  ]);
});

doors("cr0 is as a Guest has to find it, and `wait` minds TS like everything of the FPU's", () => {
  const found = told([settleDown, "smsw ebp", "and ebp, 0xffff", tell("ebp"), goodbye].join("\n"));
  const PE = 1, MP = 2, ET = 16, NE = 32;
  assert.equal(found.map((word) => word & 0x3f), [PE | MP | ET | NE], "neither EM nor TS");
  if (!rows.some(({ name }) => name === "wait")) return; // chapter VII has not built the FPU yet
  const uses = ["wait", "fld1", "fnop", "fnstsw ax"];
  leadTo(1, uses.map((use) => [use, "lived"] as const));
  for (const ring of [1, 3] as const) leadTo(ring, uses.map((use) => [use, "7"] as const), ask(Call.LHCALL_TS, 8));
  leadTo(1, uses.map((use) => [`${ask(Call.LHCALL_TS, 8)}\n${ask(Call.LHCALL_TS, 0)}\n${use}`, "lived"] as const), ask(Call.LHCALL_TS, 8));
});

doors("a Guest whose own tables claim those addresses gets no further", () => {
  const claim = [
    `mov dword [${AT.DIRECTORY + 1023 * 4}], ${AT.TABLE | 0x67}`,
    ask(Call.LHCALL_SET_PGD, AT.DIRECTORY, 1023), ask(Call.LHCALL_FLUSH_TLB, 1),
  ].join("\n");
  const results = attempt(1, ["mov eax, [0xffc03000]", "mov [0xffc02000], eax", "mov [0xffc00000], eax"], claim);
  assert.equal(results, ["14 (0)", "14 (3)", "14 (3)"]);
});

doors("jumping into the Switcher in ring 1 is a death", () => {
  for (const at of [0xffc00000, 0xffc00010, assembleSwitcher(read("switcher/switcher.asm")).stubs[14]])
    assert.match(deathOf(`${settleDown}\nmov eax, 0xffc01000\njmp ${at}`)!, /^(unhandled trap|bad address)/);
});

doors("call gates, task gates and task states never get as far as the GDT", () => {
  for (const type of [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 14, 15]) {
    const load = descriptor(6, 0x00500000, 0x8000 | type << 8 | 0x6000);
    assert.match(deathOf(`${settleDown}\n${load}`)!, /^bad GDT entry 6: 0x\w+ is not a segment$/);
  }
});

doors.run();

// ---- the stumble -----------------------------------------------------

const stumble = suite("VI: the stumble");

stumble("a Guest that removes a descriptor which it has loaded is to blame, with number 256", () => {
  for (const [segment, index] of [["gs", 6], ["fs", 6], ["es", 6], ["ds", 13], ["ss", 13], ["cs", 12]] as const) {
    const load = index === 6 ? `${descriptor(6, 0xffff, 0x00cff200)}\npush 0x33\npop ${segment}\n` : "";
    for (const [low, high] of [[0, 0], [0xffff, 0x00cf1200], [0xffff, 0x00cff800]] as const) {
      const death = deathOf(`${settleDown}\n${load}${descriptor(index, low, high)}\njmp $`);
      assert.match(death!, /^unhandled trap 256 at /, `${segment} ${high.toString(16)}`);
    }
  }
});

stumble("not even with a gate for every trap of its own, direct or not, does it get up again", () => {
  for (const rights of [0x8e00, 0xef00]) {
    const gates = [...Array(32).keys()].map((v) => gate(v, "again", rights)).join("\n");
    for (const index of [6, 12, 13]) {
      const source = [settleDown, gates, descriptor(6, 0xffff, 0x00cff200), "push 0x33", "pop gs", descriptor(index, 0, 0), "again: jmp $"];
      assert.match(deathOf(source.join("\n"))!, /^unhandled trap 256 at /);
    }
  }
});

stumble("a stack for traps that is none ends in the same way", () => {
  const trap = (ss: number, gates: string) => deathOf([
    settleDown, gate(0x80, "again", 0xef00), gates, ask(Call.LHCALL_SET_STACK, ss, AT.STACK, 0),
    descend("program"), "program: int 0x80", "again: jmp $"].join("\n"));
  for (const ss of [1, 0x61, 0x31, 0xfd, 0xfff1]) {
    assert.match(trap(ss, "")!, /^unhandled trap 1[02] /);
    assert.match(trap(ss, gate(10, "again"))!, /^unhandled trap 256 /);
    assert.match(trap(ss, [10, 11, 12, 13].map((v) => gate(v, "again", 0xef00)).join("\n"))!, /^unhandled trap (8|256) /);
  }
});

stumble("a fault in a fault in a fault is a death of the Guest, not of the machine", () => {
  const gates = [...Array(32).keys()].map((v) => gate(v, "again", 0xef00)).join("\n");
  const lasts = [
    "mov esp, 0xffc00000\nint3", "mov esp, 2\npush eax", "xor esp, esp\nud2", "mov esp, 0xffc02008\nint3",
    ask(Call.LHCALL_NEW_PGTABLE, 0x5000), `mov dword [${AT.DIRECTORY}], 0\n${ask(Call.LHCALL_SET_PGD, AT.DIRECTORY, 0)}`,
  ];
  for (const last of lasts)
    assert.match(deathOf(`${settleDown}\n${gates}\n${last}\nagain: int3`)!, /^(unhandled trap|bad address|bad stack page)/, last);
});

stumble.run();

// ---- two at once -----------------------------------------------------

const company = suite("VI: in company");

/** Lets two Guests live in turns of odd lengths; what each of them told. */
function inTurn(guests: readonly Subject[]): number[][] {
  const told: number[][] = [[], []];
  for (let turn = 0; guests.some(({ guest }) => guest.death === undefined); turn++) {
    const which = turn % 2;
    const result = runGuest(guests[which].guest, 700 + (turn * 37) % 900);
    if (result.kind === "notify") told[which].push(result.address);
  }
  return told;
}

/** Adds up what its own gates, descriptors and memory say, 500 times. */
const accountant = (step: number, base: number) => [
  settleDown, gate(0x80, "called", 0xef00),
  descriptor(6, (base << 16 | 0xffff) >>> 0, 0x00cff200 | base >>> 16), "push 0x33", "pop gs",
  `mov dword [${base}], ${step * 3}`, "mov edi, 500", "on: int 0x80", "add ebp, [gs:0]", ask(Call.LHCALL_FLUSH_TLB, 1),
  ask(Call.LHCALL_LOAD_IDT_ENTRY, 5, "edi", 0x8e00), "dec edi", "jnz on", tell("ebp"), goodbye, `called: add ebp, ${step}`, "iret",
].join("\n");

company("two Guests in turn on one Host do not get into each other's books", () => {
  const host = makeHost();
  const guests = [accountant(5, 0x20000), accountant(70_000, 0x30000)].map((source) => makeGuest(source, host));
  const alone = [accountant(5, 0x20000), accountant(70_000, 0x30000)].map((source) => told(source));
  assert.equal(alone, [[500 * 20], [500 * 280_000]]);
  assert.equal(inTurn(guests), alone);
});

/** Adds up with the FPU, 500 times, and never looks into it before the end. */
const calculator = (step: number) => [
  settleDown, `mov dword [0x20000], ${step}`, "fninit", "fldz", "mov edi, 500", "on: fild dword [0x20000]", "faddp st1, st0",
  ask(Call.LHCALL_FLUSH_TLB, 1), "dec edi", "jnz on", "fistp dword [0x20000]", "mov ebp, [0x20000]", tell("ebp"), goodbye,
].join("\n");

company("each finds in the FPU what it left there", () => {
  if (!rows.some(({ name }) => name === "fild")) return; // chapter VII has not built the FPU yet
  const host = makeHost();
  const guests = [3, 1000].map((step) => makeGuest(calculator(step), host));
  assert.equal(inTurn(guests), [[1500], [500_000]]);
});

company("what one leaves in a frame, the next does not find", () => {
  const host = makeHost(2 << 20);
  for (let n = 0; n < 8; n++) {
    const { guest } = makeGuest(`${settleDown}\nmov edi, 0x14000\nmov ecx, 0xb000\nmov eax, 0x5ec4e7\nrep stosd\n${tell(1)}`, host);
    assert.ok(guest.memory.copyOut(0x14000, 0x2c000).every((byte) => byte === 0));
    assert.is(runGuest(guest, 1e6).kind, "notify");
    assert.is(guest.memory.read32(0x3fffc), 0x5ec4e7);
    buryGuest(guest);
    freeMemory(host, guest.memory);
  }
});

company.run();

// ---- the book's own Guest --------------------------------------------

const whole = suite("VI: it runs");

/** From chapter VII on one can watch the Host, and then what it tells counts too. */
const watching = (watch: (event: { tick: number; text: string }) => void): object => ({ watch });

function boot(step = 1e9, typed = "", slow = Infinity) {
  const events: [tick: number, text: string][] = [];
  const kernel = createHostKernel({ ramBytes: 5 << 20, read, ...watching(({ tick, text }) => events.push([tick, text])) });
  let said = "", portions = 0;
  const launcher = createLauncher(kernel, {
    megabytes: 2, commandLine: "", kernel: { name: "the book's own Guest", bytes: image }, log: () => {},
    show(text) {
      said += String.fromCharCode(...text);
      return ++portions % slow !== 0;
    },
  });
  launcher.type(new TextEncoder().encode(typed));
  for (;;) {
    const { kind } = launcher.step(step);
    if (kind !== "limit" && kind !== "output") return { said, kind, ticks: kernel.retired(), events };
  }
}
const image = guestImage(read);

whole("the Guest says its piece and switches itself off", () => {
  const { said, kind } = boot();
  assert.is(kind, "poweroff");
  assert.match(said, /^Hello from ring 1![^]*Hello from ring 3![^]*exception 0D[^]*Good night\.\n$/);
});

whole("twice the same takes the same number of ticks", () => {
  assert.equal(boot(), boot());
});

whole("how often the Launcher looks in, and who reads, changes neither a word nor a tick", () => {
  const life = boot(1e9, "Eve\n");
  for (const [step, slow] of [[1e9, 1], [9973, 3], [123_457, Infinity]] as const)
    assert.equal(boot(step, "Eve\n", slow), life, `${step}`);
});

whole.run();

// ---- nuisances -------------------------------------------------------

const budgets = suite("VI: a budget is a budget");

/** An ELF file with this code at one megabyte. */
function elf(source: string) {
  const { bytes: code } = assemble(`bits 32\n${source}`, { origin: MB });
  const bytes = new Uint8Array(0x54 + code.length), view = new DataView(bytes.buffer);
  for (const [at, value] of [
    [0, 0x464c457f], [4, 0x00010101], [16, 0x00030002], [20, 1], [24, MB], [28, 0x34], [40, 52 | 32 << 16], [44, 1],
    [0x34, 1], [0x38, 0x54], [0x3c, MB], [0x40, MB], [0x44, code.length], [0x48, 0x1000],
  ] as const) view.setUint32(at, value, true);
  bytes.set(code, 0x54);
  return { name: "a nuisance", bytes };
}
const MB = 0x100000, RAM = 2 * MB, QUEUES = [RAM + 0x1000, RAM + 0x4000], SHARED = 0x2000;
const DIRECTORY = 0x8000;

/** A kernel that has introduced itself and started its console. Its page
 *  tables are made, but not in use. */
const nuisanceStarts = [
  "cld", "mov esp, 0x90000", `mov dword [${SHARED + Data.LGUEST_DATA_SYSCALL_VEC}], 0x80`,
  `mov dword [${SHARED + Data.LGUEST_DATA_KERNEL_ADDRESS}], 0xc0000000`,
  `mov edi, ${SHARED + Data.LGUEST_DATA_HCALL_STATUS}`, "mov ecx, 16", "mov eax, -1", "rep stosd",
  ask(Call.LHCALL_LGUEST_INIT, SHARED), `mov byte [${RAM + 4}], 3`, tell(RAM),
  `mov edi, ${DIRECTORY}`, `mov eax, ${0x10000 | 0x67}`, "mov ecx, 1023", "rep stosd",
  "mov edi, 0x10000", "mov eax, 7", "tables: stosd", "add eax, 4096", `cmp eax, ${RAM + 0x7000}`, "jb tables",
].join("\n");

/** Puts a chain of `count` pieces, all the same, into a queue, and offers it
 *  256 times with each kick. */
const crowd = (queue: number, count: number, at: number, length: number, writable: 0 | 2, name: string) => [
  `mov edi, ${queue}`, "xor edx, edx", `${name}_fill: mov dword [edi], ${at}`, "mov dword [edi + 4], 0", `mov dword [edi + 8], ${length}`,
  "inc edx", `mov word [edi + 12], ${writable | 1}`, "mov [edi + 14], dx", "add edi, 16", `cmp edx, ${count}`, `jb ${name}_fill`,
  `mov word [edi - 4], ${writable}`, `mov edi, ${queue + 0x1004}`, "xor eax, eax", "mov ecx, 128", "rep stosd",
  `add word [${queue + 0x1002}], 256`, tell(queue),
].join("\n");

/** Queues one call 64 times, and has it done. */
const bulk = (name: string, ...words: number[]) => [
  `mov edi, ${SHARED + Data.LGUEST_DATA_HCALLS}`, "mov ecx, 64",
  `${name}_fill: ${words.map((word, n) => `mov dword [edi + ${4 * n}], ${word}`).join("\n")}`, "add edi, 20", `loop ${name}_fill`,
  `mov edi, ${SHARED + Data.LGUEST_DATA_HCALL_STATUS}`, "mov ecx, 16", "xor eax, eax", "rep stosd", ask(Call.LHCALL_FLUSH_ASYNC),
].join("\n");

/** One thing that keeps a Host or a Launcher busy; `name` is for its labels. */
function nuisance(random: (below: number) => number, name: string): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  switch (random(12)) {
    case 0: return crowd(QUEUES[1], 256, 0, 0, 0, name);
    case 1: return crowd(QUEUES[0], 256, 0x20000, random(3), 2, name);
    case 2: return crowd(QUEUES[1], 1 + random(3), 0, random(8000), 0, name);
    case 3: return crowd(QUEUES[1], 1, 0, RAM, 0, name);
    case 4: return `add word [${QUEUES[1] + 0x1002}], ${1 + random(256)}\n${tell(QUEUES[1])}`;
    case 5: return [`mov edi, ${MB + 0x10000}`, `mov ecx, ${random(0xe0000)}`, "mov al, 65", "rep stosb", tell(MB + 0x10000)].join("\n");
    case 6: return [`mov ecx, ${random(40)}`, `${name}_again: push ecx`, tell(pick([0x3000, 0x20000, RAM + 5, RAM + 0x6fff])), "pop ecx", `loop ${name}_again`].join("\n");
    case 7: return [`mov byte [${RAM + 4}], 0`, tell(RAM), `mov byte [${RAM + 4}], 3`, tell(RAM)].join("\n");
    case 8: return bulk(name, pick([Call.LHCALL_FLUSH_TLB, Call.LHCALL_TS, Call.LHCALL_SET_PTE]), random(2), 0xc0001000, 0x1067);
    case 9: return bulk(name, Call.LHCALL_NOTIFY, pick([0x3000, MB, QUEUES[0], QUEUES[1]]));
    case 10: return [ask(Call.LHCALL_NEW_PGTABLE, DIRECTORY), `mov ecx, ${random(200)}`,
      `${name}_touch: mov eax, ecx`, "shl eax, 22", "mov eax, [eax]", `loop ${name}_touch`, ask(Call.LHCALL_FLUSH_TLB, 1)].join("\n");
    default: return [`mov dword [${SHARED + 4}], 0`, `mov dword [${SHARED}], 0x200`, ask(Call.LHCALL_SET_CLOCKEVENT, 1 + random(5000)),
      ...(random(2) ? [ask(Call.LHCALL_HALT)] : [])].join("\n");
  }
}

/** A Guest that does a few of these for ever, or until it dies of it; one in
 *  four ends in an exception whose handler is where it came from. */
function busybody(seed: number) {
  const random = randomNumbers(seed * 40_503);
  const gates = [...[0, 6, 13, 14].map((v) => gate(v, "trouble", random(2) ? 0x8e00 : 0x8f00)), gate(32, "tick")];
  const body = Array.from({ length: 1 + random(4) }, (_, n) => nuisance(random, `n${n}`));
  const last = random(4) === 0 ? ["trouble: ud2", "div eax", "mov esp, 0xffc00000\nint3", "cli\nhlt"][random(4)] : "";
  return elf([nuisanceStarts, ...gates, "body:", ...body, last, "jmp body", last.startsWith("trouble") ? "" : "trouble: jmp trouble", "tick: iret"].join("\n"));
}

/** Its life in steps, up to a tick; what was done for it. */
function keepBusy(image: ReturnType<typeof elf>, step: number, until: number, slow = Infinity) {
  const work = { words: 0, events: 0, shown: 0, portions: 0, longest: 0 };
  let hash = 0, tick = 0;
  const kernel = createHostKernel({ ramBytes: RAM + 3 * MB, read, ...watching(({ tick, text }) => {
    work.events++;
    hash = Math.imul(hash ^ tick, 16777619) ^ text.length;
  }) });
  const { allocate } = kernel;
  const launcher = createLauncher({ ...kernel, allocate: (bytes) => counted(allocate(bytes), work) }, {
    megabytes: RAM / MB, commandLine: "", kernel: image, log: () => {},
    show: (text) => {
      work.shown += text.length;
      for (const byte of text.subarray(0, 64)) hash = Math.imul(hash ^ byte, 16777619);
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
    if (!goesOn || tick >= until) return { outcome: goesOn ? "goes on" : outcome.kind, tick, hash, work };
  }
}

/** The same memory; `work` is how many words of it were touched. */
function counted(memory: LauncherMemory, work: { words: number }): LauncherMemory {
  const one = <A extends unknown[], R>(use: (...args: A) => R) => (...args: A): R => (work.words++, use(...args));
  const { base, size, copyIn, copyOut } = memory;
  return {
    base, size, read8: one(memory.read8), read16: one(memory.read16), read32: one(memory.read32),
    write8: one(memory.write8), write16: one(memory.write16), write32: one(memory.write32),
    copyIn: (at, bytes) => (work.words += Math.ceil(bytes.length / 4), copyIn(at, bytes)),
    copyOut: (at, length) => (work.words += Math.ceil(length / 4), copyOut(at, length)),
  };
}

budgets("whatever keeps its Host and its Launcher busy costs a Guest its own time", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { tick, work } = keepBusy(busybody(seed), 20_000, 100_000);
    assert.ok(work.longest < 26_000, `${seed}: ${work.longest} ticks in a step`);
    assert.ok(work.words <= tick, `${seed}: ${work.words} words in ${tick} ticks`);
    assert.ok(work.shown <= 4 * tick && work.portions * 100 <= tick, `${seed}: ${work.shown} bytes in ${work.portions} portions`);
    assert.ok(work.events * 10 <= tick + 1000, `${seed}: ${work.events} events in ${tick} ticks`);
  }
});

budgets("and its life is the same however it is cut, and whoever reads", () => {
  const life = (...[image, step, slow]: [ReturnType<typeof elf>, number, number?]) => {
    const { work: { longest, ...work }, ...rest } = keepBusy(image, step, 50_000, slow);
    return { ...rest, ...work };
  };
  for (let seed = 1; seed <= 10; seed++) {
    const image = busybody(seed), whole = life(image, 1e9);
    for (const [step, slow] of [[1 + seed * 61, Infinity], [12_345, 1], [999, 4]] as const)
      assert.equal(life(image, step, slow), whole, `${seed} in steps of ${step}`);
  }
});

budgets("a Guest whose exceptions lead to themselves runs out of ticks, or out of stack", () => {
  const gates = (rights: number) => [0, 6, 13, 14].map((v) => gate(v, "trouble", rights)).join("\n");
  for (const rights of [0x8e00, 0x8f00, 0xef00])
    for (const code of ["ud2", "xor ecx, ecx\ndiv ecx", "mov eax, [0x7ffff000]", "int 0x30", "push ss\npop ss\nud2"]) {
      const { result } = visit(`${settleDown}\n${gates(rights)}\ntrouble: ${code}`, 60_000, (_, life) => life);
      assert.ok(["interrupted", "error"].includes(result.kind), code);
    }
});

budgets("a Guest that is closed while it runs, or sleeps, leaves the processor to the others", () => {
  const host = makeHost();
  const { guest: other } = makeGuest([settleDown, "mov ebp, 0x1234", tell("ebp"), "jmp $"].join("\n"), host);
  const free = host.free.length;
  const sleeper = [settleDown, ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000), ask(Call.LHCALL_HALT), "jmp $"].join("\n");
  for (const source of [`${settleDown}\njmp $`, sleeper]) {
    const { guest } = makeGuest(source, host);
    assert.equal(runGuest(guest, 30_000), { kind: "interrupted" });
    assert.is(host.busy, guest);
    buryGuest(guest);
    freeMemory(host, guest.memory);
    assert.equal([host.busy, host.free.length], [undefined, free]);
  }
  assert.equal(runGuest(other, 1e5), { kind: "notify", address: 0x1234 });
});

budgets("an interrupt wakes a sleeper at once, though its timer is far away and the read has ended", () => {
  const kernel = createHostKernel({ ramBytes: 4 * MB, read });
  const memory = kernel.allocate(PAGES * PAGE), device = kernel.open();
  memory.copyIn(AT.CODE, bytesOf([settleDown, gate(33, "woken"), "mov dword [DATA + 4], 0",
    ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000), ask(Call.LHCALL_HALT), "jmp $", `woken: ${tell(0x77)}`].join("\n")));
  memory.write32(AT.DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, 0xc0000000);
  memory.write32(AT.DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(AT.DATA + Data.LGUEST_DATA_HCALL_STATUS, new Uint8Array(64).fill(0xff));
  for (const slot of [0, 768]) memory.write32(AT.DIRECTORY + slot * 4, AT.TABLE | 0x67);
  for (let page = 0; page < PAGES; page++) memory.write32(AT.TABLE + page * 4, page * PAGE | 7);
  device.write([Lhreq.INITIALIZE, memory.base, PAGES, AT.CODE]);
  for (let n = 1; n < 5; n++) assert.equal(device.read(50_000), { kind: "interrupted" });
  assert.is(kernel.retired(), 200_000, "to the tick");
  device.write([Lhreq.IRQ, 1]);
  assert.equal(device.read(50_000), { kind: "notify", address: 0x77 });
  assert.ok(kernel.retired() < 200_500);
});

budgets.run();

// ---- mischief --------------------------------------------------------

const mischief = suite("VI: mischief");

function randomNumbers(seed: number): (below: number) => number {
  let state = seedFrom(seed) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const EDGES = [
  0, 1, 2, 3, 4, 6, 8, 13, 14, 15, 31, 32, 63, 255, 256, 1023, 1024, 0x61, 0x69, 0x73, 0x7b, 0x80, 0x200, 0x202,
  0x3202, 0x20202, 0x4302, 0x1000, 0x2000, 0x2067, 0x3067, 0x4067, 0x5003, 0x8063, 0x9067, 0x10067, 0x3f067, 0x3ffff,
  0x3fff0, 0x40000, 0x40067, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000, 0xc0002000, 0xc0010000, 0xffbfffff,
  0xffc00000, 0xffc01000, 0xffc01fb8, 0xffc01ffc, 0xffc02000, 0xffc02020, 0xffc02088, 0xffc02888, 0xffc03000,
  0xffffffff,
];
const RIGHTS = [
  0x00cf9a00, 0x00cf9200, 0x00cffa00, 0x00cff200, 0x00cfbe00, 0x0040b200, 0x00c0b600, 0x00cf1a00, 0, 0x00cfb000,
  0x008f9200, 0x00cfd200, 0x8900, 0x8c00,
];
const SELECTORS = [
  0, 3, 0x30, 0x33, 0x3b, 0x50, 0x51, 0x58, 0x59, 0x60, 0x61, 0x63, 0x68, 0x69, 0x6b, 0x73, 0x7b, 0x80, 0x83, 0xf8,
  0xfb, 0x100, 4, 7, 0xffff,
];
const ODDITIES = [
  "lgdt [0x5000]", "sgdt [0xffc01ffc]", "sidt [0xffc02000]", "mov cr3, eax", "hlt", "cli", "in al, dx", "pop ss",
  "pop es", "mov eax, cr0", "ltr ax", "invlpg [eax]", "into", "pushad", "popad", "std", "ret", "retf 8", "leave",
];
const TOUCHES = [
  "mov ecx, [eax]", "mov [eax], ecx", "mov [eax - 2], esp", "push dword [eax]", "pop dword [eax]", "xchg [eax], eax",
  "rep movsb", "lock inc dword [eax]", "jmp eax", "call eax", "cmpxchg [eax], ecx", "bts [eax], ecx",
];

/** A few lines of assembly that no honest kernel would write. */
function trick(random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const edge = () => (random(4) === 0 ? random(2 ** 32) : pick(EDGES));
  const place = () => pick([AT.CODE + random(600), edge()]);
  const call = (): number[] => {
    const directory = () => pick([AT.DIRECTORY, 0x5000, 0x6000, 0x7000, 0xa000, 0xb000, edge()]);
    switch (random(9)) {
      case 0: return [6, random(256), place(), (pick([0x8e00, 0x8f00, 0xee00, 0xef00, 0, edge()]) | AT.CODE) >>> 0];
      case 1: return [18, random(33), pick([0xffff, edge()]), pick([...RIGHTS, edge()])];
      case 2: return [4, directory()];
      case 3: return [14, directory(), edge(), edge()];
      case 4: return [15, directory(), edge()];
      case 5: return [7, pick([0x69, 1, edge()]), pick([AT.STACK, edge()]), random(3)];
      default: return [pick([0, 5, 8, 9, 10, 16, 17, 19, random(30)]), edge(), edge(), edge()];
    }
  };
  switch (random(11)) {
    case 0: case 1: return ask(...(call() as [number]));
    case 2: {
      const slot = random(64), at = AT.DATA + Data.LGUEST_DATA_HCALLS + slot * 20;
      return [...call().map((word, n) => `mov dword [${at + 4 * n}], ${word}`),
        `mov byte [${AT.DATA + Data.LGUEST_DATA_HCALL_STATUS + slot}], ${pick([0, 0xff, 1])}`].join("\n");
    }
    case 3: {
      const slot = pick([0, 1, 16, 768, 1022, 1023, random(1024)]);
      return `mov dword [${pick([AT.DIRECTORY, AT.TABLE]) + slot * 4}], ${edge()}`;
    }
    case 4: return `mov eax, ${pick(SELECTORS)}\nmov ${pick(["ds", "es", "fs", "gs", "ss"])}, eax`;
    case 5: return `${pick(["jmp", "call"])} ${pick(SELECTORS)}:${place()}`;
    case 6: {
      const frame = [pick([0x7b, 0x69, 0x58]), pick([AT.USTACK, edge()]), edge(), pick(SELECTORS), place()];
      return [...frame.map((word) => `push ${word}`), pick(["iret", "retf", "popfd"])].join("\n");
    }
    case 7: return `int ${random(256)}`;
    case 8: return `db ${Array.from({ length: 1 + random(12) }, () => random(256)).join(", ")}`;
    case 9: return `mov ${pick(["eax", "esp", "ecx", "esi", "edi"])}, ${edge()}\n${pick(TOUCHES)}`;
    default: return pick(ODDITIES);
  }
}

function rogue(seed: number, host: Host): Subject {
  const random = randomNumbers(seed);
  const body = Array.from({ length: 4 + random(20) }, () => trick(random));
  const rights = [0x8e00, 0x8f00, 0xee00, 0xef00];
  const gates = random(4) === 0 ? [] : [...Array(18).keys(), 0x80].map((v) => gate(v, "again", rights[random(4)]));
  const downstairs = random(3) === 0 ? descend("body") : "";
  return makeGuest([
    settleDown, ...gates, "mov dword [DATA + 4], 0", "mov dword [DATA], 0x200", "start:", downstairs, "body:", ...body,
    "jmp body", "again: mov esp, STACK", "mov eax, 0x69", "mov ds, eax", "mov es, eax", "jmp start",
  ].join("\n"), host);
}

/** All that no Guest may change: the Host's megabyte, the Switcher's pages,
 *  a witness. Left out are marks that the hardware makes (accessed, dirty),
 *  the Host's stack, and what of page B is a Guest's own. */
function untouchable(host: Host, witness: Guest): Buffer {
  const page = (at: number, size = PAGE) => Buffer.from(copyFromPhys(host.machine, at, size));
  const low = page(0, 1 << 20).fill(0, 0x8000, HostAt.STACK_TOP);
  for (let at = HostAt.DIRECTORY; at < HostAt.GDT; at += 4) low[at] &= ~0x60;
  const state = page(host.switcher.state);
  for (const [from, to] of [[0x2c, 0x34], [0x88, 0x8d8], [0x8e8, 0x908], [0x910, 0x988]] as const) state.fill(0, from, to);
  const frames = [host.switcher.code, witness.regsPage, witness.switcherTable, ...witness.memory.frames];
  return Buffer.concat([low, state, ...frames.map((at) => page(at))]);
}

mischief("whatever a Guest tries, it lives or dies, and everybody else is as before", () => {
  const host = makeHost(2 << 20);
  const { guest: witness } = makeGuest([
    settleDown, "mov edi, 0x20000", "mov ecx, 0x4000", "mov eax, 0x5a5a5a5a", "rep stosd", tell(7), "jmp $",
  ].join("\n"), host);
  assert.equal(runGuest(witness, 1e6), { kind: "notify", address: 7 });
  const before = untouchable(host, witness), frames = host.free.length;
  for (let seed = 1; seed <= portion(90, 1500); seed++) {
    const subject = rogue(seed, host);
    const { result, death } = live(subject, 6000);
    if (death === undefined) assert.ok(["interrupted", "asleep"].includes(result.kind), `${seed}`);
    else assert.ok(result.kind === "error" && death !== "", `${seed}: ${death}`);
    buryGuest(subject.guest);
    freeMemory(host, subject.guest.memory);
    assert.is(host.free.length, frames, `${seed}`);
    assert.is(Buffer.compare(untouchable(host, witness), before), 0, `${seed}`);
  }
  assert.equal(runGuest(witness, 1e5), { kind: "interrupted" });
});

mischief("random bytes are no better, in either ring", () => {
  const host = makeHost(2 << 20);
  const frames = host.free.length;
  const starts = ["", `${descend("body")}\nbody:`].map((last) => bytesOf(`${settleDown}\n${last}`));
  for (let seed = 1; seed <= portion(100, 1500); seed++) {
    const random = randomNumbers(seed * 7919);
    const start = starts[seed % 2];
    const bytes = Uint8Array.from({ length: 2048 }, (_, n) => start[n] ?? random(256));
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
    return { ...live(subject, 8000), ticks: subject.host.machine.time[Time.NOW], irqs: subject.guest.irqs };
  };
  for (const seed of [3, 14, 15, 92, 65]) assert.equal(run(seed), run(seed));
});

mischief.run();
