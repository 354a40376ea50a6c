// Reading it back: the disassembler.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { disassemble } from "../../../tangled/assembler/disassemble.ts";
import { everyRow, isUsual } from "../../1-preparation/stage/rows.ts";
import { dice } from "../../1-preparation/stage/chance.ts";
import { comesBack } from "./stage/round-trip.ts";

const disassembler = suite("The disassembler");

disassembler("prints of the usual rows what assembles to the same bytes",
  () => {
    // 66 90 is xchg ax, ax and a nop of two bytes, which is the same; and a value alone has no size.
    const samples = everyRow().filter((line) =>
      isUsual(line) && !/^xchg ax, ax$|\bword [-$\d]/.test(line)
    );
    comesBack(samples);
  });

disassembler("shows bytes that are no instruction as bytes", () => {
  assert.equal(disassemble(Uint8Array.of(0x0f, 0xff)), {
    text: "db 0xf",
    length: 1,
  });
  assert.equal(disassemble(Uint8Array.of(0x05, 1, 2)), {
    text: "db 5",
    length: 1,
  });
  assert.equal(disassemble(Uint8Array.of()), { text: "db 0", length: 1 });
});

disassembler("answers any bytes", () => {
  const roll = dice(1);
  for (let n = 0; n < 20000; n++) {
    const { text, length } = disassemble(
      Uint8Array.from({ length: 16 }, () => roll(256)),
      0x1000,
    );
    assert.ok(
      length >= 1 && length <= 15 && text !== "" && !/undefined|NaN/.test(text),
      text,
    );
  }
});

disassembler("uses names for addresses", () => {
  const { bytes } = assemble(
    "jmp 0x2000\nmov eax, [0x2000]\nmov eax, [ebx + 0x2000]",
    { origin: 0x1000 },
  );
  const names = (
    address: number,
  ): string | undefined => (address === 0x2000 ? "table" : undefined);
  assert.is(disassemble(bytes, 0x1000, names).text, "jmp table");
  assert.is(disassemble(bytes.subarray(5), 0x1005, names).text,
    "mov eax, [table]");
  assert.is(disassemble(bytes.subarray(10), 0x100a, names).text,
    "mov eax, [ebx+table]");
});

disassembler("says what a reader has to know", () => {
  const text = (...bytes: number[]): string =>
    disassemble(Uint8Array.from(bytes), 0x1000).text;
  assert.is(text(0xeb, 0xfe), "jmp short 0x1000");
  assert.is(text(0xf3, 0xa4), "rep movsb");
  assert.is(text(0xf3, 0xa6), "repe cmpsb");
  assert.is(text(0x64, 0xac), "fs lodsb");
  assert.is(text(0xf0, 0x83, 0x43, 0xfc, 0xff), "lock add dword [ebx-4], -1");
  assert.is(text(0x66, 0x89, 0x04, 0x8b), "mov [ebx+ecx*4], ax");
});

disassembler.run();
