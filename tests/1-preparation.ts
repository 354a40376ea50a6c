// Chapter I: the assembler and the disassembler.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble, AssemblyError, type Options } from "../tangled/assembler/assemble.ts";
import { disassemble } from "../tangled/assembler/disassemble.ts";
import { rows, type Row } from "../tangled/machine/table.ts";

const hex = (bytes: ArrayLike<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** The bytes of a source, in hexadecimal. */
const bytesOf = (source: string, options?: Options): string => hex(assemble(source, options).bytes);

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

// ---- NASM, where it is installed

const hasNasm = spawnSync("nasm", ["-v"]).status === 0;
if (!hasNasm) console.log("nasm is not installed: nothing is compared with it");

/** What nasm makes of a source; its complaint if it makes nothing of it. */
function nasm(source: string, args: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), "quest-nasm-"));
  const [from, to] = [join(folder, "a.asm"), join(folder, "a.bin")];
  try {
    writeFileSync(from, source);
    const { status, stderr } = spawnSync("nasm", ["-f", "bin", "-o", to, ...args, from], { encoding: "utf8" });
    return status === 0 ? hex(readFileSync(to)) : stderr.slice(0, 1000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Asserts that we make of a source what nasm makes of it. */
function sameAsNasm(source: string, options: Options = {}): void {
  if (!hasNasm) return;
  const { bytes, lines, origin } = assemble(source, options);
  const defines = Object.entries(options.constants ?? {}).map(([name, value]) => `-D${name}=${value}`);
  const theirs = nasm(`bits 32\norg ${origin}\n${source}`, defines);
  const ours = hex(bytes);
  if (ours === theirs) return;
  let at = 0;
  while (ours.slice(at * 3, at * 3 + 2) === theirs.slice(at * 3, at * 3 + 2)) at++;
  const found = lines.findLast(({ address, bytes }) => address - origin <= at && at < address - origin + bytes.length);
  const text = source.split("\n")[(found?.line ?? 1) - 1];
  assert.unreachable(`at byte ${at}, line ${found?.line}: ${text}\nours ${ours.slice(at * 3, at * 3 + 60)}\n` +
    `nasm ${theirs.slice(at * 3, at * 3 + 60)}\n${theirs.startsWith("/") ? theirs : ""}`);
}

// ---- a line of source for each row and kind of operand

const general = new Map([[8, ["al", "bl", "dh"]], [16, ["ax", "bx", "di"]], [32, ["eax", "ebx", "edi"]]]);
const said = new Map([[0, ""], [8, "byte "], [16, "word "], [32, "dword "], [64, "qword "]]);
const addresses = ["[ebx]", "[ebp]", "[esp+8]", "[edi*4+0x12345]", "[eax+ecx*8-1]", "[0x1234]", "[fs:edx]"];

/** The ways to write a row's instruction, with all combinations of some operands. */
function samples(row: Row): string[] {
  const isWide = row.only === 0 && (row.sized || row.operands.includes("ptr"));
  const widths = row.only !== 0 ? [row.only] : isWide ? [32, 16] : [32];
  return widths.flatMap((width) => {
    const choices = row.operands.map((operand) => variants(operand, width, row));
    const all = choices.reduce((heads, list) => heads.flatMap((head) => list.map((next) => [...head, next])), [[]] as string[][]);
    return all.map((operands) => `${row.name} ${operands.join(", ")}`.trim());
  });
}

function variants(operand: string, width: number, row: Row): string[] {
  const [, kind = operand, size = "0"] = /^(rm|rr|r|m|o|imm|rel|moffs)(\d+s?|v)$/.exec(operand) ?? [];
  const bits = size === "v" ? width : parseInt(size);
  const isAlone = row.operands.length === 1;
  const w = said.get(width)!;
  switch (kind) {
    case "r": case "o": case "rr": return general.get(bits)!;
    case "rm": return [...general.get(bits)!.slice(1), ...addresses.map((address) => said.get(bits)! + address)];
    case "m": return addresses.map((address) => said.get(bits)! + address);
    case "mptr": return addresses.map((address) => (isAlone ? `far ${w}${address}` : address));
    case "moffs": return ["[0x1234]", "[gs:5]"];
    case "imm": return immediates(operand, width).map((number) => (isAlone && /^imm(v|8s)$/.test(operand) ? w : "") + number);
    case "rel": return distances(bits, rows.filter(({ name }) => name === row.name).length === 1);
    case "acc": return [general.get(width)![0]!];
    case "sreg": return ["es", "ss", "gs"];
    case "cr": return ["cr0", "cr3"];
    case "dr": return ["dr0", "dr7"];
    case "ptr": return [`${w}0x60:0x1234`];
    default: return [operand];
  }
}

function immediates(operand: string, width: number): string[] {
  if (operand === "imm8s") return ["5", "-128", "127"];
  if (operand === "imm8") return ["5", "0x80", "255"];
  if (operand === "imm16") return ["5", "0xffff"];
  return width === 16 ? ["0x1234", "-129", "0xff7f"] : ["0x12345", "-129", "0xffffff7f"];
}

function distances(bits: number, isOnly: boolean): string[] {
  if (bits === 8) return ["$", "$-100", "$+0x7f"].map((to) => (isOnly ? to : `short ${to}`));
  return bits === 16 ? ["word $+0x100"] : ["near $+5", "$+0x1000", "0x1000"];
}

/** nasm writes no 16-bit register with itself extended to 16 bits. */
const isPointless = (line: string): boolean =>
  /^mov[sz]x (ax|bx|di), (ax|bx|di|word)\b/.test(line);

/** Every line that the table allows us to write, in this sense. */
const everyRow = (): string[] => [...new Set(rows.flatMap(samples))].filter((line) => !isPointless(line));

// ---- chance, the same each time

/** A source of numbers from 0 to `below`, that looks random. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const oneOf = <T>(roll: (below: number) => number, list: readonly T[]): T => list[roll(list.length)]!;

function randomExpression(roll: (below: number) => number, depth: number): string {
  if (depth === 0 || roll(4) === 0) return oneOf(roll, ["0", "1", "7", "0x7f", "128", "0b101", "0o17", "0ffh", "1_000", "'a'", "'ab'", "0xffffffff"]);
  const inner = (): string => randomExpression(roll, depth - 1);
  if (roll(5) === 0) return `${oneOf(roll, ["-", "~", "!", "+"])} ${inner()}`;
  if (roll(5) === 0) return `(${inner()})`;
  const operator = oneOf(roll, ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"]);
  const right = /[/%]/.test(operator) ? "3" : /[<>]/.test(operator) ? String(roll(8)) : inner();
  return `${inner()} ${operator} ${right}`;
}

function randomAddress(roll: (below: number) => number): string {
  const base = oneOf(roll, ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]);
  const index = oneOf(roll, ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"]);
  const scale = oneOf(roll, ["2", "4", "8", "1+1"]);
  const rest = oneOf(roll, ["", "+0", "+1", "-1", "+127", "+128", "-128", "-129", "+0x12345678", "+gap", "+there"]);
  const sums = [base, `${base}+${index}`, `${index}*(${scale})`, `${base}+${index}*(${scale})`, `${index}*(${scale})+${base}`, `${index}*3`, `${index}*9`, "5"];
  return `[${oneOf(roll, ["", "", "", "es:", "gs:", "ds:"])}${oneOf(roll, sums)}${rest}]`;
}

function randomLine(roll: (below: number) => number, n: number): string {
  const label = `l${roll(300)}`;
  const kinds: (() => string)[] = [
    () => `${oneOf(roll, ["jmp", "jz", "jg", "call", "jnc"])} ${label}`,
    () => `${oneOf(roll, ["jmp", "jz"])} .x`,
    () => `mov ${oneOf(roll, ["eax", "ebx", "cl", "dx"])}, ${randomAddress(roll)}`,
    () => `${oneOf(roll, ["add", "cmp", "xor"])} dword ${randomAddress(roll)}, ${label} - l${roll(300)}`,
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
  const sizes = Array.from({ length: 20 }, (_, n) => `size${n} equ here - there + ${roll(200)}`);
  return ["section .text", "there: times 3 nop", "here:", ...lines, ...sizes, "section .bss", "alignb 16", "room: resd 5", "gap equ here - there"].join("\n")
    .replaceAll(/l(\d+) - l(\d+)/g, "here - there");
}

const assembler = suite("The assembler");

assembler("encodes every row of the table, with every kind of operand, as nasm does", () => {
  const lines = everyRow();
  assert.ok(lines.length > 5000, `${lines.length} samples`);
  sameAsNasm(lines.join("\n"), { origin: 0x100000 });
});

assembler("makes of programs full of jumps, sections and gaps what nasm makes of them", () => {
  for (let seed = 1; seed <= 12; seed++) sameAsNasm(randomProgram(seed), { origin: seed % 2 ? 0x7c00 : 0xc0100000 });
});

assembler("calculates like nasm", () => {
  const roll = dice(99);
  const lines = Array.from({ length: 1500 }, () => `dq 0 + ${randomExpression(roll, 4)}`);
  sameAsNasm(lines.join("\n"));
});

assembler("writes every form of address like nasm", () => {
  const roll = dice(7);
  const lines = Array.from({ length: 1500 }, () => `${oneOf(roll, ["mov eax,", "add bl,", "lea esi,", "inc dword", "push word"])} ${randomAddress(roll)}`);
  sameAsNasm(["there: nop", "here: nop", ...lines, "gap equ here - there"].join("\n"));
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
  assert.equal([...labels], [["room", 0x1008], ["word_", 0x1004], ["more", 0x1010]]);
});

assembler("gives local labels to the last label without a dot", () => {
  const { labels } = assemble("one:\n.x: nop\ntwo:\nsize equ 5\n.x: jmp one.x\njmp .x");
  assert.is(labels.get("one.x"), 0);
  assert.is(labels.get("two.x"), 1);
});

assembler("tells where each line went", () => {
  const { lines, origin } = assemble("org 0x500\nstart:\n nop\n\n times 2 db 7\n x equ 3");
  assert.is(origin, 0x500);
  assert.equal(lines.map(({ line, address, bytes }) => [line, address, hex(bytes)]),
    [[2, 0x500, ""], [3, 0x500, "90"], [5, 0x501, "07 07"], [6, 0x503, ""]]);
});

assembler("takes constants from outside, as nasm does with -D", () => {
  const constants = { PAGE: 4096, BASE: 0xc0000000 };
  const source = "mov eax, PAGE\ndd BASE + PAGE, PAGE / 2\nmov ecx, [ebx - BASE]";
  assert.is(bytesOf("dd PAGE, BASE", { constants }), "00 10 00 00 00 00 00 c0");
  sameAsNasm(source, { constants });
  assert.match(wrong("PAGE equ 5", { constants }), "PAGE is a constant");
});

assembler("reports all that is wrong at once, each with its place", () => {
  const source = "nop\nmvo eax, 5\nadd eax, bl\nok: nop\njmp okk\ndb 300";
  assert.is(wrong(source, { file: "a.asm" }).split("\n").length, 4);
  assert.match(wrong(source, { file: "a.asm" }), "a.asm:2: there is no instruction mvo; did you mean mov?");
  assert.match(wrong(source, { locate: (line) => `chapter:${line + 100}` }), "chapter:105: okk is not defined; did you mean ok?");
});

const mistakes: readonly (readonly [source: string, complaint: string])[] = [
  ["mov eax, bl", "mov does not go with these operands; there are: mov rm8, r8 | "],
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
  ["times later nop\nlater equ 5", "the count depends on later, which comes later"],
  ["times 1 - 2 nop", "the count cannot be -1"],
  ["x: times x nop", "the count must be a number"],
  ["x: dd x >> 16", ">> works on numbers, and addresses are settled last"],
  ["x: dd x + x", "addresses are not added up"],
  ["mov eax, ebx + 1", "put [ ] around a sum with ebx"],
  ["mov eax, [bx + si]", "bx holds no address"],
  ["mov eax, [esp * 2]", "an index is any register but esp"],
  ["mov eax, [eax + ebx + ecx]", "three registers"],
  ["es mov eax, [fs:ebx]", "two segments"],
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
  ["resb 0xffffffff", "more than 4 MB"],
];

assembler("says what is wrong and what to do", () => {
  for (const [source, complaint] of mistakes) {
    const message = wrong(source);
    assert.ok(message.includes(complaint), `${JSON.stringify(source)}: ${message || "no complaint"}`);
  }
});

assembler("answers any text with bytes or with an AssemblyError", () => {
  const words = ("mov add jmp push rep lock equ db dw dd resb times align org section bits .text .data .bss byte word dword " +
    "strict short near far eax ebx esp al bx es cr0 [ ] ( ) + - * / % << >> & | ^ ~ ! , : $ $$ a b .l c 0 1 5 0xffffffff " +
    "99999999999999999999 'x' \"str\" ' ; constructor __proto__ align= = 1000000 ffh 0b2 imul lea \n \n \n \n").split(" ");
  const roll = dice(2007);
  const word = (): string => (roll(20) === 0 ? String.fromCharCode(roll(300)) : oneOf(roll, words));
  for (let n = 0; n < 3000; n++)
    wrong(Array.from({ length: roll(40) }, word).join(roll(5) ? " " : ""));
  for (const text of ["(", "-", "1+", "[", "a:", "'"]) wrong(`db ${text.repeat(5000)}`);
});

assembler.run();

const disassembler = suite("The disassembler");

disassembler("prints, for every row, what assembles to the same bytes", () => {
  const origin = 0x100000;
  // 66 90 is xchg ax, ax and a nop of two bytes, which is the same.
  const samples = everyRow().filter((line) => line !== "xchg ax, ax");
  const { lines } = assemble(samples.join("\n"), { origin });
  const texts = lines.map(({ address, bytes }) => {
    const { text, length } = disassemble(bytes, address);
    assert.is(length, bytes.length, hex(bytes));
    return text;
  });
  const again = assemble(texts.join("\n"), { origin }).lines;
  for (const [n, { bytes }] of lines.entries())
    assert.is(hex(again[n]!.bytes), hex(bytes), `${samples[n]} became ${texts[n]}`);
});

disassembler("shows bytes that are no instruction as bytes", () => {
  assert.equal(disassemble(Uint8Array.of(0x0f, 0xff)), { text: "db 0xf", length: 1 });
  assert.equal(disassemble(Uint8Array.of(0x05, 1, 2)), { text: "db 5", length: 1 });
  assert.equal(disassemble(Uint8Array.of()), { text: "db 0", length: 1 });
});

disassembler("answers any bytes", () => {
  const roll = dice(1);
  for (let n = 0; n < 20000; n++) {
    const { text, length } = disassemble(Uint8Array.from({ length: 16 }, () => roll(256)), 0x1000);
    assert.ok(length >= 1 && length <= 15 && text !== "" && !/undefined|NaN/.test(text), text);
  }
});

disassembler("uses names for addresses", () => {
  const { bytes } = assemble("jmp 0x2000\nmov eax, [0x2000]\nmov eax, [ebx + 0x2000]", { origin: 0x1000 });
  const names = (address: number): string | undefined => (address === 0x2000 ? "table" : undefined);
  assert.is(disassemble(bytes, 0x1000, names).text, "jmp table");
  assert.is(disassemble(bytes.subarray(5), 0x1005, names).text, "mov eax, [table]");
  assert.is(disassemble(bytes.subarray(10), 0x100a, names).text, "mov eax, [ebx+table]");
});

disassembler("says what only the encoding tells", () => {
  const text = (...bytes: number[]): string => disassemble(Uint8Array.from(bytes), 0x1000).text;
  assert.is(text(0x81, 0xc3, 5, 0, 0, 0), "add ebx, strict dword 5");
  assert.is(text(0xeb, 0xfe), "jmp short 0x1000");
  assert.is(text(0xf3, 0xa4), "rep movsb");
  assert.is(text(0x64, 0xac), "fs lodsb");
  assert.is(text(0xf0, 0x83, 0x43, 0xfc, 0xff), "lock add dword [ebx-4], -1");
  assert.is(text(0x66, 0x89, 0x04, 0x8b), "mov [ebx+ecx*4], ax");
});

disassembler.run();
