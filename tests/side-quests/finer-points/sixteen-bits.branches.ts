// Sixteen bits: branches and addresses in the old width.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys8,
} from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { after, machineWith, word, words } from "../toolbox/stage/assembled.ts";

const { EAX, ECX, EBX, ESP, ESI, EDI, EIP } = {
  EAX: Cpu.EAX,
  ECX: Cpu.ECX,
  EBX: Cpu.EBX,
  ESP: Cpu.ESP,
  ESI: Cpu.ESI,
  EDI: Cpu.EDI,
  EIP: Cpu.EIP,
};

const text = (m: Machine, at: number, size: number): string =>
  Buffer.from(copyFromPhys(m, at, size)).toString("latin1");
const odd = suite("Odd widths");

odd("cut off the target of a jump after 16 bits", () => {
  const land = (m: Machine): Machine => {
    copyToPhys(m, 0x2000, Uint8Array.from({ length: 64 }, () => 0xf4));
    assert.is(run(m, 100), "halt");
    return m;
  };
  const from = (source: string): number[] =>
    words(land(machineWith(source, 0x12000)), EIP, ESP);
  assert.equal(from("o16 jmp short $+8"), [0x2009, 0x8000]);
  assert.equal(from("jmp word $+0x10"), [0x2011, 0x8000]);
  assert.equal(from("clc\n o16 jnc $+8"), [0x200a, 0x8000]);
  assert.equal(from("mov ax, 0x2030\n jmp ax"), [0x2031, 0x8000]);
  assert.equal(from("call word $+9"), [0x200a, 0x7ffe]);
  assert.equal(from("push dword 0x12342010\n o16 ret 2"), [0x2011, 0x8000]);
  assert.equal(from("mov ecx, 2\n o16 loop $+8"), [0x200e, 0x8000]);
});

odd("leave what is not jumped alone", () => {
  assert.is(word(after("stc\n o16 jnc $+8\n hlt", "halt", 0x12000), EIP),
    0x12005);
});

odd("push and pop half words", () => {
  const m = after(
    "mov eax, 0x11112222\n mov ebx, 0x33334444\n pushaw\n xor eax, eax\n popaw\n push word -2\n pop cx\n hlt",
  );
  assert.equal(words(m, EAX, EBX, ECX, ESP), [0x2222, 0x33334444, 0xfffe,
    0x8000]);
});

odd("count cx, and leave the rest of ecx alone", () => {
  const m = after(
    "mov ecx, 0x50003\n again: inc eax\n a16 loop again\n jcxz there\n ud2\n there: jecxz here\n hlt\n here: ud2",
  );
  assert.equal(words(m, EAX, ECX), [3, 0x50000]);
});

odd("copy by way of si and di", () => {
  const m = after(`
    mov dword [0xfffe], 'abcd'   ; si wraps around between the words
    mov word [0], 'ef'
    mov esi, 0x7000fffe
    mov edi, 0x60001000
    mov ecx, 0x50002
    a16 rep movsw
    hlt`, "halt", 0x4000);
  assert.is(text(m, 0x1000, 4), "abef");
  assert.equal(words(m, ESI, EDI, ECX), [0x70000002, 0x60001004, 0x50000]);
});

odd("address memory by the eight old sums", () => {
  const m = after(`
    mov ebx, 0x70001000
    mov esi, 0x70000020
    mov ebp, 0x7000ffff
    mov edi, 0x70000001
    mov byte [bx+si], 1          ; 1020
    mov byte [bp+di+0x1000], 2   ; it wraps around to 1000
    mov byte [bx-1], 3
    mov al, [word 0x1020]
    lea ecx, [bp+si]
    mov bl, 5
    a16 xlatb
    hlt`);
  assert.equal([0x1020, 0x1000, 0xfff].map((at) => readPhys8(m, at)), [1, 2,
    3]);
  assert.equal(words(m, ECX, EAX), [0x1f, 0]);
});

odd.run();
