// Instructions that a Guest executes out of old habit.
import { Reg } from "../../../tangled/abi/regs.ts";
import { type Stage, traps } from "./actor.ts";

/** Lets instruction bytes fault with code 0 at the entry, in a ring. */
export function habit(s: Stage, bytes: number[], cs = 0x61, at = 0x10000) {
  s.memory.copyIn(at, new Uint8Array(bytes));
  const scene = traps(13, 0, [[Reg.EIP, at], [Reg.EAX, 0x12345678], [Reg.CS,
    cs]]);
  return s.play(scene);
}

export const PORTS: readonly [bytes: number[], eax: number][] = [[[0xe4, 0x60],
  0x123456ff], [[0xe5, 0x60], 0xffffffff], [[0xec], 0x123456ff], [[0xed],
  0xffffffff], [[0x66, 0xe4, 0x60], 0x123456ff], [[0x66, 0xe5, 0x60],
  0x1234ffff], [[0x66, 0xed], 0x1234ffff], [[0x66, 0xec], 0x123456ff], [[0xe6,
  0x80], 0x12345678], [[0xe7, 0x80], 0x12345678], [[0xee], 0x12345678], [[0xef],
  0x12345678], [[0x66, 0xe7, 0x80], 0x12345678], [[0x66, 0xef], 0x12345678], [[
  0xfa,
], 0x12345678]];
