// The rest of the toolbox: small tools.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag, holds } from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { readPhys32 } from "../../../tangled/machine/ground/ram.ts";
import { ran, eax, word } from "../../1-preparation/stage/machine.ts";
import { flagsOf } from "../../1-preparation/stage/flags.ts";

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

jumps.run();

const toolbox = suite("The rest of the toolbox");

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
