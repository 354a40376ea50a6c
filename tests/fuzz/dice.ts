// Chance that is the same each time.

/** A source of numbers that look random. */
export interface Dice {
  /** 32 bits. */
  word(): number;
  /** From 0 to below `n`. */
  below(n: number): number;
  /** True once in `n` times. */
  once(n: number): boolean;
  oneOf<T>(list: readonly T[]): T;
}

export function dice(seed: number): Dice {
  let state = seed | 0;
  const word = (): number => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, state | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return (t ^ t >>> 14) >>> 0;
  };
  const below = (n: number): number => word() % n;
  return {
    word,
    below,
    once: (n) => below(n) === 0,
    oneOf: (list) => list[below(list.length)],
  };
}
