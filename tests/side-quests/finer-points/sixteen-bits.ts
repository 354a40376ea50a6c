// The finer points: every row in every way, held against nasm where that is installed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import {
  bytesOf,
  complains,
  sameAsNasm,
  wrong,
} from "../../1-preparation/stage/assembly.ts";
import { hex } from "../../1-preparation/stage/machine.ts";
import { recordedPrograms } from "../../1-preparation/stage/programs.ts";
import { everyRow } from "../../1-preparation/stage/rows.ts";

const narrow = suite("Sixteen bits");

narrow(
  "encodes every row of the table, with every kind of operand, as nasm does",
  () => {
    const lines = everyRow();
    assert.ok(lines.length > 5000, `${lines.length} samples`);
    sameAsNasm(lines.join("\n"), { origin: 0x100000 });
  },
);

narrow("writes prefixes like nasm, and a16 makes addresses narrow", () => {
  const lines = ["rep rep movsb", "es es lodsb", "lock lock inc dword [eax]",
    "rep lock movsb", "lock rep movsb", "es lock inc dword [eax]", "rep nop",
    "o16 o16 nop", "a16 mov al, [0x1234]", "a16 mov ebx, [es:0x1234]",
    "a16 add dword [0x1234], 5", "a16 mov eax, [bp]", "a16 lodsb",
    "rep a16 es lodsd"];
  assert.is(bytesOf(lines.join("\n")),
    "f3 a4 26 ac f0 ff 00 f3 f0 a4 f3 f0 a4 f0 26 ff 00 f3 90 66 90 "
      + "67 a0 34 12 26 67 8b 1e 34 12 67 83 06 34 12 05 67 8b 46 00 67 ac f3 26 67 ad");
  sameAsNasm(lines.join("\n"));
});

narrow("says what is wrong with an address", () =>
  complains([
    ["mov eax, [bx + cx]", "bx + cx is no address of 16 bits"],
    ["mov eax, [bx + esi]", "bx + esi is no address of 16 bits"],
    ["es mov eax, [fs:ebx]", "two segments"],
    ["es mov eax, [es:ebx]", "two segments"],
    ["a16 mov eax, [ebx]", "ebx is no address of 16 bits"],
  ]));

// The tests of the machine run on these bytes as long as there is no assembler.
narrow("makes of the recorded programs what was recorded", () => {
  const programs = Object.entries(recordedPrograms()).filter(([source]) =>
    !/there is no instruction|does not go with these/.test(wrong(source))
  );
  assert.ok(programs.length > 100);
  for (const [source, bytes] of programs)
    assert.is(hex(assemble(source).bytes).replaceAll(" ", ""), bytes, source);
});

narrow.run();
