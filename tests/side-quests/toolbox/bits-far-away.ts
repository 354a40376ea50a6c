// The rest of the toolbox: strings of bits.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { readPhys8 } from "../../../tangled/machine/ground/ram.ts";
import { ran, word } from "../../1-preparation/stage/machine.ts";

const bits = suite("Bits far away");

bits("tests bits far away from the address", () => {
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

bits.run();
