// Chapter I: the machine, the assembler and the disassembler.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble, AssemblyError, type Options } from "../tangled/assembler/assemble.ts";
import { disassemble } from "../tangled/assembler/disassemble.ts";
import { NONE, parse } from "../tangled/machine/rows/decode.ts";
import { add, dec, Flag, holds, inc, setFlags, settle, sub } from "../tangled/machine/ground/flags.ts";
import { At, Cpu } from "../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys32,
  writePhys8,
} from "../tangled/machine/ground/ram.ts";
import type { Machine } from "../tangled/machine/ground/state.ts";
import { createMachine } from "../tangled/machine/machine.ts";
import { reach } from "../tangled/machine/memory/access.ts";
import { retired, run } from "../tangled/machine/running/run.ts";
import { rows, type Row } from "../tangled/machine/rows/table.ts";
import { hasNasm, messageOf, nasm, portion, seedFrom } from "./tools.ts";

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
  const theirs = nasmHex(`bits 32\norg ${origin}\n${source}`, options.constants);
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
const said = new Map([[0, ""], [8, "byte "], [16, "word "], [32, "dword "], [64, "qword "], [80, "tword "]]);
const addresses = ["[ebx]", "[ebp]", "[esp+8]", "[edi*4+0x12345]", "[eax+ecx*8-1]", "[0x1234]", "[fs:edx]", "[bx+si]", "[bp]", "[es:di-5]", "[word 0x1234]"];

/** The ways to write a row's instruction, with all combinations of some operands. */
function samples(row: Row): string[] {
  const isWide = row.only === 0 && (row.sized || row.operands.includes("ptr"));
  const widths = row.only !== 0 ? [row.only] : isWide ? [32, 16] : [32];
  return widths.flatMap((width) => {
    const choices = row.operands.map((operand) => variants(operand, width, row));
    const all = choices.reduce((heads, list) => heads.flatMap((head) => list.map((next) => [...head, next])), [[]] as string[][]);
    const isTold = width !== 16 || row.only !== 0 || row.operands.some((operand) => /v|acc|imm8s|ptr/.test(operand));
    return all.map((operands) => `${isTold ? "" : "o16 "}${row.name} ${operands.join(", ")}`.trim());
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
    case "sti": return ["st0", "st1", "st5"];
    case "m": return addresses.map((address) => said.get(bits)! + address);
    case "mptr": return addresses.map((address) => (isAlone ? `far ${w}${address}` : address));
    case "moffs": return ["[0x1234]", "[gs:5]", "[word 5]"];
    case "imm": return immediates(operand, width).map((number) => (isAlone && /^imm(v|8s)$/.test(operand) ? w : "") + number);
    case "rel": return distances(bits, rows.filter(({ name }) => name === row.name).length === 1);
    case "acc": return [general.get(width)![0]];
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

/** nasm writes no 16-bit register with itself extended to 16 bits, and does not turn one around. */
const isPointless = (line: string): boolean =>
  /^mov[sz]x (ax|bx|di), (ax|bx|di|word)\b|^bswap (ax|bx|di)/.test(line);

/** Every line that the table allows us to write, in this sense. */
const everyRow = (): string[] => [...new Set(rows.flatMap(samples))].filter((line) => !isPointless(line));

// ---- chance, the same each time

/** A source of numbers from 0 to `below`, that looks random. */
function dice(seed: number): (below: number) => number {
  let state = seedFrom(seed);
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const oneOf = <T>(roll: (below: number) => number, list: readonly T[]): T => list[roll(list.length)];

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
  const scale = oneOf(roll, ["1", "1", "2", "4", "8", "1+1", "2-1"]);
  const rest = oneOf(roll, ["", "+0", "+1", "-1", "+127", "+128", "-128", "-129", "+0x12345678", "+gap", "+there"]);
  const sums = [base, `${base}+${index}`, `${index}*(${scale})`, `${base}+${index}*(${scale})`, `${index}*(${scale})+${base}`, `(${scale})*${index}+${base}`,
    `${base}+2+${index}`, `(${scale})*${index}+${oneOf(roll, ["ecx", "ebp"])}*1`, `(${base}+${index})*1`, `${index}*3`, `${index}*9`, "5"];
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

// ---- The machine

/** A machine with a program at address 0, ready to run it. */
function machineWith(source: string): Machine {
  const m = createMachine(1 << 20);
  copyToPhys(m, 0, assemble(source).bytes);
  m.cpu[Cpu.ESP] = 0x8000;
  return m;
}

/** The machine after a program that ends with `hlt`. */
function ran(source: string): Machine {
  const m = machineWith(source);
  assert.is(run(m, 100_000), "halt", "the program did not come to its end");
  return m;
}

/** The machine after a program that faults, with nobody to catch it. */
function failed(source: string): Machine {
  const m = machineWith(source);
  assert.is(run(m, 100_000), "shutdown", "the program did not fault");
  return m;
}

const word = (m: Machine, index: Cpu): number => m.cpu[index] >>> 0;
const eax = (m: Machine): number => word(m, Cpu.EAX);
const flagsOf = (m: Machine): number => settle(m.cpu) & Flag.ARITHMETIC;
const bytesAt = (m: Machine, at: number, size: number): string => hex(copyFromPhys(m, at, size));

/** Everything that a program could tell: registers, flags, the clock and RAM. */
function stateOf(m: Machine): string {
  const registers = [...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1), m.cpu[Cpu.EIP]];
  const ram = createHash("sha1").update(copyFromPhys(m, 0, m.ramSize)).digest("hex");
  return [...registers, settle(m.cpu), retired(m), ram].join(" ");
}

const memory = suite("Memory");

memory("keeps the lowest byte of a number first", () => {
  const m = ran("mov dword [0x1000], 0x12345678\n hlt");
  assert.is(bytesAt(m, 0x1000, 4), "78 56 34 12");
  assert.is(readPhys32(m, 0x1000), 0x12345678);
  assert.is(readPhys8(m, 0x1001), 0x56);
});

memory("is reached from outside by doors that check", () => {
  const m = createMachine(8192);
  for (const at of [-1, 8189, 8192, 0xffffffff]) {
    assert.throws(() => readPhys32(m, at), RangeError);
    assert.throws(() => writePhys32(m, at, 1), RangeError);
  }
  assert.throws(() => copyToPhys(m, 8190, new Uint8Array(3)), /no RAM at 0x1ffe/);
  writePhys32(m, 8188, 0x80000001);
  assert.is(readPhys32(m, 8188), 0x80000001);
});

memory("is handed out as a copy", () => {
  const m = createMachine(4096);
  copyFromPhys(m, 0, 4)[0] = 1;
  assert.is(readPhys8(m, 0), 0);
});

memory("that is not to be had is missed in one line", () => {
  const { Memory } = WebAssembly;
  try {
    WebAssembly.Memory = class { constructor() { throw new RangeError("could not allocate memory"); } } as unknown as typeof Memory;
    assert.is(messageOf(() => createMachine(1 << 24)), "there is not enough memory here for a machine of 27 MB: ask for a smaller one");
  } finally {
    WebAssembly.Memory = Memory;
  }
});

memory("comes in whole pages", () => {
  for (const size of [0, -4096, 1, 4095, 4097, 0x60001000])
    assert.throws(() => createMachine(size), RangeError);
});

memory("reads as all ones where there is none, and swallows what is written there", () => {
  const m = ran(`
    mov dword [0x200000], 5
    mov eax, [0x200000]
    mov bl, [0xffffffff]
    mov ecx, [0xffffe]        ; half of it is there
    hlt`);
  assert.is(eax(m), 0xffffffff);
  assert.is(word(m, Cpu.EBX), 0xff);
  assert.is(word(m, Cpu.ECX), 0xffff0000);
});

memory("lets an operand lie across two pages", () => {
  const m = ran(`
    mov dword [0x1ffd], 0x44332211
    add word [0x1fff], 0x0101
    mov eax, [0x1ffd]
    push dword [0x1ffe]
    pop dword [0x2ffe]
    hlt`);
  assert.is(eax(m), 0x45342211);
  assert.is(bytesAt(m, 0x1ffd, 4), "11 22 34 45");
  assert.is(bytesAt(m, 0x2ffe, 4), "22 34 45 00");
});

memory("wraps around at four gigabytes", () => {
  const m = ran("mov eax, -4\n mov dword [eax + 0x1004], 77\n hlt");
  assert.is(readPhys32(m, 0x1000), 77);
});

memory.run();

const registers = suite("Registers");

registers("are zero in a new machine, which stands at address 0", () => {
  const m = createMachine(4096);
  assert.equal([...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1)], Array(10).fill(0));
  assert.is(settle(m.cpu), 2, "bit 1 of the flags is always set");
  assert.is(retired(m), 0);
});

registers("have halves, and the lower half has halves again", () => {
  const m = ran(`
    mov eax, 0x11223344
    mov al, 0x55
    mov ah, 0x66
    mov ecx, eax
    mov cx, 0x7788
    movzx edx, ah
    movsx ebx, ch
    mov bh, dl
    hlt`);
  assert.is(eax(m), 0x11226655);
  assert.is(word(m, Cpu.ECX), 0x11227788);
  assert.is(word(m, Cpu.EDX), 0x66);
  assert.is(word(m, Cpu.EBX), 0x6677);
});

registers("are swapped, spread and turned around", () => {
  const m = ran(`
    mov eax, 0x12348765
    mov ebx, 0xcafebabe
    xchg eax, ebx
    bswap eax
    xchg bl, bh
    movsx ecx, bx
    mov edx, eax
    cdq
    hlt`);
  assert.is(eax(m), 0xbebafeca);
  assert.is(word(m, Cpu.EBX), 0x12346587);
  assert.is(word(m, Cpu.ECX), 0x6587);
  assert.is(word(m, Cpu.EDX), 0xffffffff);
});

registers("are left alone by an address that is computed from them", () => {
  const m = ran("mov ebx, 0x1000\n mov esi, 3\n lea eax, [ebx + esi*8 - 4]\n lea cx, [ebx + esi]\n hlt");
  assert.is(eax(m), 0x1014);
  assert.is(word(m, Cpu.ECX), 0x1003);
  assert.is(word(m, Cpu.EBX), 0x1000);
});

registers.run();

const decoding = suite("Decoding");

const decode = (...bytes: number[]) => parse((k) => bytes[k] ?? 0);

decoding("finds base, index, scale and displacement in every form of address", () => {
  const address = (...bytes: number[]) => {
    const i = decode(0x8b, ...bytes)!;
    return [i.base, i.index, i.scale, i.displacement, i.length];
  };
  assert.equal(address(0x03), [3, NONE, 0, 0, 2]);
  assert.equal(address(0x43, 0xff), [3, NONE, 0, -1, 3]);
  assert.equal(address(0x83, 1, 0, 0, 0x80), [3, NONE, 0, -0x7fffffff, 6]);
  assert.equal(address(0x05, 4, 3, 2, 1), [NONE, NONE, 0, 0x01020304, 6]);
  assert.equal(address(0x45, 0x10), [5, NONE, 0, 0x10, 3]);
  assert.equal(address(0x04, 0x24), [4, NONE, 0, 0, 3]);
  assert.equal(address(0x04, 0xb3), [3, 6, 2, 0, 3]);
  assert.equal(address(0x04, 0xf5, 8, 0, 0, 0), [NONE, 6, 3, 8, 7]);
  assert.equal(address(0x44, 0x4d, 8), [5, 1, 1, 8, 4]);
});

decoding("knows the eight addresses of the sixteen-bit days", () => {
  const address = (...bytes: number[]) => {
    const i = decode(0x67, 0x8b, ...bytes)!;
    return [i.base, i.index, i.displacement, i.length];
  };
  assert.equal(address(0x00), [3, 6, 0, 3]);
  assert.equal(address(0x02), [5, 6, 0, 3]);
  assert.equal(address(0x06, 0xfe, 0xff), [NONE, NONE, -2, 5]);
  assert.equal(address(0x46, 0x7f), [5, NONE, 0x7f, 4]);
  assert.equal(address(0x87, 0x34, 0x12), [3, NONE, 0x1234, 5]);
});

decoding("takes the stack for an address built on esp or ebp, unless told otherwise", () => {
  const segment = (...bytes: number[]) => decode(...bytes)!.segment;
  assert.is(segment(0x8b, 0x03), 3);
  assert.is(segment(0x8b, 0x45, 0), 2);
  assert.is(segment(0x8b, 0x04, 0x24), 2);
  assert.is(segment(0x8b, 0x04, 0x2b), 3, "ebp as an index does not count");
  assert.is(segment(0x65, 0x8b, 0x45, 0), 5);
  assert.is(segment(0x3e, 0x8b, 0x04, 0x24), 3);
});

decoding("reads prefixes in any order, and the last of a kind counts", () => {
  const i = decode(0xf2, 0x26, 0x66, 0x64, 0xf3, 0xa5)!;
  assert.equal([i.width, i.override, i.repeat, i.length], [16, 4, 0xf3, 6]);
  assert.is(i.row.name, "movsw");
});

decoding("refuses what is no instruction", () => {
  assert.is(decode(0x0f, 0xff), undefined);
  assert.is(decode(0x8d, 0xc0), undefined, "lea of a register");
  assert.is(decode(0xff, 0xff), undefined, "group 5 has no seventh member");
  assert.is(decode(...Array<number>(20).fill(0x66)), undefined, "prefixes without end");
  assert.is(decode(...Array<number>(14).fill(0x66), 0x90)!.length, 15);
  assert.is(decode(...Array<number>(14).fill(0x66), 0xb8, 1, 2), undefined, "sixteen bytes");
});

decoding("never asks for more than sixteen bytes, and never throws", () => {
  const roll = dice(3);
  for (let n = 0; n < 20_000; n++) {
    let furthest = 0;
    const bytes = Uint8Array.from({ length: 64 }, () => roll(256));
    parse((k) => bytes[(furthest = Math.max(furthest, k))]);
    assert.ok(furthest < 26, `asked for byte ${furthest}`);
  }
});

decoding.run();

const code = suite("Remembered code");

code("is forgotten when the program changes its next instruction", () => {
  const m = ran(`
        mov byte [next + 1], 5
  next: mov al, 1
        hlt`);
  assert.is(eax(m), 5);
});

code("is forgotten at every turn of a loop that changes itself", () => {
  const m = ran(`
        mov ecx, 100
  turn: inc byte [next + 1]
  next: mov al, 0
        add ebx, eax
        loop turn
        hlt`);
  assert.is(word(m, Cpu.EBX), 5050);
});

code("has the constant that was written last, whatever part of it was written", () => {
  const m = ran(`
        mov esp, 0x3000
        mov ecx, 40
  turn: mov [whole + 1], ecx
        mov [half + 4], cx
        inc byte [one + 3]
        mov [pushed + 1], ecx
        mov [narrow + 7], cx
        mov [stored + 6], ecx
  whole: mov eax, 7
        add ebx, eax
  half: add ebx, 0x1234567
  one:  xor edx, 0x10000
        add ebx, edx
  pushed: push 0x12345678
        pop eax
        add ebx, eax
  narrow: add word [0x2000], 0x1234
  stored: mov dword [0x2004], 0x12345678
        add ebx, [0x2004]
        loop turn
        hlt`);
  let ebx = 0, edx = 0, sum = 0;
  for (let n = 40; n > 0; n--) {
    edx ^= 0x10000 | (41 - n) << 8;
    ebx = (ebx + 3 * n + (n << 16 | 0x4567) + edx) | 0;
    sum = (sum + n) & 0xffff;
  }
  assert.is(word(m, Cpu.EBX) | 0, ebx);
  assert.is(readPhys32(m, 0x2000), sum);
});

code("is forgotten beside a constant that is written all the time", () => {
  const m = ran(`
        mov ecx, 40
        mov edx, 0x43430000     ; inc ebx; inc ebx
  turn: mov [here + 1], ecx
        mov [here + 3], edx     ; half of the constant, and what follows it
        xor edx, 0x08080000     ; dec ebx; dec ebx
        mov al, [opcode + ecx]
        mov [here], al
  here: mov eax, 7
        nop
        nop
        add edi, eax
        loop turn
        hlt
  opcode: times 20 db 0xb8, 0x05 ; mov eax, add eax
        db 0xb8`);
  let edi = 0;
  for (let n = 40; n > 0; n--) edi += n % 2 === 0 ? n : n + 0x05;
  assert.is(word(m, Cpu.EDI), edi);
  assert.is(word(m, Cpu.EBX), 0);
});

code("is forgotten when a string or the stack grows over it", () => {
  const m = ran(`
        mov edi, here
        mov al, 0x43            ; inc ebx
        mov ecx, 6
        rep stosb
  here: times 6 nop
        mov esp, there + 4
        push 0xf44343           ; inc ebx; inc ebx; hlt
  there: hlt`);
  assert.is(word(m, Cpu.EBX), 8);
});

code("may overwrite the very instruction that writes", () => {
  const m = ran(`
        mov edi, here
        mov ecx, 64
        mov al, 0x90            ; nop
  here: rep stosb               ; nop, stosb
        times 80 hlt`);
  assert.is(word(m, Cpu.ECX), 63, "the repetition ends with its prefix");
  assert.is(word(m, Cpu.EIP), 12 + 2 + 1, "the first hlt");
});

code("is forgotten page by page", () => {
  const m = machineWith("mov eax, 1\n jmp 0x1000");
  copyToPhys(m, 0x1000, assemble("add eax, 1\n hlt").bytes);
  assert.is(run(m, 100), "halt");
  writePhys8(m, 0x1002, 7);
  m.cpu[Cpu.EIP] = 0;
  assert.is(run(m, 100), "halt");
  assert.is(eax(m), 8, "the page that changed was read again");
});

code("is forgotten when it is changed from outside", () => {
  const m = machineWith("mov eax, 1\n hlt");
  const again = (): number => {
    m.cpu[Cpu.EIP] = 0;
    assert.is(run(m, 10), "halt");
    return eax(m);
  };
  assert.is(again(), 1);
  writePhys32(m, 1, 2);
  assert.is(again(), 2);
  writePhys8(m, 1, 3);
  assert.is(again(), 3);
  copyToPhys(m, 0, assemble("mov eax, 4\n hlt").bytes);
  assert.is(again(), 4);
});

code("may cross from one page to the next, whichever of them changes", () => {
  const m = machineWith("jmp 0xffe");
  copyToPhys(m, 0xffe, assemble("mov eax, 0x44332211\n hlt").bytes);
  const again = (): number => {
    m.cpu[Cpu.EIP] = 0;
    assert.is(run(m, 10), "halt");
    return eax(m);
  };
  assert.is(again(), 0x44332211);
  writePhys8(m, 0x1002, 0x55);
  assert.is(again(), 0x55332211);
  writePhys8(m, 0xfff, 0x66);
  assert.is(again(), 0x55332266);
});

code("is read from wherever a jump lands, even inside another instruction", () => {
  const m = ran(`
        call here + 1           ; inc eax; ret
  here: mov eax, 0x4040c340     ; b8 40 c3 40 40
        hlt`);
  assert.is(eax(m), 0x4040c340);
  assert.is(retired(m), 5);
});

code("may lie in more pages than the machine can remember", () => {
  const m = createMachine(4 << 20);
  for (let origin = 0; origin < 600 * 4096; origin += 4096)
    copyToPhys(m, origin, assemble(`inc eax\n jmp ${(origin + 4096) % (600 * 4096)}`, { origin }).bytes);
  assert.is(run(m, 600 * 2 * 3), "limit");
  assert.is(eax(m), 1800);
  assert.is(word(m, Cpu.EIP), 0);
  writePhys8(m, 599 * 4096, 0x48); // dec eax
  assert.is(run(m, 1200), "limit");
  assert.is(eax(m), 1800 + 598);
});

code("may be longer than the room for what is remembered of it", () => {
  const m = createMachine(8 << 20);
  m.bytes.fill(0x40, At.RAM, At.RAM + 0x7ff000); // inc eax, eight million times
  assert.is(run(m, 0x300000), "limit");
  assert.is(eax(m), 0x300000);
  assert.is(word(m, Cpu.EIP), 0x300000);
});

code("is nothing where there is no memory", () => {
  assert.is(word(failed("jmp 0x40000000"), Cpu.EIP), 0x40000000);
});

code.run();

const lazy = suite("Flags");

/** The six flags of a result, from their definitions. Intel SDM vol. 1, 3.4.3.1. */
function slowFlags(r: number, bits: number, cf: boolean, af: boolean, of: boolean): number {
  const narrow = bits === 32 ? r >>> 0 : r & (2 ** bits - 1);
  let ones = 0;
  for (let k = 0; k < 8; k++) ones += (narrow >> k) & 1;
  return (cf ? Flag.CF : 0) | (ones % 2 === 0 ? Flag.PF : 0) | (af ? Flag.AF : 0) | (narrow === 0 ? Flag.ZF : 0)
    | (narrow >= 2 ** (bits - 1) ? Flag.SF : 0) | (of ? Flag.OF : 0);
}

const signed = (x: number, bits: number): number => (x >= 2 ** (bits - 1) ? x - 2 ** bits : x);

/** The flags of a + b + carry, or of a - b - carry. */
function slowSum(a: number, b: number, carry: number, bits: number, minus: boolean): number {
  const sign = minus ? -1 : 1;
  const whole = a + sign * (b + carry), low = (a % 16) + sign * ((b % 16) + carry);
  const asSigned = signed(a, bits) + sign * (signed(b, bits) + carry);
  const fits = asSigned >= -(2 ** (bits - 1)) && asSigned < 2 ** (bits - 1);
  return slowFlags(whole, bits, whole < 0 || whole >= 2 ** bits, low < 0 || low > 15, !fits);
}

lazy("of every sum and difference of two bytes are what their definitions say", () => {
  const { cpu } = createMachine(4096);
  for (let a = 0; a < 256; a++)
    for (let b = 0; b < 256; b++)
      for (const carry of [0, 1]) {
        assert.is(add(cpu, a, b, carry, 24) & 255, (a + b + carry) & 255);
        same(settle(cpu), slowSum(a, b, carry, 8, false), `${a} + ${b} + ${carry}`);
        assert.is(sub(cpu, a, b, carry, 24) & 255, (a - b - carry) & 255);
        same(settle(cpu), slowSum(a, b, carry, 8, true), `${a} - ${b} - ${carry}`);
      }
});

function same(flags: number, expected: number, what: string): void {
  if ((flags & Flag.ARITHMETIC) !== expected) assert.is(flags & Flag.ARITHMETIC, expected, what);
}

/** Numbers at which something happens, and some others. */
function numbers(bits: number, roll: (n: number) => number): number {
  const edge = 2 ** (bits - 1);
  const special = [0, 1, 2, 15, 16, edge - 1, edge, edge + 1, 2 * edge - 1, 2 * edge - 16];
  return oneOf(roll, [oneOf(roll, special), (roll(65536) * 65536 + roll(65536)) % (2 * edge)]);
}

lazy("of wider sums and differences are, too", () => {
  const { cpu } = createMachine(4096);
  const roll = dice(11);
  for (let n = 0; n < 20_000; n++) {
    const bits = oneOf(roll, [16, 32]), carry = roll(2);
    const a = numbers(bits, roll), b = numbers(bits, roll);
    add(cpu, a | 0, b | 0, carry, 32 - bits);
    same(settle(cpu), slowSum(a, b, carry, bits, false), `${a} + ${b} + ${carry}, ${bits} bits`);
    sub(cpu, a | 0, b | 0, carry, 32 - bits);
    same(settle(cpu), slowSum(a, b, carry, bits, true), `${a} - ${b} - ${carry}, ${bits} bits`);
  }
});

lazy("of counting up and down leave the carry as it was", () => {
  const { cpu } = createMachine(4096);
  for (const bits of [8, 16, 32])
    for (const a of [0, 1, 15, 16, 127, 128, 255, 2 ** (bits - 1) - 1, 2 ** (bits - 1), 2 ** bits - 1])
      for (const cf of [0, Flag.CF]) {
        const expected = (minus: boolean) => (slowSum(a, 1, 0, bits, minus) & ~Flag.CF) | cf;
        setFlags(cpu, cf, Flag.CF);
        inc(cpu, a | 0, 32 - bits);
        same(settle(cpu), expected(false), `inc ${a}`);
        setFlags(cpu, cf, Flag.CF);
        dec(cpu, a | 0, 32 - bits);
        same(settle(cpu), expected(true), `dec ${a}`);
      }
});

lazy("answer all sixteen conditions, noted or settled", () => {
  const { cpu } = createMachine(4096);
  for (let bits = 0; bits < 64; bits++) {
    const [cf, pf, zf, sf, of] = [0, 1, 2, 3, 4].map((k) => ((bits >> k) & 1) === 1);
    const expected = [of, cf, zf, cf || zf, sf, pf, sf !== of, zf || sf !== of];
    setFlags(cpu, (cf ? Flag.CF : 0) | (pf ? Flag.PF : 0) | (zf ? Flag.ZF : 0) | (sf ? Flag.SF : 0)
      | (of ? Flag.OF : 0), Flag.ARITHMETIC);
    for (let code = 0; code < 16; code++)
      assert.is(holds(cpu, code), expected[code >> 1] !== (code % 2 === 1), `condition ${code} of ${bits}`);
  }
  for (let a = 0; a < 256; a++) {
    sub(cpu, a, 100, 0, 24);
    const noted = Array.from({ length: 16 }, (_, code) => holds(cpu, code));
    setFlags(cpu, settle(cpu), Flag.ARITHMETIC);
    assert.equal(Array.from({ length: 16 }, (_, code) => holds(cpu, code)), noted, `${a} - 100`);
  }
});

lazy("may be read and written as a whole", () => {
  const m = ran("mov ah, 0xff\n sahf\n cmc\n lahf\n hlt");
  assert.is(eax(m), 0xd600, "bit 1 is always set, bits 3 and 5 never");
  assert.is(flagsOf(ran("xor eax, eax\n stc\n hlt")), Flag.ZF | Flag.PF | Flag.CF);
});

lazy.run();

const arithmetic = suite("Arithmetic");

arithmetic("adds and subtracts numbers of any length, word by word", () => {
  const m = ran(`
    mov eax, 0xffffffff
    mov edx, 0x7fffffff
    add eax, 1
    adc edx, 0
    mov ebx, eax
    mov ecx, edx
    sub ebx, 1
    sbb ecx, 0
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EBX, Cpu.ECX].map((r) => word(m, r)), [0, 0x80000000, 0xffffffff, 0x7fffffff]);
});

arithmetic("compares without changing anything", () => {
  const m = ran("mov eax, 5\n mov [0x1000], eax\n cmp eax, 6\n cmp [0x1000], al\n test eax, eax\n hlt");
  assert.is(eax(m), 5);
  assert.is(readPhys32(m, 0x1000), 5);
  assert.is(flagsOf(m), Flag.PF);
});

/** Multiplies or divides: `op ebx` with given eax and edx; null after a fault. */
function longhand(op: string, a: number, d: number, b: number): [number, number] | null {
  const m = machineWith(`${op} ebx\n hlt`);
  m.cpu[Cpu.EAX] = a;
  m.cpu[Cpu.EDX] = d;
  m.cpu[Cpu.EBX] = b;
  return run(m, 10) === "halt" ? [eax(m), word(m, Cpu.EDX)] : null;
}

const halves = (x: bigint): [number, number] => [Number(x & 0xffffffffn), Number((x >> 32n) & 0xffffffffn)];

arithmetic("multiplies to twice the length", () => {
  const roll = dice(21);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll), b = numbers(32, roll);
    assert.equal(longhand("mul", a, 0, b), halves(BigInt(a) * BigInt(b)), `${a} * ${b}`);
    assert.equal(longhand("imul", a, 0, b), halves(BigInt(a | 0) * BigInt(b | 0)), `${a | 0} * ${b | 0}`);
  }
});

arithmetic("divides, and faults if the quotient does not fit", () => {
  const roll = dice(22);
  for (let n = 0; n < portion(300, 3000); n++) {
    const a = numbers(32, roll), d = oneOf(roll, [0, 0xffffffff, numbers(32, roll)]), b = numbers(32, roll);
    const wide = (BigInt(d) << 32n) | BigInt(a);
    assert.equal(longhand("div", a, d, b), slowQuotient(wide, BigInt(b), BigInt.asUintN), `${wide} / ${b}`);
    const signed = slowQuotient(BigInt.asIntN(64, wide), BigInt(b | 0), BigInt.asIntN);
    assert.equal(longhand("idiv", a, d, b), signed, `${BigInt.asIntN(64, wide)} / ${b | 0}`);
  }
});

function slowQuotient(a: bigint, b: bigint, fit: typeof BigInt.asIntN): [number, number] | null {
  if (b === 0n || fit(32, a / b) !== a / b) return null;
  return [Number(BigInt.asUintN(32, a / b)), Number(BigInt.asUintN(32, a % b))];
}

arithmetic("leaves a division that faulted as if it had not begun", () => {
  const m = failed("mov eax, 7\n mov edx, 9\n mov ecx, 3\n div ecx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EDX, Cpu.EIP].map((r) => word(m, r)), [7, 9, 15]);
});

arithmetic.run();

const jumps = suite("Jumps");

jumps("go where the condition sends them, in all sixteen cases", () => {
  const names = ["o", "no", "b", "ae", "z", "nz", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];
  for (const [code, name] of names.entries())
    for (const ah of [0, 1, 4, 0x40, 0x80, 0xd5]) {
      const m = ran(`mov ah, ${ah}\n sahf\n j${name} yes\n hlt\n yes: mov bl, 1\n set${name} cl\n cmov${name} edx, ebx\n hlt`);
      const expected = +holds(m.cpu, code);
      assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [expected, expected, expected], `j${name}`);
    }
});

jumps("reach anywhere, in either direction", () => {
  const m = machineWith("jmp 0x40000");
  copyToPhys(m, 0x40000, assemble("mov eax, 0x20000\n jmp eax", { origin: 0x40000 }).bytes);
  copyToPhys(m, 0x20000, assemble("call 0x20ff0\n hlt", { origin: 0x20000 }).bytes);
  copyToPhys(m, 0x20ff0, assemble("jz short 0x21010\n ret", { origin: 0x20ff0 }).bytes);
  setFlags(m.cpu, Flag.ZF, Flag.ZF);
  copyToPhys(m, 0x21010, assemble("clc\n jnc near 0x20ff2", { origin: 0x21010 }).bytes);
  assert.is(run(m, 100), "halt");
  assert.is(word(m, Cpu.EIP), 0x20006);
});

jumps("take their target from a register or from memory", () => {
  const m = ran(`
        mov dword [0x1000], two
        mov eax, one
        jmp eax
  one:  mov ebx, 0x1000
        call [ebx]
        inc edx
        hlt
  two:  inc ecx
        ret`);
  assert.equal([Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [1, 1]);
});

jumps("count with ecx", () => {
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n loop again\n hlt")), 10);
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n cmp al, 4\n loopne again\n hlt")), 4);
  assert.is(eax(ran("mov ecx, 10\n again: inc eax\n cmp al, al\n loope again\n hlt")), 10);
  assert.is(eax(ran("jecxz over\n inc eax\n over: inc ecx\n jecxz over\n hlt")), 0);
});

jumps.run();

const stack = suite("The stack");

stack("grows downwards, and shrinks in the contrary order", () => {
  const m = ran("push 1\n push 2\n push -1\n pop eax\n pop ebx\n pop ecx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX, Cpu.ESP].map((r) => word(m, r)), [0xffffffff, 2, 1, 0x8000]);
  assert.is(bytesAt(m, 0x7ff4, 12), "ff ff ff ff 02 00 00 00 01 00 00 00");
});

stack("keeps esp as it was before the push, and after the pop", () => {
  const m = ran(`
    push esp
    pop eax
    push dword 0x1234
    pop dword [esp]           ; to where esp points after the pop
    mov ebx, [0x8000]
    push dword 0x4000
    pop esp
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ESP].map((r) => word(m, r)), [0x8000, 0x1234, 0x4000]);
});

stack("remembers where to return to, and drops the arguments", () => {
  const m = ran(`
    push 5
    push 6
    call double
    hlt
  double:
    push ebp
    mov ebp, esp
    mov eax, [ebp + 8]
    add eax, [ebp + 12]
    push 99
    leave
    ret 8`);
  assert.equal([Cpu.EAX, Cpu.ESP, Cpu.EBP].map((r) => word(m, r)), [11, 0x8000, 0]);
});

stack("takes all registers at once, and gives back all but esp", () => {
  const m = ran(`
    mov eax, 1
    mov ecx, 2
    mov edx, 3
    mov ebx, 4
    mov ebp, 6
    mov esi, 7
    mov edi, 8
    pushad
    mov esi, 99
    mov dword [esp + 12], 55  ; the place of esp
    popad
    hlt`);
  assert.equal([...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1)], [1, 2, 3, 4, 0x8000, 6, 7, 8]);
  assert.is(readPhys32(m, 0x7ffc), 1, "eax went first");
});

stack("holds halves, too", () => {
  const m = ran("mov ax, 0x1234\n push ax\n push word 0x5678\n pop ebx\n hlt");
  assert.equal([Cpu.EBX, Cpu.ESP].map((r) => word(m, r)), [0x12345678, 0x8000]);
});

stack.run();

const shifting = suite("Shifts");

/** `op eax, cl` (or ax, al): the result, and CF and OF. */
function shifted(op: string, register: string, value: number, count: number, cf = 0): [number, number, number] {
  const m = machineWith(`${op} ${register}, cl\n hlt`);
  m.cpu[Cpu.EAX] = value;
  m.cpu[Cpu.ECX] = count;
  setFlags(m.cpu, cf, Flag.ARITHMETIC);
  assert.is(run(m, 10), "halt");
  return [eax(m), flagsOf(m) & Flag.CF, (flagsOf(m) & Flag.OF) >> 11];
}

shifting("move bits out into the carry", () => {
  assert.equal(shifted("shl", "eax", 0x80000001, 1), [2, 1, 1]);
  assert.equal(shifted("shr", "eax", 0x80000001, 1), [0x40000000, 1, 1]);
  assert.equal(shifted("sar", "eax", 0x80000001, 1), [0xc0000000, 1, 0]);
  assert.equal(shifted("sar", "al", 0x1280, 7).slice(0, 2), [0x12ff, 0]);
  assert.equal(shifted("shr", "ax", 0x5555ffff, 15).slice(0, 2), [0x55550001, 1]);
});

shifting("turn bits around, with and without the carry", () => {
  assert.equal(shifted("rol", "eax", 0x80000001, 4).slice(0, 2), [0x18, 0]);
  assert.equal(shifted("ror", "ax", 0xff0001, 1), [0xff8000, 1, 1]);
  assert.equal(shifted("rcl", "al", 0x80, 1), [0, 1, 1]);
  assert.equal(shifted("rcr", "al", 0x00, 1, Flag.CF), [0x80, 0, 1]);
  assert.equal(shifted("rcl", "al", 0xa5, 9, Flag.CF).slice(0, 2), [0xa5, 1], "nine turns are none");
  assert.equal(shifted("rcr", "eax", 1, 31).slice(0, 2), [4, 0]);
});

shifting("count modulo 32, and a count of zero changes no flag", () => {
  for (const op of ["shl", "shr", "sar", "rol", "ror", "rcl", "rcr"]) {
    assert.equal(shifted(op, "eax", 0x80000001, 32, Flag.CF), [0x80000001, 1, 0], op);
    assert.equal(shifted(op, "al", 0x81, 64, Flag.CF | Flag.OF), [0x81, 1, 1], op);
    assert.equal(shifted(op, "eax", 0x12345678, 33), shifted(op, "eax", 0x12345678, 1), op);
  }
});

shifting("fill up from another register", () => {
  const m = ran(`
    mov eax, 0x12345678
    mov ebx, 0x9abcdef0
    shld eax, ebx, 8          ; 0x3456789a
    mov cl, 12
    shrd ebx, eax, cl         ; 0x89a9abcd
    mov dx, 0x1234
    shld dx, bx, 4            ; 0x234a
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.EDX].map((r) => word(m, r)), [0x3456789a, 0x89a9abcd, 0x234a]);
});

shifting.run();

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
  const at = (address: number, size: number) => String.fromCharCode(...copyFromPhys(m, address, size));
  assert.is(at(0x1000, 12), "hello, world");
  assert.is(at(0x1010, 3), "!!!");
  assert.is(at(0x101d, 5), "hello");
  assert.is(word(m, Cpu.EDI), 0x101c);
});

stringing("compare until something differs, and search until it is found", () => {
  const m = ran(`
        mov esi, one
        mov edi, two
        mov ecx, 8
        repe cmpsb
        mov ebx, ecx
        seta dl
        mov edi, one
        mov al, 'e'
        mov ecx, -1
        repne scasb
        hlt
  one:  db "abcdefgh"
  two:  db "abcddfgh"`);
  assert.equal([Cpu.EBX, Cpu.EDX, Cpu.ECX].map((r) => word(m, r)), [3, 1, 0xfffffffa]);
});

stringing("compare what lies across pages on both sides", () => {
  const m = ran(`
    mov dword [0x1ffe], 0x11223344
    mov dword [0x2ffe], 0x55223344
    mov esi, 0x1ffe
    mov edi, 0x2ffe
    cmpsd
    setb al
    hlt`);
  assert.is(eax(m), 1);
});

stringing("with a count of zero do nothing, and keep the flags", () => {
  const m = ran("mov esi, 0x1000\n mov edi, 0x1001\n stc\n repe cmpsb\n rep movsd\n rep stosb\n hlt");
  assert.equal([Cpu.ECX, Cpu.ESI, Cpu.EDI].map((r) => word(m, r)), [0, 0x1000, 0x1001]);
  assert.is(flagsOf(m), Flag.CF);
});

stringing("take one tick for each step, and may be interrupted between any two", () => {
  const source = "mov ecx, 100\n mov edi, 0x1000\n mov al, 7\n rep stosb\n hlt";
  assert.is(retired(ran(source)), 104);
  const m = machineWith(source);
  run(m, 13);
  assert.equal([word(m, Cpu.ECX), word(m, Cpu.EDI), word(m, Cpu.EIP)], [90, 0x100a, 12]);
  assert.is(run(m, 1000), "halt");
  assert.is(retired(m), 104);
  assert.is(readPhys8(m, 0x1063), 7);
});

stringing("read into a register, step by step", () => {
  const m = ran("mov esi, text\n lodsb\n mov bl, al\n lodsw\n mov cx, ax\n lodsd\n hlt\n text: db 1, 2, 3, 4, 5, 6, 7");
  assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EAX].map((r) => word(m, r)), [1, 0x0302, 0x07060504]);
});

stringing("do in one go what they do step by step, wherever they lie", () => {
  const roll = dice(3);
  const names = ["movs", "movs", "cmps", "stos", "lods", "scas"].flatMap((name) => [`${name}b`, `${name}w`, `${name}d`]);
  const place = () => 0x10000 + roll(2) * 4096 + roll(64) - 32;
  for (let n = 0; n < portion(70, 200); n++) {
    const source = place(), target = roll(3) === 0 ? place() : source + roll(roll(2) === 0 ? 9 : 6000) - 4;
    const program = `mov esi, ${source}\n mov edi, ${target}\n mov ecx, ${1 + roll(roll(2) === 0 ? 20 : 9000)}
      mov eax, ${[0, 0x01010101, 0x01020102, 0x01020304, 0x00010001][roll(5)]}\n ${roll(5) === 0 ? "std" : "cld"}
      ${["rep", "repne"][roll(2)]} ${names[roll(names.length)]}\n hlt`;
    const memory = Uint8Array.from({ length: 0x8000 }, () => n % 2 === 0 || roll(700) === 0 ? roll(3) : 1);
    const [whole, single] = [Infinity, 1].map((step) => {
      const m = machineWith(program);
      copyToPhys(m, 0xc000, memory);
      if (n % 3 === 0) for (let page = 0xc000; page < 0x14000; page += 4096) reach(m, page, 1, false), reach(m, page, 1, true);
      while (run(m, step) === "limit");
      return [...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1), flagsOf(m), retired(m), ...copyFromPhys(m, 0xc000, 0x8000)];
    });
    assert.is(whole!.join(" ") === single!.join(" "), true, program);
  }
});

stringing.run();

const toolbox = suite("The rest of the toolbox");

toolbox("tests bits far away from the address", () => {
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
  assert.equal([0x200c, 0x1fff, 0x1000, 0x2000].map((at) => readPhys8(m, at)), [0x10, 0x80, 1, 4]);
  assert.is(word(m, Cpu.EDX), 1);
});

toolbox("takes bit numbers modulo the width of a register", () => {
  const m = ran("mov ecx, 33\n bts eax, ecx\n mov ecx, 16\n bts bx, cx\n hlt");
  assert.equal([Cpu.EAX, Cpu.EBX].map((r) => word(m, r)), [2, 1]);
});

toolbox("scans for bits, and leaves the register alone if there are none", () => {
  const m = ran("mov esi, 0x00400100\n bsf eax, esi\n bsr ebx, esi\n mov ecx, 77\n xor esi, esi\n bsf ecx, esi\n setz dl\n hlt");
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [8, 22, 77, 1]);
});

toolbox("exchanges only what is still the same", () => {
  const m = ran(`
    mov dword [0x1000], 5
    mov eax, 4
    mov ebx, 9
    cmpxchg [0x1000], ebx     ; it is 5, not 4
    setz cl
    mov edx, eax
    cmpxchg [0x1000], ebx
    setz ch
    mov esi, 1
    xadd [0x1000], esi
    hlt`);
  assert.equal([Cpu.ECX, Cpu.EDX, Cpu.ESI].map((r) => word(m, r)), [0x100, 5, 9]);
  assert.is(readPhys32(m, 0x1000), 10);
});

toolbox("converts, and looks up in a table", () => {
  const m = ran("mov eax, 0x80\n cbw\n cwd\n cwde\n mov esi, eax\n mov ebx, table\n mov al, 2\n xlatb\n hlt\n table: db 5, 6, 7");
  assert.is(word(m, Cpu.ESI), 0xffffff80);
  assert.is(word(m, Cpu.EDX), 0xffff);
  assert.is(eax(m), 0xffffff07);
});

toolbox("tells the time in instructions", () => {
  const m = ran("nop\n nop\n rdtsc\n mov ebx, eax\n nop\n rdtsc\n sub eax, ebx\n hlt");
  assert.is(eax(m), 3);
});

toolbox.run();

const faults = suite("Faults");

faults("stop a machine without a kernel at the instruction that caused them", () => {
  assert.is(word(failed("nop\n ud2"), Cpu.EIP), 1);
  assert.is(word(failed("nop\n db 0x0f, 0xff"), Cpu.EIP), 1);
  assert.is(word(failed("nop\n div ebx"), Cpu.EIP), 1);
});

faults("may come again and again, and the machine only says so", () => {
  const m = failed("ud2");
  for (let n = 0; n < 3; n++) assert.is(run(m, 10), "shutdown");
});

faults("never become errors of ours, whatever the bytes", () => {
  const roll = dice(5);
  for (let n = 0; n < portion(100, 400); n++) {
    const m = createMachine(1 << 16);
    copyToPhys(m, 0, Uint8Array.from({ length: 1 << 16 }, () => roll(256)));
    for (let r = Cpu.EAX; r <= Cpu.EDI; r++) m.cpu[r] = numbers(32, roll);
    m.cpu[Cpu.EIP] = roll(1 << 16);
    assert.ok(["limit", "halt", "shutdown"].includes(run(m, 2000)));
  }
});

faults.run();

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
  away: imul eax, eax, 77
        bts [0x4000], eax
        ret`;

clock("counts every instruction once, and those that fault", () => {
  assert.is(retired(ran("nop\n nop\n hlt")), 3);
  assert.is(retired(failed("nop\n ud2")), 2);
  const m = machineWith("here: jmp here");
  assert.is(run(m, 12345), "limit");
  assert.is(retired(m), 12345);
});

clock("finds the same machine at every tick, however the time was cut up", () => {
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

clock("does nothing in no time", () => {
  const m = machineWith("inc eax");
  assert.is(run(m, 0), "limit");
  assert.is(eax(m), 0);
});

clock.run();

// ---- The assembler

const assembler = suite("The assembler");

assembler("encodes every row of the table, with every kind of operand, as nasm does", () => {
  const lines = everyRow();
  assert.ok(lines.length > 5000, `${lines.length} samples`);
  sameAsNasm(lines.join("\n"), { origin: 0x100000 });
});

assembler("makes of programs full of jumps, sections and gaps what nasm makes of them", () => {
  for (let seed = 1; seed <= portion(12, 300); seed++) sameAsNasm(randomProgram(seed), { origin: seed % 2 ? 0x7c00 : 0xc0100000 });
});

assembler("calculates like nasm", () => {
  const roll = dice(99);
  const lines = Array.from({ length: portion(1500, 40_000) }, () => `dq 0 + ${randomExpression(roll, 4)}`);
  sameAsNasm(lines.join("\n"));
});

assembler("writes every form of address like nasm", () => {
  const roll = dice(7);
  const lines = Array.from({ length: 1500 }, () => `${oneOf(roll, ["mov eax,", "add bl,", "lea esi,", "inc dword", "push word"])} ${randomAddress(roll)}`);
  sameAsNasm(["there: nop", "here: nop", ...lines, "gap equ here - there"].join("\n"));
});

// The same as in the list above, for those who have no nasm.
assembler("takes what is written as multiplied for the index, if only by one", () => {
  const told = ["mov eax, [ecx*1+ebp]: 8b 44 0d 00", "mov eax, [1*ecx+ebp]: 8b 44 0d 00", "push dword [esi*1+ebp-4]: ff 74 35 fc",
    "lea eax, [ebx*1+ecx+4]: 8d 44 19 04", "mov eax, [ecx+ebp]: 8b 04 29", "mov eax, [ebp+ecx*1]: 8b 44 0d 00", "mov eax, [ebp*1+ecx*1]: 8b 04 29",
    "mov eax, [(ecx+ebp)*1]: 8b 44 0d 00", "mov eax, [ecx+1+eax+1]: 8b 44 08 02", "mov eax, [esp*1+eax]: 8b 04 04", "mov eax, [ebp*1]: 8b 45 00",
    "mov eax, [eax+eax*1]: 8b 04 00", "mov eax, [ecx*2-ecx+ebp]: 8b 44 0d 00", "mov eax, [ebp*2]: 8b 44 2d 00"];
  for (const line of told) assert.is(`${line.split(":")[0]}: ${bytesOf(line.split(":")[0])}`, line);
  sameAsNasm(told.map((line) => line.split(":")[0]).join("\n"));
});

assembler("writes prefixes like nasm, and a16 makes addresses narrow", () => {
  const lines = ["rep rep movsb", "es es lodsb", "lock lock inc dword [eax]", "rep lock movsb", "lock rep movsb", "es lock inc dword [eax]", "rep nop",
    "o16 o16 nop", "a16 mov al, [0x1234]", "a16 mov ebx, [es:0x1234]", "a16 add dword [0x1234], 5", "a16 mov eax, [bp]", "a16 lodsb", "rep a16 es lodsd"];
  assert.is(bytesOf(lines.join("\n")), "f3 a4 26 ac f0 ff 00 f3 f0 a4 f3 f0 a4 f0 26 ff 00 f3 90 66 90 " +
    "67 a0 34 12 26 67 8b 1e 34 12 67 83 06 34 12 05 67 8b 46 00 67 ac f3 26 67 ad");
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

assembler("puts a section on the largest boundary that it names, else on one of four bytes", () => {
  const data = (text: string): string => hex(assemble(`db 1\nsection .data\n${text}`).bytes);
  assert.equal(["db 2", "db 2\nalign 1", "align 2\ndb 2\nalign 1"].map(data), ["01 00 00 00 02", "01 02", "01 00 02"].map((text) => `${text} `.trim()));
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
  ["times 9 resb 0\ntimes 99999999 resb 0", "source:2: more than 32 million times in all"],
  ["x: nop\ny equ x * 0x7fffffffffffffff", "source:2: addresses are not added up"],
  ["y equ eax + 1", "source:1: put [ ] around a sum with eax"],
  ["resb 0xffffffff", "more than 4 MB"],
];

assembler("says what is wrong and what to do", () => {
  for (const [source, complaint] of mistakes) {
    const message = wrong(source);
    assert.ok(message.includes(complaint), `${JSON.stringify(source)}: ${message || "no complaint"}`);
  }
});

assembler("says no more than anybody reads", () => {
  assert.is(wrong("foo bar\n".repeat(10_000)).split("\n").length, 100);
  assert.is(wrong(Array.from({ length: 3000 }, (_, n) => `l${n}: jmp m${n}`).join("\n")).split("\n").length, 100);
  for (const source of [`jmp ${"y".repeat(100_000)}`, `db ${"1".repeat(100_000)}`, `mov eax, '${"x".repeat(100_000)}'`])
    assert.ok(wrong(source).length < 1100, source.slice(0, 20));
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
  // 66 90 is xchg ax, ax and a nop of two bytes, which is the same; and fsave is fwait and fnsave.
  const samples = everyRow().filter((line) => !/^xchg ax, ax$|^f(init|clex|st(cw|sw|env)|save)\b/.test(line));
  const { lines } = assemble(samples.join("\n"), { origin });
  const texts = lines.map(({ address, bytes }) => {
    const { text, length } = disassemble(bytes, address);
    assert.is(length, bytes.length, hex(bytes));
    return text;
  });
  const again = assemble(texts.join("\n"), { origin }).lines;
  for (const [n, { bytes }] of lines.entries())
    assert.is(hex(again[n].bytes), hex(bytes), `${samples[n]} became ${texts[n]}`);
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

const sprinting = suite("Making it fast");

const GENERAL = ["eax", "ecx", "edx", "ebx", "ebp"], BYTES = ["al", "ah", "cl", "ch", "dl", "dh", "bl", "bh"];

/** A line that the sprinter knows, or knows nearly. */
function easyLine(roll: (below: number) => number, n: number): string {
  const of = (list: readonly string[]) => list[roll(list.length)];
  const number = () => of(["0", "1", "-1", "0x7fffffff", "0x80000000", "0x80", `${roll(2 ** 31)}`]);
  const place = () => `[esi + ${roll(32)} + edi * ${of(["1", "2", "4", "8"])}]`;
  const r = of(GENERAL), b = of(BYTES), condition = of(["z", "b", "be", "s", "l", "le", "nz", "ae", "a", "ns", "ge", "g", "o", "p"]);
  const two = of(["add", "sub", "and", "or", "xor", "cmp", "adc", "sbb", "test", "mov"]);
  return of([
    `${two} ${r}, ${of(GENERAL)}`, `${two} ${r}, ${number()}`, `${two} ${place()}, ${r}`, `${two} ${b}, ${of(BYTES)}`,
    `${two} ${place()}, ${b}`, `${of(["add", "cmp", "mov", "xor", "sbb"])} ${r}, ${place()}`, `cmp ax, ${r === "ecx" ? "cx" : "bx"}`,
    `${of(["inc", "dec", "not", "neg"])} ${of([`dword ${place()}`, r, b])}`, `cmp word ${place()}, ${roll(30000)}`,
    `${of(["shl", "shr", "sar", "rol", "ror"])} ${of([r, `dword ${place()}`])}, ${of(["cl", `${roll(33)}`])}`,
    `imul ${r}, ${of([of(GENERAL), place()])}`, `imul ${r}, ${place()}, ${number()}`, `mul ${of([r, `dword ${place()}`])}`,
    `set${condition} ${b}`, `j${condition} .l${n}\n inc ecx\n.l${n}:`, `lea ${r}, ${place()}`, `push ${r}\n pop ${of(GENERAL)}`,
    `${of(["movzx", "movsx"])} ${r}, ${of([`byte ${place()}`, `word ${place()}`, b])}`, "lahf", "seto al\n lahf", "pushad\n popad", "cdq",
    `mov edx, 0\n mov ebx, ${1 + roll(1000)}\n div ebx`, `mov eax, ${number()}\n sahf`, "stc", "cmc", `call .l${n}\n.l${n}: pop ${r}`,
  ]);
}

// The large loop alone is what you get if every operation is marked as hard.
sprinting("the sprinter does what the large loop does, to the flag and the tick", () => {
  for (let seed = 0; seed < 40; seed++) {
    const roll = dice(seed);
    const lines = Array.from({ length: 300 }, (_, n) => easyLine(roll, n));
    const source = `start: mov esp, 0x9000\n mov esi, 0x7ff0\n mov edi, 3\n${lines.join("\n")}\n hlt`;
    const [slow, fast] = [1, 0].map((hard) => {
      const m = machineWith(source);
      m.cpu.fill(hard, At.HARD / 4, At.HARD / 4 + 1024);
      assert.is(run(m, 100_000), "halt");
      return [[...m.cpu.slice(0, 8)], settle(m.cpu), retired(m), [...m.bytes.slice(At.RAM + 0x7f00, At.RAM + 0x9000)]];
    });
    assert.equal(fast, slow, `seed ${seed}`);
  }
});

sprinting.run();
