// The world in which single instructions are tried, here and on silicon: a
// program of ring 3 with a window of memory. Its twin is native.c.

/** Three pages of data, the last of them read-only; two pages of code. */
export const DATA = 0x8000;
export const DATA_SIZE = 0x3000;
export const DATA_WRITABLE = 0x2000;
export const CODE = 0x2000_0000;
export const CODE_SIZE = 0x2000;

/** What fills the pages of code: a program of ring 3 may not execute it. */
export const HLT = 0xf4;

/** How `Outcome.vector` says that nothing went wrong: by the step's trap. */
export const DONE = 1;

/** Bytes of an x87 state as fnsave writes it. */
export const FPU_SIZE = 108;

/** Stacks of a program's own, in its LDT from entry 1 on. */
export interface Stack {
  base: number;
  limit: number;
  pages: boolean;
  wide: boolean;
}
export const stacks: readonly Stack[] = [
  { base: 0, limit: 0xffff, pages: false, wide: false },
  { base: DATA - 0xe000 >>> 0, limit: 0xffff, pages: false, wide: false }, // its end is in the window
  { base: DATA - 0x4000, limit: 0x6fff, pages: false, wide: false },
  { base: DATA - 0xe000 >>> 0, limit: 0xfffff, pages: true, wide: true },
];
export const stackSelectors = stacks.map((_, n) => (n + 1) * 8 | 7);
export const stackOf = (selector: number): Stack | undefined =>
  stacks[stackSelectors.indexOf(selector)];

/** One instruction, and everything it finds. */
export interface Case {
  bytes: Uint8Array;
  /** Its linear address. */
  at: number;
  /** A repeated string instruction is let go after so many steps. */
  steps: number;
  /** eax ecx edx ebx esp ebp esi edi */
  registers: number[];
  flags: number;
  /** What ss is to be, if not as usual; else 0. */
  stack: number;
  /** Bytes put into the window before, at an offset. */
  poke: { at: number; bytes: Uint8Array };
  fpu?: Uint8Array;
}

/** What it left behind. */
export interface Outcome {
  /** The exception it raised, or DONE; its error code, and cr2. */
  vector: number;
  error: number;
  cr2: number;
  eip: number;
  flags: number;
  steps: number;
  registers: number[];
  /** es cs ss ds fs gs */
  selectors: number[];
  /** Bytes of the window that changed, by offset. */
  memory: [offset: number, value: number][];
  fpu?: Uint8Array;
}

/** What a processor did with a list of cases. */
export interface Recording {
  processor: string;
  seed: number;
  /** The selectors that a program starts with. */
  selectors: number[];
  cases: Case[];
  outcomes: Outcome[];
}

/** Numbers at which arithmetic tends to go wrong. */
const special = [0, 1, 2, 3, 5, 7, 10, 15, 16, 31, 32, 0x7f, 0x80, 0xff, 0x100,
  0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001,
  0xfffffffe, 0xffffffff, 0xffffff80, 0xffff8000, 0x55555555, 0xaaaaaaaa];

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * What word `k` of case `n` is, unless the case says otherwise: a special
 * number, or any. The recordings rely on it, so it must not change.
 */
export function usual(seed: number, n: number, k: number): number {
  const h = mix(Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(k + 1, 0x85ebca6b)
    ^ Math.imul(seed, 0xc2b2ae35));
  return (h & 3) === 0 ? special[(h >>> 2) % special.length] : mix(h + 1);
}

/** What the window holds before a case pokes into it; the same for all. */
export function image(): Uint8Array {
  const few = [0, 0x41, 0xff, 0x41];
  return Uint8Array.from({ length: DATA_SIZE },
    (_, k) => ((k & 0x200) !== 0 ? few[mix(k) & 3] : mix(k)));
}

/** The flags a case may start with: CF PF AF ZF SF DF OF. */
export const PROGRAM_FLAGS = 0xcd5;
/** Those it always starts with: bit 1, TF (it is stepped) and IF. */
export const STEPPED = 0x302;
