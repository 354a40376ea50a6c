// Segments of a test's own, most of them too short.
import * as assert from "uvu/assert";
import {
  Desc,
  descriptor,
  gate,
  Gate,
  type Descriptor,
} from "../../../tangled/machine/ground/descriptors.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { readPhys32 } from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import {
  keepSegment,
  Seg,
} from "../../../tangled/machine/protection/segments.ts";
import {
  at,
  caught,
  code,
  ENTRY,
  flat,
  FREE,
  putGate,
  putSegment,
  selectorOf,
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

/** A program that uses a segment of the test's own, in es. */
export const through = (d: Descriptor, access: string,
  ring: 0 | 3 = 0): Machine =>
{
  const m = world(`mov ax, ${FREE | ring}\n mov es, ax\n ${access}\n int 0x20`,
    ring);
  putSegment(m, FREE, d);
  putGate(m, 0x20, gate(code[0], at.HANDLERS + 0x200, Gate.INTERRUPT, 3));
  return m;
};

export const isFine = (m: Machine): void => assert.is(caught(m).vector, 0x20);

/** Asserts that ring 3 cannot knock if this bars the way to ring 0, and finds itself as it was. */
export function isBarred(bar: (m: Machine) => void): void {
  const m = world("int 0x20", 3);
  putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, 3));
  bar(m);
  assert.is(run(m, 10), "shutdown",
    "no handler in ring 0 can be reached either");
  const after = [word(m, Cpu.EIP), word(m, Cpu.ESP), m.cpu[Cpu.CPL],
    selectorOf(m, Seg.SS), selectorOf(m, Seg.CS)];
  assert.equal(after, [at.CODE, stacks[3], 3, flat[3], code[3]]);
}

/** What happens when a ring loads a register with a selector. */
export function loads(register: string, selector: number, ring: 0 | 1 | 3,
  d?: Descriptor)
{
  const m = world(`mov eax, ${selector}\n mov ${register}, ax\n int 0x20`,
    ring);
  putGate(m, 0x20, gate(code[0], at.HANDLERS + 0x200, Gate.INTERRUPT, 3));
  if (d) putSegment(m, selector, d);
  const { vector, code: error } = caught(m);
  return vector === 0x20 ? "loaded" : [vector, error];
}

/** Runs until `eip`, and gives the five words on the stack there. */
export function framesAt(m: Machine, target: number) {
  for (let n = 0; word(m, Cpu.EIP) !== target; n++) {
    assert.ok(n < 100);
    run(m, 1);
  }
  const [eip, cs, flags, esp, ss] = [0, 1, 2, 3, 4].map((n) =>
    readPhys32(m, word(m, Cpu.ESP) + n * 4)
  );
  return { eip, cs, flags, esp, ss };
}
