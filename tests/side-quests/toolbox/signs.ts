// The rest of the toolbox: products and quotients with signs.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { portion } from "../../tools.ts";
import { machineWith, eax, word } from "../../1-preparation/stage/machine.ts";
import { dice, numbers, oneOf } from "../../1-preparation/stage/chance.ts";

const arithmetic = suite("Signs");

/** Multiplies or divides: `op ebx` with given eax and edx; null after a fault. */
function longhand(op: string, a: number, d: number, b: number): [number, number]
  | null
{
  const m = machineWith(`${op} ebx\n hlt`);
  m.cpu[Cpu.EAX] = a;
  m.cpu[Cpu.EDX] = d;
  m.cpu[Cpu.EBX] = b;
  return run(m, 10) === "halt" ? [eax(m), word(m, Cpu.EDX)] : null;
}

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

function slowQuotient(a: bigint, b: bigint, fit: typeof BigInt.asIntN): [number,
  number] | null
{
  if (b === 0n || fit(32, a / b) !== a / b) return null;
  return [Number(BigInt.asUintN(32, a / b)), Number(BigInt.asUintN(32, a % b))];
}

arithmetic.run();
