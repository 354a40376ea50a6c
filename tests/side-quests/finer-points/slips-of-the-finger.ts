// The finer points: what directives refuse.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import {
  complains,
  randomAddress,
  randomProgram,
  randomWords,
  sameAsNasm,
  wrong,
} from "../../1-preparation/stage/assembly.ts";
import { dice } from "../../1-preparation/stage/chance.ts";
import { hex } from "../../1-preparation/stage/machine.ts";

const slips = suite("Slips of the finger");

slips("puts the sections one behind the other, .bss without bytes", () => {
  const { bytes, labels } = assemble(`
    section .bss
    room: resb 6
    section .data
    word_: dw 1
    section .text
    nop
    section .bss
    alignb 4
    more: resd 1`, { origin: 0x1000 });
  assert.is(hex(bytes), "90 00 00 00 01 00");
  assert.equal([...labels], [["room", 0x1008], ["word_", 0x1004], ["more",
    0x1010]]);
  sameAsNasm(randomProgram(dice(5), randomAddress, "alignb 16\nroom: resd 5"));
});

slips("lays a section on the boundary that is named with it", () => {
  const { bytes } = assemble("db 1\nsection .data align=16\ndb 2");
  assert.is(bytes.length, 17);
  complains([["section .data align=3", "3 is no power of two"]]);
});

slips("says where a line really stands",
  () =>
    assert.match(
      wrong("nop\njmp okk\nok:", { locate: (line) => `chapter:${line + 100}` }),
      "chapter:102: okk is not defined; did you mean ok?",
    ));

slips("says what is wrong and what to do", () =>
  complains([
    ["times 3 org 5", "times cannot repeat org"],
    ["times 9 resb 0\ntimes 99999999 resb 0",
      "source:2: more than 32 million times in all"],
    ["org 5\norg 6", "line 1 has an org already"],
    ["global start", "there is no linker here"],
  ]));

slips("answers any text with bytes or with an AssemblyError", () => {
  const words =
    ("mov add jmp push rep lock equ db dw dd resb times align org section bits .text .data .bss byte word dword "
      + "strict short near far eax ebx esp al bx es cr0 [ ] ( ) + - * / % << >> & | ^ ~ ! , : $ $$ a b .l c 0 1 5 0xffffffff "
      + "99999999999999999999 'x' \"str\" ' ; constructor __proto__ align= = 1000000 ffh 0b2 imul lea \n \n \n \n")
      .split(" ");
  const roll = dice(2007);
  for (let n = 0; n < 3000; n++) wrong(randomWords(roll, words));
});

slips.run();
