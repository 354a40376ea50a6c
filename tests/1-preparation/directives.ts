// Chapter I: the whole assembler of the road, held against nasm where that is installed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { portion } from "../tools.ts";
import {
  bytesOf,
  complains,
  randomAddress,
  randomProgram,
  randomWords,
  sameAsNasm,
  wrong,
} from "./stage/assembly.ts";
import { dice } from "./stage/chance.ts";
import { hex } from "./stage/machine.ts";

const assembler = suite("The assembler");

assembler(
  "makes of programs full of jumps, sections and gaps what nasm makes of them",
  () => {
    for (let seed = 1; seed <= portion(12, 300); seed++)
      sameAsNasm(randomProgram(dice(seed), randomAddress, "room: resd 5"), {
        origin: seed % 2 ? 0x7c00 : 0xc0100000,
      });
  },
);

assembler(
  "puts a section on the largest boundary that it names, else on one of four bytes",
  () => {
    const data = (text: string): string =>
      hex(assemble(`db 1\nsection .data\n${text}`).bytes);
    assert.equal(["db 2", "db 2\nalign 1", "align 2\ndb 2\nalign 1"].map(data),
      ["01 00 00 00 02", "01 02", "01 00 02"].map((text) => `${text} `.trim()));
  },
);

assembler("puts the sections one behind the other, .bss without bytes", () => {
  const { bytes, labels } = assemble(`
    section .bss
    room: resb 6
    section .data
    word_: dw 1
    section .text
    nop
    section .bss
    align 4, resb 1
    more: resd 1`, { origin: 0x1000 });
  assert.is(hex(bytes), "90 00 00 00 01 00");
  assert.equal([...labels], [["room", 0x1008], ["word_", 0x1004], ["more",
    0x1010]]);
});

assembler("leaves the last label without a dot alone when a number is named",
  () => {
    const { labels } = assemble("one:\nsize equ 5\n.x: jmp one.x");
    assert.equal([...labels.keys()], ["one", "one.x"]);
  });

assembler("tells where each line went", () => {
  const { lines, origin } = assemble(
    "org 0x500\nstart:\n nop\n\n times 2 db 7\n x equ 3",
  );
  assert.is(origin, 0x500);
  assert.equal(
    lines.map(({ line, address, bytes }) => [line, address, hex(bytes)]),
    [[2, 0x500, ""], [3, 0x500, "90"], [5, 0x501, "07 07"], [6, 0x503, ""]],
  );
});

assembler("takes constants from outside, as nasm does with -D", () => {
  const constants = { PAGE: 4096, BASE: 0xc0000000 };
  const source =
    "mov eax, PAGE\ndd BASE + PAGE, PAGE / 2\nmov ecx, [ebx - BASE]";
  assert.is(bytesOf("dd PAGE, BASE", { constants }), "00 10 00 00 00 00 00 c0");
  sameAsNasm(source, { constants });
  assert.match(wrong("PAGE equ 5", { constants }), "PAGE is a constant");
});

assembler("says what is wrong and what to do", () =>
  complains([
    ["db 256", "256 takes more than 1 byte"],
    ["dd 1 << 32", "4294967296 takes more than 4 bytes"],
    ["a equ b\nb equ a\nadd eax, a", "a is defined by way of itself"],
    ["a equ b + 1\nb equ a + 1", "is defined by way of itself"],
    ["times later nop\nlater equ 5",
      "the count depends on later, which comes later"],
    ["times 1 - 2 nop", "the count cannot be -1"],
    ["x: times x nop", "the count must be a number"],
    ["x: dd x << 16", "<< works on numbers, and addresses are settled last"],
    ["x: dd x + x", "addresses are not added up"],
    ["section .bss\ndb 1", "only resb and the like go in .bss"],
    ["section .rodata", "a section is .text, .data or .bss"],
    ["bits 16", "write bits 32"],
    ["align 3", "3 is no power of two"],
    ["equ 5", "equ wants a name in front of it"],
    ["db 1 2", "2 is one too many"],
    ["db 1,", "put a number or a name before the end of the line"],
    ["db 'open", "put a number or a name before '"],
    ["dd 5 / 0", "division by zero"],
    ["dd (1", "put ) before the end of the line"],
    ["mov eax, 'abcdefghi'", "is too long for a number"],
    ["times 99999999 db 0", "more than"],
    ["x: nop\ny equ x * 0x7fffffffffffffff",
      "source:2: addresses are not added up"],
    ["y equ eax + 1", "source:1: put [ ] around a sum with eax"],
    ["resb 0xffffffff", "more than 4 MB"],
  ]));

assembler("says no more than anybody reads", () => {
  assert.is(wrong("foo bar\n".repeat(10_000)).split("\n").length, 100);
  assert.is(
    wrong(Array.from({ length: 3000 }, (_, n) => `l${n}: jmp m${n}`).join("\n"))
      .split("\n").length,
    100,
  );
  for (
    const source of [`jmp ${"y".repeat(100_000)}`, `db ${"1".repeat(100_000)}`,
      `mov eax, '${"x".repeat(100_000)}'`]
  )
    assert.ok(wrong(source).length < 1100, source.slice(0, 20));
});

assembler("answers any text with bytes or with an AssemblyError", () => {
  const words =
    ("mov add jmp push rep lock equ db dw dd resb align org section bits .text .data .bss byte word dword "
      + "short eax ebx esp al bx es cr0 [ ] ( ) + - * / << ~ , : $ $$ a b .l c 0 1 5 0xffffffff "
      + "99999999999999999999 'x' \"str\" ' ; constructor __proto__ align= = 1000 imul lea \n \n \n \n")
      .split(" ");
  const roll = dice(2007);
  for (let n = 0; n < 3000; n++) wrong(randomWords(roll, words));
  for (const text of ["(", "-", "1+", "[", "a:", "'"])
    wrong(`db ${text.repeat(5000)}`);
});

assembler.run();
