// Chapter I: small tools, and what only all tools together do.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag, setFlags, settle } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { recorded } from "./stage/programs.ts";
import { ran, word, machineWith } from "./stage/machine.ts";
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

const jumps = suite("Jumps");

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

const bits = suite("Single bits");

bits("takes bit numbers modulo the width of a register", () => {
  const m = ran("mov ecx, 33\n bts eax, ecx\n mov ecx, 16\n bts bx, cx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EBX].map((r) => word(m, r)), [2, 1]);
});

bits.run();

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
  away: lea eax, [eax + eax*4 + 77]
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
