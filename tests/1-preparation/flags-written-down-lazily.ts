// Chapter I: flags, noted and settled.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  add,
  dec,
  Flag,
  holds,
  inc,
  setFlags,
  settle,
  sub,
} from "../../tangled/machine/ground/flags.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { dice, oneOf, numbers } from "./stage/chance.ts";

const lazy = suite("Flags");

/** The six flags of a result, from their definitions. Intel SDM vol. 1, 3.4.3.1. */
function slowFlags(r: number, bits: number, cf: boolean, af: boolean,
  of: boolean): number
{
  const narrow = bits === 32 ? r >>> 0 : r & (2 ** bits - 1);
  let ones = 0;
  for (let k = 0; k < 8; k++) ones += (narrow >> k) & 1;
  return (cf ? Flag.CF : 0) | (ones % 2 === 0 ? Flag.PF : 0)
    | (af ? Flag.AF : 0) | (narrow === 0 ? Flag.ZF : 0)
    | (narrow >= 2 ** (bits - 1) ? Flag.SF : 0) | (of ? Flag.OF : 0);
}

const signed = (x: number,
  bits: number): number => (x >= 2 ** (bits - 1) ? x - 2 ** bits : x);

/** The flags of a + b + carry, or of a - b - carry. */
function slowSum(a: number, b: number, carry: number, bits: number,
  minus: boolean): number
{
  const sign = minus ? -1 : 1;
  const whole = a + sign * (b + carry),
    low = (a % 16) + sign * ((b % 16) + carry);
  const asSigned = signed(a, bits) + sign * (signed(b, bits) + carry);
  const fits = asSigned >= -(2 ** (bits - 1)) && asSigned < 2 ** (bits - 1);
  return slowFlags(whole, bits, whole < 0 || whole >= 2 ** bits,
    low < 0 || low > 15, !fits);
}

lazy("of every sum and difference of two bytes are what their definitions say",
  () => {
    const { cpu } = createMachine(4096);
    for (let a = 0; a < 256; a++)
      for (let b = 0; b < 256; b++)
        for (const carry of [0, 1]) {
          assert.is(add(cpu, a, b, carry, 24) & 255, (a + b + carry) & 255);
          same(settle(cpu), slowSum(a, b, carry, 8, false),
            `${a} + ${b} + ${carry}`);
          assert.is(sub(cpu, a, b, carry, 24) & 255, (a - b - carry) & 255);
          same(settle(cpu), slowSum(a, b, carry, 8, true),
            `${a} - ${b} - ${carry}`);
        }
  });

function same(flags: number, expected: number, what: string): void {
  if ((flags & Flag.ARITHMETIC) !== expected)
    assert.is(flags & Flag.ARITHMETIC, expected, what);
}

lazy("of wider sums and differences are, too", () => {
  const { cpu } = createMachine(4096);
  const roll = dice(11);
  for (let n = 0; n < 20_000; n++) {
    const bits = oneOf(roll, [16, 32]), carry = roll(2);
    const a = numbers(bits, roll), b = numbers(bits, roll);
    add(cpu, a | 0, b | 0, carry, 32 - bits);
    same(settle(cpu), slowSum(a, b, carry, bits, false),
      `${a} + ${b} + ${carry}, ${bits} bits`);
    sub(cpu, a | 0, b | 0, carry, 32 - bits);
    same(settle(cpu), slowSum(a, b, carry, bits, true),
      `${a} - ${b} - ${carry}, ${bits} bits`);
  }
});

lazy("of counting up and down leave the carry as it was", () => {
  const { cpu } = createMachine(4096);
  for (const bits of [8, 16, 32])
    for (
      const a of [0, 1, 15, 16, 127, 128, 255, 2 ** (bits - 1) - 1,
        2 ** (bits - 1), 2 ** bits - 1]
    )
      for (const cf of [0, Flag.CF]) {
        const expected = (minus: boolean) =>
          (slowSum(a, 1, 0, bits, minus) & ~Flag.CF) | cf;
        setFlags(cpu, cf, Flag.CF);
        inc(cpu, a | 0, 32 - bits);
        same(settle(cpu), expected(false), `inc ${a}`);
        setFlags(cpu, cf, Flag.CF);
        dec(cpu, a | 0, 32 - bits);
        same(settle(cpu), expected(true), `dec ${a}`);
      }
});

lazy("answer all sixteen conditions, noted or settled", () => {
  const { cpu } = createMachine(4096);
  for (let bits = 0; bits < 64; bits++) {
    const [cf, pf, zf, sf, of] = [0, 1, 2, 3, 4].map((k) =>
      ((bits >> k) & 1) === 1
    );
    if (zf && (sf || !pf)) continue; // no result has such flags
    const expected = [of, cf, zf, cf || zf, sf, pf, sf !== of, zf || sf !== of];
    setFlags(cpu, (cf ? Flag.CF : 0) | (pf ? Flag.PF : 0) | (zf ? Flag.ZF : 0)
      | (sf ? Flag.SF : 0)
      | (of ? Flag.OF : 0), Flag.ARITHMETIC);
    for (let code = 0; code < 16; code++)
      assert.is(holds(cpu, code), expected[code >> 1] !== (code % 2 === 1),
        `condition ${code} of ${bits}`);
  }
  for (let a = 0; a < 256; a++) {
    sub(cpu, a, 100, 0, 24);
    const noted = Array.from({ length: 16 }, (_, code) => holds(cpu, code));
    setFlags(cpu, settle(cpu), Flag.ARITHMETIC);
    assert.equal(Array.from({ length: 16 }, (_, code) => holds(cpu, code)),
      noted, `${a} - 100`);
  }
});

lazy.run();
