// Random code: instructions of the table, loops, jumps, code that changes code, and noise.
import { rows, type Row } from "../../tangled/machine/rows/table.ts";
import type { Dice } from "./dice.ts";
import {
  CODE,
  CODE_PAGES,
  GATES,
  GDT_ENTRIES,
  OWN_STACKS,
  OWN_STACKS_EACH,
  PAGE,
  RAM,
  STACKS,
  STACK_PAGES,
  type Flavor,
} from "./plan.ts";

/** The bytes of a number, the lowest first. */
function little(value: number, size: number): number[] {
  const bytes: number[] = [];
  for (let k = 0; k < size; k++) bytes.push(value >>> 8 * k & 255);
  return bytes;
}

/** An address where something is, as a rule. */
export const anAddress = (d: Dice): number =>
  d.once(16) ? d.word()
    : d.once(4) ? CODE + d.below(CODE_PAGES * PAGE)
    : d.below(RAM) & (d.once(3) ? -1 : ~3);

const interesting = [0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff,
  0x7fffffff, 0x80000000, 0xffffffff];

const aNumber = (d: Dice): number =>
  d.once(2) ? d.oneOf(interesting)
    : d.once(2) ? anAddress(d) : d.once(2) ? aSelector(d) : d.word();

export const aSelector = (d: Dice): number =>
  d.once(12) ? d.below(65536)
    : d.below(GDT_ENTRIES) << 3 | (d.once(6) ? 4 : 0) | d.below(4);

/** ModRM and what belongs to it. */
function operand(d: Dice, reg: number, short: boolean): number[] {
  const mod = d.oneOf([0, 0, 0, 1, 2, 3, 3, 3]),
    rm = d.once(2) && mod === 0 ? 5 : d.below(8);
  const bytes = [mod << 6 | reg << 3 | rm];
  if (mod === 3) return bytes;
  if (short)
    return [...bytes, ...little(d.word(), mod === 0 && rm === 6 ? 2 : mod)];
  const sib = d.below(256);
  if (rm === 4) bytes.push(sib);
  const isBare = mod === 0 && (rm === 5 || rm === 4 && (sib & 7) === 5);
  if (isBare) return [...bytes, ...little(anAddress(d), 4)];
  return [...bytes,
    ...little(mod === 1 ? d.word() : d.once(2) ? anAddress(d) : d.below(64),
      mod === 2 ? 4 : mod)];
}

const prefixes = [0x66, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0xf3, 0x26, 0x2e, 0x36,
  0x3e, 0x64, 0x65];

/** An instruction of a row, with operands of chance. */
export function instruction(d: Dice, row: Row = d.oneOf(rows)): number[] {
  const bytes: number[] = [];
  while (d.once(6)) bytes.push(d.oneOf(prefixes));
  const wide = row.only === 16 || row.only === 0 && d.once(6);
  if (wide && !bytes.includes(0x66)) bytes.push(0x66);
  const isShort = bytes.includes(0x66);
  if (row.escape) bytes.push(0x0f);
  bytes.push(row.opcode + (row.plus ? d.below(8) : 0));
  if (row.exact >= 0) bytes.push(row.exact);
  else if (row.modrm)
    bytes.push(
      ...operand(d, row.digit < 0 ? d.below(8) : row.digit,
        bytes.includes(0x67)),
    );
  for (const trailer of row.trailers)
    bytes.push(...constant(d, trailer, isShort));
  return bytes;
}

function constant(d: Dice, trailer: string, isShort: boolean): number[] {
  const full = isShort ? 2 : 4;
  switch (trailer) {
    case "ib": return little(aNumber(d), 1);
    case "cb": return little(d.below(64) - 40, 1);
    case "iw": return little(d.below(32), 2);
    case "cv": return little(d.below(8192) - 4096, full);
    case "mo": return little(anAddress(d), 4);
    case "cp":
      return [...little(anAddress(d), full), ...little(aSelector(d), 2)];
    default: return little(aNumber(d), full);
  }
}

const calm = rows.filter(({ name, trailers, escape }) =>
  /^(mov|add|or|adc|sbb|and|sub|xor|cmp|test|inc|dec|not|neg|lea|mul|imul|sh[lr]d?|sar|ro[lr]|rc[lr]|bt[src]?|bs[fr]|set|cmov|x(add|chg)|movzx|movsx|bswap|cbw|cwde|clc|stc|f[a-z]+)/
    .test(name)
  && !(name === "mov" && escape) && !trailers.includes("cb")
);

/** What looks into the machine, or turns it. */
const ofSystem = rows.filter(({ name, operands }) =>
  /cr|dr/.test(operands.join(" "))
  || /^(invlpg|s[gil]dt|str|[sl]msw|lar|lsl|ver[rw]|arpl|clts|cpuid|rdmsr|wrmsr|rdpmc|rdtsc|enter|bound|into)/
    .test(name)
);

/** Some instructions, a number of times over. */
function loop(d: Dice,
  piece = (): number[] => instruction(d, d.oneOf(calm))): number[]
{
  const body = Array.from({ length: 1 + d.below(6) }, piece).flat();
  if (body.length > 100) return body;
  return [0xb9, ...little(1 + d.below(d.once(3) ? 5000 : 200), 4), ...body,
    0xe2, 256 - body.length - 2];
}

const near = (d: Dice): number => CODE + d.below(CODE_PAGES * PAGE);

type Kind = (d: Dice, here: number, ring: number) => number[];

/** Kinds of code, the commoner ones more than once. */
const kinds: readonly Kind[] = [(d) => instruction(d), (d) => instruction(d),
  (d) => instruction(d),
  ...Array.from({ length: 6 },
    () => (d: Dice) => instruction(d, d.oneOf(calm))), (d) => loop(d),
  (d) => loop(d), (d) => little(d.word(), 1 + d.below(4)), // mov reg, address
  (d) => [0xb8 + d.oneOf([0, 1, 2, 3, 5, 6, 7]), ...little(anAddress(d), 4)], // mov byte [code], noise: and 0F 1F-like bytes of an instruction of the table
  (d) => [0xc6, 0x05, ...little(near(d), 4), d.below(256)],
  (
    d,
  ) => [0xc7, 0x05, ...little(near(d), 4),
    ...[...instruction(d), ...little(d.word(), 4)].slice(0, 4)],
  (d, here) => [0xe9, ...little(near(d) - here - 5, 4)],
  (d, here) => [0xe8, ...little(near(d) - here - 5, 4)], // mov esi, edi, ecx; rep string
  (
    d,
  ) => [0xbe, ...little(anAddress(d), 4), 0xbf, ...little(anAddress(d), 4),
    0xb9, ...little(d.below(d.once(8) ? 5000 : 40), 4),
    d.oneOf([0xf2, 0xf3, 0x65]),
    d.oneOf([0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf])],
  (d) => instruction(d, d.oneOf(ofSystem)), // call through a gate
  (
    d,
  ) => [d.once(6) ? 0xea : 0x9a, ...little(d.word(), 4),
    ...little(GATES + d.below(GDT_ENTRIES - GATES) << 3 | d.below(4), 2)], // int n
  (d) => [0xcd, d.below(d.once(4) ? 256 : 64)], // mov ax, selector; mov segment, ax
  (d) => [0x66, 0xb8, ...little(aSelector(d), 2), 0x8e, 0xc0 | d.below(6) << 3], // mov eax, value; mov control or debug register, eax
  (
    d,
  ) => [0xb8,
    ...little(
      d.oneOf([d.word(), anAddress(d), d.below(4096), 0x80000001 | d.below(32),
        0x90, 1 << d.below(4)]),
      4,
    ), 0x0f, 0x22 | d.below(2), 0xc0 | d.below(8) << 3], // iret through a frame of chance
  (
    d,
  ) => [0x68, ...little(d.word(), 4), 0x68, ...little(aSelector(d), 4), 0x68,
    ...little(near(d), 4), d.oneOf([0xcf, 0xcf, 0xcb])]];

/** The selector of a stack of some width, for a ring. */
export const aStack = (d: Dice, ring: number): number =>
  d.once(4) ? 16 + 16 * ring | ring
    : (OWN_STACKS + OWN_STACKS_EACH * ring + d.below(OWN_STACKS_EACH)) << 3
      | ring;

/** Where on a stack ESP or EBP may point, with anything in the upper half. */
export const aTop = (d: Dice): number =>
  (d.once(6) ? d.below(16) - 8 & 0xffff
    : STACKS + 4 * d.below(STACK_PAGES * PAGE / 4))
  | d.oneOf([0, 0, 0, 1, 0x5eee, 0xffff]) << 16;

const ofStacks = rows.filter(({ name }) =>
  /^(push|pop|enter|leave|call|ret|iret)/.test(name)
);
const narrowed = (d: Dice): number[] => d.once(3) ? [0x66] : [];

/** What changes stacks, uses them, and goes from one to the other. */
const aboutStacks: readonly Kind[] = [(d) => instruction(d, d.oneOf(ofStacks)),
  (d) => instruction(d, d.oneOf(ofStacks)), // mov ax, stack; mov ss, ax; perhaps mov esp, top
  (d, _,
    ring) => [0x66, 0xb8, ...little(aStack(d, ring), 2), 0x8e, 0xd0,
    ...d.once(2) ? [0xbc, ...little(aTop(d), 4)] : []], // push stack; pop ss
  (d, _, ring) => [0x68, ...little(aStack(d, ring), 4), 0x17],
  (d, _, ring) => [0x66, 0x68, ...little(aStack(d, ring), 2), 0x66, 0x17], // push stack; push top; mov ebx, esp; lss esp, [ss:ebx]
  (d, _,
    ring) => [0x68, ...little(aStack(d, ring), 4), 0x68, ...little(aTop(d), 4),
    0x0f, 0xb7, 0xdc, 0x36, 0x0f, 0xb2, 0x23],
  (d) => [0xbc, ...little(aTop(d), 4), 0xbd, ...little(aTop(d), 4)],
  (
    d,
  ) => [...narrowed(d), 0xc8, ...little(d.below(64), 2),
    d.below(d.once(4) ? 32 : 3), ...narrowed(d), 0xc9]];

const kindsOf: Readonly<Record<Flavor, readonly Kind[]>> = {
  plain: kinds,
  // push eax, int3, into and int on top
  circles: [...kinds, () => [0x50], () => [0x50], () => [0xcc], () => [0xce],
    (d) => [0xcd, d.oneOf([1, 3, 13, 14, 17])]],
  stacks: [...kinds, ...aboutStacks, ...aboutStacks,
    (d, here, ring) => loop(d, () => d.oneOf(aboutStacks)(d, here, ring)),
    (d, here, ring) => loop(d, () => d.oneOf(aboutStacks)(d, here, ring))],
};

/** Fills some bytes with code, for a ring; gives where its pieces begin. */
export function fillWithCode(d: Dice, flavor: Flavor, ring: number,
  bytes: Uint8Array, from: number, to: number): number[]
{
  const starts: number[] = [];
  for (let at = from; at < to;) {
    starts.push(at);
    const piece = d.oneOf(kindsOf[flavor])(d, at, ring);
    bytes.set(piece.slice(0, to - at), at);
    at += piece.length;
  }
  return starts;
}
