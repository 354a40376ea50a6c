// Many strings of bytes before two decoders.
import { differences, type Difference } from "./compare.ts";
import { everyForm } from "./forms.ts";
import { ROOM } from "./judge.ts";

/** Differences by kind: how many, and the first. */
export type Kinds = Map<string, { count: number; first: Difference }>;

function gather(kinds: Kinds, bytes: Uint8Array): Kinds {
  for (const first of differences(bytes, bytes.length / ROOM)) {
    const known = kinds.get(first.kind);
    if (known) known.count++;
    else kinds.set(first.kind, { count: 1, first });
  }
  return kinds;
}

/** Compares every opcode with every kind of operand and prefix; or one in so many of them. */
export const compareForms = (oneIn = 1): Kinds =>
  gather(new Map(), everyForm(oneIn));

/** Compares so many strings of bytes that look random. */
export function compareRandom(seed: number, count: number): Kinds {
  const kinds: Kinds = new Map();
  const words = new Uint32Array(2 ** 16);
  let state = seed | 0;
  for (let left = count * ROOM / 4; left > 0; left -= words.length) {
    for (let k = 0; k < words.length; k++) {
      state = Math.imul(state, 1664525) + 1013904223 | 0;
      words[k] = Math.imul(state ^ state >>> 16, 0x45d9f3b);
    }
    gather(kinds,
      new Uint8Array(words.buffer, 0, Math.min(left, words.length) * 4));
  }
  return kinds;
}
