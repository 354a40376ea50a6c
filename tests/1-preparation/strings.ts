// Chapter I: strings, a tick for each step.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../../tangled/machine/rows/decode.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { readPhys8 } from "../../tangled/machine/ground/ram.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { ran, word, eax, machineWith } from "./stage/machine.ts";

const decoding = suite("Decoding");

const decode = (...bytes: number[]) => parse((k) => bytes[k] ?? 0);

decoding("reads prefixes in any order, and the last of a kind counts", () => {
  const i = decode(0xf2, 0x26, 0x66, 0x64, 0xf3, 0xa5)!;
  assert.equal([i.width, i.override, i.repeat, i.length], [16, 4, 0xf3, 6]);
  assert.is(i.row.name, "movsw");
});

decoding.run();

const code = suite("Remembered code");

code("is forgotten when a string or the stack grows over it", () => {
  const m = ran(`
        mov edi, here
        mov al, 0x43            ; inc ebx
        mov ecx, 6
        rep stosb
  here: times 6 nop
        mov esp, there + 4
        push 0xf44343           ; inc ebx; inc ebx; hlt
  there: hlt`);
  assert.is(word(m, Cpu.EBX), 8);
});

code("may overwrite the very instruction that writes", () => {
  const m = ran(`
        mov edi, here
        mov ecx, 64
        mov al, 0x90            ; nop
  here: rep stosb               ; nop, stosb
        times 80 hlt`);
  assert.is(word(m, Cpu.ECX), 63, "the repetition ends with its prefix");
  assert.is(word(m, Cpu.EIP), 12 + 2 + 1, "the first hlt");
});

code.run();

const stringing = suite("Strings");

stringing("compare until something differs, and search until it is found",
  () => {
    const m = ran(`
        mov esi, one
        mov edi, two
        mov ecx, 8
        repe cmpsb
        mov ebx, ecx
        jbe below
        inc edx
  below: mov edi, one
        mov al, 'e'
        mov ecx, -1
        repne scasb
        hlt
  one:  db "abcdefgh"
  two:  db "abcddfgh"`);
    assert.equal([Cpu.EBX, Cpu.EDX, Cpu.ECX].map((r) => word(m, r)), [3, 1,
      0xfffffffa]);
  });

stringing("compare what lies across pages on both sides", () => {
  const m = ran(`
    mov dword [0x1ffe], 0x11223344
    mov dword [0x2ffe], 0x55223344
    mov esi, 0x1ffe
    mov edi, 0x2ffe
    cmpsd
    jae over
    inc eax
  over: hlt`);
  assert.is(eax(m), 1);
});

stringing("take one tick for each step, and may be interrupted between any two",
  () => {
    const source =
      "mov ecx, 100\n mov edi, 0x1000\n mov al, 7\n rep stosb\n hlt";
    assert.is(retired(ran(source)), 104);
    const m = machineWith(source);
    run(m, 13);
    assert.equal([word(m, Cpu.ECX), word(m, Cpu.EDI), word(m, Cpu.EIP)], [90,
      0x100a, 12]);
    assert.is(run(m, 1000), "halt");
    assert.is(retired(m), 104);
    assert.is(readPhys8(m, 0x1063), 7);
  });

stringing("read into a register, step by step", () => {
  const m = ran(
    "mov esi, text\n lodsb\n mov bl, al\n lodsw\n mov cx, ax\n lodsd\n hlt\n text: db 1, 2, 3, 4, 5, 6, 7",
  );
  assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EAX].map((r) => word(m, r)), [1, 0x0302,
    0x07060504]);
});

stringing.run();
