// Other kernels: the initial RAM disk.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bootParams } from "../../../tangled/abi/boot-params.ts";
import { flatMemory } from "../../../tangled/launcher/flat-memory.ts";
import {
  announceRamDisk,
  placeRamDisk,
} from "../../../tangled/launcher/ram-disk.ts";
import { parseCommandLine } from "../../../tangled/command-line/options.ts";
import { bytesOf, elf, MB } from "../../4-launcher/stage/files.ts";
import { cardboard, launch } from "../../4-launcher/stage/cardboard.ts";
import { messageOf } from "../../tools.ts";

const letter = suite("Other kernels: a RAM disk");

letter("a RAM disk lies at the very top, in whole pages", () => {
  const memory = flatMemory(2 * MB);
  const disk = placeRamDisk(memory, 2 * MB, {
    name: "disk",
    bytes: bytesOf("x".repeat(5000)),
  }, MB);
  assert.equal(disk, { address: 2 * MB - 8192, size: 8192 });
  assert.is(memory.read8(disk.address + 4999), 0x78);
  announceRamDisk(memory, disk);
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

letter("the Launcher puts one above its kernel, and tells the kernel", () => {
  const host = cardboard([]);
  launch(host, {
    kernel: elf(),
    ramDisk: { name: "disk", bytes: bytesOf("files, files") },
  });
  const [memory] = host.memories;
  const at = memory!.read32(bootParams.BOOT_RAMDISK_IMAGE);
  assert.is(memory!.read32(bootParams.BOOT_RAMDISK_SIZE), 4096);
  assert.equal(memory!.copyOut(at, 12), bytesOf("files, files"));
});

letter("--initrd names one", () => {
  assert.is(parseCommandLine(["--initrd=a=b", "64"]).initrd, "a=b");
  assert.is(parseCommandLine([]).initrd, undefined);
});

letter.run();
