// Recordings as bytes: columns of small numbers, which gzip likes.
import { gunzipSync, gzipSync } from "node:zlib";
import {
  PROGRAM_FLAGS,
  STEPPED,
  usual,
  type Case,
  type Outcome,
  type Recording,
} from "./world.ts";

const names = ["code", "place", "registers", "poke", "fate", "flags", "results",
  "memory", "fpu"] as const;
type Columns = Record<(typeof names)[number], Column>;

interface Column {
  /** Appends or takes a number of up to 32 bits, small ones in less. */
  put(value: number): void;
  take(): number;
  putBytes(bytes: Iterable<number>): void;
  takeBytes(size: number): Uint8Array;
  bytes(): Uint8Array;
}

function column(content: Uint8Array = new Uint8Array()): Column {
  const out: number[] = [];
  let at = 0;
  return {
    put(value) {
      for (value >>>= 0; value > 127; value >>>= 7)
        out.push((value & 127) | 128);
      out.push(value);
    },
    take() {
      let value = 0;
      for (let shift = 0;; shift += 7) {
        const byte = content[at++];
        value |= (byte & 127) << shift;
        if (byte < 128) return value >>> 0;
      }
    },
    putBytes: (bytes) => {
      for (const byte of bytes) out.push(byte);
    },
    takeBytes: (size) => content.slice(at, at += size),
    bytes: () => Uint8Array.from(out),
  };
}

const word = (value: number): Uint8Array =>
  new Uint8Array(Uint32Array.of(value).buffer);
const unword = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

/** Puts those of a list that are not what is expected. */
function putChanged(to: Column, list: readonly number[],
  expected: (k: number) => number): void
{
  const changed = list.map((value, k) => [value, k] as const).filter((
    [value, k],
  ) => value !== expected(k));
  to.put(changed.reduce((mask, [, k]) => mask | (1 << k), 0));
  for (const [value] of changed) to.putBytes(word(value));
}

function takeChanged(from: Column, size: number,
  expected: (k: number) => number): number[]
{
  const mask = from.take();
  return Array.from({ length: size },
    (_, k) => ((mask >> k) & 1 ? unword(from.takeBytes(4)) : expected(k)));
}

/** The sixteen bytes that a case pokes, unless it says otherwise. */
export function usualPoke(seed: number, n: number): Uint8Array {
  return new Uint8Array(
    Uint32Array.from([9, 10, 11, 12], (k) => usual(seed, n, k)).buffer,
  );
}

export const usualFlags = (seed: number, n: number): number =>
  (usual(seed, n, 8) & PROGRAM_FLAGS) | STEPPED;

function putCase(to: Columns, c: Case, seed: number, n: number): void {
  to.code.put(c.bytes.length);
  to.code.putBytes(c.bytes);
  to.place.put(c.at & 0xffff);
  to.place.put(c.stack << 8 | c.steps);
  putChanged(to.registers, [...c.registers, c.flags],
    (k) => (k < 8 ? usual(seed, n, k) : usualFlags(seed, n)));
  const isUsual = Buffer.compare(c.poke.bytes, usualPoke(seed, n)) === 0;
  to.poke.put((c.poke.at << 5) | (isUsual ? 31 : c.poke.bytes.length));
  if (!isUsual) to.poke.putBytes(c.poke.bytes);
  to.fpu.put(c.fpu ? 1 : 0);
  if (c.fpu) to.fpu.putBytes(c.fpu);
}

function takeCase(from: Columns, seed: number, n: number, code: number): Case {
  const bytes = from.code.takeBytes(from.code.take());
  const at = code + from.place.take(), how = from.place.take();
  const registers = takeChanged(from.registers, 9,
    (k) => (k < 8 ? usual(seed, n, k) : usualFlags(seed, n)));
  const flags = registers.pop()!;
  const poke = from.poke.take();
  const pokeBytes = (poke & 31) === 31 ? usualPoke(seed, n)
    : from.poke.takeBytes(poke & 31);
  const c: Case = {
    bytes,
    at,
    steps: how & 255,
    stack: how >> 8,
    registers,
    flags,
    poke: { at: poke >>> 5, bytes: pokeBytes },
  };
  return from.fpu.take() === 0 ? c : { ...c, fpu: from.fpu.takeBytes(108) };
}

function putOutcome(to: Columns, o: Outcome, c: Case,
  selectors: readonly number[]): void
{
  to.fate.put(o.vector);
  to.fate.put(o.error);
  to.fate.put(o.steps);
  putChanged(to.results, [o.eip, o.cr2, ...o.registers], (k) => startOf(c, k));
  to.flags.put(o.flags ^ c.flags);
  putChanged(to.fate, o.selectors, (k) => selectors[k]);
  to.memory.put(o.memory.length);
  let last = 0;
  for (const [offset, value] of o.memory) {
    to.memory.put(offset - last);
    to.memory.putBytes([value]);
    last = offset;
  }
  if (c.fpu) to.fpu.putBytes(o.fpu!);
}

function takeOutcome(from: Columns, c: Case,
  selectors: readonly number[]): Outcome
{
  const vector = from.fate.take(), error = from.fate.take(),
    steps = from.fate.take();
  const [eip, cr2, ...registers] = takeChanged(from.results, 10,
    (k) => startOf(c, k));
  const flags = from.flags.take() ^ c.flags;
  const now = takeChanged(from.fate, 6, (k) => selectors[k]);
  let offset = 0;
  const memory = Array.from({ length: from.memory.take() },
    (): [number, number] => {
      offset += from.memory.take();
      return [offset, from.memory.takeBytes(1)[0]];
    });
  const o: Outcome = {
    vector,
    error,
    cr2: cr2!,
    eip: eip!,
    flags,
    steps,
    registers,
    selectors: now,
    memory,
  };
  return c.fpu ? { ...o, fpu: from.fpu.takeBytes(108) } : o;
}

/** What is expected of eip, cr2 and the registers: the next instruction, nothing, and no change. */
function startOf(c: Case, k: number): number {
  if (k === 0) return (c.at + c.bytes.length) >>> 0;
  return k === 1 ? 0 : c.registers[k - 2];
}

/** A recording as a file: a line of JSON, then the columns; gzipped. */
export function pack(r: Recording, code: number): Uint8Array {
  const columns = Object.fromEntries(
    names.map((name) => [name, column()]),
  ) as Columns;
  r.cases.forEach((c, n) => {
    if ((c.at - code) >>> 16 !== 0)
      throw new RangeError("a case lies outside the code");
    putCase(columns, c, r.seed, n);
    putOutcome(columns, r.outcomes[n], c, r.selectors);
  });
  const contents = names.map((name) => columns[name].bytes());
  const { processor, seed, selectors, cases } = r;
  const sizes = contents.map(({ length }) => length);
  const head = `${JSON.stringify({ processor, cases: cases.length, seed, selectors, sizes })}\n`;
  return gzipSync(Buffer.concat([Buffer.from(head), ...contents]), {
    level: 9,
  });
}

/** The recording in a file. */
export function unpack(file: Uint8Array, code: number): Recording {
  const all = gunzipSync(file), end = all.indexOf(10);
  const head = JSON.parse(all.toString("utf8", 0, end)) as {
    processor: string;
    cases: number;
    seed: number;
    selectors: number[];
    sizes: number[];
  };
  let at = end + 1;
  const columns = Object.fromEntries(
    names.map((name,
      n) => [name, column(all.subarray(at, at += head.sizes[n]))]
    ),
  ) as Columns;
  const cases: Case[] = [], outcomes: Outcome[] = [];
  for (let n = 0; n < head.cases; n++) {
    cases.push(takeCase(columns, head.seed, n, code));
    outcomes.push(takeOutcome(columns, cases[n], head.selectors));
  }
  const { processor, seed, selectors } = head;
  return { processor, seed, selectors, cases, outcomes };
}
