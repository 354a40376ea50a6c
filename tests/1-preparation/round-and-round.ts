// Chapter I: the assembler, held against nasm where that is installed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  assemble,
  AssemblyError,
  type Options,
} from "../../tangled/assembler/assemble.ts";
import { hasNasm, nasm, portion } from "../tools.ts";
import { hex } from "./stage/machine.ts";
import { recordedPrograms } from "./stage/programs.ts";
import { oneOf, dice } from "./stage/chance.ts";
import { everyRow } from "./stage/rows.ts";

/** The bytes of a source, in hexadecimal. */
const bytesOf = (source: string, options?: Options): string =>
  hex(assemble(source, options).bytes);

/** What is wrong with a source, "" if nothing is. */
function wrong(source: string, options?: Options): string {
  try {
    assemble(source, options);
    return "";
  } catch (error) {
    if (error instanceof AssemblyError) return error.message;
    throw error;
  }
}

const compares = hasNasm();

/** What nasm makes of a source; its complaint if it makes nothing of it. */
function nasmHex(source: string, constants: Options["constants"]): string {
  try {
    return hex(nasm(source, constants));
  } catch (error) {
    return (error as Error).message.slice(0, 1000);
  }
}

/** Asserts that we make of a source what nasm makes of it. */
function sameAsNasm(source: string, options: Options = {}): void {
  if (!compares) return;
  const { bytes, lines, origin } = assemble(source, options);
  const theirs = nasmHex(`bits 32\norg ${origin}\n${source}`,
    options.constants);
  const ours = hex(bytes);
  if (ours === theirs) return;
  let at = 0;
  while (ours.slice(at * 3, at * 3 + 2) === theirs.slice(at * 3, at * 3 + 2))
    at++;
  const found = lines.findLast(({ address, bytes }) =>
    address - origin <= at && at < address - origin + bytes.length
  );
  const text = source.split("\n")[(found?.line ?? 1) - 1];
  assert.unreachable(
    `at byte ${at}, line ${found?.line}: ${text}\nours ${ours.slice(at * 3, at * 3 + 60)}\n`
      + `nasm ${theirs.slice(at * 3, at * 3 + 60)}\n${theirs.startsWith("/") ? theirs : ""}`,
  );
}

function randomExpression(roll: (below: number) => number,
  depth: number): string
{
  if (depth === 0 || roll(4) === 0)
    return oneOf(roll, ["0", "1", "7", "0x7f", "128", "0b101", "0o17", "0ffh",
      "1_000", "'a'", "'ab'", "0xffffffff"]);
  const inner = (): string => randomExpression(roll, depth - 1);
  if (roll(5) === 0) return `${oneOf(roll, ["-", "~", "!", "+"])} ${inner()}`;
  if (roll(5) === 0) return `(${inner()})`;
  const operator = oneOf(roll, ["+", "-", "*", "/", "%", "&", "|", "^", "<<",
    ">>"]);
  const right = /[/%]/.test(operator) ? "3"
    : /[<>]/.test(operator) ? String(roll(8)) : inner();
  return `${inner()} ${operator} ${right}`;
}

function randomAddress(roll: (below: number) => number): string {
  const base = oneOf(roll, ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi",
    "edi"]);
  const index = oneOf(roll, ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"]);
  const scale = oneOf(roll, ["1", "1", "2", "4", "8", "1+1", "2-1"]);
  const rest = oneOf(roll, ["", "+0", "+1", "-1", "+127", "+128", "-128",
    "-129", "+0x12345678", "+gap", "+there"]);
  const sums = [base, `${base}+${index}`, `${index}*(${scale})`,
    `${base}+${index}*(${scale})`, `${index}*(${scale})+${base}`,
    `(${scale})*${index}+${base}`, `${base}+2+${index}`,
    `(${scale})*${index}+${oneOf(roll, ["ecx", "ebp"])}*1`,
    `(${base}+${index})*1`, `${index}*3`, `${index}*9`, "5"];
  return `[${oneOf(roll, ["", "", "", "es:", "gs:", "ds:"])}${oneOf(roll, sums)}${rest}]`;
}

function randomLine(roll: (below: number) => number, n: number): string {
  const label = `l${roll(300)}`;
  const kinds: (() => string)[] = [
    () => `${oneOf(roll, ["jmp", "jz", "jg", "call", "jnc"])} ${label}`,
    () => `${oneOf(roll, ["jmp", "jz"])} .x`,
    () =>
      `mov ${oneOf(roll, ["eax", "ebx", "cl", "dx"])}, ${randomAddress(roll)}`,
    () =>
      `${oneOf(roll, ["add", "cmp", "xor"])} dword ${randomAddress(roll)}, ${label} - l${roll(300)}`,
    () => `push ${label}${oneOf(roll, ["", " + 4", " - 4"])}`,
    () => `dd ${label}, $ - $$, $$, 'abc'`,
    () => `db "some text", 0, 10`,
    () => `times ${roll(40)} nop`,
    () => `align ${1 << roll(6)}${oneOf(roll, ["", ", db 0"])}`,
    () => `add ${oneOf(roll, ["eax", "bx", "edi"])}, size${roll(20)}`,
    () => `section ${oneOf(roll, [".text", ".text", ".data"])}`,
  ];
  return `l${n}: ${n % 40 === 0 ? "" : oneOf(roll, kinds)()}\n.x:`;
}

/** A program with jumps all over the place, in the sections .text and .data. */
function randomProgram(seed: number): string {
  const roll = dice(seed);
  const lines = Array.from({ length: 300 }, (_, n) => randomLine(roll, n));
  const sizes = Array.from({ length: 20 },
    (_, n) => `size${n} equ here - there + ${roll(200)}`);
  return ["section .text", "there: times 3 nop", "here:", ...lines, ...sizes,
    "section .bss", "alignb 16", "room: resd 5", "gap equ here - there"].join(
      "\n",
    )
    .replaceAll(/l(\d+) - l(\d+)/g, "here - there");
}

const assembler = suite("The assembler");

assembler(
  "encodes every row of the table, with every kind of operand, as nasm does",
  () => {
    const lines = everyRow();
    assert.ok(lines.length > 5000, `${lines.length} samples`);
    sameAsNasm(lines.join("\n"), { origin: 0x100000 });
  },
);

assembler(
  "makes of programs full of jumps, sections and gaps what nasm makes of them",
  () => {
    for (let seed = 1; seed <= portion(12, 300); seed++)
      sameAsNasm(randomProgram(seed), {
        origin: seed % 2 ? 0x7c00 : 0xc0100000,
      });
  },
);

assembler("calculates like nasm", () => {
  const roll = dice(99);
  const lines = Array.from({ length: portion(1500, 40_000) },
    () => `dq 0 + ${randomExpression(roll, 4)}`);
  sameAsNasm(lines.join("\n"));
});

assembler("writes every form of address like nasm", () => {
  const roll = dice(7);
  const lines = Array.from({ length: 1500 },
    () =>
      `${
        oneOf(roll, ["mov eax,", "add bl,", "lea esi,", "inc dword",
          "push word"])
      } ${randomAddress(roll)}`);
  sameAsNasm(
    ["there: nop", "here: nop", ...lines, "gap equ here - there"].join("\n"),
  );
});

// The same as in the list above, for those who have no nasm.
assembler("takes what is written as multiplied for the index, if only by one",
  () => {
    const told = ["mov eax, [ecx*1+ebp]: 8b 44 0d 00",
      "mov eax, [1*ecx+ebp]: 8b 44 0d 00",
      "push dword [esi*1+ebp-4]: ff 74 35 fc",
      "lea eax, [ebx*1+ecx+4]: 8d 44 19 04", "mov eax, [ecx+ebp]: 8b 04 29",
      "mov eax, [ebp+ecx*1]: 8b 44 0d 00", "mov eax, [ebp*1+ecx*1]: 8b 04 29",
      "mov eax, [(ecx+ebp)*1]: 8b 44 0d 00",
      "mov eax, [ecx+1+eax+1]: 8b 44 08 02", "mov eax, [esp*1+eax]: 8b 04 04",
      "mov eax, [ebp*1]: 8b 45 00", "mov eax, [eax+eax*1]: 8b 04 00",
      "mov eax, [ecx*2-ecx+ebp]: 8b 44 0d 00", "mov eax, [ebp*2]: 8b 44 2d 00"];
    for (const line of told)
      assert.is(`${line.split(":")[0]}: ${bytesOf(line.split(":")[0])}`, line);
    sameAsNasm(told.map((line) => line.split(":")[0]).join("\n"));
  });

assembler("writes prefixes like nasm, and a16 makes addresses narrow", () => {
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

assembler("prefers the short encoding, unless the source is strict", () => {
  assert.is(bytesOf("add eax, 5"), "83 c0 05");
  assert.is(bytesOf("add eax, strict dword 5"), "05 05 00 00 00");
  assert.is(bytesOf("add ebx, 1000"), "81 c3 e8 03 00 00");
  assert.is(bytesOf("add ax, 0xfff0"), "66 83 c0 f0");
  assert.is(bytesOf("imul eax, 5"), "6b c0 05");
  assert.is(bytesOf("mov ebx, eax"), "89 c3");
  assert.is(bytesOf("x: jmp x"), "eb fe");
  assert.is(bytesOf("x: jmp near x"), "e9 fb ff ff ff");
});

assembler("makes a jump long only when its target is too far", () => {
  const far = (nops: number): string => `jz there\ntimes ${nops} nop\nthere:`;
  assert.is(assemble(far(127)).bytes.length, 2 + 127);
  assert.is(assemble(far(128)).bytes.length, 6 + 128);
});

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
    alignb 4
    more: resd 1`, { origin: 0x1000 });
  assert.is(hex(bytes), "90 00 00 00 01 00");
  assert.equal([...labels], [["room", 0x1008], ["word_", 0x1004], ["more",
    0x1010]]);
});

assembler("gives local labels to the last label without a dot", () => {
  const { labels } = assemble(
    "one:\n.x: nop\ntwo:\nsize equ 5\n.x: jmp one.x\njmp .x",
  );
  assert.is(labels.get("one.x"), 0);
  assert.is(labels.get("two.x"), 1);
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

assembler("reports all that is wrong at once, each with its place", () => {
  const source = "nop\nmvo eax, 5\nadd eax, bl\nok: nop\njmp okk\ndb 300";
  assert.is(wrong(source, { file: "a.asm" }).split("\n").length, 4);
  assert.match(wrong(source, { file: "a.asm" }),
    "a.asm:2: there is no instruction mvo; did you mean mov?");
  assert.match(wrong(source, { locate: (line) => `chapter:${line + 100}` }),
    "chapter:105: okk is not defined; did you mean ok?");
});

const mistakes: readonly (readonly [source: string, complaint: string])[] = [
  ["mov eax, bl",
    "mov does not go with these operands; there are: mov rm8, r8 | "],
  ["mov [eax], 5", "how large is the operand in memory?"],
  ["movzx eax, [ebx]", "how large is the operand in memory?"],
  ["mov al, 300", "300 takes more than 1 byte"],
  ["add eax, byte 200", "does not fit in a signed byte"],
  ["db 256", "256 takes more than 1 byte"],
  ["dd 1 << 32", "4294967296 takes more than 4 bytes"],
  ["x: nop\nx: nop", "source:2: line 1 defines x already"],
  ["a equ b\nb equ a\nadd eax, a", "a is defined by way of itself"],
  ["a equ b + 1\nb equ a + 1", "is defined by way of itself"],
  ["a: shl eax, (b - a) & 1\nb:", "this never settles"],
  ["times later nop\nlater equ 5",
    "the count depends on later, which comes later"],
  ["times 1 - 2 nop", "the count cannot be -1"],
  ["x: times x nop", "the count must be a number"],
  ["x: dd x >> 16", ">> works on numbers, and addresses are settled last"],
  ["x: dd x + x", "addresses are not added up"],
  ["mov eax, ebx + 1", "put [ ] around a sum with ebx"],
  ["mov eax, [bx + cx]", "bx + cx is no address of 16 bits"],
  ["mov eax, [bx + esi]", "bx + esi is no address of 16 bits"],
  ["mov eax, [al]", "al holds no address"],
  ["mov eax, [esp * 2]", "an index is any register but esp"],
  ["mov eax, [eax + ebx + ecx]", "three registers"],
  ["es mov eax, [fs:ebx]", "two segments"],
  ["es mov eax, [es:ebx]", "two segments"],
  ["repne rep movsb", "repne and rep exclude each other"],
  ["repe repz movsb", "repe and repz exclude each other"],
  ["es ds lodsb", "es and ds exclude each other"],
  ["lock es fs inc dword [eax]", "es and fs exclude each other"],
  ["a16 mov eax, [ebx]", "ebx is no address of 16 bits"],
  ["nop \0", "put a number or a name before ?"],
  ["\x1b[2J: nop", "put an instruction before ?"],
  ["x: times 200 nop\nloop x", "too far for a short jump"],
  ["jmp short x\ntimes 200 nop\nx:", "too far for a short jump"],
  ["section .bss\ndb 1", "only resb and the like go in .bss"],
  ["section .rodata", "a section is .text, .data or .bss"],
  ["bits 16", "write bits 32"],
  ["global start", "there is no linker here"],
  ["org 5\norg 6", "line 1 has an org already"],
  ["align 3", "3 is no power of two"],
  ["eax: nop", "eax is a register and cannot be a label"],
  ["lonely", "there is no instruction lonely"],
  ["rep", "put an instruction before the end of the line"],
  ["equ 5", "equ wants a name in front of it"],
  ["db 1 2", "2 is one too many"],
  ["db 1,", "put a number or a name before the end of the line"],
  ["db 0x", "0x is no number"],
  ["db 'open", "put a number or a name before '"],
  ["dd 5 / 0", "division by zero"],
  ["dd (1", "put ) before the end of the line"],
  ["mov eax, 'abcdefghi'", "is too long for a number"],
  ["times 99999999 db 0", "more than"],
  ["times 9 resb 0\ntimes 99999999 resb 0",
    "source:2: more than 32 million times in all"],
  ["x: nop\ny equ x * 0x7fffffffffffffff",
    "source:2: addresses are not added up"],
  ["y equ eax + 1", "source:1: put [ ] around a sum with eax"],
  ["resb 0xffffffff", "more than 4 MB"],
];

assembler("says what is wrong and what to do", () => {
  for (const [source, complaint] of mistakes) {
    const message = wrong(source);
    assert.ok(message.includes(complaint),
      `${JSON.stringify(source)}: ${message || "no complaint"}`);
  }
});

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
    ("mov add jmp push rep lock equ db dw dd resb times align org section bits .text .data .bss byte word dword "
      + "strict short near far eax ebx esp al bx es cr0 [ ] ( ) + - * / % << >> & | ^ ~ ! , : $ $$ a b .l c 0 1 5 0xffffffff "
      + "99999999999999999999 'x' \"str\" ' ; constructor __proto__ align= = 1000000 ffh 0b2 imul lea \n \n \n \n")
      .split(" ");
  const roll = dice(2007);
  const word = (): string => (roll(20) === 0 ? String.fromCharCode(roll(300))
    : oneOf(roll, words));
  for (let n = 0; n < 3000; n++)
    wrong(Array.from({ length: roll(40) }, word).join(roll(5) ? " " : ""));
  for (const text of ["(", "-", "1+", "[", "a:", "'"])
    wrong(`db ${text.repeat(5000)}`);
});

// The tests of the sections before this one run on these bytes.
assembler("makes of the recorded programs what was recorded", () => {
  const programs = Object.entries(recordedPrograms());
  assert.ok(programs.length > 100);
  for (const [source, bytes] of programs)
    assert.is(hex(assemble(source).bytes).replaceAll(" ", ""), bytes, source);
});

assembler.run();
