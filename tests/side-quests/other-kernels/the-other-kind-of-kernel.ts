// Other kernels: bzImages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flatMemory } from "../../../tangled/launcher/flat-memory.ts";
import type { NamedFile } from "../../../tangled/loader/kernel-file.ts";
import { loadKernel } from "../../../tangled/loader/load.ts";
import { randomNumbers } from "../../4-launcher/stage/chance.ts";
import {
  bytesOf,
  elf,
  MB,
  type Patch,
  patched,
} from "../../4-launcher/stage/files.ts";
import { messageOf } from "../../tools.ts";

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

const files = suite("Other kernels: files that want to be kernels");

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
  assert.is(messageOf(() => load(elf([0, 1, 0x7e]))),
    "kernel.elf: neither a 32-bit ELF kernel nor a bzImage");
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

files.run();
