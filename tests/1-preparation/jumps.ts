// Chapter I: sums, differences, jumps, and code that changes itself.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag } from "../../tangled/machine/ground/flags.ts";
import { At, Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { recorded } from "./stage/programs.ts";
import { ran, word, machineWith, eax, failed } from "./stage/machine.ts";
import { flagsOf } from "./stage/flags.ts";

const code = suite("Remembered code");

code("is forgotten at every turn of a loop that changes itself", () => {
  const m = ran(`
        mov ecx, 100
  turn: inc byte [next + 1]
  next: mov al, 0
        add ebx, eax
        loop turn
        hlt`);
  assert.is(word(m, Cpu.EBX), 5050);
});

code("is forgotten beside a constant that is written all the time", () => {
  const m = ran(`
        mov ecx, 40
        mov edx, 0x43430000     ; inc ebx; inc ebx
  turn: mov [here + 1], ecx
        mov [here + 3], edx     ; half of the constant, and what follows it
        xor edx, 0x08080000     ; dec ebx; dec ebx
        mov al, [opcode + ecx]
        mov [here], al
  here: mov eax, 7
        nop
        nop
        add edi, eax
        loop turn
        hlt
  opcode: times 20 db 0xb8, 0x05 ; mov eax, add eax
        db 0xb8`);
  let edi = 0;
  for (let n = 40; n > 0; n--) edi += n % 2 === 0 ? n : n + 0x05;
  assert.is(word(m, Cpu.EDI), edi);
  assert.is(word(m, Cpu.EBX), 0);
});

code("is forgotten page by page", () => {
  const m = machineWith("mov eax, 1\n jmp 0x1000");
  copyToPhys(m, 0x1000, recorded("add eax, 1\n hlt"));
  assert.is(run(m, 100), "halt");
  writePhys8(m, 0x1002, 7);
  m.cpu[Cpu.EIP] = 0;
  assert.is(run(m, 100), "halt");
  assert.is(eax(m), 8, "the page that changed was read again");
});

code("may cross from one page to the next, whichever of them changes", () => {
  const m = machineWith("jmp 0xffe");
  copyToPhys(m, 0xffe, recorded("mov eax, 0x44332211\n hlt"));
  const again = (): number => {
    m.cpu[Cpu.EIP] = 0;
    assert.is(run(m, 10), "halt");
    return eax(m);
  };
  assert.is(again(), 0x44332211);
  writePhys8(m, 0x1002, 0x55);
  assert.is(again(), 0x55332211);
  writePhys8(m, 0xfff, 0x66);
  assert.is(again(), 0x55332266);
});

code("may be longer than the room for what is remembered of it", () => {
  const m = createMachine(8 << 20);
  m.bytes.fill(0x40, At.RAM, At.RAM + 0x7ff000); // inc eax, eight million times
  assert.is(run(m, 0x300000), "limit");
  assert.is(eax(m), 0x300000);
  assert.is(word(m, Cpu.EIP), 0x300000);
});

code("is nothing where there is no memory", () => {
  assert.is(word(failed("jmp 0x40000000"), Cpu.EIP), 0x40000000);
});

code.run();

const arithmetic = suite("Arithmetic");

arithmetic("adds and subtracts numbers of any length, word by word", () => {
  const m = ran(`
    mov eax, 0xffffffff
    mov edx, 0x7fffffff
    add eax, 1
    adc edx, 0
    mov ebx, eax
    mov ecx, edx
    sub ebx, 1
    sbb ecx, 0
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EBX, Cpu.ECX].map((r) => word(m, r)), [0, 0x80000000, 0xffffffff, 0x7fffffff]);
});

arithmetic("compares without changing anything", () => {
  const m = ran("mov eax, 5\n mov [0x1000], eax\n cmp eax, 6\n cmp [0x1000], al\n test eax, eax\n hlt");
  assert.is(eax(m), 5);
  assert.is(readPhys32(m, 0x1000), 5);
  assert.is(flagsOf(m), Flag.PF);
});

arithmetic.run();

const jumps = suite("Jumps");

jumps("count with ecx", () => {
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n loop again\n hlt")), 10);
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n cmp al, 4\n loopne again\n hlt")), 4);
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n cmp al, al\n loope again\n hlt")), 10);
  assert.is(eax(ran("jecxz over\n inc eax\n over: inc ecx\n jecxz over\n hlt")), 0);
});

jumps.run();

const clock = suite("The clock");

clock("counts every instruction once, and those that fault", () => {
  assert.is(retired(ran("nop\n nop\n hlt")), 3);
  assert.is(retired(failed("nop\n ud2")), 2);
  const m = machineWith("here: jmp here");
  assert.is(run(m, 12345), "limit");
  assert.is(retired(m), 12345);
});

clock.run();
