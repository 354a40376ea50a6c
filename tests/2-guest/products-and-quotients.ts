// Chapter II: products and quotients, against longhand.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { portion } from "../tools.ts";
import {
  machineWith,
  eax,
  word,
  failed,
} from "../1-preparation/stage/machine.ts";
import { dice, numbers, oneOf } from "../1-preparation/stage/chance.ts";
import { at, faults, without, world } from "./stage/world.ts";
import { flagsOf } from "../1-preparation/stage/flags.ts";
import { longhand, slowQuotient } from "../1-preparation/stage/longhand.ts";

const arithmetic = suite("Arithmetic");

arithmetic(
  "cuts a product to its width, and says whether that has cost anything",
  () => {
    const roll = dice(21);
    for (let n = 0; n < portion(300, 3000); n++) {
      const a = numbers(32, roll), b = numbers(32, roll);
      const m = machineWith("imul eax, ebx\n hlt");
      m.cpu[Cpu.EAX] = a;
      m.cpu[Cpu.EBX] = b;
      assert.is(run(m, 10), "halt");
      const whole = BigInt(a | 0) * BigInt(b | 0);
      const cut = BigInt.asIntN(32, whole);
      assert.is(BigInt(eax(m) | 0), cut, `${a | 0} * ${b | 0}`);
      const lost = cut === whole ? 0 : Flag.CF | Flag.OF;
      assert.is(flagsOf(m) & (Flag.CF | Flag.OF), lost);
    }
  },
);

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

arithmetic(
  "faults by vector 0, whoever divides, and counts as a fault about segments",
  () => {
    faults(world("xor ecx, ecx\n div ecx", 3), 0, undefined, at.CODE + 2);
    faults(without(world("div ecx"), 0), 8, 0, at.CODE);
  },
);

arithmetic("leaves a division that faulted as if it had not begun", () => {
  const m = failed("mov eax, 7\n mov edx, 9\n mov ecx, 3\n div ecx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EIP].map((r) => word(m, r)), [7, 9, 15]);
});

arithmetic.run();
