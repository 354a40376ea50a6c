// Reading it back: what is printed becomes the bytes that it was printed from.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { disassemble } from "../../../tangled/assembler/disassemble.ts";
import { everyRow } from "../../1-preparation/stage/rows.ts";
import { hex } from "../../1-preparation/stage/machine.ts";
import { comesBack } from "./stage/round-trip.ts";

const disassembler = suite("The disassembler");

disassembler("prints, for every row, what assembles to the same bytes", () => {
  // 66 90 is xchg ax, ax and a nop of two bytes, which is the same; and fsave is fwait and fnsave.
  const samples = everyRow().filter((line) =>
    !/^xchg ax, ax$|^f(init|clex|st(cw|sw|env)|save)\b/.test(line)
  );
  comesBack(samples);
});

disassembler("gives back what may be left out", () => {
  const { bytes } = assemble("imul eax, 5");
  assert.is(hex(bytes), "6b c0 05");
  assert.is(disassemble(bytes).text, "imul eax, eax, 5");
});

disassembler("says what only the encoding tells", () => {
  const text = (...bytes: number[]): string =>
    disassemble(Uint8Array.from(bytes), 0x1000).text;
  assert.is(text(0x81, 0xc3, 5, 0, 0, 0), "add ebx, strict dword 5");
  assert.is(text(0xeb, 0xfe), "jmp short 0x1000");
  assert.is(text(0xe9, 0xfb, 0xff, 0xff, 0xff), "jmp near 0x1000");
  assert.is(text(0xf3, 0xa4), "rep movsb");
  assert.is(text(0x64, 0xac), "fs lodsb");
  assert.is(text(0xf0, 0x83, 0x43, 0xfc, 0xff), "lock add dword [ebx-4], -1");
  assert.is(text(0x66, 0x89, 0x04, 0x8b), "mov [ebx+ecx*4], ax");
});

disassembler.run();
