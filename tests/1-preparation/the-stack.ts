// Chapter I: the stack, and what jumps by way of it.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { retired } from "../../tangled/machine/running/run.ts";
import { ran, word, eax, bytesAt } from "./stage/machine.ts";

const code = suite("Remembered code");

code("has the constant that was written last, whatever part of it was written",
  () => {
    const m = ran(`
        mov esp, 0x3000
        mov ecx, 40
  turn: mov [whole + 1], ecx
        mov [half + 4], cx
        inc byte [one + 3]
        mov [pushed + 1], ecx
        mov [narrow + 7], cx
        mov [stored + 6], ecx
  whole: mov eax, 7
        add ebx, eax
  half: add ebx, 0x1234567
  one:  xor edx, 0x10000
        add ebx, edx
  pushed: push 0x12345678
        pop eax
        add ebx, eax
  narrow: add word [0x2000], 0x1234
  stored: mov dword [0x2004], 0x12345678
        add ebx, [0x2004]
        loop turn
        hlt`);
    let ebx = 0, edx = 0, sum = 0;
    for (let n = 40; n > 0; n--) {
      edx ^= 0x10000 | (41 - n) << 8;
      ebx = (ebx + 3 * n + (n << 16 | 0x4567) + edx) | 0;
      sum = (sum + n) & 0xffff;
    }
    assert.is(word(m, Cpu.EBX) | 0, ebx);
    assert.is(readPhys32(m, 0x2000), sum);
  });

code("is read from wherever a jump lands, even inside another instruction",
  () => {
    const m = ran(`
        call here + 1           ; inc eax; ret
  here: mov eax, 0x4040c340     ; b8 40 c3 40 40
        hlt`);
    assert.is(eax(m), 0x4040c340);
    assert.is(retired(m), 5);
  });

code.run();

const jumps = suite("Jumps");

jumps("take their target from a register or from memory", () => {
  const m = ran(`
        mov dword [0x1000], two
        mov eax, one
        jmp eax
  one:  mov ebx, 0x1000
        call [ebx]
        inc edx
        hlt
  two:  inc ecx
        ret`);
  assert.equal([Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [1, 1]);
});

jumps.run();

const stack = suite("The stack");

stack("grows downwards, and shrinks in the contrary order", () => {
  const m = ran(
    "push 1\n push 2\n push -1\n pop eax\n pop ebx\n pop ecx\n hlt",
  );
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX, Cpu.ESP].map((r) => word(m, r)), [
    0xffffffff,
    2,
    1,
    0x8000,
  ]);
  assert.is(bytesAt(m, 0x7ff4, 12), "ff ff ff ff 02 00 00 00 01 00 00 00");
});

stack("remembers where to return to, and drops the arguments", () => {
  const m = ran(`
    push 5
    push 6
    call double
    hlt
  double:
    push ebp
    mov ebp, esp
    mov eax, [ebp + 8]
    add eax, [ebp + 12]
    push 99
    mov esp, ebp
    pop ebp
    ret 8`);
  assert.equal([Cpu.EAX, Cpu.ESP, Cpu.EBP].map((r) => word(m, r)), [11, 0x8000,
    0]);
});

stack("takes all registers at once, and gives back all but esp", () => {
  const m = ran(`
    mov eax, 1
    mov ecx, 2
    mov edx, 3
    mov ebx, 4
    mov ebp, 6
    mov esi, 7
    mov edi, 8
    pushad
    mov esi, 99
    mov dword [esp + 12], 55  ; the place of esp
    popad
    hlt`);
  assert.equal([...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1)], [1, 2, 3, 4, 0x8000,
    6, 7, 8]);
  assert.is(readPhys32(m, 0x7ffc), 1, "eax went first");
});

stack("holds halves, too", () => {
  const m = ran("mov ax, 0x1234\n push ax\n push word 0x5678\n pop ebx\n hlt");
  assert.equal([Cpu.EBX, Cpu.ESP].map((r) => word(m, r)), [0x12345678, 0x8000]);
});

stack.run();
