// A stack of numbers: the FPU, lent to one Guest after the other.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { lendNumbers, newNumbers } from "../../../tangled/host/lent-fpu.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { leadTo } from "../../6-switcher/stage/attempts.ts";
import { makeGuest, makeHost } from "../../6-switcher/stage/guests.ts";
import {
  ask,
  goodbye,
  settleDown,
  tell,
} from "../../6-switcher/stage/programs.ts";
import { inTurn } from "../../6-switcher/stage/turns.ts";

const unit = suite("The FPU, lent");

unit("is lent to one Guest after the other, and each finds its own numbers",
  () => {
    const cpu = createMachine(1 << 20).cpu;
    const first = { fpu: newNumbers() }, second = { fpu: newNumbers() };
    lendNumbers(cpu, first, undefined);
    cpu.fill(77, 256, 288);
    lendNumbers(cpu, second, first);
    assert.is(cpu[256], 0);
    lendNumbers(cpu, first, second);
    assert.is(cpu[256], 77);
  });

/** Adds up with the FPU, 500 times, and never looks into it before the end. */
const calculator = (step: number) =>
  [settleDown, `mov dword [0x20000], ${step}`, "fninit", "fldz", "mov edi, 500",
    "on: fild dword [0x20000]", "faddp st1, st0", ask(Call.LHCALL_FLUSH_TLB, 1),
    "dec edi", "jnz on", "fistp dword [0x20000]", "mov ebp, [0x20000]",
    tell("ebp"), goodbye].join("\n");

unit("each finds in the FPU what it left there", () => {
  const host = makeHost();
  const guests = [3, 1000].map((step) => makeGuest(calculator(step), host));
  assert.equal(inTurn(guests), [[1500], [500_000]]);
});

unit("minds TS, even when it only waits", () => {
  const uses = ["wait", "fld1", "fnop", "fnstsw ax"];
  leadTo(1, uses.map((use) => [use, "lived"] as const));
  for (const ring of [1, 3] as const)
    leadTo(ring, uses.map((use) => [use, "7"] as const),
      ask(Call.LHCALL_TS, 8));
  leadTo(1,
    uses.map((use) =>
      [`${ask(Call.LHCALL_TS, 8)}\n${ask(Call.LHCALL_TS, 0)}\n${use}`,
        "lived"] as const
    ), ask(Call.LHCALL_TS, 8));
});

unit.run();
