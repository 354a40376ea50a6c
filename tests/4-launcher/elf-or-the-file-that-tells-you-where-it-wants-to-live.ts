// Chapter IV: ELF files that want to be kernels.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import type { NamedFile } from "../../tangled/loader/kernel-file.ts";
import { loadElf } from "../../tangled/loader/elf.ts";
import { loadKernel } from "../../tangled/loader/load.ts";
import { messageOf } from "../tools.ts";
import { patched, MB, elf, bytesOf } from "./stage/files.ts";
import { randomNumbers } from "./stage/chance.ts";

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

files("what is no ELF file is told so", () => {
  assert.is(messageOf(() => load(patched(0, [], "void"))),
    "void: the file is empty");
  for (
    const file of [elf([0, 1, 0x7e]), {
      name: "cat.jpg",
      bytes: bytesOf("\xff\xd8"),
    }]
  )
    assert.match(messageOf(() => load(file)),
      new RegExp(`^${file.name}: .* a 32-bit ELF kernel`));
});

files("no ELF file makes the loader throw anything but its own line", () => {
  const random = randomNumbers(4);
  for (let round = 0; round < 3000; round++) {
    const file = elf();
    for (let n = 0; n < 3; n++) file.bytes[random() % 0x58] = random();
    const message = messageOf(() => load(file));
    assert.ok(message === "nothing was thrown"
      || message.startsWith(`${file.name}: `), message);
  }
});

files.run();
