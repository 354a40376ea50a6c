// Chapter VII: watching, and the whole program as its users meet it.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls } from "../tangled/abi/hypercalls.ts";
import { assemble } from "../tangled/assembler/assemble.ts";
import { guestImage } from "../tangled/guest/image.ts";
import { describeCall, describePageFault, describeTrap } from "../tangled/host/ground/describe.ts";
import { categories, type HostEvent } from "../tangled/host/ground/state.ts";
import { createHostKernel } from "../tangled/host/kernel.ts";
import { createLauncher } from "../tangled/launcher/launch.ts";
import { run } from "../tangled/machine/running/run.ts";
import { bootMachine } from "../tangled/loader/multiboot.ts";
import { createTracer, formatEvent, parseCategories } from "../tangled/mastery/trace.ts";
import { problemsIn, tableOf } from "./bench/check.ts";
import { messageOf } from "./tools.ts";

const read = (path: string) => readFileSync(`tangled/${path}`, "utf8");
const image = guestImage(read);

/** The book's Guest from its first to its last tick, watched or not. */
function boot(watch?: (event: HostEvent) => void, typed = "") {
  const kernel = createHostKernel({ ramBytes: 8 << 20, read, watch });
  let said = "";
  const launcher = createLauncher(kernel, {
    megabytes: 2, commandLine: "", kernel: { name: "the book's own Guest", bytes: image },
    show: (text) => { said += String.fromCharCode(...text); }, log: () => {},
  });
  launcher.type(new TextEncoder().encode(typed));
  for (;;) {
    const { kind } = launcher.step(1e9);
    if (kind !== "limit") return { said, kind, ticks: kernel.retired() };
  }
}

// ---- watching --------------------------------------------------------

const words = suite("VII: what one may ask to see");

words("categories are named in a list, or all at once", () => {
  assert.equal([...parseCategories("traps,faults")], ["traps", "faults"]);
  assert.equal([...parseCategories("switches")], ["switches"]);
  assert.equal([...parseCategories("faults,faults")], ["faults"]);
  assert.equal([...parseCategories("all")], [...categories]);
});

words("a name that is none gets one line that says which, and which there are", () => {
  const line = (name: string) => `--trace knows hypercalls, traps, faults, switches, interrupts, and all; not "${name}"`;
  assert.is(messageOf(() => parseCategories("traps,fualts")), line("fualts"));
  assert.is(messageOf(() => parseCategories("")), line(""));
  assert.is(messageOf(() => parseCategories("traps,all")), line("all"));
  assert.is(messageOf(() => parseCategories("traps, faults")), line(" faults"));
});

words("a tracer writes what was chosen, and nothing else", () => {
  const lines: string[] = [];
  const trace = createTracer(parseCategories("faults,switches"), (line) => { lines.push(line); });
  for (const category of categories) trace({ tick: 5, category, world: "guest", text: category });
  assert.equal(lines.map((line) => line.split(/ +/).at(-1)), ["faults", "switches"]);
});

words("a line says when, who and what, in columns", () => {
  assert.is(formatEvent({ tick: 1_234_567, world: "guest", category: "hypercalls", text: "HALT" }),
    "    1,234,567  guest  hypercalls  HALT");
  assert.is(formatEvent({ tick: 7, world: "host", category: "traps", text: "x" }),
    "            7  host   traps       x");
});

words("hypercalls go by their names, with the arguments that they have", () => {
  const args = [0x1000, 2, 0xffffffff, 4];
  for (const [name, number] of Object.entries(hypercalls))
    assert.match(describeCall(number, args), new RegExp(`^${name.replace("LHCALL_", "")}( 0x|$)`));
  assert.is(describeCall(14, args), "SET_PTE 0x1000 0x2 0xffffffff");
  assert.is(describeCall(10, args), "HALT");
  assert.is(describeCall(17, args), "NOTIFY 0x1000");
  assert.is(describeCall(99, args), "call 99");
});

words("traps go by theirs, and page faults say who wanted what", () => {
  assert.is(describeTrap(13, 0x68, 0xc0001234), "protection fault (0x68) at 0xc0001234");
  assert.is(describeTrap(256, 0, 0), "the Switcher stumbled (0x0) at 0x0");
  assert.is(describeTrap(29, 0, 1), "trap 29 (0x0) at 0x1");
  assert.is(describePageFault(0xbffff000, 6, true), "a program would write 0xbffff000: now in the shadow");
  assert.is(describePageFault(0x10, 1, false), "the kernel would read 0x10: the Guest's own");
});

words.run();

const watching = suite("VII: watching the worlds take turns");

function watched(typed = "") {
  const events: HostEvent[] = [];
  return { ...boot((event) => { events.push(event); }, typed), events };
}
const quiet = watched();

watching("watching changes nothing: the same words, at the same tick", () => {
  for (const typed of ["", "Eve\n"]) {
    const { events, ...life } = typed === "" ? quiet : watched(typed);
    assert.equal(life, boot(undefined, typed));
    assert.ok(events.length > 1000);
  }
});

watching("what is seen is the same each time", () => {
  assert.equal(watched().events, quiet.events);
});

watching("time goes forward, and every category turns up", () => {
  const { events } = quiet;
  events.forEach(({ tick }, n) => assert.ok(n === 0 || tick >= events[n - 1].tick));
  assert.equal([...new Set(events.map(({ category }) => category))].sort(), [...categories].sort());
});

watching("the first hypercall is LGUEST_INIT, the last is SHUTDOWN", () => {
  const calls = quiet.events.filter(({ category }) => category === "hypercalls").map(({ text }) => text);
  assert.match(calls[0], /^LGUEST_INIT 0x/);
  assert.match(calls.at(-1)!, /^SHUTDOWN 0x\w+ 0x1$/);
  assert.is(calls.filter((text) => text.startsWith("LGUEST_INIT")).length, 1);
});

watching("every way back from the Guest has its reason in the log", () => {
  const { events } = quiet;
  const of = (name: string, pattern = /./) => events.filter(({ category, text }) => category === name && pattern.test(text)).length;
  assert.is(of("switches", / by 14 /), of("faults"));
  assert.is(of("switches", / by (?!14 |31 )([12]?\d|30) /), of("traps"));
  assert.is(of("switches", / by (3[2-9]|[4-9]\d|\d{3}) /), of("interrupts", /^vector/));
  assert.ok(of("switches", / by 31 /) <= of("hypercalls"), "the ring saves some");
});

watching("a program that misbehaves is in the log, and system calls are not", () => {
  const { events } = quiet;
  const traps = events.filter(({ category }) => category === "traps");
  assert.ok(traps.some(({ text }) => /^protection fault \(0x0\) at 0x40/.test(text)));
  assert.not(events.some(({ category, text }) => category === "switches" && / by 128 /.test(text)));
});

watching("each interrupt that reaches the Guest is told before its handler runs", () => {
  const delivered = quiet.events.filter(({ text }) => text.startsWith("interrupt "));
  assert.ok(delivered.some(({ text }) => text === "interrupt 0 goes to the Guest's gate 32"));
  for (const { text, world } of delivered) {
    const [, irq, gate] = /^interrupt (\d+) goes to the Guest's gate (\d+)$/.exec(text)!;
    assert.equal([Number(gate) - Number(irq), world], [32, "host"]);
  }
});

watching.run();

// ---- the command line ------------------------------------------------

const line = suite("VII: the command line, from end to end");

/** Runs `npm run lguest -- ...` as a reader would, with nothing typed. */
function lguest(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["tangle/run.mjs", "tangled/command-line/lguest.ts", ...args],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, INIT_CWD: undefined } });
    let stdout = "", stderr = "";
    child.stdout.on("data", (bytes) => { stdout += bytes; });
    child.stderr.on("data", (bytes) => { stderr += bytes; });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

const MB = 0x100000;
const folder = mkdtempSync(join(tmpdir(), "lguest-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The path of a new file. */
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A kernel with these few lines of code, to be loaded at `address`. */
function kernel(name: string, source: string, address = MB): string {
  const { bytes: code } = assemble(`bits 32\n${source}`, { origin: MB });
  const bytes = new Uint8Array(0x54 + code.length), view = new DataView(bytes.buffer);
  for (const [at, value] of [
    [0, 0x464c457f], [4, 0x00010101], [16, 0x00030002], [20, 1], [24, address], [28, 0x34], [40, 52 | 32 << 16], [44, 1],
    [0x34, 1], [0x38, 0x54], [0x3c, address], [0x40, address], [0x44, code.length], [0x48, 0x1000],
  ] as const) view.setUint32(at, value, true);
  bytes.set(code, 0x54);
  return file(name, bytes);
}
const hello = "mov dword [0x256c], 0x80\nmov eax, 1\nmov ebx, 0x2000\nint 0x1f\n";

line("without a word it boots the book's own Guest, and ends well", async () => {
  const { status, stdout, stderr } = await lguest();
  assert.equal([status, stderr], [0, ""]);
  assert.match(stdout, /^Hello from ring 1![^]*16384 KB[^]*Good night\.\n$/);
});

line("--trace writes its log beside what the Guest says, not into it", async () => {
  const [plain, traced] = await Promise.all([lguest("2"), lguest("--trace", "hypercalls", "2")]);
  assert.is(traced!.stdout, plain!.stdout);
  assert.is(traced!.status, 0);
  const lines = traced!.stderr.trimEnd().split("\n");
  assert.match(lines[0], /^ +\d+  guest  hypercalls  LGUEST_INIT 0x\w+$/);
  assert.match(lines.at(-1)!, /  SHUTDOWN 0x\w+ 0x1$/);
  assert.ok(lines.every((text) => /^ +[\d,]+  guest  hypercalls  [A-Z_]+( 0x\w+)*$/.test(text)));
});

line("everything that can be wrong is one clear line, and a status", async () => {
  const whole = readFileSync(kernel("whole.elf", hello));
  const told: readonly [args: string[], status: number, message: string][] = [
    [["--verbsoe"], 2, "there is no option --verbsoe; did you mean --verbose?"],
    [["--trace", "everything"], 2, '--trace knows hypercalls, traps, faults, switches, interrupts, and all; not "everything"'],
    [["--trace"], 2, "--trace needs its LIST"],
    [["0"], 2, 'memory in MB is a number from 1 to 1024, not "0"'],
    [["5000"], 2, 'memory in MB is a number from 1 to 1024, not "5000"'],
    [["4", "no.elf"], 1, "no.elf: there is no such file"],
    [["4", file("cut.elf", whole.subarray(0, 40))], 1, `${join(folder, "cut.elf")}: the file ends in the middle of its ELF header`],
    [["4", kernel("far.elf", hello, 4 * MB)], 1,
      `${join(folder, "far.elf")}: segment 0 wants 0x400000 to 0x401000, but there are only 4 MB (0x400000)`],
    [["4", file("cat.jpg", new Uint8Array(2000).fill(0xff))], 1, `${join(folder, "cat.jpg")}: neither a 32-bit ELF kernel nor a bzImage`],
    [["4", kernel("rude.elf", "mov eax, 17\nint 0x1f")], 1, "the Guest died: hypercall 17 before LGUEST_INIT"],
    [["4", kernel("lost.elf", `${hello}mov eax, 0x70000000\njmp eax`)], 1, "the Guest died: bad page table entry 0x70000003"],
    [["4", kernel("trap.elf", `${hello}ud2`)], 1, "the Guest died: unhandled trap 6 at 0x100016 (0x0)"],
    [["--max-instructions=300000", "2", kernel("loop.elf", "jmp $")], 3, "stopped after 300000 instructions (--max-instructions)"],
    [["4", kernel("sleeper.elf", `${hello}mov eax, 10\nint 0x1f`)], 4, "the Guest sleeps and nothing can wake it"],
    [["--max-instructions=20000", "2", kernel("again.elf", `${hello}mov eax, 2\nmov ecx, 2\nint 0x1f`)], 3,
      "stopped after 20000 instructions (--max-instructions)"],
  ];
  const runs = await Promise.all(told.map(([args]) => lguest(...args)));
  told.forEach(([args, status, message], n) =>
    assert.equal(runs[n], { status, stdout: "", stderr: `lguest: ${message}\n` }, args.join(" ")));
});

line.run();

const bare = suite("VII: a machine of one's own");

/** Runs the kernel; what it printed, by benchmark: checksum and instructions taken. */
function bench(text: string) {
  const m = bootMachine({ name: "bench.elf", bytes: readFileSync("tests/bench/bench.elf") }, 128 * MB, text);
  let said = "", status = -1;
  m.ports.out = (port, _width, value) => {
    if (port === 0xe9) said += String.fromCharCode(value & 255);
    if (port === 0xf4) status = value & 255;
  };
  assert.is(run(m, 1e9), "halt");
  assert.is(status, 0, said);
  assert.match(said, /^READY\n[^]*DONE\n$/);
  const ends = [...said.matchAll(/^END (\w+) \w+ (\w+) (\w+)$/gm)];
  return ends.map(([, name, checksum, ticks]) => [name, checksum, parseInt(ticks!, 16)]);
}

// The numbers are those of tests/bench/README.md: its counts of instructions are Bochs', and we
// read the clock one instruction later.
bare("a kernel computes what it computes elsewhere, in as many instructions", () => {
  assert.equal(bench("memcpy strops smc cr3 invlpg syscall nop"), [
    ["memcpy", "03887b12", 73_752_029], ["strops", "00d8967c", 38_959_219],
    ["smc", "426f2eb0", 800_032], ["cr3", "016e3600", 17_900_106],
    ["invlpg", "02aea540", 24_000_105], ["syscall", "6cf98c20", 35_000_070], ["nop", "00000001", 10],
  ]);
});

// At a smaller scale the checksums are others; these are what v86 gives as well.
bare("and so do the longer ones, cut short", () => {
  const found = bench("scale=1/80 sieve mix chase fib bubble crc32 vm fpu fault");
  assert.equal(found.map((words) => words.slice(0, 2)), [
    ["sieve", "000132a2"], ["mix", "034fb724"], ["chase", "008bbd80"], ["fib", "0004d973"],
    ["bubble", "7f2aacc1"], ["crc32", "c71467d7"], ["vm", "4ba5238f"], ["fpu", "8bbf8bfa"], ["fault", "00003200"],
  ]);
});

bare("the benchmark's check names the kernel that computed something else", () => {
  const [fib, nop] = tableOf(readFileSync("tests/bench/README.md", "utf8")).filter(({ name }) => /fib|nop/.test(name));
  assert.equal(nop, { name: "nop", count: 1, checksum: "00000001", instructions: 9 });
  const table = [fib!, nop!];
  const said = "READY\nBEGIN fib\nEND fib 00000023 008cccc9 0000000019cec0e6\nBEGIN nop\nEND nop 00000001 00000001 000000000000000a\nDONE\n";
  assert.equal(problemsIn(table, said, 0), []);
  assert.equal(problemsIn(table, said.replace("008cccc9", "008cccc8"), 0), ["fib: checksum 008cccc8 instead of 008cccc9"]);
  assert.equal(problemsIn(table, said.replace("END nop 00000001", "END nop 00000002"), 0), ["nop: count 2 instead of 1"]);
  assert.equal(problemsIn([fib!], said, 0), ["END nop 00000001 00000001 000000000000000a: it is not in the table"]);
  assert.equal(problemsIn(table, "READY\nBEGIN fib\nTRAP 0e\n", 127), [
    "fib: it did not end", "nop: it did not end", 'the last line is "TRAP 0e" instead of DONE', "it left with status 127 instead of 0",
  ]);
});

/** Runs `npm run machine`, without npm. */
function machine(...args: string[]) {
  const entry = ["tangle/run.mjs", "tangled/command-line/machine.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...entry, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The twelve bytes that make a kernel a multiboot kernel, then its code. */
const multiboot = (name: string, source: string, demands = 0) => kernel(name, `jmp start
align 4
dd 0x1BADB002, ${demands}, -0x1BADB002 - ${demands}
start:
${source}`);

bare("it finds the state that multiboot promises, its words, and its way out", () => {
  const path = multiboot("hello.elf", `cmp eax, 0x2BADB002
jne wrong
test dword [ebx], 0x45
jz wrong
mov esi, [ebx+16]
next: lodsb
out 0xe9, al
test al, al
jnz next
mov al, 7
out 0xf4, al
wrong: hlt`);
  assert.equal(machine(path, "Hello,", "--help"), { status: 7, stdout: "Hello, --help\0", stderr: "" });
  const { stderr } = machine("--trace", "--max-instructions", "2", path);
  assert.match(stderr, /^0 00100000 jmp .*\n1 00100010 cmp eax, 0x2badb002\nmachine: .* after 2 instructions\n$/);
});

/** Runs a program until it prints, does something to it, and waits for its end. */
function disturbed(words: string[], act: (child: ReturnType<typeof spawn>) => void): Promise<[status: number | null, stdout: string, stderr: string]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["tangle/run.mjs", ...words], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "", stderr = "";
    child.stdout.once("data", () => act(child)).on("data", (bytes) => { stdout += bytes; });
    child.stderr.on("data", (bytes) => { stderr += bytes; });
    child.on("close", (status) => resolve([status, stdout, stderr]));
  });
}

bare("a signal ends what runs for ever, its words are shown without the end of a line, and a reader may leave", async () => {
  const shout = "mov al, 'A'\nagain: out 0xe9, al\n";
  const flood = `${hello}again: mov byte [0x102000], 'x'\nmov eax, 17\nmov ebx, 0x102000\nint 0x1f\njmp again`;
  const [halted, left, ended] = await Promise.all([
    disturbed(["tangled/command-line/machine.ts", multiboot("words.elf", `${shout}jmp $`)], (child) => child.kill("SIGINT")),
    disturbed(["tangled/command-line/machine.ts", multiboot("flood.elf", `${shout}jmp again`)], ({ stdout }) => stdout!.destroy()),
    disturbed(["tangled/command-line/lguest.ts", "2", kernel("shout.elf", flood)], (child) => { child.stdout!.pause(); child.kill("SIGUSR2"); }),
  ]);
  assert.equal(halted, [130, "A", ""]);
  assert.equal([left[0], left[2]], [141, ""]);
  assert.equal([ended[0], ended[2]], [140, ""]);
});

// ---- what QEMU 7.2 (-kernel) makes of these files is in the comments, where it is not the same

const V = 0xc0100000;
type Piece = readonly [virtual: number, physical: number, bytes: number[], memory?: number, type?: number];

/** A header, with five more words if there are some, and code that prints a letter and leaves. */
function header(letter: string, flags = 0, ...more: number[]): number[] {
  const source = `dd 0x1badb002, ${[flags, -0x1badb002 - flags, ...more].join(", ")}
    mov al, "${letter}"\nout 0xe9, al\nout 0xf4, al\nhlt`;
  return [...assemble(source).bytes];
}

/** An ELF file of these segments. */
function elfOf(entry: number, ...pieces: Piece[]): number[] {
  const start = 52 + 32 * pieces.length;
  const at = (n: number) => pieces.slice(0, n).reduce((sum, [, , bytes]) => sum + bytes.length, start);
  const table = pieces.map(([virtual, physical, bytes, memory = bytes.length, type = 1], n) =>
    `dd ${type}, ${at(n)}, ${virtual}, ${physical}, ${bytes.length}, ${memory}, 7, 16`);
  const head = assemble(`db 0x7f, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0\ndw 2, 3\ndd 1, ${entry}, 52, 0, 0
    dw 52, 32, ${pieces.length}, 0, 0, 0\n${table.join("\n")}`);
  return [...head.bytes, ...pieces.flatMap(([, , bytes]) => bytes)];
}

/** The letter that a kernel prints in 16 MB, or why it is not begun. */
function letterOf(bytes: number[]): string {
  let said = "";
  try {
    const m = bootMachine({ name: "k", bytes: Uint8Array.from(bytes) }, 16 * MB, "");
    m.ports.out = (port, _width, value) => { if (port === 0xe9) said += String.fromCharCode(value & 255); };
    return run(m, 1000) === "halt" ? said : "astray";
  } catch (error) {
    return (error as Error).message;
  }
}

const none = "k: it has no multiboot header in its first 8192 bytes";
const another = "k: its multiboot header describes another file";

bare("an entry is a virtual address, and its segment says where that is", () => {
  const second: Piece = [0x300000, 0x200000, header("S")];
  const told: readonly [bytes: number[], answer: string][] = [
    [elfOf(V + 12, [V, MB, header("A")]), "A"],
    [elfOf(0x30000c, [V, MB, header("A")], second), "S"],
    [elfOf(0x20000c, [0x200000, MB, header("A")], second), "A"],
    [elfOf(0x20000c, second, [0x200000, MB, header("A")]), "A"],
    [elfOf(MB + 12, [V, MB, header("A")]), "A"],
    // QEMU starts where nothing is; GRUB refuses.
    [elfOf(0x500000, [V, MB, header("A")]), "k: it wants to start at 0x500000, but loads nothing there"],
    [elfOf(MB + 12, [V, MB, header("A"), 0x1000, 4]), "k: it wants to start at 0x10000c, but loads nothing there"],
    // QEMU loads it at 0.
    [elfOf(V + 12, [V, 0, header("A")]), "k: segment 0 wants 0x0 to 0x13, but the boot parameters own what lies below 0x2000"],
    [elfOf(V + 12, [V, MB, header("A"), 4]), "k: segment 0 holds 0x13 bytes, but makes room for only 0x4"],
    [elfOf(V + 12, [V, MB, header("A")]).slice(0, -1), "k: segment 0 is cut short: it ends at 0x67 of the file, which has only 0x66 bytes"],
    // QEMU leaves it out.
    [elfOf(V + 12, [V, MB, header("A")], [0, 16 * MB, header("B")]),
      "k: segment 1 wants 0x1000000 to 0x1000013, but there are only 16 MB (0x1000000)"],
  ];
  for (const [bytes, answer] of told) assert.is(letterOf(bytes), answer);
});

bare("a multiboot header is aligned, near the beginning, adds up, and demands no more than there is", () => {
  const shifted = (by: number, letter: string, flags = 0) =>
    letterOf(elfOf(V + by + 12, [V, MB, [...Array<number>(by).fill(0), ...header(letter, flags)]]));
  assert.equal([shifted(0, "A", 3), shifted(4, "B"), shifted(2, "C"), shifted(8192 - 84, "D")], ["A", "B", none, none]);
  // QEMU wants room for all words a header can have.
  assert.equal([shifted(8192 - 84 - 12, "E"), shifted(8192 - 84 - 8, "F")], ["E", none]);
  assert.is(letterOf(elfOf(V + 12, [V, MB, header("A").with(8, 1)])), none);
  // QEMU begins it all the same.
  assert.match(shifted(0, "A", 8), /^k: it demands multiboot features 0x8, which/);
});

bare("a header can say where the file lies, with or without ELF", () => {
  const flat = (head: number, from: number, loadEnd: number, end: number, entry: number, before = 0) =>
    letterOf([...Array<number>(before).fill(0), ...header("K", 1 << 16, head, from, loadEnd, end, entry)]);
  assert.is(flat(MB, MB, 0, 0, MB + 32), "K");
  assert.is(flat(MB, MB, MB + 39, MB + 0x1000, MB + 32), "K");
  assert.is(flat(MB, MB, 0, 0, MB + 32, 64), "K");
  assert.is(flat(MB + 64, MB, 0, 0, MB + 96, 64), "K");
  for (const odd of [flat(MB, MB + 64, 0, 0, MB + 32), flat(MB + 64, MB, 0, 0, MB + 32), flat(MB, MB, MB + 0x2000, 0, MB + 32),
    flat(MB, MB, MB - 1, 0, MB + 32)]) assert.is(odd, another);
  assert.is(flat(MB, MB, 0, 0, MB + 0x1000), "k: it wants to start at 0x101000, outside itself");
  assert.is(flat(16 * MB, 16 * MB, 0, 0, 16 * MB + 32), "k: the kernel wants 0x1000000 to 0x1000027, but there are only 16 MB (0x1000000)");
  assert.match(flat(0, 0, 0, 0, 32), /^k: the kernel wants 0x0 to 0x27, but the boot parameters own/);
  assert.is(letterOf([...header("K"), ...Array<number>(52).fill(0)]), "k: it is not an ELF file");
  assert.is(letterOf(elfOf(V + 32, [V, MB, header("K", 1 << 16, 2 * MB, 2 * MB, 0, 0, 2 * MB + 32)])), "K");
  assert.match(letterOf(header("K", 1 << 16).slice(0, 12)), /^k: the kernel wants 0x0 to 0xc, but/);
});

bare("what is wrong is said in one line", () => {
  const told: readonly [args: string[], status: number, message: RegExp][] = [
    [["--trcae"], 2, /there is no option --trcae; did you mean --trace\?/],
    [[], 2, /which kernel\? try --help/],
    [["no.elf"], 2, /no.elf: there is no such file/],
    [["--memory", "none", "no.elf"], 2, /--memory is a number from 2 to 1024, not "none"/],
    [[kernel("plain.elf", "hlt")], 2, /.*plain.elf: it has no multiboot header in its first 8192 bytes/],
    [[multiboot("video.elf", "hlt", 4)], 2, /.*video.elf: it demands multiboot features 0x4, .*/],
    [[multiboot("halt.elf", "hlt")], 1, /the kernel halted for ever/],
    [[multiboot("fault.elf", "ud2")], 1, /a fault, and no way to deliver it/],
    [["--max-instructions", "1000", multiboot("loop.elf", "jmp $")], 3, /the kernel was stopped after 1000 instructions/],
  ];
  for (const [args, status, message] of told) {
    const found = machine(...args);
    assert.equal([found.status, found.stdout], [status, ""], args.join(" "));
    assert.match(found.stderr, new RegExp(`^machine: ${message.source}\n$`));
  }
});

bare.run();
