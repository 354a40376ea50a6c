// A stack of numbers, the floating-point unit: against a processor's answers
// (tests/silicon-x87), and where it meets the rest of the machine.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
} from "../../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { portion } from "../../tools.ts";
import { vectorOf, setCr0, BY_ZERO, runProgram } from "./stage/fpu.ts";
import { askAll } from "./stage/silicon.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const silicon = suite("The FPU, asked what a processor was asked");

const oneIn = portion(4, 1);

silicon(
  `answers ${oneIn > 1 ? `one in ${oneIn} of ` : ""}29,238 cases bit by bit as silicon did`,
  () => {
    const { total, wrong } = askAll(oneIn, false);
    assert.is(wrong.join("\n"), "");
    assert.ok(total > 29_000 / oneIn, `${total}`);
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

unit("complains before it looks for an operand", () => {
  const paged = (bits: number, before: string) => `
    mov edi, 0x11000
    mov eax, 7
next: mov [edi], eax
    add edi, 4
    add eax, 0x1000
    cmp eax, 0x40000        ; there is no page at 0x40000
    jb next
    mov dword [0x10000], 0x11007
    mov eax, 0x10000
    mov cr3, eax
    ${before}
    ${setCr0(bits | (1 << 31))}
    fld dword [0x40000]
    hlt`;
  assert.is(vectorOf(paged(0, "")), 14);
  assert.is(vectorOf(paged(8, "")), 7);
  assert.is(vectorOf(paged(32, BY_ZERO)), 16);
});

unit.run();
