// Chapter IV: what the kernel finds on page zero.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  writeBootParameters,
  writeCommandLine,
} from "../../tangled/launcher/boot.ts";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";
import { messageOf } from "../tools.ts";
import { MB, patched } from "./stage/files.ts";

const letter = suite("IV: boot parameters");

letter("page zero says what it has to, and nothing else", () => {
  const memory = flatMemory(4 * MB);
  writeBootParameters(memory, 4 * MB);
  const expected = patched(4096, [[0x1e8, 1, 1], [0x206, 2, 0x207], [0x211, 1,
    0x40], [0x228, 4, 0x1000], [0x230, 4, 0x1000000], [0x23c, 4, 1], [0x2d8, 4,
    4 * MB], [0x2e0, 4, 1]]);
  assert.equal(memory.copyOut(0, 4096), expected.bytes);
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
