// Every opcode, with every kind of operand that can follow it.
import { ROOM } from "./judge.ts";

const prefixes: readonly (readonly number[])[] = [[0x66], [0x67], [0x66, 0x67],
  [0x67, 0x66], [0x66, 0x66], [0xf0], [0xf0, 0x66], [0x66, 0xf0], [0xf0, 0x67],
  [0xf2], [0xf3], [0xf2, 0x66], [0x66, 0xf3], [0xf3, 0xf2], [0xf2, 0xf3], [0xf0,
  0xf3], [0x26], [0x2e], [0x36], [0x3e], [0x64], [0x65], [0x64, 0x67], [0x2e,
  0x65], [0x65, 0x26]];

/** ModRM bytes: each register, each with some of the kinds of addresses. */
const few = Array.from({ length: 8 },
  (_, reg) =>
    [0x05 + (reg & 1), 0x44 + (reg >> 1 & 1), 0xc0 + reg].map((byte) =>
      byte | reg << 3
    )).flat();
const all = Array.from({ length: 256 }, (_, byte) => byte);
/** Opcodes to be combined with every SIB byte: add, mov, lea, movzx. */
const thorough = [[0x01], [0x8b], [0x8d], [0x0f, 0xb6]];

function* heads(): Generator<number[]> {
  for (let opcode = 0; opcode < 256; opcode++) {
    if (opcode !== 0x0f) yield [opcode];
    yield [0x0f, opcode];
  }
}

function* codes(): Generator<number[]> {
  for (const head of thorough)
    for (const mod of [0x04, 0x44, 0x84])
      for (const sib of all) yield [...head, mod, sib];
  for (const head of heads()) {
    for (const byte of all) yield [...head, byte];
    for (const prefix of prefixes)
      for (const byte of few) yield [...prefix, ...head, byte];
    // Fifteen bytes are the most an instruction may have.
    for (let n = 5; n < 15; n++)
      yield [...Array.from({ length: n }, () => 0x3e), ...head, 0x84];
  }
}

/** All forms, or one in so many, ROOM bytes apart; the bytes after them are the same in all. */
export function everyForm(oneIn: number): Uint8Array {
  const rest = [0x65, 0x81, 0x02, 0xfd, 0x54, 0x9c, 0x07, 0xf3, 0x11, 0x7f,
    0x80, 0x2b, 0x33, 0xe1, 0x6d, 0x91];
  const list = [...codes()].filter((_, k) => k % oneIn === 0);
  const bytes = new Uint8Array(list.length * ROOM);
  list.forEach((code, k) =>
    bytes.set([...code, ...rest].slice(0, ROOM), k * ROOM)
  );
  return bytes;
}
