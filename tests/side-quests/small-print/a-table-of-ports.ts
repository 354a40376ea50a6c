// The small print of protection: ports that the task state opens.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { descriptor } from "../../../tangled/machine/ground/descriptors.ts";
import {
  readPhys8,
  writePhys32,
  writePhys8,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import {
  keepSegment,
  Seg,
} from "../../../tangled/machine/protection/segments.ts";
import { asks } from "../../2-guest/stage/device.ts";
import { at } from "../../2-guest/stage/world.ts";

const rights = suite("who may do what");

/** A task state with a table of ports, all of them shut but those given. */
function permit(m: Machine, ...open: number[]): void {
  keepSegment(m, Seg.TR, 0x18, descriptor(at.TSS, 0x67 + 0x80 + 1, 0x8b00));
  writePhys32(m, at.TSS + 0x64, 0x68 << 16);
  for (let k = 0; k <= 0x80; k++) writePhys8(m, at.TSS + 0x68 + k, 0xff);
  for (const port of open) {
    const byte = at.TSS + 0x68 + (port >> 3);
    writePhys8(m, byte, readPhys8(m, byte) & ~(1 << (port & 7)));
  }
}

rights("ports follow the table of the task state, if there is one", () => {
  assert.is(asks("in al, 0x60", (m) => permit(m, 0x60)), 6);
  assert.is(asks("in ax, 0x60", (m) => permit(m, 0x60)), 13,
    "both bytes need leave");
  assert.is(asks("in ax, 0x67", (m) => permit(m, 0x67, 0x68)), 6,
    "across a byte of the table");
  assert.is(asks("out 0x61, eax", (m) => permit(m, 0x61, 0x62, 0x63)), 13);
  assert.is(asks("mov dx, 0x3ff\n in al, dx", (m) => permit(m, 0x3ff)), 6);
  assert.is(asks("mov dx, 0x408\n in al, dx", (m) => permit(m)), 13,
    "beyond the table");
});

rights.run();
