// Chapter IV: files that want to be kernels.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { type NamedFile, visible } from "../../tangled/loader/kernel-file.ts";
import { loadElf } from "../../tangled/loader/elf.ts";
import { loadKernel } from "../../tangled/loader/load.ts";
import { messageOf } from "../tools.ts";
import { type Patch, patched, MB, elf, bytesOf } from "./stage/files.ts";
import { randomNumbers } from "./stage/chance.ts";

/** One setup sector, then 32 bytes of "compressed kernel". */
const bzImage = (...patches: Patch[]): NamedFile =>
  patched(2 * 512 + 32, [
    [0x1f1, 1, 1],
    [0x1f4, 4, 2],
    [0x202, 4, 0x53726448],
    [0x206, 2, 0x20a],
    [0x211, 1, 1],
    [0x214, 4, MB],
    [0x400, 4, 0x12345678],
    ...patches,
  ], "bzImage");

const cut = ({ name, bytes }: NamedFile, length: number): NamedFile => ({
  name,
  bytes: bytes.slice(0, length),
});
const load = (file: NamedFile, megabytes = 2) =>
  loadKernel(flatMemory(megabytes * MB), megabytes * MB, file);

const files = suite("IV: files that want to be kernels");

files("an ELF file lands at its physical address, and the rest stays zero",
  () => {
    const memory = flatMemory(2 * MB);
    assert.equal(loadKernel(memory, 2 * MB, elf()), {
      entry: MB + 2,
      end: MB + 0x1000,
    });
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
    [elf([28, 4, 0xffffffff]),
      "the file ends before its table of segments does"],
    [cut(elf(), 51), "the file ends in the middle of its ELF header"],
    [elf([0x44, 4, 0x1001]),
      "segment 0 holds 0x1001 bytes, but makes room for only 0x1000"],
    [elf([0x38, 4, 0x56]),
      "segment 0 is cut short: it ends at 0x5a of the file, which has only 0x58 bytes"],
    [elf([0x40, 4, 2 * MB - 0xfff]),
      "segment 0 wants 0x1ff001 to 0x200001, but there are only 2 MB (0x200000)"],
    [elf([0x40, 4, 0xfffff000]),
      "segment 0 wants 0xfffff000 to 0x100000000, but there are only 2 MB (0x200000)"],
    [elf([0x40, 4, 0x1fff]),
      "segment 0 wants 0x1fff to 0x2fff, but the boot parameters own what lies below 0x2000"],
    [elf([24, 4, 0xc0100000]),
      "it wants to start at 0xc0100000, but loads nothing there"],
    [elf([24, 4, MB + 0x1000]),
      "it wants to start at 0x101000, but loads nothing there"],
  ];
  for (const [file, line] of told)
    assert.is(messageOf(() => load(file)), `kernel.elf: ${line}`);
});

files("a segment may end exactly where memory ends", () => {
  const { end } = load(
    elf([0x40, 4, 2 * MB - 0x1000], [24, 4, 2 * MB - 0x1000]),
  );
  assert.is(end, 2 * MB);
});

files("of a bzImage, what follows the setup sectors goes to 1 MB", () => {
  const memory = flatMemory(2 * MB);
  assert.equal(loadKernel(memory, 2 * MB, bzImage()), {
    entry: MB,
    end: MB + 32,
  });
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
    [cut(bzImage(), 0x210), 2,
      "the file ends in the middle of its setup header"],
    [bzImage([0x206, 2, 0x206]), 2,
      "it speaks boot protocol 0x206; a Guest needs 0x207 or later"],
    [bzImage([0x211, 1, 0]), 2,
      "it is a zImage, which must be loaded below 1 MB"],
    [bzImage([0x1f4, 4, 99]), 2,
      "it is cut short: 0x20 bytes of kernel where its header promises 0x630"],
    [cut(bzImage(), 0x400), 2,
      "it is cut short: 0x0 bytes of kernel where its header promises 0x20"],
    [bzImage([0x214, 4, MB + 32]), 2,
      "it wants to start at 0x100020, outside itself"],
    [bzImage([0x214, 4, 0]), 2, "it wants to start at 0x0, outside itself"],
    [bzImage(), 1,
      "the kernel wants 0x100000 to 0x100020, but there are only 1 MB (0x100000)"],
  ];
  for (const [file, megabytes, line] of told)
    assert.is(messageOf(() => load(file, megabytes)), `bzImage: ${line}`);
});

files("what is neither is told so", () => {
  assert.is(messageOf(() => load(patched(0, [], "void"))),
    "void: the file is empty");
  assert.is(
    messageOf(() => load({ name: "cat.jpg", bytes: bytesOf("\xff\xd8") })),
    "cat.jpg: neither a 32-bit ELF kernel nor a bzImage",
  );
});

files("no file whatever makes the loader throw anything but its own line",
  () => {
    const random = randomNumbers(4);
    for (let round = 0; round < 3000; round++) {
      const file = round % 2 ? elf() : bzImage();
      for (let n = 0; n < 3; n++)
        file.bytes[random() % (round % 3 ? file.bytes.length : 0x58)] =
          random();
      const message = messageOf(() => load(file));
      assert.ok(message === "nothing was thrown"
        || message.startsWith(`${file.name}: `), message);
    }
  });

files(
  "a virtual entry is looked for where segments have it, an entry as it is where they lie",
  () => {
    const start = (isVirtual: boolean, entry: number) =>
      loadElf(flatMemory(2 * MB), 2 * MB, elf([24, 4, entry]), isVirtual).entry;
    assert.equal([start(true, 0xc0100002), start(true, 0xc0100fff),
      start(true, MB + 2)], [MB + 2, MB + 0xfff, MB + 2]);
    for (const entry of [0xc0101000, 0xc00fffff, MB + 0x1000, 0])
      assert.match(messageOf(() => start(true, entry)),
        /but loads nothing there/);
    assert.match(messageOf(() => start(false, 0xc0100002)),
      /but loads nothing there/);
  },
);

files("a table of segments that lie on each other costs no time", () => {
  const count = 65535,
    file = patched(0x34 + count * 32, [
      [0, 4, 0x464c457f],
      [4, 4, 0x00010101],
      [16, 4, 0x00030002],
      [20, 4, 1],
      [24, 4, MB],
      [28, 4, 0x34],
      [40, 4, 0x00200034],
      [44, 2, count],
    ]);
  const view = new DataView(file.bytes.buffer), { length } = file.bytes;
  for (let n = 0; n < count; n++)
    [1, 0, MB, MB, length, length].forEach((word, i) =>
      view.setUint32(0x34 + 32 * n + 4 * i, word, true)
    );
  let copied = 0;
  const memory = {
    copyIn: (_: number, bytes: Uint8Array) => {
      copied += bytes.length;
    },
  };
  assert.is(messageOf(() => loadElf(memory, 8 * MB, file)),
    "kernel: its segments lie on each other");
  assert.ok(copied <= 8 * MB);
});

files.run();

const reading = suite("IV: reading files");

reading("names are shown, not obeyed", () => {
  assert.is(visible("a\x1b[31mb\n\r\0\u202e\u2028é 字"),
    "a\\u{1b}[31mb\\u{a}\\u{d}\\u{0}\\u{202e}\\u{2028}é 字");
});

reading.run();

const letter = suite("IV: boot parameters");

letter("flat memory refuses what lies outside", () => {
  const memory = flatMemory(8, 0x5000);
  memory.write32(4, 0xfffffffe);
  assert.equal([memory.read32(4), memory.read16(6), memory.read8(4),
    memory.base], [0xfffffffe, 0xffff, 0xfe, 0x5000]);
  for (
    const outside of [() => memory.read32(5), () => memory.write8(8, 0),
      () => memory.copyIn(7, new Uint8Array(2)), () => memory.copyOut(-1, 2)]
  )
    assert.throws(outside, (error: unknown) =>
      error instanceof RangeError
      && /outside the 8 bytes/.test(error.message));
});

letter.run();
