// Chapter VII: the FPU's numbers, lent to one Guest after the other.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lendNumbers, newNumbers } from "../../tangled/host/lent-fpu.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { setCr0, vectorOf, BY_ZERO } from "./stage/fpu.ts";

const unit = suite("The FPU in the machine");

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

unit.run();
