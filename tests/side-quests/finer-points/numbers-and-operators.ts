// The finer points: sums in all notations, held against nasm where that is installed.
import { suite } from "uvu";
import { portion } from "../../tools.ts";
import { complains, sameAsNasm } from "../../1-preparation/stage/assembly.ts";
import { dice, oneOf } from "../../1-preparation/stage/chance.ts";

function randomExpression(roll: (below: number) => number,
  depth: number): string
{
  if (depth === 0 || roll(4) === 0)
    return oneOf(roll, ["0", "1", "7", "0x7f", "128", "0b101", "0o17", "0ffh",
      "1_000", "'a'", "'ab'", "0xffffffff"]);
  const inner = (): string => randomExpression(roll, depth - 1);
  if (roll(5) === 0) return `${oneOf(roll, ["-", "~", "!", "+"])} ${inner()}`;
  if (roll(5) === 0) return `(${inner()})`;
  const operator = oneOf(roll, ["+", "-", "*", "/", "%", "&", "|", "^", "<<",
    ">>"]);
  const right = /[/%]/.test(operator) ? "3"
    : /[<>]/.test(operator) ? String(roll(8)) : inner();
  return `${inner()} ${operator} ${right}`;
}

const numbers = suite("Numbers and operators");

numbers("calculates like nasm", () => {
  const roll = dice(99);
  const lines = Array.from({ length: portion(1500, 40_000) },
    () => `dq 0 + ${randomExpression(roll, 4)}`);
  sameAsNasm(lines.join("\n"));
});

numbers("says what is wrong with a sum", () =>
  complains([
    ["x: dd x >> 16", ">> works on numbers, and addresses are settled last"],
    ["db 0x", "0x is no number"],
    ["dd 5 % (2 - 2)", "division by zero"],
    ["a: shl eax, (b - a) & 1\nb:", "this never settles"],
  ]));

numbers.run();
