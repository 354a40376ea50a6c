// The rest of the toolbox: products and quotients with signs.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { portion } from "../../tools.ts";
import { dice, numbers, oneOf } from "../../1-preparation/stage/chance.ts";
import { longhand, slowQuotient } from "../../1-preparation/stage/longhand.ts";

const arithmetic = suite("Signs");

const halves = (
  x: bigint,
): [number, number] => [Number(x & 0xffffffffn),
  Number((x >> 32n) & 0xffffffffn)];

arithmetic("are not there for `mul`, which multiplies to twice the length",
  () => {
    const roll = dice(21);
    for (let n = 0; n < portion(300, 3000); n++) {
      const a = numbers(32, roll), b = numbers(32, roll);
      assert.equal(longhand("mul", a, 0, b), halves(BigInt(a) * BigInt(b)),
        `${a} * ${b}`);
    }
  });

arithmetic("are multiplied to twice the length", () => {
  const roll = dice(21);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll), b = numbers(32, roll);
    assert.equal(longhand("imul", a, 0, b),
      halves(BigInt(a | 0) * BigInt(b | 0)), `${a | 0} * ${b | 0}`);
  }
});

arithmetic("are divided, with a fault if the quotient does not fit", () => {
  const roll = dice(22);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll),
      d = oneOf(roll, [0, 0xffffffff, numbers(32, roll)]),
      b = numbers(32, roll);
    const wide = (BigInt(d) << 32n) | BigInt(a);
    const signed = slowQuotient(BigInt.asIntN(64, wide), BigInt(b | 0),
      BigInt.asIntN);
    assert.equal(longhand("idiv", a, d, b), signed,
      `${BigInt.asIntN(64, wide)} / ${b | 0}`);
  }
});

arithmetic.run();
