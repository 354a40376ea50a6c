// The rest of the toolbox, the long tail: what is rare, odd or old, and has to be right all the same.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { parse } from "../../../tangled/machine/rows/decode.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys32,
} from "../../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { bytesAt } from "../../1-preparation/stage/machine.ts";
import { after, machineWith, word, words } from "./stage/assembled.ts";

const { EAX, ECX, EDX, EBX, ESP, EBP, EIP } = {
  EAX: Cpu.EAX,
  ECX: Cpu.ECX,
  EDX: Cpu.EDX,
  EBX: Cpu.EBX,
  ESP: Cpu.ESP,
  EBP: Cpu.EBP,
  EIP: Cpu.EIP,
};

const decimal = suite("Decimal digits");

decimal("come in any base but zero", () => {
  assert.is(word(after("mov eax, 0x2f\n aam 16\n hlt"), EAX), 0x20f);
  assert.is(word(after("mov eax, 0x20f\n aad 16\n hlt"), EAX), 0x2f);
  const m = after("mov eax, 5\n aam 0", "shutdown");
  assert.equal(words(m, EAX, EIP), [5, 5]);
});

decimal.run();

const procedures = suite("Nested procedures");

procedures("get a frame with those around them", () => {
  const m = after(`
    mov ebp, 0x9000
    mov dword [0x8ffc], 0x111
    mov dword [0x8ff8], 0x222
    enter 32, 3
    hlt`);
  assert.equal(words(m, EBP, ESP), [0x7ffc, 0x7ff0 - 32]);
  assert.equal([0x7ffc, 0x7ff8, 0x7ff4, 0x7ff0].map((at) => readPhys32(m, at)),
    [0x9000, 0x111, 0x222, 0x7ffc]);
});

procedures("take levels modulo 32", () => {
  assert.is(word(after("mov ebp, 0x9000\n enter 0, 33\n hlt"), ESP), 0x7ff8);
});

procedures.run();

const pairs = suite("Bounds and pairs");

pairs("are looked up where the address says", () => {
  const check = (index: number): string =>
    `mov eax, ${index}\n bound eax, [0x1000]\n bound ax, [0x1008]\n hlt`;
  const verdict = (index: number): string => {
    const m = machineWith(check(index));
    [-5, 7, 0x0007fffb].forEach((value, n) =>
      writePhys32(m, 0x1000 + n * 4, value)
    );
    return run(m, 100);
  };
  assert.equal([-6, -5, 0, 7, 8].map(verdict), ["shutdown", "halt", "halt",
    "halt", "shutdown"]);
});

pairs("of words are exchanged if both are the same", () => {
  const m = after(`
    mov dword [0x1ffc], 1       ; on two pages
    mov dword [0x2000], 2
    mov eax, 1
    mov ebx, 3
    mov ecx, 4
    stc
    cmpxchg8b [0x1ffc]          ; edx is not 2
    setz [0x100]
    cmpxchg8b [0x1ffc]
    setz [0x101]
    setc [0x102]
    hlt`);
  assert.equal([0x100, 0x101, 0x102].map((at) => readPhys8(m, at)), [0, 1, 1]);
  assert.equal([0x1ffc, 0x2000].map((at) => readPhys32(m, at)), [3, 4]);
  assert.equal(words(m, EAX, EDX), [1, 2]);
});

pairs("that are split between pages are still compared with each other", () => {
  const m = after(
    "mov dword [0x1ffe], 0x11223344\n mov dword [0x2ffe], 0x55667788\n mov esi, 0x1ffe\n mov edi, 0x2ffe\n cmpsd\n setz al\n hlt",
  );
  assert.is(word(m, EAX), 0);
});

pairs.run();

const odd = suite("Odd bytes");

odd("bytes have several names, and names several bytes", () => {
  const m = after(`
    mov ebx, 0x81
    db 0xd0, 0xf3                ; shl bl, 1
    db 0xf6, 0xcb, 2             ; test bl, 2
    setnz al
    db 0x82, 0xc3, 5             ; add bl, 5
    db 0x0f, 0x94, 0xf9          ; setz cl
    bswap eax
    db 0x66, 0x0f, 0xc8          ; bswap ax
    hlt`);
  assert.equal(words(m, EBX, ECX, EAX), [7, 0, 0x1000000]);
});

odd("of nothing to do touch no memory", () => {
  const m = createMachine(1 << 16);
  copyToPhys(m, 0,
    assemble("nop dword [0xfffffff0]\n nop word [eax+eax+5]\n pause\n hlt")
      .bytes);
  assert.is(run(m, 10), "halt");
});

odd.run();

const truth = suite("The truth");

truth(
  "about itself is that it exchanges eight bytes, keeps time, and moves on conditions",
  () => {
    const features = word(after("mov eax, 1\n cpuid\n hlt"), EDX);
    for (const bit of [4, 8, 15])
      assert.is((features >> bit) & 1, 1, `feature ${bit}`);
  },
);

truth("about what may be locked is what the manual says", () => {
  const locked = (...bytes: number[]): boolean =>
    parse((at) => [0xf0, ...bytes][at] ?? 0) !== undefined;
  assert.ok(locked(0x01, 0x03), "lock add [ebx], eax");
  assert.ok(locked(0x87, 0x03), "lock xchg [ebx], eax");
  assert.ok(locked(0x0f, 0xc7, 0x0b), "lock cmpxchg8b [ebx]");
  assert.not(locked(0x03, 0x03), "lock add eax, [ebx]");
  assert.not(locked(0x01, 0xc3), "lock add ebx, eax");
  assert.not(locked(0x39, 0x03), "lock cmp [ebx], eax");
  assert.not(locked(0x90), "lock nop");
});

truth.run();

const memory = suite("Memory");

memory("lets an operand lie across two pages", () => {
  const m = after(`
    mov dword [0x1ffd], 0x44332211
    add word [0x1fff], 0x0101
    mov eax, [0x1ffd]
    push dword [0x1ffe]
    pop dword [0x2ffe]
    hlt`);
  assert.is(word(m, EAX), 0x45342211);
  assert.is(bytesAt(m, 0x1ffd, 4), "11 22 34 45");
  assert.is(bytesAt(m, 0x2ffe, 4), "22 34 45 00");
});

memory.run();

const stack = suite("The stack");

stack("keeps esp as it was before the push, and after the pop", () => {
  const m = after(`
    push esp
    pop eax
    push dword 0x1234
    pop dword [esp]           ; to where esp points after the pop
    mov ebx, [0x8000]
    push dword 0x4000
    pop esp
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ESP].map((r) => word(m, r)), [0x8000,
    0x1234, 0x4000]);
});

stack.run();
