// Chapter IV, told from the other side of the door: the Host is made of
// cardboard, its "Guest" a list of functions that scribble in memory.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bootParams } from "../tangled/abi/boot-params.ts";
import { Errno, type HostKernel, Lhreq, type LauncherMemory, type ReadResult } from "../tangled/abi/dev-lguest.ts";
import { placeRamDisk, writeBootParameters, writeCommandLine } from "../tangled/launcher/boot.ts";
import { type Bus, createBus, notified, serve, setUpDevice } from "../tangled/launcher/bus.ts";
import { consoleKind, createWayOut } from "../tangled/launcher/console.ts";
import { flatMemory } from "../tangled/launcher/flat-memory.ts";
import { type NamedFile, visible } from "../tangled/loader/kernel-file.ts";
import { createLauncher, type Launcher, type LaunchSettings, type Outcome } from "../tangled/launcher/launch.ts";
import { loadElf } from "../tangled/loader/elf.ts";
import { loadKernel } from "../tangled/loader/load.ts";
import { explain, options, parseCommandLine, UsageError } from "../tangled/command-line/options.ts";
import { createOutput } from "../tangled/command-line/process.ts";
import { readNamed } from "../tangled/command-line/read-file.ts";
import { drive, endingOf } from "../tangled/launcher/session.ts";
import { GuestError, PORTION, takeChain, type Virtqueue } from "../tangled/launcher/virtqueue.ts";
import { messageOf } from "./tools.ts";

const MB = 0x100000;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (words: string): Uint8Array => new TextEncoder().encode(words);

// ---- files by hand ---------------------------------------------------

type Patch = readonly [at: number, width: 1 | 2 | 4, value: number];

function patched(size: number, patches: readonly Patch[], name = "kernel"): NamedFile {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [at, width, value] of patches) {
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return { name, bytes };
}

/** One segment: four bytes of file at 1 MB, with room for 4096. */
const elf = (...patches: Patch[]): NamedFile => patched(0x58, [
  [0, 4, 0x464c457f], [4, 1, 1], [5, 1, 1], [6, 1, 1],
  [16, 2, 2], [18, 2, 3], [20, 4, 1], [24, 4, MB + 2], [28, 4, 0x34],
  [40, 2, 52], [42, 2, 32], [44, 2, 1],
  [0x34, 4, 1], [0x38, 4, 0x54], [0x3c, 4, 0xc0100000], [0x40, 4, MB], [0x44, 4, 4], [0x48, 4, 0x1000],
  [0x54, 4, 0xfeeb9090], ...patches,
], "kernel.elf");

/** One setup sector, then 32 bytes of "compressed kernel". */
const bzImage = (...patches: Patch[]): NamedFile => patched(2 * 512 + 32, [
  [0x1f1, 1, 1], [0x1f4, 4, 2], [0x202, 4, 0x53726448], [0x206, 2, 0x20a], [0x211, 1, 1], [0x214, 4, MB],
  [0x400, 4, 0x12345678], ...patches,
], "bzImage");

const cut = ({ name, bytes }: NamedFile, length: number): NamedFile => ({ name, bytes: bytes.slice(0, length) });
const load = (file: NamedFile, megabytes = 2) => loadKernel(flatMemory(megabytes * MB), megabytes * MB, file);

const files = suite("IV: files that want to be kernels");

files("an ELF file lands at its physical address, and the rest stays zero", () => {
  const memory = flatMemory(2 * MB);
  assert.equal(loadKernel(memory, 2 * MB, elf()), { entry: MB + 2, end: MB + 0x1000 });
  assert.is(memory.read32(MB), 0xfeeb9090);
  assert.is(memory.read32(MB + 4), 0);
});

files("segments that load nothing are passed over", () => {
  assert.match(messageOf(() => load(elf([0x34, 4, 4]))), /loads nothing there/);
  assert.match(messageOf(() => load(elf([0x48, 4, 0]))), /loads nothing there/);
});

files("each disappointment in an ELF file has its own line", () => {
  const told: readonly [NamedFile, string][] = [
    [elf([0, 1, 0x7e]), "neither a 32-bit ELF kernel nor a bzImage"],
    [elf([4, 1, 2]), "it is not a 32-bit file, as this machine needs"],
    [elf([5, 1, 2]), "its numbers are big-endian, and a PC's are not"],
    [elf([6, 1, 0]), "its ELF version is not 1"],
    [elf([20, 4, 2]), "its ELF version is not 1"],
    [elf([16, 2, 3]), "it is ELF, but not a program with fixed addresses"],
    [elf([18, 2, 62]), "it is a program, but not for the 386"],
    [elf([40, 2, 64]), "its ELF header claims an impossible size"],
    [elf([42, 2, 56]), "its program headers are not of 32 bytes"],
    [elf([44, 2, 9]), "the file ends before its table of segments does"],
    [elf([28, 4, 0xffffffff]), "the file ends before its table of segments does"],
    [cut(elf(), 51), "the file ends in the middle of its ELF header"],
    [elf([0x44, 4, 0x1001]), "segment 0 holds 0x1001 bytes, but makes room for only 0x1000"],
    [elf([0x38, 4, 0x56]), "segment 0 is cut short: it ends at 0x5a of the file, which has only 0x58 bytes"],
    [elf([0x40, 4, 2 * MB - 0xfff]), "segment 0 wants 0x1ff001 to 0x200001, but there are only 2 MB (0x200000)"],
    [elf([0x40, 4, 0xfffff000]), "segment 0 wants 0xfffff000 to 0x100000000, but there are only 2 MB (0x200000)"],
    [elf([0x40, 4, 0x1fff]), "segment 0 wants 0x1fff to 0x2fff, but the boot parameters own what lies below 0x2000"],
    [elf([24, 4, 0xc0100000]), "it wants to start at 0xc0100000, but loads nothing there"],
    [elf([24, 4, MB + 0x1000]), "it wants to start at 0x101000, but loads nothing there"],
  ];
  for (const [file, line] of told) assert.is(messageOf(() => load(file)), `kernel.elf: ${line}`);
});

files("a segment may end exactly where memory ends", () => {
  const { end } = load(elf([0x40, 4, 2 * MB - 0x1000], [24, 4, 2 * MB - 0x1000]));
  assert.is(end, 2 * MB);
});

files("of a bzImage, what follows the setup sectors goes to 1 MB", () => {
  const memory = flatMemory(2 * MB);
  assert.equal(loadKernel(memory, 2 * MB, bzImage()), { entry: MB, end: MB + 32 });
  assert.is(memory.read32(MB), 0x12345678);
});

files("no setup sectors means four", () => {
  const file = bzImage([0x1f1, 1, 0]);
  assert.match(messageOf(() => load(file)), /cut short: 0x0 bytes/);
  const long = { name: "bzImage", bytes: new Uint8Array(5 * 512 + 32) };
  long.bytes.set(file.bytes);
  long.bytes[5 * 512] = 0x77;
  const memory = flatMemory(2 * MB);
  loadKernel(memory, 2 * MB, long);
  assert.is(memory.read32(MB), 0x77);
});

files("each disappointment in a bzImage has its own line", () => {
  const told: readonly [NamedFile, number, string][] = [
    [cut(bzImage(), 0x210), 2, "the file ends in the middle of its setup header"],
    [bzImage([0x206, 2, 0x206]), 2, "it speaks boot protocol 0x206; a Guest needs 0x207 or later"],
    [bzImage([0x211, 1, 0]), 2, "it is a zImage, which must be loaded below 1 MB"],
    [bzImage([0x1f4, 4, 99]), 2, "it is cut short: 0x20 bytes of kernel where its header promises 0x630"],
    [cut(bzImage(), 0x400), 2, "it is cut short: 0x0 bytes of kernel where its header promises 0x20"],
    [bzImage([0x214, 4, MB + 32]), 2, "it wants to start at 0x100020, outside itself"],
    [bzImage([0x214, 4, 0]), 2, "it wants to start at 0x0, outside itself"],
    [bzImage(), 1, "the kernel wants 0x100000 to 0x100020, but there are only 1 MB (0x100000)"],
  ];
  for (const [file, megabytes, line] of told) assert.is(messageOf(() => load(file, megabytes)), `bzImage: ${line}`);
});

files("what is neither is told so", () => {
  assert.is(messageOf(() => load(patched(0, [], "void"))), "void: the file is empty");
  assert.is(messageOf(() => load({ name: "cat.jpg", bytes: bytesOf("\xff\xd8") })), "cat.jpg: neither a 32-bit ELF kernel nor a bzImage");
});

files("no file whatever makes the loader throw anything but its own line", () => {
  const random = randomNumbers(4);
  for (let round = 0; round < 3000; round++) {
    const file = round % 2 ? elf() : bzImage();
    for (let n = 0; n < 3; n++) file.bytes[random() % (round % 3 ? file.bytes.length : 0x58)] = random();
    const message = messageOf(() => load(file));
    assert.ok(message === "nothing was thrown" || message.startsWith(`${file.name}: `), message);
  }
});

files("a virtual entry is looked for where segments have it, an entry as it is where they lie", () => {
  const start = (isVirtual: boolean, entry: number) =>
    loadElf(flatMemory(2 * MB), 2 * MB, elf([24, 4, entry]), isVirtual).entry;
  assert.equal([start(true, 0xc0100002), start(true, 0xc0100fff), start(true, MB + 2)], [MB + 2, MB + 0xfff, MB + 2]);
  for (const entry of [0xc0101000, 0xc00fffff, MB + 0x1000, 0])
    assert.match(messageOf(() => start(true, entry)), /but loads nothing there/);
  assert.match(messageOf(() => start(false, 0xc0100002)), /but loads nothing there/);
});

files("a table of segments that lie on each other costs no time", () => {
  const count = 65535, file = patched(0x34 + count * 32, [
    [0, 4, 0x464c457f], [4, 4, 0x00010101], [16, 4, 0x00030002], [20, 4, 1], [24, 4, MB], [28, 4, 0x34], [40, 4, 0x00200034], [44, 2, count],
  ]);
  const view = new DataView(file.bytes.buffer), { length } = file.bytes;
  for (let n = 0; n < count; n++)
    [1, 0, MB, MB, length, length].forEach((word, i) => view.setUint32(0x34 + 32 * n + 4 * i, word, true));
  let copied = 0;
  const memory = { copyIn: (_: number, bytes: Uint8Array) => { copied += bytes.length; } };
  assert.is(messageOf(() => loadElf(memory, 8 * MB, file)), "kernel: its segments lie on each other");
  assert.ok(copied <= 8 * MB);
});

files.run();

// ---- reading them ----------------------------------------------------

const reading = suite("IV: reading files");
const place = mkdtempSync(join(tmpdir(), "quest-files-"));
reading.after(() => rmSync(place, { recursive: true }));

/** What readNamed says of a file in our folder that may have 4096 bytes. */
function complaintAbout(name: string, make: (path: string) => void): string {
  const path = join(place, name);
  make(path);
  return messageOf(() => readNamed(path, 4096)).replace(`${path}: `, "");
}

reading("a plain file is read up to its bound, by its name", () => {
  const path = join(place, "kernel");
  writeFileSync(path, new Uint8Array(4096).fill(7));
  assert.equal(readNamed(path, 4096), { name: path, bytes: new Uint8Array(4096).fill(7) });
  assert.is(messageOf(() => readNamed(path, 4095)), `${path}: it has 0x1000 bytes, and at most 0xfff can be taken`);
});

reading("what is no plain file is not read, and nothing is waited for", () => {
  const special = "it is a pipe or a device: put what comes out of it in a file";
  assert.is(complaintAbout("folder", (path) => mkdirSync(path)), "it is a folder");
  if (spawnSync("mkfifo", [join(place, "fifo")]).status === 0) assert.is(complaintAbout("fifo", () => {}), special);
  if (existsSync("/dev/zero")) assert.is(messageOf(() => readNamed("/dev/zero", 4096)), `/dev/zero: ${special}`);
});

reading("no memory is spent on a file that is too long", () => {
  const hollow = (path: string) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 32);
  };
  assert.is(complaintAbout("hollow", hollow), "it has 0x100000000 bytes, and at most 0x1000 can be taken");
});

reading("a file that has less than it promised is told so", () => {
  const promising = "/sys/kernel/uevent_seqnum";
  if (existsSync(promising)) assert.is(messageOf(() => readNamed(promising, 4096)), `${promising}: it was cut while it was read`);
});

reading("each complaint of the system has words", () => {
  assert.is(messageOf(() => readNamed("", 4096)), "a file needs a name");
  assert.is(complaintAbout("nothing", () => {}), "there is no such file");
  assert.is(complaintAbout("ring", (path) => symlinkSync(path, path)), "it is a link that leads to itself");
  assert.is(complaintAbout("kernel/more", () => {}), "a part of its path is not a folder");
  assert.is(complaintAbout("n".repeat(300), () => {}), "name too long");
});

reading("names are shown, not obeyed", () => {
  assert.is(visible("a\x1b[31mb\n\r\0\u202e\u2028é 字"), "a\\u{1b}[31mb\\u{a}\\u{d}\\u{0}\\u{202e}\\u{2028}é 字");
});

reading.run();

// ---- page zero -------------------------------------------------------

const letter = suite("IV: boot parameters");

letter("page zero says what it has to, and nothing else", () => {
  const memory = flatMemory(4 * MB);
  writeBootParameters(memory, 4 * MB);
  const expected = patched(4096, [
    [0x1e8, 1, 1], [0x206, 2, 0x207], [0x211, 1, 0x40], [0x228, 4, 0x1000], [0x230, 4, 0x1000000], [0x23c, 4, 1],
    [0x2d8, 4, 4 * MB], [0x2e0, 4, 1],
  ]);
  assert.equal(memory.copyOut(0, 4096), expected.bytes);
});

letter("a RAM disk lies at the very top, in whole pages", () => {
  const memory = flatMemory(2 * MB);
  const disk = placeRamDisk(memory, 2 * MB, { name: "disk", bytes: bytesOf("x".repeat(5000)) }, MB);
  assert.equal(disk, { address: 2 * MB - 8192, size: 8192 });
  assert.is(memory.read8(disk.address + 4999), 0x78);
  writeBootParameters(memory, 2 * MB, disk);
  assert.is(memory.read8(bootParams.BOOT_TYPE_OF_LOADER), 0xff);
  assert.is(memory.read32(bootParams.BOOT_RAMDISK_IMAGE), disk.address);
  assert.is(memory.read32(bootParams.BOOT_RAMDISK_SIZE), 8192);
});

letter("a RAM disk that does not fit above the kernel is refused", () => {
  const memory = flatMemory(2 * MB);
  const place = (size: number) => placeRamDisk(memory, 2 * MB, { name: "disk", bytes: new Uint8Array(size) }, MB + 1);
  assert.is(place(MB - 4096).address, MB + 4096);
  assert.match(messageOf(() => place(MB - 4095)), /^disk: this RAM disk needs 0x100000 bytes above the kernel, which ends at 0x100001/);
  assert.match(messageOf(() => place(9 * MB)), /^disk: /);
  assert.is(messageOf(() => place(0)), "disk: the file is empty");
});

letter("the command line has room for 2047 bytes", () => {
  const memory = flatMemory(MB);
  writeCommandLine(memory, "x".repeat(2047));
  assert.is(memory.read8(0x17fe), 0x78);
  assert.is(memory.read8(0x17ff), 0);
  assert.match(messageOf(() => writeCommandLine(memory, "é".repeat(1024))), /has 2048 bytes; there is room for 2047/);
});

letter("flat memory refuses what lies outside", () => {
  const memory = flatMemory(8, 0x5000);
  memory.write32(4, 0xfffffffe);
  assert.equal([memory.read32(4), memory.read16(6), memory.read8(4), memory.base], [0xfffffffe, 0xffff, 0xfe, 0x5000]);
  for (const outside of [() => memory.read32(5), () => memory.write8(8, 0), () => memory.copyIn(7, new Uint8Array(2)), () => memory.copyOut(-1, 2)])
    assert.throws(outside, (error: unknown) => error instanceof RangeError && /outside the 8 bytes/.test(error.message));
});

letter.run();

// ---- the cardboard Host ----------------------------------------------

/** One thing that a Guest does: notify an address, or end a read. */
type Act = (memory: LauncherMemory) => number | ReadResult;

const RAM = 2 * MB, INPUT = RAM + 0x1000, OUTPUT = RAM + 0x4000;
const dies: Act = () => ({ kind: "error", errno: Errno.ENOENT });
const restarts: Act = () => ({ kind: "error", errno: Errno.ERESTART });
const because = (words: string, poweroff = false): Act => () => ({ kind: "reason", text: words, poweroff });
const sleeps: Act = () => ({ kind: "asleep" });
const powersOff: readonly Act[] = [dies, because("CRASH: Power down", true)];

/** A Host whose Guests live the given lives, one after the other. */
function cardboard(...lives: (readonly Act[])[]) {
  let instructions = 0;
  const signals: (() => void)[] = [];
  const host = {
    memories: [] as LauncherMemory[], orders: [] as number[][], interrupts: [] as number[], opened: 0, closed: 0,
    allocate(size: number) {
      host.memories.push(flatMemory(size, 0x40000000));
      return host.memories.at(-1)!;
    },
    eventfd: (signal: () => void) => signals.push(signal) + 99,
    close(fd: number) { delete signals[fd - 100]; },
    retired: () => instructions,
    spend(ticks: number) { instructions += ticks; },
    open() {
      const acts = [...(lives[host.opened++] ?? [])];
      const kicks = new Map<number, () => void>();
      return {
        write(words: readonly number[]) {
          host.orders.push([...words]);
          if (words[0] === Lhreq.EVENTFD) kicks.set(words[1], signals[words[2] - 100]);
          if (words[0] === Lhreq.IRQ) host.interrupts.push(words[1]);
          return words[0] === Lhreq.INITIALIZE ? 12 : 0;
        },
        read(budget: number): ReadResult {
          for (let left = budget; ; left -= 1000) {
            if (left <= 0 && acts[0] !== undefined && budget > 0) return { kind: "interrupted" };
            instructions += Math.min(1000, Math.max(left, 0));
            const result = acts.shift()?.(host.memories.at(-1)!) ?? { kind: "asleep" };
            if (typeof result !== "number") return result;
            const signal = kicks.get(result);
            if (!signal) return { kind: "notify", address: result };
            signal();
            return { kind: "interrupted" };
          }
        },
        close() { host.closed++; },
      };
    },
  };
  return host satisfies HostKernel;
}

/** Boots `host`'s first Guest in 2 MB; `screen()` is what it showed. */
function launch(host: HostKernel, more: Partial<LaunchSettings> = {}) {
  let shown = "";
  const remarks: string[] = [];
  const launcher = createLauncher(host, {
    megabytes: 2, kernel: elf(), commandLine: "root=/dev/null quiet",
    show: (words) => { shown += text(words); }, log: (remark) => remarks.push(remark), ...more,
  });
  return { launcher, screen: () => shown, remarks, step: () => launcher.step(1_000_000) };
}

const sets = (at: number, status: number): Act => (memory) => {
  memory.write8(at + 4, status);
  return at;
};
const starts = sets(RAM, 3), resets = sets(RAM, 0);

interface Buffer { at: number; length: number; flags?: number; next?: number }

/** Puts descriptors into a queue of 256, the first being number `head`. */
function describe(memory: LauncherMemory, queue: number, head: number, ...buffers: Buffer[]): void {
  buffers.forEach(({ at, length, flags, next }, i) => {
    const last = i === buffers.length - 1;
    const descriptor = queue + 16 * (head + i);
    memory.write32(descriptor, at % 2 ** 32);
    memory.write32(descriptor + 4, Math.floor(at / 2 ** 32));
    memory.write32(descriptor + 8, length);
    memory.write16(descriptor + 12, flags ?? (last ? 0 : 1));
    memory.write16(descriptor + 14, next ?? head + i + 1);
  });
}

/** Makes the chain at `head` available and notifies. */
function offer(memory: LauncherMemory, queue: number, head: number): number {
  const index = memory.read16(queue + 0x1002);
  memory.write16(queue + 0x1004 + 2 * (index % 256), head);
  memory.write16(queue + 0x1002, (index + 1) & 0xffff);
  return queue;
}

const prints = (words: string): Act => (memory) => {
  memory.copyIn(0x8000, bytesOf(words));
  describe(memory, OUTPUT, 0, { at: 0x8000, length: words.length });
  return offer(memory, OUTPUT, 0);
};

// ---- lives -----------------------------------------------------------

const lives = suite("IV: lives of Guests");

lives("a Guest is a kernel, a letter, a page of devices and three numbers", () => {
  const host = cardboard([]);
  launch(host);
  const [memory] = host.memories;
  assert.is(memory.size, RAM + MB);
  assert.is(memory.read32(MB), 0xfeeb9090);
  assert.is(text(memory.copyOut(0x1000, 21)), "root=/dev/null quiet\0");
  assert.equal([...memory.copyOut(RAM, 22)], [3, 2, 0, 0, 0, 0, 1, 1, 0, 1, 2, 0, 0, 0, 1, 2, 0, 4, 2, 0, 0, 0]);
  assert.equal(host.orders, [[Lhreq.INITIALIZE, 0x40000000, 512 + 7, MB + 2]]);
});

lives("before it has drivers it may notify a string", () => {
  const host = cardboard([(memory) => (memory.copyIn(0x3000, bytesOf("early\n\0hidden")), 0x3000), ...powersOff]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "early\n");
});

lives("a string may lie anywhere in the Guest's memory, and ends where that ends", () => {
  const shown = (at: number, words: string) => {
    const { step, screen } = launch(cardboard([(memory) => (memory.copyIn(at, bytesOf(words)), at)]));
    assert.equal(step(), { kind: "asleep" });
    return screen();
  };
  assert.is(shown(RAM + 0x7000 - 3, "end"), "end");
  assert.is(shown(RAM - 3, "into"), "into\x02", "the page of descriptors follows: a console, two queues");
  assert.is(shown(RAM + 0x3800, "in the pages of a queue"), "in the pages of a queue");
  assert.is(shown(RAM + 22, "behind the descriptors"), "behind the descriptors");
});

lives("a notify of nothing at all is its last", () => {
  for (const address of [RAM + 0x7000, RAM + 0x8000, 0xfffff000]) {
    const { step } = launch(cardboard([() => address]));
    assert.equal(step(), { kind: "killed", reason: `it notified 0x${address.toString(16)}, where there is neither a device nor memory` });
  }
});

lives("the console starts at status 3 and prints within the kick", () => {
  const host = cardboard([
    starts, prints("Hello, "), prints("wall!\n"),
    (memory) => (assert.is(memory.read16(OUTPUT + 0x2002), 2), 0x9000), ...powersOff,
  ]);
  const { step, screen, remarks } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "Hello, wall!\n");
  assert.equal(host.orders.slice(1, 3), [[Lhreq.EVENTFD, INPUT, 100], [Lhreq.EVENTFD, OUTPUT, 101]]);
  assert.equal(host.interrupts, [2, 2]);
  assert.ok(remarks.includes("console started"));
});

lives("a Guest that looks by itself is not interrupted", () => {
  const host = cardboard([starts, (memory) => (memory.write16(OUTPUT + 0x1000, 1), prints("psst")(memory)), ...powersOff]);
  const { step, screen } = launch(host);
  step();
  assert.is(screen(), "psst");
  assert.equal(host.interrupts, []);
});

lives("one kick, many chains, one interrupt", () => {
  const host = cardboard([starts, (memory) => {
    memory.copyIn(0x8000, bytesOf("abcdef"));
    describe(memory, OUTPUT, 0, { at: 0x8000, length: 1 }, { at: 0x8001, length: 2 });
    describe(memory, OUTPUT, 7, { at: 0x8003, length: 3 });
    offer(memory, OUTPUT, 7);
    return offer(memory, OUTPUT, 0);
  }]);
  const { step, screen } = launch(host);
  step();
  assert.is(screen(), "defabc");
  assert.equal(host.interrupts, [2]);
  assert.equal([0, 8].map((at) => host.memories[0].read32(OUTPUT + 0x2004 + at)), [7, 0]);
});

lives("reset makes a device new, and afterwards it hears kicks again", () => {
  const host = cardboard([
    starts, prints("before "), resets,
    (memory) => (assert.equal(memory.copyOut(OUTPUT, 0x2806), new Uint8Array(0x2806)), starts(memory)),
    prints("after"), ...powersOff,
  ]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "before after");
  assert.is(host.orders.filter(([order]) => order === Lhreq.EVENTFD).length, 2);
});

lives("a driver that gives up is remarked upon, and reset", () => {
  const { step, remarks } = launch(cardboard([starts, sets(RAM, 0x83), starts, ...powersOff]));
  assert.equal(step(), { kind: "poweroff" });
  assert.ok(remarks.includes("console: the Guest's driver gave up"));
});

lives("starting twice, or kicking what was not started, is its last", () => {
  const told: readonly [readonly Act[], string][] = [
    [[starts, starts], "console: started twice without a reset"],
    [[prints("x")], "console output queue: kicked before the console was started"],
    [[starts, resets, prints("x")], "console output queue: kicked before the console was started"],
  ];
  for (const [acts, reason] of told) assert.equal(launch(cardboard(acts)).step(), { kind: "killed", reason });
});

lives("after its lie a Guest runs on to the end of the read, unheard", () => {
  const { step, screen } = launch(cardboard([starts, (memory) => (memory.write16(OUTPUT + 0x1002, 999), OUTPUT), prints("hello?"), sleeps, starts]));
  assert.equal(step(), { kind: "killed", reason: "console output queue: 999 chains wait in 256 entries" });
  assert.is(screen(), "");
});

const room = (queue: number, head: number, ...sizes: number[]): Act => (memory) => {
  const last = sizes.length - 1;
  describe(memory, queue, head, ...sizes.map((length, i) => ({ at: 0x9000 + 0x100 * (head + i), length, flags: i < last ? 3 : 2 })));
  return offer(memory, queue, head);
};

lives("what was typed early waits for a driver and for buffers", () => {
  const host = cardboard([sleeps, starts, room(INPUT, 0, 2, 1), room(INPUT, 3, 8), sleeps, sleeps]);
  const { launcher, step } = launch(host);
  launcher.type(bytesOf("abcd"));
  assert.equal(step(), { kind: "asleep" });
  assert.equal(step(), { kind: "asleep" });
  const [memory] = host.memories;
  assert.is(text(memory.copyOut(0x9000, 2)) + text(memory.copyOut(0x9100, 1)) + text(memory.copyOut(0x9300, 1)), "abcd");
  assert.equal([0, 4, 8, 12].map((at) => memory.read32(INPUT + 0x2004 + at)), [0, 3, 3, 1]);
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
  assert.match((output.step() as { reason: string }).reason, /^console output queue: a buffer to be shown is writable/);
  const input = launch(cardboard([starts, (memory) => (describe(memory, INPUT, 0, { at: 0x8000, length: 4 }), offer(memory, INPUT, 0)), sleeps]));
  assert.equal(input.step(), { kind: "asleep" });
  input.launcher.type(bytesOf("x"));
  assert.match((input.step() as { reason: string }).reason, /^console input queue: a buffer for what is typed is not writable/);
});

lives("three ^C within a second are the way out, however they arrive", () => {
  const out = (...keys: [typed: string, at: number][]) => {
    const wantsOut = createWayOut();
    return keys.map(([typed, at]) => wantsOut(bytesOf(typed), at));
  };
  assert.equal(out(["\x03\x03x\x03\x03", 0], ["\x03", 900]), [false, true]);
  assert.equal(out(["\x03\x03\x03 then", 0], ["x", 9000]), [true, true]);
  assert.equal(out(["\x03", 0], ["\x03", 4000], ["\x03", 8000], ["\x03", 8500], ["\x03", 9001], ["\x03", 9500]),
    [false, false, false, false, false, true]);
  assert.equal(out(["\x03\x03", 0], ["x", 1], ["\x03", 2], ["\x03", 3]), [false, false, false, false]);
});

lives("^C is the Guest's like any other key, wherever the way out is", () => {
  const { launcher, step } = launch(cardboard([]));
  launcher.type(bytesOf("\x03\x03\x03"));
  assert.equal([step(), launcher.waiting()], [{ kind: "asleep" }, 3]);
});

lives("peaceful is what asked to be switched off, whatever it said", () => {
  const ends = (reason: string, poweroff: boolean): Outcome => launch(cardboard([dies, because(reason, poweroff)])).step();
  assert.equal(ends("CRASH: Power down", true), { kind: "poweroff" });
  for (const words of ["Power down.", "Fatal exception", ""])
    assert.equal(ends(`CRASH: ${words}`, true), { kind: "poweroff", words });
  for (const reason of ["CRASH: Power down", "CRASH: VFS: Unable to mount root fs", "bad page table entry"])
    assert.equal(ends(reason, false), { kind: "killed", reason });
});

lives("a restart is a new life with the same settings, and keeps what was typed", () => {
  const host = cardboard([(memory) => (memory.write32(MB, 0), restarts(memory))], [starts, room(INPUT, 0, 8), ...powersOff]);
  const { launcher, step } = launch(host);
  launcher.type(bytesOf("again"));
  assert.equal(step(), { kind: "restarted" });
  assert.equal([host.opened, host.closed, host.memories.length], [2, 1, 2]);
  assert.is(host.memories[1].read32(MB), 0xfeeb9090);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(text(host.memories[1].copyOut(0x9000, 5)), "again");
});

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
    return { ...door, write: (words: readonly number[]) => dead ? -Errno.ENOENT : door.write(words) };
  };
  const { launcher, step } = launch({ ...host, open });
  step();
  dead = true;
  launcher.type(bytesOf("x"));
  assert.equal([step(), launcher.waiting()], [{ kind: "poweroff" }, 0]);
});

lives("an order that is refused names itself", () => {
  const host = cardboard([]);
  const refusing: HostKernel = { ...host, open: () => ({ ...host.open(), write: () => -Errno.EINVAL }) };
  assert.is(messageOf(() => launch(refusing)), "/dev/lguest refused INITIALIZE: EINVAL");
  const { step } = launch(cardboard([() => ({ kind: "error", errno: Errno.EINVAL })]));
  assert.is(messageOf(step), "/dev/lguest: a read failed with EINVAL");
});

lives.run();

// ---- queues ----------------------------------------------------------

/** The random numbers of a very small and very repeatable casino. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

function practiceBus() {
  const memory = flatMemory(RAM + MB);
  const interrupts: number[] = [];
  let shown = "";
  const bus: Bus = createBus(memory, RAM, {
    interrupt: (irq) => interrupts.push(irq), listen: () => {}, log: () => {}, show: (words) => { shown += text(words); },
    spend: () => {},
  });
  return { bus, memory, interrupts, screen: () => shown };
}

const queues = suite("IV: queues whose owner wants you dead");

function practiceQueue(): Virtqueue {
  return {
    name: "practice", memory: flatMemory(RAM + MB), ramSize: RAM, address: RAM + 0x1000, entries: 256, irq: 5,
    nextAvailable: 0, used: 0, unannounced: false, kicked: false, open: undefined,
  };
}

function lie(...buffers: Buffer[]): string {
  const queue = practiceQueue();
  describe(queue.memory, queue.address, 0, ...buffers);
  offer(queue.memory, queue.address, 0);
  return messageOf(() => takeChain(queue)).replace("practice queue: ", "");
}

queues("every lie has its line", () => {
  const ok = { at: 0x8000, length: 16 };
  assert.is(lie(ok, ok), "nothing was thrown");
  assert.is(lie({ at: 0, length: RAM }), "nothing was thrown");
  assert.is(lie({ at: RAM, length: 0 }), "nothing was thrown");
  assert.is(lie({ ...ok, flags: 1, next: 256 }), "descriptor 256 does not exist: there are 256");
  assert.is(lie({ at: RAM - 15, length: 16 }), "descriptor 0 wants 0x10 bytes at 0x1ffff1, outside the Guest's RAM");
  assert.is(lie({ at: 0xffffffff, length: 2 }), "descriptor 0 wants 0x2 bytes at 0xffffffff, outside the Guest's RAM");
  assert.is(lie({ at: 2 ** 32 + 0x8000, length: 1 }), "descriptor 0 wants 0x1 bytes at 0x100008000, outside the Guest's RAM");
  assert.is(lie({ ...ok, length: 0xffffffff }), "descriptor 0 wants 0xffffffff bytes at 0x8000, outside the Guest's RAM");
  assert.is(lie({ ...ok, flags: 4 }), "descriptor 0 is INDIRECT, which was not offered");
  assert.is(lie({ ...ok, flags: 3 }, ok), "descriptor 1 is readable, but comes after a writable one");
  assert.is(lie({ ...ok, flags: 1, next: 0 }), "the chain from 0 goes in a circle");
  assert.is(lie({ ...ok, flags: 1 }, { ...ok, flags: 1, next: 0 }), "the chain from 0 goes in a circle");
  assert.is(lie({ at: 0, length: RAM }, ok), "descriptor 1 makes its chain larger than the Guest's whole RAM");
});

queues("a chain of every descriptor there is, is the longest", () => {
  const buffers = Array.from({ length: 256 }, (_, i) => ({ at: 0x8000, length: 1, ...(i === 255 ? { flags: 0, next: 0 } : {}) }));
  assert.is(lie(...buffers), "nothing was thrown");
});

queues("a head or an index out of range is found out", () => {
  const queue = practiceQueue();
  offer(queue.memory, queue.address, 300);
  assert.is(messageOf(() => takeChain(queue)), "practice queue: descriptor 300 does not exist: there are 256");
  queue.memory.write16(queue.address + 0x1002, 40_000);
  assert.match(messageOf(() => takeChain(queue)), /^practice queue: 39999 chains wait in 256 entries$/);
});

queues("indexes run past 65535 and over to 0", () => {
  const { bus, memory, screen, interrupts } = practiceBus();
  const device = setUpDevice(bus, consoleKind([], bus.wires.show));
  memory.write8(RAM + 4, 3);
  notified(bus, RAM);
  const [, output] = device.queues;
  output.nextAvailable = output.used = 0xfffe;
  memory.write16(output.address + 0x1002, 0xfffe);
  for (const word of ["w", "r", "a", "p"]) {
    memory.copyIn(0x8000, bytesOf(word));
    describe(memory, output.address, 3, { at: 0x8000, length: 1 });
    notified(bus, offer(memory, output.address, 3));
    while (serve(bus));
  }
  assert.is(screen(), "wrap");
  assert.is(memory.read16(output.address + 0x2002), 2);
  assert.is(interrupts.length, 4);
});

queues("a forged used index is written over, not believed", () => {
  const host = cardboard([starts, prints("a"), (memory) => (memory.write16(OUTPUT + 0x2002, 999), prints("b")(memory))]);
  launch(host).step();
  assert.is(host.memories[0].read16(OUTPUT + 0x2002), 2);
});

queues("what the Guest writes into its descriptor moves no queue", () => {
  const host = cardboard([(memory) => (memory.copyIn(RAM + 5, new Uint8Array(16).fill(0xff)), starts(memory)), prints("still here"), ...powersOff]);
  const { step, screen } = launch(host);
  assert.equal(step(), { kind: "poweroff" });
  assert.is(screen(), "still here");
});

queues("devices lie back to back, features twice, configuration last", () => {
  const { bus, memory } = practiceBus();
  const queue = { name: "requests", serve: () => false };
  const disk = { name: "disk", type: 2, queues: [queue], features: Uint8Array.of(0x0f, 0x02), config: Uint8Array.of(7, 8, 9) };
  setUpDevice(bus, disk);
  setUpDevice(bus, consoleKind([], () => {}));
  assert.equal([...memory.copyOut(RAM, 21)], [2, 1, 2, 3, 0, 0, 1, 1, 0, 1, 2, 0, 0, 0x0f, 0x02, 0, 0, 7, 8, 9, 3]);
  assert.equal([memory.read16(RAM + 20 + 7), memory.read32(RAM + 20 + 9)], [2, 0x204]);
  assert.throws(() => { for (;;) setUpDevice(bus, disk); }, /pages for virtqueues are used up|page of descriptors is full/);
});

queues("accepted features are copied, and must have been offered", () => {
  const { bus, memory } = practiceBus();
  const device = setUpDevice(bus, { name: "disk", type: 2, queues: [], features: Uint8Array.of(0x05), config: new Uint8Array() });
  memory.write8(RAM + 4, 3);
  memory.write8(RAM + 6, 0x04);
  notified(bus, RAM);
  assert.equal([...device.accepted], [4]);
  memory.write8(RAM + 4, 0);
  notified(bus, RAM);
  assert.is(memory.read8(RAM + 6), 0);
  memory.write8(RAM + 4, 3);
  memory.write8(RAM + 6, 0x02);
  assert.is(messageOf(() => notified(bus, RAM)), "disk: accepted a feature that was not offered");
});

queues("no queue whatever makes the Launcher throw anything but a GuestError", () => {
  const random = randomNumbers(2007);
  let chains = 0, lies = 0;
  for (let round = 0; round < 2000; round++) {
    const queue = practiceQueue();
    const { memory, address } = queue;
    for (let n = 0; n < 24; n++) {
      const sane = random() % 8 !== 0;
      describe(memory, address, n, {
        at: sane ? random() % RAM : random() * 99991, length: sane ? random() % 4096 : random() * 977 % 2 ** 32,
        flags: random() % (sane ? 4 : 0x10000), next: random() % (sane ? 24 : 0x10000),
      });
    }
    for (let n = random() % 6; n > 0; n--) offer(memory, address, random() % (random() % 9 ? 24 : 0x10000));
    if (random() % 50 === 0) memory.write16(address + 0x1002, random());
    try {
      for (let chain; (chain = takeChain(queue)); chains++)
        for (const piece of [...chain.readable, ...chain.writable]) assert.ok(piece.address + piece.length <= RAM);
    } catch (error) {
      assert.instance(error, GuestError);
      assert.match((error as Error).message, /^practice queue: [^\n]+$/);
      lies++;
    }
  }
  assert.ok(chains > 500 && lies > 500, `${chains} chains and ${lies} lies`);
});

queues.run();

// ---- budgets ---------------------------------------------------------

const budgets = suite("IV: a budget is a budget");

/** A Host as before, whose memory counts the words that are touched. */
function counting(host: ReturnType<typeof cardboard>) {
  const work = { words: 0 };
  const counted = (memory: LauncherMemory): LauncherMemory => ({
    ...memory,
    ...Object.fromEntries((["read8", "read16", "read32", "write8", "write16", "write32"] as const).map((name) =>
      [name, (a: number, b: number) => (work.words++, memory[name](a, b))])),
    copyIn: (at, bytes) => (work.words += Math.ceil(bytes.length / 4), memory.copyIn(at, bytes)),
    copyOut: (at, length) => (work.words += Math.ceil(length / 4), memory.copyOut(at, length)),
  });
  return { work, host: { ...host, allocate: (size: number) => counted(host.allocate(size)) } };
}

/** Fills a queue with 256 chains, all of the same descriptors. */
function crowd(memory: LauncherMemory, queue: number, ...buffers: Buffer[]): void {
  describe(memory, queue, 0, ...buffers);
  memory.copyIn(queue + 0x1004, new Uint8Array(512));
}
const moves = (queue: number, by = 256): Act => (memory) =>
  (memory.write16(queue + 0x1002, (memory.read16(queue + 0x1002) + by) & 0xffff), queue);
const many = (count: number, act: Act) => Array.from({ length: count }, () => act);
const pieces = (count: number, buffer: Buffer): Buffer[] =>
  Array.from({ length: count }, (_, n) => ({ ...buffer, ...(n < count - 1 ? {} : { flags: (buffer.flags ?? 0) & 2 }) }));

/** Guests that keep their Launcher busy, and what they bring into memory. */
const nuisances: readonly [name: string, prepare: (memory: LauncherMemory) => void, act: Act][] = [
  ["empty pieces", (m) => crowd(m, OUTPUT, ...pieces(256, { at: 0, length: 0 })), moves(OUTPUT)],
  ["empty pieces for what is typed", (m) => crowd(m, INPUT, ...pieces(256, { at: 0, length: 0, flags: 3 })), moves(INPUT)],
  ["one that only moves an index", (m) => crowd(m, OUTPUT, { at: 0, length: 0 }), moves(OUTPUT)],
  ["single bytes", (m) => crowd(m, OUTPUT, { at: 0, length: 1 }), moves(OUTPUT)],
  ["all of RAM, 256 times", (m) => crowd(m, OUTPUT, { at: 0, length: RAM }), moves(OUTPUT)],
  ["all of RAM in 256 pieces, 256 times", (m) => crowd(m, OUTPUT, ...pieces(256, { at: 0, length: RAM / 256 })), moves(OUTPUT)],
  ["a text as long as RAM", (m) => m.copyIn(0x2000, new Uint8Array(RAM - 0x2000).fill(65)), () => 0x2000],
  ["a text of one letter", (m) => m.write16(0x2000, 65), () => 0x2000],
  ["an empty text", (m) => m.write8(0x2000, 0), () => 0x2000],
  ["resets", () => {}, (m) => (m.write8(RAM + 4, 0), RAM)],
];

budgets("whatever a Guest asks for, a step ends in time, and no word is touched that was not paid for", () => {
  for (const [name, prepare, act] of nuisances) {
    const { work, host } = counting(cardboard([starts, (memory) => (prepare(memory), act(memory)), ...many(5000, act)]));
    let shown = 0;
    const { launcher } = launch(host, { show: (bytes) => {
      assert.ok(bytes.length > 0 && bytes.length <= PORTION, `${name}: ${bytes.length} bytes in one go`);
      shown += bytes.length;
    } });
    launcher.type(new Uint8Array(100_000));
    launcher.step(20_000);
    work.words = -host.retired();
    for (let n = 0; n < 30; n++) {
      const before = host.retired();
      assert.equal(launcher.step(20_000), { kind: "limit" }, name);
      const took = host.retired() - before;
      assert.ok(took >= 20_000 && took < 26_000, `${name}: ${took} ticks`);
    }
    assert.ok(work.words <= host.retired(), `${name}: ${work.words} words more than ticks`);
    assert.ok(shown <= 4 * host.retired(), name);
  }
});

/** A Guest's life in steps of `steps`, with a reader who is behind at each
 *  `slow`th portion: what it showed, when, and how it ended. */
function lived(acts: readonly Act[], steps: number, slow: number) {
  const host = cardboard(acts);
  const told: [tick: number, bytes: number][] = [];
  let shown = "", portions = 0, stops = 0;
  const { launcher } = launch(host, { show: (bytes) => {
    shown += text(bytes);
    told.push([host.retired(), bytes.length]);
    return ++portions % slow !== 0;
  } });
  launcher.type(bytesOf("typed before the boot, and more than one buffer holds"));
  for (;;) {
    const at = host.retired(), outcome = launcher.step(steps);
    if (outcome.kind === "output") {
      stops++;
      assert.is(told.length, portions, "it stands still until it is stepped");
    } else if (outcome.kind !== "limit") return { shown, told, outcome, ticks: host.retired(), stops };
    assert.ok(outcome.kind === "output" || host.retired() >= at + steps);
  }
}

budgets("while its reader is behind a Guest stands still, and its life is the same whoever reads", () => {
  const acts: Act[] = [
    starts, room(INPUT, 0, 5, 0, 9), room(INPUT, 8, 3), (memory) => (memory.copyIn(0x20000, new Uint8Array(50_000).fill(66)), 0x20000),
    prints("and now for something longer"), (memory) => {
      crowd(memory, OUTPUT, { at: 0x20000, length: 10_000 }, { at: 0x30000, length: 0 }, { at: 0x21000, length: 7 });
      return moves(OUTPUT, 9)(memory);
    }, ...powersOff,
  ];
  const { stops, ...whole } = lived(acts, 1e9, Infinity);
  assert.equal([stops, whole.outcome], [0, { kind: "poweroff" }]);
  assert.is(whole.shown.length, 28 + 50_000 + 9 * 10_007);
  for (const slow of [1, 2, 5, Infinity]) {
    const { stops, ...life } = lived(acts, 1e9, slow);
    assert.is(stops, Math.floor(whole.told.length / slow));
    assert.equal(life, whole);
  }
});

budgets("a Guest that is born again and again gives everything back", () => {
  const host = cardboard(...Array.from({ length: 50 }, () => [starts, restarts]), [starts, ...powersOff]);
  const open = new Set<number>();
  const { launcher } = launch({
    ...host,
    eventfd(signal) { const fd = host.eventfd(signal); open.add(fd); return fd; },
    close(fd) { assert.ok(open.delete(fd)); host.close(fd); },
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

budgets("what is typed comes in portions, whole and in order, however much it is", () => {
  const letters = Uint8Array.from({ length: 30_000 }, (_, n) => n * 7 >> 3);
  const host = cardboard([starts, (memory) => (describe(memory, INPUT, 0, { at: 0x20000, length: 20_001, flags: 2 }), offer(memory, INPUT, 0)), sleeps, sleeps]);
  const { launcher, step } = launch(host);
  for (let n = 0; n < letters.length; n += 7001) launcher.type(letters.subarray(n, n + 7001));
  assert.is(launcher.waiting(), 30_000);
  assert.equal(step(), { kind: "asleep" });
  assert.is(launcher.waiting(), 9999);
  assert.equal(host.memories[0].copyOut(0x20000, 20_002), Uint8Array.of(...letters.subarray(0, 20_001), 0));
  assert.equal([host.memories[0].read32(INPUT + 0x2008), host.interrupts], [20_001, [1]]);
});

budgets("a reset in the middle of a chain forgets it", () => {
  const { bus, memory, screen } = practiceBus();
  const [, output] = setUpDevice(bus, consoleKind([], bus.wires.show)).queues;
  memory.write8(RAM + 4, 3);
  notified(bus, RAM);
  crowd(memory, OUTPUT, { at: 0, length: 10_000 });
  notified(bus, moves(OUTPUT)(memory) as number);
  assert.ok(serve(bus) && output.open && memory.read16(OUTPUT + 0x2002) === 0);
  memory.write8(RAM + 4, 0);
  notified(bus, RAM);
  assert.equal([serve(bus), output.open, output.kicked, screen().length], [false, undefined, false, PORTION]);
});

budgets.run();

// ---- sessions --------------------------------------------------------

const sessions = suite("IV: sessions");

/** Drives `launcher` with a terminal that types `lines`. */
function session(host: HostKernel, launcher: Launcher, limit = Infinity, ...lines: string[]) {
  return drive(launcher, () => host.retired(), {
    typed: () => bytesOf(lines.shift() ?? ""),
    more: async () => lines.length > 0 ? bytesOf(lines.shift()!) : undefined,
    settle: async () => {},
  }, limit);
}

sessions("every way to end has its status", () => {
  assert.equal(endingOf({ kind: "poweroff" }), { status: 0 });
  assert.equal(endingOf({ kind: "poweroff", words: "so long" }), { status: 0, message: "its last words: so long" });
  assert.equal(endingOf({ kind: "killed", reason: "CRASH: oh" }), { status: 1, message: "the Guest died: CRASH: oh" });
  for (const kind of ["limit", "output", "asleep", "restarted"] as const) assert.is(endingOf({ kind }), undefined);
});

sessions("a Guest is driven through sleep and restart to its end", async () => {
  const host = cardboard([starts, room(INPUT, 0, 9), sleeps, restarts], [starts, prints("bye"), ...powersOff]);
  const { launcher, screen } = launch(host);
  assert.equal(await session(host, launcher, Infinity, "", "reboot\n"), { status: 0 });
  assert.is(screen(), "bye");
  assert.is(text(host.memories[0].copyOut(0x9000, 7)), "reboot\n");
});

sessions("input that was there before the boot is typed before the first instruction", async () => {
  const host = cardboard([starts, room(INPUT, 0, 9), ...powersOff]);
  assert.equal(await session(host, launch(host).launcher, Infinity, "ls\n"), { status: 0 });
  assert.is(text(host.memories[0].copyOut(0x9000, 3)), "ls\n");
});

sessions("a Guest that nothing can wake is not waited for", async () => {
  const host = cardboard([]);
  assert.equal(await session(host, launch(host).launcher), { status: 4, message: "the Guest sleeps and nothing can wake it" });
});

/** A stream whose reader takes one write at a time, when told to. */
function slowReader(name: string, got: string[]) {
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(bytes: Uint8Array, _encoding, done) {
      got.push(name + text(bytes));
      waiting.push(done);
    },
  });
  return { stream, take: () => waiting.shift()?.() };
}
const soon = () => new Promise(setImmediate);

sessions("what is printed arrives in order, and is enough until all of it is taken", async () => {
  const got: string[] = [], out = slowReader("1:", got), err = slowReader("2:", got);
  const output = createOutput();
  assert.equal([output.print(out.stream, "a"), output.print(out.stream, bytesOf("b"))], [true, true]);
  output.print(err.stream, "c");
  assert.is(output.print(out.stream, "d".repeat(0x10000)), false);
  assert.equal(got, [], "nothing is handed over in the middle of a step");
  let isTaken = false;
  const taken = output.taken().then(() => { isTaken = true; });
  for (const [reader, count] of [[out, 1], [err, 2], [out, 3]] as const) {
    await soon();
    assert.equal([got.length, isTaken], [count, false]);
    reader.take();
  }
  await taken;
  assert.equal(got, ["1:ab", "2:c", `1:${"d".repeat(0x10000)}`]);
  assert.is(output.print(out.stream, "e"), true);
});

sessions("a Guest stands still while the reader of its output is behind, and lives the same life", async () => {
  const acts = () => [starts, ...Array.from({ length: 64 }, (_, n): Act => (memory) => {
    memory.copyIn(0x9000, new Uint8Array(4096).fill(0x61));
    describe(memory, OUTPUT, n, { at: 0x9000, length: 4096 });
    return offer(memory, OUTPUT, n);
  }), ...powersOff];
  const freely = cardboard(acts()), host = cardboard(acts());
  await session(freely, launch(freely).launcher);
  const got: string[] = [], reader = slowReader("", got), output = createOutput();
  const { launcher } = launch(host, { show: (words) => output.print(reader.stream, words) });
  const ended = drive(launcher, host.retired, { typed: bytesOf.bind(null, ""), more: async () => undefined, settle: output.taken }, Infinity);
  for (let n = 0, before = -1; n < 4; n++, reader.take()) {
    for (let turn = 0; turn < 9; turn++) await soon();
    assert.equal([got.length, got.at(-1)!.length], [n + 1, 0x10000]);
    assert.ok(host.retired() > before);
    before = host.retired();
    for (let turn = 0; turn < 9; turn++) await soon();
    assert.is(host.retired(), before);
  }
  assert.equal(await ended, { status: 0 });
  assert.equal([host.retired(), got.join("").length], [freely.retired(), 0x40000]);
});

sessions("--max-instructions stops exactly there", async () => {
  const host = cardboard(Array.from({ length: 5000 }, () => (() => 0x3000) as Act));
  const ending = await session(host, launch(host).launcher, 1_234_567);
  assert.equal(ending, { status: 3, message: "stopped after 1234567 instructions (--max-instructions)" });
  assert.is(host.retired(), 1_234_567);
});

sessions.run();

// ---- the command line ------------------------------------------------

const words = suite("IV: the command line");
const parse = (line: string) => parseCommandLine(line.split(" ").filter((word) => word !== ""));

words("nothing at all means the book's own Guest in 16 MB", () => {
  const { megabytes, kernel, commandLine, verbose, maxInstructions } = parse("");
  assert.equal([megabytes, kernel, commandLine, verbose, maxInstructions], [16, undefined, "", false, Infinity]);
});

words("options come first, and dashes after the kernel are the kernel's", () => {
  const settings = parse("-v --initrd=a=b --max-instructions 500 64 vmlinux root=/dev/vda --verbose -x");
  assert.equal([settings.verbose, settings.initrd, settings.maxInstructions], [true, "a=b", 500]);
  assert.equal([settings.megabytes, settings.kernel, settings.commandLine], [64, "vmlinux", "root=/dev/vda --verbose -x"]);
  assert.is(parse("--verbose 32").megabytes, 32);
});

words("options may stand between memory and kernel; -- ends them", () => {
  const settings = parse("64 -v --initrd disk vmlinux -v --");
  assert.equal([settings.megabytes, settings.verbose, settings.initrd], [64, true, "disk"]);
  assert.equal([settings.kernel, settings.commandLine], ["vmlinux", "-v --"]);
  const odd = parse("-v -- 64 -h --help");
  assert.equal([odd.help, odd.verbose, odd.kernel, odd.commandLine], [false, true, "-h", "--help"]);
  assert.is(parse("64 -- -h").kernel, "-h");
  assert.equal([parse("--initrd -- 64").initrd, parse("--initrd= 64").initrd, parse("64 -").kernel], ["--", "", "-"]);
});

words("letters may share a dash, and names need two", () => {
  const { help, verbose } = parse("-hv");
  assert.ok(help && verbose);
  assert.is(messageOf(() => parse("-verbose")), "there is no option -verbose; did you mean --verbose?");
  assert.is(messageOf(() => parse("--v")), "there is no option --v; try --help");
  assert.is(messageOf(() => parse("64 -vx kernel")), "there is no option -vx; try --help");
});

words("a number is digits, and nothing else", () => {
  for (const odd of ["-1", "1e3", "0x10", " 16", "16 ", "+16", "1.5", "", "٣", "9".repeat(400)])
    assert.throws(() => parseCommandLine(["--max-instructions", odd]), /^--max-instructions is a number/, odd);
  for (const odd of ["1e3", "0x10", " 16", "", "1025"])
    assert.match(messageOf(() => parseCommandLine([odd])), /^memory in MB is a number from 1 to 1024, not/);
  assert.is(messageOf(() => parseCommandLine(["-1"])), "there is no option -1; try --help");
  assert.is(parseCommandLine(["0016"]).megabytes, 16);
});

words("every mistake has its line", () => {
  const told: readonly [string, string][] = [
    ["0", 'memory in MB is a number from 1 to 1024, not "0"'],
    ["5000 vmlinux", 'memory in MB is a number from 1 to 1024, not "5000"'],
    ["vmlinux 64", 'memory in MB is a number from 1 to 1024, not "vmlinux"'],
    ["--verbsoe", "there is no option --verbsoe; did you mean --verbose?"],
    ["--max-instruction=5", "there is no option --max-instruction; did you mean --max-instructions?"],
    ["--frobnicate", "there is no option --frobnicate; try --help"],
    ["--initrd", "--initrd needs its FILE"],
    ["--verbose=yes 64", "--verbose takes no argument"],
    ["--max-instructions=-1", '--max-instructions is a number from 1 to 1000000000000000, not "-1"'],
    ["--block=disk.img 64 vmlinux", "--block is not in this edition: there is no disk yet; try --initrd=FILE"],
    ["--rng", "--rng is not in this edition: nothing is left to chance yet"],
    ["--chroot=/jail", "--chroot is not in this edition: the Launcher has no rights to drop"],
  ];
  for (const [line, message] of told) {
    assert.is(messageOf(() => parse(line)), message);
    assert.throws(() => parse(line), (error: unknown) => error instanceof UsageError);
  }
});

words("--help names every option and every status", () => {
  for (const { name } of options) assert.ok(explain().includes(`--${name}`), name);
  for (const line of explain().split("\n")) assert.ok(line.length <= 80, line);
});

/** Runs `npm run lguest -- ...` as a reader would. */
function lguest(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tangle/run.mjs", "tangled/command-line/lguest.ts", ...args], {
    encoding: "utf8", input: "", env: { ...process.env, INIT_CWD: undefined },
  });
  return { status, stdout, stderr };
}

words("the program itself prints one line and says the same by its status", () => {
  assert.equal(lguest("--help"), { status: 0, stdout: `${explain()}\n`, stderr: "" });
  assert.equal(lguest("--vebrose"), { status: 2, stdout: "", stderr: "lguest: there is no option --vebrose; did you mean --verbose?\n" });
  assert.equal(lguest("16", "no/such/kernel"), { status: 1, stdout: "", stderr: "lguest: no/such/kernel: there is no such file\n" });
  assert.equal(lguest("16", "tests"), { status: 1, stdout: "", stderr: "lguest: tests: it is a folder\n" });
});

words.run();
