// Chapter VII, the floating-point unit: against a processor's answers
// (tests/silicon-x87), and where it meets the rest of the machine.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { disassemble } from "../../tangled/assembler/disassemble.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
} from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { type Case, cases } from "../silicon-x87/cases.ts";
import { createPlayer } from "../silicon-x87/play.ts";
import { portion } from "../tools.ts";
import { vectorOf, setCr0, BY_ZERO, runProgram } from "./stage/fpu.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const silicon = suite("The FPU, asked what a processor was asked");

const FUNCTIONS = /^(f2xm1|fyl2xp?1?|fptan|fpatan|fsincos|fsin|fcos)$/;
const C1 = 0x200, STACK = 0x40;

/** FYL2XP1 is defined for small arguments only. */
function isDefined(name: string, { image }: Case): boolean {
  const exponent = (image[36] | (image[37] << 8)) & 0x7fff;
  return name !== "fyl2xp1" || exponent < 0x3ffd;
}

/** The logarithm of a power of two is a whole number. */
const isWhole = (name: string, { image }: Case): boolean =>
  name === "fyl2x" && hex(image.slice(28, 36)) === "0000000000000080";

/** The distance of two numbers in units of the last place, signs apart. */
function distance(a: Uint8Array, b: Uint8Array): bigint {
  const wide = (bytes: Uint8Array): bigint => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const exponent = view.getUint16(8, true);
    return (BigInt(exponent & 0x7fff || 1) << 63n)
      + (view.getBigUint64(0, true)
        & ~((exponent & 0x7fff) > 1 ? 1n << 63n : 0n))
      + (BigInt(exponent >> 15) << 80n);
  };
  const gap = wide(a) - wide(b);
  return gap < 0n ? -gap : gap;
}

const oneIn = portion(4, 1);

silicon(
  `answers ${oneIn > 1 ? `one in ${oneIn} of ` : ""}34,510 cases as silicon did: bit by bit, functions without an exact answer within a unit in the last place`,
  () => {
    const play = createPlayer();
    const wrong: string[] = [];
    let total = 0;
    for (const [n, asked] of [...cases()].entries()) {
      if (n % oneIn !== 0) continue;
      const name = disassemble(Uint8Array.from(asked.form)).text;
      const loose = FUNCTIONS.test(name) && !isWhole(name, asked);
      if (!isDefined(name, asked)) continue;
      total++;
      const { after } = asked, ours = play(asked);
      const ignored = loose && (after.status & STACK) === 0 ? C1 : 0;
      const differ =
        [(ours.status ^ after.status) & ~ignored, ours.flags ^ after.flags,
          ours.tags ^ after.tags]
          .some((bits) => bits !== 0) || hex(ours.memory) !== hex(after.memory);
      const top = (asked.image[5] >> 3) & 7;
      const off = [0, 1, 2, 3, 4, 5, 6, 7].some((r) => {
        const i = (r - top) & 7;
        const want = after.registers.get(r)
          ?? asked.image.slice(28 + 10 * i, 38 + 10 * i);
        return distance(ours.register(r), want) > (loose ? 1n : 0n);
      });
      if (differ || off) wrong.push(`${name} ${hex(asked.image.slice(0, 48))}`);
    }
    assert.is(wrong.join("\n"), "");
    assert.ok(total > 33_000 / oneIn, `${total}`);
  },
);

silicon.run();

const unit = suite("The FPU in the machine");

unit("is not there for anyone (trap 7) while TS or EM is set", () => {
  assert.is(vectorOf(`${setCr0(8)}fninit\nhlt`), 7);
  assert.is(vectorOf(`${setCr0(4)}fld1\nhlt`), 7);
  assert.is(vectorOf(`${setCr0(8)}fxsave [0x2000]\nhlt`), 7);
  assert.is(vectorOf(`${setCr0(8)}clts\nfld1\nhlt`), 0);
});

unit("lets a program wait with TS set, unless MP is set too", () => {
  assert.is(vectorOf(`${setCr0(8)}fwait\nhlt`), 0);
  assert.is(vectorOf(`${setCr0(4)}fwait\nhlt`), 0);
  assert.is(vectorOf(`${setCr0(10)}fwait\nhlt`), 7);
});

unit("complains at the next instruction that waits (trap 16)", () => {
  assert.is(vectorOf(`${setCr0(32)}${BY_ZERO}hlt`), 0);
  assert.is(vectorOf(`${setCr0(32)}${BY_ZERO}fld1\nhlt`), 16);
  assert.is(vectorOf(`${setCr0(32)}${BY_ZERO}fwait\nhlt`), 16);
  assert.is(vectorOf(`${setCr0(32)}${BY_ZERO}fnstsw ax\nfnclex\nfld1\nhlt`), 0);
});

unit("sends interrupt 13 where NE is not set", () => {
  const m = runProgram(`${BY_ZERO}fwait\nhlt`);
  assert.is(m.cpu[Cpu.IRQS], 1 << 13);
});

unit("remembers instruction and operand for a handler", () => {
  const m = runProgram(
    "fninit\nfld dword [0x2000]\nfnstenv [0x3000]\no16 fnstenv [0x3100]\nhlt",
  );
  assert.is(readPhys32(m, 0x300c), 0x1002);
  assert.is(readPhys32(m, 0x3010) >>> 16, 0x105);
  assert.is(readPhys32(m, 0x3014), 0x2000);
  assert.is(readPhys32(m, 0x3000), 0xffff037f);
  assert.is(readPhys32(m, 0x3008), 0xffff7fff);
  assert.is(readPhys32(m, 0x3104) & 0xffff, 0x7fff);
  assert.is(readPhys32(m, 0x3104) >>> 16, 0x1002);
});

unit("moves 80 bits without loss, across pages as well", () => {
  const m = createMachine(1 << 20);
  const pattern = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  copyToPhys(m, 0x2ffb, pattern);
  copyToPhys(m, 0,
    assemble("fld tword [0x2ffb]\nfstp tword [0x3ffd]\nhlt").bytes);
  assert.is(run(m, 10), "halt");
  assert.equal(copyFromPhys(m, 0x3ffd, 10), pattern);
});

unit("leaves nothing to be written later if a store over two pages is not done",
  () => {
    for (
      const store of ["fistp dword [0x3ffe]", "fbstp [0x3ffb]",
        "fstp qword [0x3ffc]", "fst dword [0x3ffd]"]
    ) {
      for (
        const number of ["fninit", "fldz\nfldz\nfdivp st1, st0\nfldcw [0x2000]",
          "fld1\nfld1\nfld1"]
      ) {
        const m = runProgram(
          `fninit\nmov dword [0x2000], 0x340\n${number}\nfldcw [0x2000]\n${store}\nhlt`,
        );
        assert.is(m.cpu[Cpu.SPLIT_SIZE], 0, `${store} ${number}`);
      }
    }
  });

unit(
  "wants a fast image at a multiple of 16, counted from the bottom of memory",
  () => {
    const es = "mov ax, 16\nmov es, ax\n";
    assert.is(vectorOf(`${es}fxsave [es:0x2008]\nfxrstor [es:0x2008]\nhlt`), 0);
    assert.is(vectorOf(`${es}fxsave [es:0x2000]\nhlt`), 13);
    assert.is(vectorOf(`${es}fxrstor [es:0x2000]\nhlt`), 13);
  },
);

unit("lets a program branch on every outcome of a comparison", () => {
  const outcomes = [["fld1\nfldz", "b"], ["fldz\nfld1", "a"], ["fld1\nfld1",
    "e"], ["fldz\nfldz\nfdiv st0, st1", "p"]] as const;
  for (const [numbers, holds] of outcomes) {
    const m = runProgram(
      `fninit\n${numbers}\nmov ecx, 3\nagain: fcom st1\nfnstsw ax\nsahf\nset${holds} bl\nseto bh
      fucomi st0, st1\nset${holds} dl\ndec ecx\njnz again\nhlt`,
    );
    assert.is(m.cpu[Cpu.EBX] & 0xffff, 1, holds);
    assert.is(m.cpu[Cpu.EDX] & 0xff, 1, holds);
  }
});

unit("restores what it saved, in each of its formats", () => {
  for (
    const [save, restore] of [["fnsave", "frstor"], ["o16 fnsave",
      "o16 frstor"], ["fxsave", "fxrstor"]]
  ) {
    const m = runProgram(
      `fninit\nfldpi\nfld1\nfldz\nfdivp st1, st0\n${save} [0x2000]\nfninit\nfldl2e\n${restore} [0x2000]
      fnsave [0x3000]\nhlt`,
    );
    assert.is(readPhys32(m, 0x3004), 0xffff3004, save);
    assert.is(hex(copyFromPhys(m, 0x301c, 20)),
      "0000000000000080ff7f" + "35c26821a2da0fc90040", save);
  }
});

unit.run();
