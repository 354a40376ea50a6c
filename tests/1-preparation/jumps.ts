// Chapter I: jumps, and code that changes itself.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { copyToPhys, writePhys8 } from "../../tangled/machine/ground/ram.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { recorded } from "./stage/programs.ts";
import { ran, word, machineWith, eax, failed } from "./stage/machine.ts";

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

code("is nothing where there is no memory", () => {
  assert.is(word(failed("jmp 0x40000000"), Cpu.EIP), 0x40000000);
});

code.run();

const jumps = suite("Jumps");

jumps("count with ecx", () => {
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n loop again\n hlt")), 10);
  assert.is(
    eax(ran("mov ecx, 10\n again: inc eax\n cmp al, 4\n loopne again\n hlt")),
    4,
  );
  assert.is(
    eax(ran("mov ecx, 10\n again: inc eax\n cmp al, al\n loope again\n hlt")),
    10,
  );
  assert.is(eax(ran("jecxz over\n inc eax\n over: inc ecx\n jecxz over\n hlt")),
    0);
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
