// Chapter I: shifts, products and quotients, against longhand.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag, setFlags } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { portion } from "../tools.ts";
import { machineWith, eax, word, failed } from "./stage/machine.ts";
import { dice, numbers, oneOf } from "./stage/chance.ts";
import { flagsOf } from "./stage/flags.ts";

const arithmetic = suite("Arithmetic");

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

arithmetic("multiplies to twice the length", () => {
  const roll = dice(21);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll), b = numbers(32, roll);
    assert.equal(longhand("mul", a, 0, b), halves(BigInt(a) * BigInt(b)),
      `${a} * ${b}`);
  }
});

arithmetic("divides, and faults if the quotient does not fit", () => {
  const roll = dice(22);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll),
      d = oneOf(roll, [0, 0xffffffff, numbers(32, roll)]),
      b = numbers(32, roll);
    const wide = (BigInt(d) << 32n) | BigInt(a);
    assert.equal(longhand("div", a, d, b),
      slowQuotient(wide, BigInt(b), BigInt.asUintN), `${wide} / ${b}`);
  }
});

function slowQuotient(a: bigint, b: bigint, fit: typeof BigInt.asIntN): [number,
  number] | null
{
  if (b === 0n || fit(32, a / b) !== a / b) return null;
  return [Number(BigInt.asUintN(32, a / b)), Number(BigInt.asUintN(32, a % b))];
}

arithmetic("leaves a division that faulted as if it had not begun", () => {
  const m = failed("mov eax, 7\n mov edx, 9\n mov ecx, 3\n div ecx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EIP].map((r) => word(m, r)), [7, 9, 15]);
});

arithmetic.run();

const shifting = suite("Shifts");

/** `op eax, cl` (or ax, al): the result, and CF and OF. */
function shifted(op: string, register: string, value: number, count: number,
  cf = 0): [number, number, number]
{
  const m = machineWith(`${op} ${register}, cl\n hlt`);
  m.cpu[Cpu.EAX] = value;
  m.cpu[Cpu.ECX] = count;
  setFlags(m.cpu, cf, Flag.ARITHMETIC);
  assert.is(run(m, 10), "halt");
  return [eax(m), flagsOf(m) & Flag.CF, (flagsOf(m) & Flag.OF) >> 11];
}

shifting("move bits out into the carry", () => {
  assert.equal(shifted("shl", "eax", 0x80000001, 1), [2, 1, 1]);
  assert.equal(shifted("shr", "eax", 0x80000001, 1), [0x40000000, 1, 1]);
  assert.equal(shifted("sar", "eax", 0x80000001, 1), [0xc0000000, 1, 0]);
  assert.equal(shifted("sar", "al", 0x1280, 7).slice(0, 2), [0x12ff, 0]);
  assert.equal(shifted("shr", "ax", 0x5555ffff, 15).slice(0, 2), [0x55550001,
    1]);
});

shifting("count modulo 32, and a count of zero changes no flag", () => {
  for (const op of ["shl", "shr", "sar"]) {
    assert.equal(shifted(op, "eax", 0x80000001, 32, Flag.CF), [0x80000001, 1,
      0], op);
    assert.equal(shifted(op, "al", 0x81, 64, Flag.CF | Flag.OF), [0x81, 1, 1],
      op);
    assert.equal(shifted(op, "eax", 0x12345678, 33),
      shifted(op, "eax", 0x12345678, 1), op);
  }
});

shifting.run();

const faults = suite("Faults");

faults("stop a machine without a kernel at the instruction that caused them",
  () => {
    assert.is(word(failed("nop\n ud2"), Cpu.EIP), 1);
    assert.is(word(failed("nop\n db 0x0f, 0xff"), Cpu.EIP), 1);
    assert.is(word(failed("nop\n div ebx"), Cpu.EIP), 1);
  });

faults.run();
