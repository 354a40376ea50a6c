// Chapter I: the rest of the toolbox, and what only all tools together do.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Flag,
  holds,
  setFlags,
  settle,
} from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  readPhys8,
} from "../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { recorded } from "./stage/programs.ts";
import { ran, eax, word, machineWith } from "./stage/machine.ts";
import { flagsOf } from "./stage/flags.ts";
import { dice } from "./stage/chance.ts";

/** Everything that a program could tell: registers, flags, the clock and RAM. */
function stateOf(m: Machine): string {
  const registers = [...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1), m.cpu[Cpu.EIP]];
  const ram = createHash("sha1").update(copyFromPhys(m, 0, m.ramSize)).digest(
    "hex",
  );
  return [...registers, settle(m.cpu), retired(m), ram].join(" ");
}

const registers = suite("Registers");

registers("are swapped, spread and turned around", () => {
  const m = ran(`
    mov eax, 0x12348765
    mov ebx, 0xcafebabe
    xchg eax, ebx
    bswap eax
    xchg bl, bh
    movsx ecx, bx
    mov edx, eax
    cdq
    hlt`);
  assert.is(eax(m), 0xbebafeca);
  assert.is(word(m, Cpu.EBX), 0x12346587);
  assert.is(word(m, Cpu.ECX), 0x6587);
  assert.is(word(m, Cpu.EDX), 0xffffffff);
});

registers.run();

const lazy = suite("Flags");

lazy("may be read and written as a whole", () => {
  const m = ran("mov ah, 0xff\n sahf\n cmc\n lahf\n hlt");
  assert.is(eax(m), 0xd600, "bit 1 is always set, bits 3 and 5 never");
  assert.is(flagsOf(ran("xor eax, eax\n stc\n hlt")),
    Flag.ZF | Flag.PF | Flag.CF);
});

lazy.run();

const jumps = suite("Jumps");

jumps("go where the condition sends them, in all sixteen cases", () => {
  const names = ["o", "no", "b", "ae", "z", "nz", "be", "a", "s", "ns", "p",
    "np", "l", "ge", "le", "g"];
  for (const [code, name] of names.entries())
    for (const ah of [0, 1, 4, 0x40, 0x80, 0xd5]) {
      const m = ran(
        `mov ah, ${ah}\n sahf\n j${name} yes\n hlt\n yes: mov bl, 1\n set${name} cl\n cmov${name} edx, ebx\n hlt`,
      );
      const expected = +holds(m.cpu, code);
      assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [
        expected,
        expected,
        expected,
      ], `j${name}`);
    }
});

jumps("reach anywhere, in either direction", () => {
  const m = machineWith("jmp 0x40000");
  copyToPhys(m, 0x40000, recorded("mov eax, 0x20000\n jmp eax", 0x40000));
  copyToPhys(m, 0x20000, recorded("call 0x20ff0\n hlt", 0x20000));
  copyToPhys(m, 0x20ff0, recorded("jz short 0x21010\n ret", 0x20ff0));
  setFlags(m.cpu, Flag.ZF, Flag.ZF);
  copyToPhys(m, 0x21010, recorded("clc\n jnc near 0x20ff2", 0x21010));
  assert.is(run(m, 100), "halt");
  assert.is(word(m, Cpu.EIP), 0x20006);
});

jumps.run();

const stringing = suite("Strings");

stringing("copy and fill, upwards or downwards", () => {
  const m = ran(`
        mov esi, text
        mov edi, 0x1000
        mov ecx, 3
        rep movsd
        std
        mov edi, 0x1012
        mov al, '!'
        mov ecx, 3
        rep stosb
        mov edi, 0x1021
        mov esi, text + 4
        mov ecx, 5
        rep movsb
        cld
        hlt
  text: db "hello, world"`);
  const at = (address: number, size: number) =>
    String.fromCharCode(...copyFromPhys(m, address, size));
  assert.is(at(0x1000, 12), "hello, world");
  assert.is(at(0x1010, 3), "!!!");
  assert.is(at(0x101d, 5), "hello");
  assert.is(word(m, Cpu.EDI), 0x101c);
});

stringing("with a count of zero do nothing, and keep the flags", () => {
  const m = ran(
    "mov esi, 0x1000\n mov edi, 0x1001\n stc\n repe cmpsb\n rep movsd\n rep stosb\n hlt",
  );
  assert.equal([Cpu.ECX, Cpu.ESI, Cpu.EDI].map((r) => word(m, r)), [0, 0x1000,
    0x1001]);
  assert.is(flagsOf(m), Flag.CF);
});

stringing.run();

const toolbox = suite("The rest of the toolbox");

toolbox("tests bits far away from the address", () => {
  const m = ran(`
    mov ebx, 0x2000
    mov eax, 100
    bts [ebx], eax            ; bit 4 of the byte at 0x200c
    mov eax, -1
    bts [ebx], eax            ; bit 7 of the byte at 0x1fff
    mov ax, -32768
    bts [ebx], ax             ; 4096 bytes below
    btc dword [ebx], 34       ; a constant stays within the word: bit 2
    bt dword [ebx], 2
    setc dl
    hlt`);
  assert.equal([0x200c, 0x1fff, 0x1000, 0x2000].map((at) => readPhys8(m, at)), [
    0x10,
    0x80,
    1,
    4,
  ]);
  assert.is(word(m, Cpu.EDX), 1);
});

toolbox("takes bit numbers modulo the width of a register", () => {
  const m = ran("mov ecx, 33\n bts eax, ecx\n mov ecx, 16\n bts bx, cx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EBX].map((r) => word(m, r)), [2, 1]);
});

toolbox("scans for bits, and leaves the register alone if there are none",
  () => {
    const m = ran(
      "mov esi, 0x00400100\n bsf eax, esi\n bsr ebx, esi\n mov ecx, 77\n xor esi, esi\n bsf ecx, esi\n setz dl\n hlt",
    );
    assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [
      8,
      22,
      77,
      1,
    ]);
  });

toolbox("exchanges only what is still the same", () => {
  const m = ran(`
    mov dword [0x1000], 5
    mov eax, 4
    mov ebx, 9
    cmpxchg [0x1000], ebx     ; it is 5, not 4
    setz cl
    mov edx, eax
    cmpxchg [0x1000], ebx
    setz ch
    mov esi, 1
    xadd [0x1000], esi
    hlt`);
  assert.equal([Cpu.ECX, Cpu.EDX, Cpu.ESI].map((r) => word(m, r)), [0x100, 5,
    9]);
  assert.is(readPhys32(m, 0x1000), 10);
});

toolbox("converts, and looks up in a table", () => {
  const m = ran(
    "mov eax, 0x80\n cbw\n cwd\n cwde\n mov esi, eax\n mov ebx, table\n mov al, 2\n xlatb\n hlt\n table: db 5, 6, 7",
  );
  assert.is(word(m, Cpu.ESI), 0xffffff80);
  assert.is(word(m, Cpu.EDX), 0xffff);
  assert.is(eax(m), 0xffffff07);
});

toolbox("tells the time in instructions", () => {
  const m = ran(
    "nop\n nop\n rdtsc\n mov ebx, eax\n nop\n rdtsc\n sub eax, ebx\n hlt",
  );
  assert.is(eax(m), 3);
});

toolbox.run();

const clock = suite("The clock");

const busy = `
        mov ebp, 40
  turn: mov edi, 0x2ff0
        mov ecx, 9
        rep stosd               ; across a page
        mov esi, 0x2ff0
        mov ecx, 9
        repe cmpsb
        inc byte [patch + 1]    ; changes itself
  patch: add al, 1
        push eax
        call away
        pop edx
        dec ebp
        jnz turn
        hlt
  away: imul eax, eax, 77
        bts [0x4000], eax
        ret`;

clock("finds the same machine at every tick, however the time was cut up",
  () => {
    const whole = stateOf(ran(busy));
    for (const step of [1, 2, 3, 7, 100]) {
      const m = machineWith(busy);
      while (run(m, step) === "limit");
      assert.is(stateOf(m), whole, `in steps of ${step}`);
    }
    const [one, two] = [machineWith(busy), machineWith(busy)];
    const roll = dice(8);
    for (let n = 0; n < 60; n++) {
      const ticks = roll(12);
      run(one, ticks);
      for (let k = 0; k < ticks; k++) run(two, 1);
      assert.is(stateOf(one), stateOf(two));
    }
  });

clock.run();
