// A program that asks for aligned operands, and has an odd stack.
import {
  Desc,
  flatCode,
  gate,
  Gate,
} from "../../../../tangled/machine/ground/descriptors.ts";
import { Flag, setFlags } from "../../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../../tangled/machine/ground/layout.ts";
import type { Machine } from "../../../../tangled/machine/ground/state.ts";
import { setRing } from "../../../../tangled/machine/protection/segments.ts";
import {
  at,
  FREE,
  putGate,
  putSegment,
  world,
} from "../../../2-guest/stage/world.ts";

/** A program of ring 3 with alignment checks and an odd stack, on which these gates leave it. */
export function misaligned(source: string, ...vectors: number[]): Machine {
  const m = world(source, 3);
  const [low, high] = flatCode(3);
  putSegment(m, FREE, [low, high | Desc.DOWN]); // conforming
  for (const vector of vectors)
    putGate(m, vector,
      gate(FREE | 3, at.HANDLERS + vector * 16, Gate.INTERRUPT, 3));
  m.cpu[Cpu.CR0] |= 1 << 18;
  m.cpu[Cpu.ESP] -= 1;
  setFlags(m.cpu, Flag.AC, Flag.AC);
  setRing(m, 3);
  return m;
}
