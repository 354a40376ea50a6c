// Chance, the same each time.
import { seedFrom } from "../../tools.ts";

/** A source of numbers from 0 to `below`, that looks random. */
export function dice(seed: number): (below: number) => number {
  let state = seedFrom(seed);
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const oneOf = <T>(roll: (below: number) => number,
  list: readonly T[]): T => list[roll(list.length)];

/** Numbers at which something happens, and some others. */
export function numbers(bits: number, roll: (n: number) => number): number {
  const edge = 2 ** (bits - 1);
  const special = [0, 1, 2, 15, 16, edge - 1, edge, edge + 1, 2 * edge - 1,
    2 * edge - 16];
  return oneOf(roll, [oneOf(roll, special),
    (roll(65536) * 65536 + roll(65536)) % (2 * edge)]);
}
