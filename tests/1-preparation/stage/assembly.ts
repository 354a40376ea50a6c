// What the tests of the assembler ask of it, and nasm where that is installed.
import * as assert from "uvu/assert";
import {
  assemble,
  AssemblyError,
  type Options,
} from "../../../tangled/assembler/assemble.ts";
import { hasNasm, nasm } from "../../tools.ts";
import { hex } from "./machine.ts";
import { oneOf } from "./chance.ts";

/** The bytes of a source, in hexadecimal. */
export const bytesOf = (source: string, options?: Options): string =>
  hex(assemble(source, options).bytes);

/** What is wrong with a source, "" if nothing is. */
export function wrong(source: string, options?: Options): string {
  try {
    assemble(source, options);
    return "";
  } catch (error) {
    if (error instanceof AssemblyError) return error.message;
    throw error;
  }
}

/** Sources, and what is to be said against them. */
export type Mistakes =
  readonly (readonly [source: string, complaint: string])[];

/** Asserts that each source is answered by its complaint. */
export function complains(mistakes: Mistakes): void {
  for (const [source, complaint] of mistakes) {
    const message = wrong(source);
    assert.ok(message.includes(complaint),
      `${JSON.stringify(source)}: ${message || "no complaint"}`);
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
export function sameAsNasm(source: string, options: Options = {}): void {
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

const BASES = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

/** An address of two registers at most, written in a usual order. */
export function randomAddress(roll: (below: number) => number,
  more: readonly string[] = []): string
{
  const base = oneOf(roll, BASES);
  const index = oneOf(roll, BASES.filter((name) => name !== "esp"));
  const scale = oneOf(roll, ["2", "4", "8"]);
  const rest = oneOf(roll, ["", "+0", "+1", "-1", "+127", "+128", "-128",
    "-129", "+0x12345678", ...more]);
  const sums = [base, `${base}+${index}`, `${index}*${scale}`,
    `${base}+${index}*${scale}`, `${index}*${scale}+${base}`, `${index}*3`,
    `${index}*9`, "5"];
  return `[${oneOf(roll, ["", "", "", "es:", "gs:", "ds:"])}${oneOf(roll, sums)}${rest}]`;
}

/** A program with jumps all over the place, in the sections .text and .data. */
export function randomProgram(roll: (below: number) => number,
  address: typeof randomAddress, room: string): string
{
  const lines = Array.from({ length: 300 },
    (_, n) => randomLine(roll, n, address));
  const sizes = Array.from({ length: 20 },
    (_, n) => `size${n} equ here - there + ${roll(200)}`);
  return ["section .text", "there: times 3 nop", "here:", ...lines, ...sizes,
    "section .bss", room, "gap equ here - there"].join("\n")
    .replaceAll(/l(\d+) - l(\d+)/g, "here - there");
}

function randomLine(roll: (below: number) => number, n: number,
  address: typeof randomAddress): string
{
  const label = `l${roll(300)}`, place = () => address(roll, MORE);
  const kinds: (() => string)[] = [
    () => `${oneOf(roll, ["jmp", "jz", "jg", "call", "jnc"])} ${label}`,
    () => `${oneOf(roll, ["jmp", "jz"])} .x`,
    () => `mov ${oneOf(roll, ["eax", "ebx", "cl", "dx"])}, ${place()}`,
    () =>
      `${oneOf(roll, ["add", "cmp", "xor"])} dword ${place()}, ${label} - l${roll(300)}`,
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

/** Symbols that such a program defines, to be added to an address. */
export const MORE = ["+gap", "+there"];

/** Any words, in any order. */
export function randomWords(roll: (below: number) => number,
  words: readonly string[]): string
{
  const word = (): string => (roll(20) === 0 ? String.fromCharCode(roll(300))
    : oneOf(roll, words));
  return Array.from({ length: roll(40) }, word).join(roll(5) ? " " : "");
}
