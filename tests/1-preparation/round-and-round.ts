// Chapter I: the assembler, held against nasm where that is installed; instructions and labels.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { oneOf, dice } from "./stage/chance.ts";
import {
  bytesOf,
  complains,
  randomAddress,
  sameAsNasm,
  wrong,
} from "./stage/assembly.ts";
import { hex } from "./stage/machine.ts";
import { recordedPrograms } from "./stage/programs.ts";
import { everyRow, isUsual } from "./stage/rows.ts";

const assembler = suite("The assembler");

assembler("encodes every row with the usual operands as nasm does", () => {
  const lines = everyRow().filter(isUsual);
  assert.ok(lines.length > 1000, `${lines.length} samples`);
  sameAsNasm(lines.join("\n"), { origin: 0x100000 });
});

assembler("writes the usual addresses like nasm", () => {
  const roll = dice(7);
  const lines = Array.from({ length: 1500 },
    () =>
      `${
        oneOf(roll, ["mov eax,", "add bl,", "lea esi,", "inc dword",
          "push word"])
      } ${randomAddress(roll)}`);
  sameAsNasm(lines.join("\n"));
});

assembler("prefers the short encoding", () => {
  assert.is(bytesOf("add eax, 5"), "83 c0 05");
  assert.is(bytesOf("add ebx, 1000"), "81 c3 e8 03 00 00");
  assert.is(bytesOf("add ax, 0xfff0"), "66 83 c0 f0");
  assert.is(bytesOf("mov ebx, eax"), "89 c3");
  assert.is(bytesOf("x: jmp x"), "eb fe");
  assert.is(bytesOf("jmp short 5"), "eb 03");
  assert.is(bytesOf("lea edi, [edi + edi*4]"), "8d 3c bf");
  assert.is(bytesOf("rep stosd"), "f3 ab");
  assert.is(bytesOf("mov [ss:5], eax"), "36 a3 05 00 00 00");
});

assembler("makes a jump long only when its target is too far", () => {
  const far = (nops: number): string =>
    `jz there\n${"nop\n".repeat(nops)}there:`;
  assert.is(assemble(far(127)).bytes.length, 2 + 127);
  assert.is(assemble(far(128)).bytes.length, 6 + 128);
});

assembler("gives local labels to the last label without a dot", () => {
  const { labels } = assemble("one:\n.x: nop\ntwo:\n.x: jmp one.x\njmp .x");
  assert.is(labels.get("one.x"), 0);
  assert.is(labels.get("two.x"), 1);
});

assembler("reports all that is wrong at once, each with its place", () => {
  const source = "nop\nmvo eax, 5\nadd eax, bl\nook: nop\njmp oko\nmov al, 300";
  assert.is(wrong(source, { file: "a.asm" }).split("\n").length, 4);
  assert.match(wrong(source, { file: "a.asm" }),
    "a.asm:2: there is no instruction mvo; did you mean mov?");
  assert.match(wrong(source),
    "source:5: oko is not defined; did you mean ook?");
});

assembler("says what is wrong with an instruction", () =>
  complains([
    ["mov eax, bl",
      "mov does not go with these operands; there are: mov rm8, r8 | "],
    ["mov [eax], 5", "how large is the operand in memory?"],
    ["movzx eax, [ebx]", "how large is the operand in memory?"],
    ["mov al, 300", "300 takes more than 1 byte"],
    ["add eax, byte 200", "does not fit in a signed byte"],
    ["x: nop\nx: nop", "source:2: line 1 defines x already"],
    ["a: shl eax, (b - a) / 3\nb:", "this never settles"],
    ["mov eax, ebx + 1", "put [ ] around a sum with ebx"],
    ["x: mov eax, x + x", "addresses are not added up"],
    ["mov eax, [al]", "al holds no address"],
    ["mov eax, [esp * 2]", "an index is any register but esp"],
    ["mov eax, [eax + ebx + ecx]", "three registers"],
    ["nop \0", "put a number or a name before ?"],
    ["\x1b[2J: nop", "put an instruction before ?"],
    [`jmp short x\n${"nop\n".repeat(200)}x:`, "too far for a short jump"],
    [`x: ${"nop\n".repeat(200)}loop x`, "too far for a short jump"],
    ["eax: nop", "eax is a register and cannot be a label"],
    ["lonely", "there is no instruction lonely"],
    ["rep", "put an instruction before the end of the line"],
    ["push 1 2", "2 is one too many"],
    ["mov eax,", "put a number or a name before the end of the line"],
  ]));

// The tests of the sections before this one run on these bytes.
assembler("makes of the recorded programs what was recorded", () => {
  const programs = Object.entries(recordedPrograms()).filter(([source]) =>
    isUsual(source)
    && !/there is no instruction|does not go with these/.test(wrong(source))
  );
  assert.ok(programs.length > 40, "on the road there are fewer");
  for (const [source, bytes] of programs)
    assert.is(hex(assemble(source).bytes).replaceAll(" ", ""), bytes, source);
});

assembler.run();
