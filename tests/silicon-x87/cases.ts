// The cases that oracle.c tried on a real processor, made by the same generator, and what it answered.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** One instruction, and the state before it and after it as FRSTOR and FNSAVE have it. */
export interface Case {
  form: readonly [number, number];
  flags: number;
  image: Uint8Array;
  memory: Uint8Array;
  after: {
    status: number;
    tags: number;
    flags: number;
    registers: Map<number, Uint8Array>;
    memory: Uint8Array;
  };
}

const folder = "tests/silicon-x87";
const CORNERS: readonly (readonly [number, number, number])[] = corners();
const EACH = 150;

/** The table of corner cases stands in oracle.c; there is no second copy. */
function corners(): [number, number, number][] {
  const source = readFileSync(`${folder}/oracle.c`, "utf8");
  const table = /corners\[\] = \{\n([^]*?)\n\};/.exec(source)![1];
  return [...table.matchAll(/\{(\w+), (\w+), (\w+)\}/g)].map((
    [, low, high, signed],
  ) => [Number(low), Number(high), Number(signed)]);
}

function forms(name: string): [number, number][] {
  const source = readFileSync(`${folder}/${name}.h`, "utf8");
  return [...source.matchAll(/\{(\w+), (\w+)\}/g)].map((
    [, first, second],
  ) => [Number(first), Number(second)]);
}

let state = 0x2545f491;
function next(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

const fields = (low: number, high: number, signed: number): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(10));
  bytes.setUint32(0, low >>> 0, true);
  bytes.setUint32(4, high >>> 0, true);
  bytes.setUint16(8, signed, true);
  return new Uint8Array(bytes.buffer);
};

function anyNumber(): Uint8Array {
  const kind = next() % 16, sign = next() & 0x8000;
  let low = next(), high = next() | 0x80000000;
  let signed = sign | (0x3fff - 70 + next() % 140);
  if (kind >= 11) return fields(...CORNERS[next() % 32]);
  if (kind === 4) low &= 0xfffff800;
  if (kind === 5) [low, high] = [0, high & 0xffffff00];
  if (kind === 6)
    [low, high, signed] = [0, high & 0xff000000, sign | (0x3fff + next() % 9)];
  if (kind === 7)
    signed = sign | (next() % 2 ? 0x7ffe - next() % 3 : 1 + next() % 3);
  if (kind === 8) signed = sign | (1 + next() % 0x7ffe);
  if (kind === 9) signed = sign | (0x3fff - 2 + next() % 4);
  if (kind === 10) [signed, high] = [sign, high & (0x7fffffff >> next() % 31)];
  return fields(low, high, signed);
}

function anyBytes(decimal: boolean): Uint8Array {
  const odd = [0, 0xff, 0x7f, 0x80, 1, 0xf0, 0x3f, 0xfe];
  const kind = next() % 4;
  const to = Uint8Array.from({ length: 10 },
    () => (kind === 0 ? odd[next() % 8] : next()));
  if (kind === 1) {
    to[3] = next() % 2 ? 0x3f : 0xc0;
    to[7] = next() % 2 ? 0xbf : 0x40;
  }
  if (kind === 2) {
    to[3] = next() & 0x80;
    to[7] = to[3];
    to[2] &= 0x7f;
    to[6] &= 15;
  }
  if (!decimal) return to;
  for (let i = 0; i < 9; i++)
    to[i] = ((Math.floor(to[i] / 10) % 10) << 4) | (to[i] % 10);
  to[9] &= 0x80;
  return to;
}

/** The question of a case, as oracle.c asked it, with these numbers in ST(0) and ST(1) if they are given. */
function question(form: Case["form"], first?: Uint8Array, second?: Uint8Array) {
  const roll = next() % 8;
  let control = 0x40 | ((next() % 4) << 10)
    | ((next() % 2 ? 3 : (next() % 2) * 2) << 8);
  control |= next() % 4 ? 0x3f : next() & 0x3f;
  const top = next() & 7, status = (top << 11) | (next() & 0x4700);
  let full = next() & 0xff;
  if (roll === 1) full = 0xff;
  if (roll > 1) full = ((0x3f << top) | ((0x3f << top) >> 8)) & 0xff;
  const flags = next() & 0x8d5;
  const image = new Uint8Array(108);
  let tags = 0;
  for (let i = 0; i < 8; i++) {
    image.set(anyNumber(), 28 + 10 * i);
    tags |= ((full >> i) & 1 ? 0 : 3) << (2 * i);
  }
  if (next() % 8 === 0) image.copyWithin(38, 28, 38);
  if (next() % 16 === 0) {
    image.copyWithin(38, 28, 38);
    image[47] ^= 0x80;
  }
  if (first) image.set(first, 28);
  if (second) image.set(second, 38);
  const memory = anyBytes(form[0] === 0xdf && form[1] === 0x21);
  const view = new DataView(image.buffer);
  view.setUint16(0, control, true);
  view.setUint16(4, status, true);
  view.setUint16(8, tags, true);
  return { form, flags, image, memory };
}

/** The questions in the order of oracle.c: by chance, pairs of corners, and the logarithms of powers of two. */
function* questions(): Generator<ReturnType<typeof question>> {
  state = 0x2545f491;
  for (const form of forms("forms"))
    for (let k = 0; k < EACH; k++) yield question(form);
  for (const form of forms("twos"))
    for (let k = 0; k < 1024; k++)
      yield question(form, fields(...CORNERS[k >> 5]),
        fields(...CORNERS[k & 31]));
  for (let k = 0; k < 1000; k++)
    yield question([0xd9, 0xf1],
      fields(0, 1 << 31,
        k % 2 ? 1 + (next() % 0x7ffe) : 0x3fff - 20 + (next() % 40)));
}

/** All cases with their answers. */
export function* cases(): Generator<Case> {
  const answers = gunzipSync(readFileSync(`${folder}/answers.bin.gz`));
  let at = 0;
  const take = (size: number) =>
    Uint8Array.from(answers.subarray(at, at += size));
  for (const asked of questions()) {
    const [s0, s1, t0, t1, flags, changed] = [...take(6)] as [number, number,
      number, number, number, number];
    const registers = new Map<number, Uint8Array>();
    for (let r = 0; r < 8; r++)
      if ((changed >> r) & 1) registers.set(r, take(10));
    const memory = flags & 2 ? take(10) : asked.memory;
    yield {
      ...asked,
      after: {
        status: s0 | (s1 << 8),
        tags: t0 | (t1 << 8),
        flags: flags & 0xd5,
        registers,
        memory,
      },
    };
  }
}
