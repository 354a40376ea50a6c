// Chapter IV: what the kernel finds on page zero.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bootParams } from "../../tangled/abi/boot-params.ts";
import {
  placeRamDisk,
  writeBootParameters,
  writeCommandLine,
} from "../../tangled/launcher/boot.ts";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { messageOf } from "../tools.ts";
import { MB, patched, bytesOf } from "./stage/files.ts";

const letter = suite("IV: boot parameters");

letter("page zero says what it has to, and nothing else", () => {
  const memory = flatMemory(4 * MB);
  writeBootParameters(memory, 4 * MB);
  const expected = patched(4096, [[0x1e8, 1, 1], [0x206, 2, 0x207], [0x211, 1,
    0x40], [0x228, 4, 0x1000], [0x230, 4, 0x1000000], [0x23c, 4, 1], [0x2d8, 4,
    4 * MB], [0x2e0, 4, 1]]);
  assert.equal(memory.copyOut(0, 4096), expected.bytes);
});

letter("a RAM disk lies at the very top, in whole pages", () => {
  const memory = flatMemory(2 * MB);
  const disk = placeRamDisk(memory, 2 * MB, {
    name: "disk",
    bytes: bytesOf("x".repeat(5000)),
  }, MB);
  assert.equal(disk, { address: 2 * MB - 8192, size: 8192 });
  assert.is(memory.read8(disk.address + 4999), 0x78);
  writeBootParameters(memory, 2 * MB, disk);
  assert.is(memory.read8(bootParams.BOOT_TYPE_OF_LOADER), 0xff);
  assert.is(memory.read32(bootParams.BOOT_RAMDISK_IMAGE), disk.address);
  assert.is(memory.read32(bootParams.BOOT_RAMDISK_SIZE), 8192);
});

letter("a RAM disk that does not fit above the kernel is refused", () => {
  const memory = flatMemory(2 * MB);
  const place = (size: number) =>
    placeRamDisk(memory, 2 * MB, { name: "disk", bytes: new Uint8Array(size) },
      MB + 1);
  assert.is(place(MB - 4096).address, MB + 4096);
  assert.match(messageOf(() => place(MB - 4095)),
    /^disk: this RAM disk needs 0x100000 bytes above the kernel, which ends at 0x100001/);
  assert.match(messageOf(() => place(9 * MB)), /^disk: /);
  assert.is(messageOf(() => place(0)), "disk: the file is empty");
});

letter("the command line has room for 2047 bytes", () => {
  const memory = flatMemory(MB);
  writeCommandLine(memory, "x".repeat(2047));
  assert.is(memory.read8(0x17fe), 0x78);
  assert.is(memory.read8(0x17ff), 0);
  assert.match(messageOf(() => writeCommandLine(memory, "é".repeat(1024))),
    /has 2048 bytes; there is room for 2047/);
});

letter.run();
