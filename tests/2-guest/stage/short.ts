// Segments that are too short.
import * as assert from "uvu/assert";
import {
  Desc,
  descriptor,
} from "../../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import {
  keepSegment,
  Seg,
} from "../../../tangled/machine/protection/segments.ts";
import {
  at,
  caught,
  code,
  FREE,
  putSegment,
  stacks,
  word,
  world,
  writable,
} from "./world.ts";

/** Sixteen bytes at 0x4000, as ES. */
export function withShortSegment(source: string): Machine {
  const m = world(`mov ax, ${FREE}\n mov es, ax\n${source}\n hlt`);
  putSegment(m, FREE, descriptor(0x4000, 15, writable));
  return m;
}

/** A program whose code segment ends here. */
function endingAt(limit: number, source: string): Machine {
  const m = world(source);
  keepSegment(m, Seg.CS, code[0], descriptor(0, limit, writable | Desc.CODE));
  return m;
}

/** Asserts that a call or return to 0x7000 faults, with the stack as it was. */
export function keepsStack(source: string): void {
  const m = endingAt(0x5fff, source);
  const found = caught(m);
  assert.equal([found.vector, found.code], [13, 0], source);
  const pushed = source.startsWith("push") ? 4 : 0;
  assert.is(word(m, Cpu.ESP) + 16, stacks[0] - pushed, source);
}

/** Asserts that a loop of this kind to too far away faults, with the count as it was. */
export function keepsCount(loop: string): void {
  const m = endingAt(at.CODE + 50, `mov ecx, 5\n ${loop} $+100`);
  assert.equal([caught(m).vector, word(m, Cpu.ECX)], [13, 5], loop);
}
