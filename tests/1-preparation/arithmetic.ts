// Chapter I: what holds of a machine that runs, and programs that move things
// about and calculate.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NONE, parse } from "../../tangled/machine/rows/decode.ts";
import { Flag, settle } from "../../tangled/machine/ground/flags.ts";
import { At, Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys32,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { recorded } from "./stage/programs.ts";
import { portion } from "../tools.ts";
import {
  ran,
  bytesAt,
  eax,
  word,
  machineWith,
  failed,
} from "./stage/machine.ts";
import { dice, numbers } from "./stage/chance.ts";
import { flagsOf } from "./stage/flags.ts";

const memory = suite("Memory");

memory("keeps the lowest byte of a number first", () => {
  const m = ran("mov dword [0x1000], 0x12345678\n hlt");
  assert.is(bytesAt(m, 0x1000, 4), "78 56 34 12");
  assert.is(readPhys32(m, 0x1000), 0x12345678);
  assert.is(readPhys8(m, 0x1001), 0x56);
});

memory("is reached from outside by doors that check", () => {
  const m = createMachine(8192);
  for (const at of [-1, 8189, 8192, 0xffffffff]) {
    assert.throws(() => readPhys32(m, at), RangeError);
    assert.throws(() => writePhys32(m, at, 1), RangeError);
  }
  assert.throws(() => copyToPhys(m, 8190, new Uint8Array(3)),
    /no RAM at 0x1ffe/);
  writePhys32(m, 8188, 0x80000001);
  assert.is(readPhys32(m, 8188), 0x80000001);
});

memory(
  "reads as all ones where there is none, and swallows what is written there",
  () => {
    const m = ran(`
    mov dword [0x200000], 5
    mov eax, [0x200000]
    mov bl, [0xffffffff]
    mov ecx, [0xffffe]        ; half of it is there
    hlt`);
    assert.is(eax(m), 0xffffffff);
    assert.is(word(m, Cpu.EBX), 0xff);
    assert.is(word(m, Cpu.ECX), 0xffff0000);
  },
);

memory("wraps around at four gigabytes", () => {
  const m = ran("mov eax, -4\n mov dword [eax + 0x1004], 77\n hlt");
  assert.is(readPhys32(m, 0x1000), 77);
});

memory.run();

const registers = suite("Registers");

registers("are zero in a new machine, which stands at address 0", () => {
  const m = createMachine(4096);
  assert.equal([...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1)], Array(10).fill(0));
  assert.is(settle(m.cpu), 2, "bit 1 of the flags is always set");
  assert.is(retired(m), 0);
});

registers("have halves, and the lower half has halves again", () => {
  const m = ran(`
    mov eax, 0x11223344
    mov al, 0x55
    mov ah, 0x66
    mov ecx, eax
    mov cx, 0x7788
    movzx edx, ah
    movsx ebx, ch
    mov bh, dl
    hlt`);
  assert.is(eax(m), 0x11226655);
  assert.is(word(m, Cpu.ECX), 0x11227788);
  assert.is(word(m, Cpu.EDX), 0x66);
  assert.is(word(m, Cpu.EBX), 0x6677);
});

registers("are left alone by an address that is computed from them", () => {
  const m = ran(
    "mov ebx, 0x1000\n mov esi, 3\n lea eax, [ebx + esi*8 - 4]\n lea cx, [ebx + esi]\n hlt",
  );
  assert.is(eax(m), 0x1014);
  assert.is(word(m, Cpu.ECX), 0x1003);
  assert.is(word(m, Cpu.EBX), 0x1000);
});

registers.run();

const decoding = suite("Decoding");

const decode = (...bytes: number[]) => parse((k) => bytes[k] ?? 0);

decoding("finds base, index, scale and displacement in every form of address",
  () => {
    const address = (...bytes: number[]) => {
      const i = decode(0x8b, ...bytes)!;
      return [i.base, i.index, i.scale, i.displacement, i.length];
    };
    assert.equal(address(0x03), [3, NONE, 0, 0, 2]);
    assert.equal(address(0x43, 0xff), [3, NONE, 0, -1, 3]);
    assert.equal(address(0x83, 1, 0, 0, 0x80), [3, NONE, 0, -0x7fffffff, 6]);
    assert.equal(address(0x05, 4, 3, 2, 1), [NONE, NONE, 0, 0x01020304, 6]);
    assert.equal(address(0x45, 0x10), [5, NONE, 0, 0x10, 3]);
    assert.equal(address(0x04, 0x24), [4, NONE, 0, 0, 3]);
    assert.equal(address(0x04, 0xb3), [3, 6, 2, 0, 3]);
    assert.equal(address(0x04, 0xf5, 8, 0, 0, 0), [NONE, 6, 3, 8, 7]);
    assert.equal(address(0x44, 0x4d, 8), [5, 1, 1, 8, 4]);
  });

decoding(
  "takes the stack for an address built on esp or ebp, unless told otherwise",
  () => {
    const segment = (...bytes: number[]) => decode(...bytes)!.segment;
    assert.is(segment(0x8b, 0x03), 3);
    assert.is(segment(0x8b, 0x45, 0), 2);
    assert.is(segment(0x8b, 0x04, 0x24), 2);
    assert.is(segment(0x8b, 0x04, 0x2b), 3, "ebp as an index does not count");
    assert.is(segment(0x65, 0x8b, 0x45, 0), 5);
    assert.is(segment(0x3e, 0x8b, 0x04, 0x24), 3);
  },
);

decoding("refuses what is no instruction", () => {
  assert.is(decode(0x0f, 0xff), undefined);
  assert.is(decode(0x8d, 0xc0), undefined, "lea of a register");
  assert.is(decode(0xff, 0xff), undefined, "group 5 has no seventh member");
  assert.is(decode(...Array<number>(20).fill(0x66)), undefined,
    "prefixes without end");
  assert.is(decode(...Array<number>(14).fill(0x66), 0x90)!.length, 15);
  assert.is(decode(...Array<number>(14).fill(0x66), 0xb8, 1, 2), undefined,
    "sixteen bytes");
});

decoding("never asks for more than sixteen bytes, and never throws", () => {
  const roll = dice(3);
  for (let n = 0; n < 20_000; n++) {
    let furthest = 0;
    const bytes = Uint8Array.from({ length: 64 }, () => roll(256));
    parse((k) => bytes[furthest = Math.max(furthest, k)]);
    assert.ok(furthest < 26, `asked for byte ${furthest}`);
  }
});

decoding.run();

const code = suite("Remembered code");

code("is forgotten when the program changes its next instruction", () => {
  const m = ran(`
        mov byte [next + 1], 5
  next: mov al, 1
        hlt`);
  assert.is(eax(m), 5);
});

code("is forgotten when it is changed from outside", () => {
  const m = machineWith("mov eax, 1\n hlt");
  const again = (): number => {
    m.cpu[Cpu.EIP] = 0;
    assert.is(run(m, 10), "halt");
    return eax(m);
  };
  assert.is(again(), 1);
  writePhys32(m, 1, 2);
  assert.is(again(), 2);
  writePhys8(m, 1, 3);
  assert.is(again(), 3);
  copyToPhys(m, 0, recorded("mov eax, 4\n hlt"));
  assert.is(again(), 4);
});

code("may be longer than the room for what is remembered of it", () => {
  const m = createMachine(8 << 20);
  m.bytes.fill(0x40, At.RAM, At.RAM + 0x7ff000); // inc eax, eight million times
  assert.is(run(m, 0x300000), "limit");
  assert.is(eax(m), 0x300000);
  assert.is(word(m, Cpu.EIP), 0x300000);
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
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EBX, Cpu.ECX].map((r) => word(m, r)), [0,
    0x80000000, 0xffffffff, 0x7fffffff]);
});

arithmetic("compares without changing anything", () => {
  const m = ran(
    "mov eax, 5\n mov [0x1000], eax\n cmp eax, 6\n cmp [0x1000], al\n test eax, eax\n hlt",
  );
  assert.is(eax(m), 5);
  assert.is(readPhys32(m, 0x1000), 5);
  assert.is(flagsOf(m), Flag.PF);
});

arithmetic.run();

const faults = suite("Faults");

faults("may come again and again, and the machine only says so", () => {
  const m = failed("ud2");
  for (let n = 0; n < 3; n++) assert.is(run(m, 10), "shutdown");
});

faults("never become errors of ours, whatever the bytes", () => {
  const roll = dice(5);
  for (let n = 0; n < portion(100, 400); n++) {
    const m = createMachine(1 << 16);
    copyToPhys(m, 0, Uint8Array.from({ length: 1 << 16 }, () => roll(256)));
    for (let r = Cpu.EAX; r <= Cpu.EDI; r++) m.cpu[r] = numbers(32, roll);
    m.cpu[Cpu.EIP] = roll(1 << 16);
    assert.ok(["limit", "halt", "shutdown"].includes(run(m, 2000)));
  }
});

faults.run();

const clock = suite("The clock");

clock("does nothing in no time", () => {
  const m = machineWith("inc eax");
  assert.is(run(m, 0), "limit");
  assert.is(eax(m), 0);
});

clock.run();
