// Cases for a form: bytes and registers by chance, with a weakness for the
// places where something happens.
import { usualFlags, usualPoke } from "./format.ts";
import { allForms, isString, type Form } from "./forms.ts";
import {
  CODE,
  CODE_SIZE,
  DATA,
  DATA_SIZE,
  stackOf,
  stackSelectors,
  usual,
  type Case,
  type Stack,
} from "./world.ts";

type Roll = (below: number) => number;

/** A generator of chance that anyone can repeat. */
export function dice(seed: number): Roll {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const oneOf = <T>(roll: Roll, list: readonly T[]): T => list[roll(list.length)];

/** Cases for all forms in turn; or for those that use a stack, on stacks of all widths. */
export function makeCases(count: number, seed: number,
  onStacks = false): { cases: Case[]; forms: Form[] }
{
  const forms = allForms().filter((form) => !onStacks || ofStacks(form)),
    roll = dice(seed);
  const cases = Array.from({ length: count },
    (_, n) =>
      makeCase(forms[n % forms.length], roll, seed, n,
        onStacks ? oneOf(roll, [0, ...stackSelectors]) : undefined));
  return { cases, forms };
}

const ofStacks = ({ row, memory }: Form): boolean =>
  /^(push|pop|call|ret|iret|enter|leave|lss)/.test(row.name)
  || row.operands.includes("sreg")
  || memory && /^(mov|add|xchg|cmpxchg8b)$/.test(row.name);

const [EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI] = [0, 1, 2, 3, 4, 5, 6,
  7] as const;
const NONE = 8;

/** A case in the making. */
interface Draft {
  form: Form;
  roll: Roll;
  seed: number;
  n: number;
  /** Registers that may not be changed any more. */
  fixed: Map<number, number>;
  poke?: Uint8Array;
  target: number;
  /** The selector of the stack, if it is to be chosen. */
  stack: number | undefined;
  /** The register field of ModRM. */
  reg: number;
}

const valueOf = (d: Draft, register: number): number =>
  d.fixed.get(register) ?? usual(d.seed, d.n, register);

function makeCase(form: Form, roll: Roll, seed: number, n: number,
  stack?: number): Case
{
  const d: Draft = {
    form,
    roll,
    seed,
    n,
    fixed: new Map(),
    target: place(roll, 4),
    reg: 0,
    stack,
  };
  const { row } = form;
  d.reg = row.digit >= 0 ? row.digit
    : row.operands.includes("sreg") && roll(8) > 0 ? roll(6) : roll(8);
  prepare(d);
  const bytes = encode(d);
  const flags = usualFlags(seed, n);
  const registers = Array.from({ length: 8 }, (_, k) => valueOf(d, k));
  const pokeAt = Math.min(Math.max(d.target - DATA, 0), DATA_SIZE - 16);
  const poke = { at: pokeAt, bytes: d.poke ?? usualPoke(seed, n) };
  const steps = isString(row) && form.prefix !== 0 ? 1 + roll(20) : 1;
  return {
    bytes,
    at: standing(roll, bytes.length),
    steps,
    stack: stack ?? 0,
    registers,
    flags,
    poke,
  };
}

/** Where the instruction stands: at times across pages, or off the last one. */
function standing(roll: Roll, length: number): number {
  const chance = roll(40), within = length > 1 ? 1 + roll(length - 1) : 1;
  if (chance === 0) return CODE + CODE_SIZE - length;
  if (chance === 1) return CODE + CODE_SIZE - within;
  return chance < 5 ? CODE + 0x1000 - within : CODE + 0x100 + roll(16) * 15;
}

/** An address in the window for `size` bytes, or at one of its edges. */
function place(roll: Roll, size: number): number {
  const chance = roll(100), back = 1 + roll(size);
  if (chance < 72) return DATA + 64 + roll(0x1f00);
  if (chance < 80) return DATA + 0x1000 - back;
  if (chance < 85) return DATA + 0x2000 + roll(0xf00);
  if (chance < 90) return DATA + 0x2000 - back;
  return chance < 95 ? DATA - back : DATA + DATA_SIZE - back;
}

const selectors = [0, 1, 2, 3, 0x2b, 0x2a, 0x28, 0x2b, 0x2b, 0x23, 0x20, 0x18,
  0x1b, 0x10, 0x08, 0x80, 0xfffb];
/** For code: none of the 64-bit segments that ring 3 may enter. */
const codeSelectors = [0x23, 0x23, 0x23, 0x23, 0, 3, 0x20, 0x2b, 0x08, 0x0b,
  0x10, 0x18, 0x83, 0xfffb];
/** For ss a load that succeeds would also hold off the trap that we wait for. */
const badStacks = [0, 1, 3, 0x28, 0x2a, 0x23, 0x18, 0x80, 0xfffb];

const words = (...list: number[]): Uint8Array =>
  new Uint8Array(Uint32Array.from(list).buffer);

/** Sets up what the instruction uses without naming it. */
function prepare(d: Draft): void {
  const { form, roll, fixed } = d, { row } = form;
  const narrow = (register: number, value: number): number =>
    form.short ? ((usual(d.seed, d.n, register) & 0xffff0000) | value) >>> 0
      : value;
  if (isString(row)) {
    fixed.set(ESI, narrow(ESI, place(roll, 8)));
    fixed.set(EDI, narrow(EDI, roll(3) > 0 ? (d.target = place(roll, 8))
      : (valueOf(d, ESI) + 0x1000) & 0xffff));
    if (roll(8) > 0) fixed.set(ECX, narrow(ECX, roll(14)));
  } else if (/^xlat/.test(row.name)) {
    const al = valueOf(d, EAX) & 255;
    fixed.set(EBX, narrow(EBX, (d.target - al) & 0xffff));
  } else if (/^loop|^je?cxz/.test(row.name) && roll(3) > 0)
    fixed.set(ECX, narrow(ECX, roll(3)));
  else if (/^(push|pop|call|ret|iret|enter)/.test(row.name)) onStack(d);
  else if (row.name === "leave") {
    fixed.set(EBP, pointerTo(d, d.target = onTop(d, 4)));
    fixed.set(ESP, pointerTo(d, place(roll, 4)));
  }
  if (/^i?div$/.test(row.name)) dividend(d);
  if (row.operands.includes("cl") && roll(3) > 0)
    fixed.set(ECX, roll(2) === 0 ? roll(34) : roll(256));
  segmentOperand(d);
}

function onStack(d: Draft): void {
  const { form: { row }, roll, fixed } = d;
  fixed.set(ESP, pointerTo(d, d.target = onTop(d, 8)));
  if (row.name === "enter") fixed.set(EBP, pointerTo(d, onTop(d, 8)));
  const codeSelector = oneOf(roll, codeSelectors);
  const flags = usual(d.seed, d.n, 13) & ~0x4_4000 | (roll(4) > 0 ? 0x100 : 0);
  const eip = usual(d.seed, d.n, 14);
  if (/^iret/.test(row.name)) d.poke = words(eip, codeSelector, flags);
  else if (row.name === "retf") d.poke = words(eip, codeSelector);
  else if (/^popf/.test(row.name)) d.poke = words(flags);
}

const endOf = ({ base }: Stack): number => base + 0x10000 >>> 0;

/** A place on the stack: at times where a narrow one ends. */
function onTop({ stack, roll }: Draft, size: number): number {
  const own = stackOf(stack ?? 0);
  return own && roll(4) === 0
    ? endOf(own) + (roll(3) > 0 ? -4 : roll(40) - 20) >>> 0 : place(roll, size);
}

/** What ESP or EBP is for it; the upper half of a narrow one is anything. */
function pointerTo({ stack, roll }: Draft, target: number): number {
  const own = stackOf(stack ?? 0), offset = target - (own?.base ?? 0) >>> 0;
  return !own || own.wide ? offset
    : (offset & 0xffff | oneOf(roll, [0, 1, 2, 0x5eee, 0xffff]) << 16) >>> 0;
}

/** Dividends most of which have quotients. */
function dividend({ form: { row }, roll, fixed, seed, n }: Draft): void {
  const chance = roll(4), eax = usual(seed, n, EAX);
  if (row.operands[0] === "rm8") {
    if (chance > 0)
      fixed.set(EAX, chance === 1 ? eax & 0xff : ((eax << 20) >> 20) >>> 0);
  } else if (chance > 0)
    fixed.set(EDX, chance === 1 ? roll(16) : ((eax | 0) >> 31) >>> 0);
}

/** A selector for those that load a segment register, or look at a descriptor. */
function segmentOperand(d: Draft): void {
  const { form: { row }, roll } = d;
  const [to = ""] = row.operands;
  const isPop = row.name === "pop" && /^[c-gs]s$/.test(to),
    isLoad = to === "sreg" || /^l[defgs]s$/.test(row.name);
  const looks = /^(lar|lsl|verr|verw)$/.test(row.name);
  if (!isPop && !isLoad && !looks) return;
  const isStack = to === "ss" || (to === "sreg" && d.reg === 2)
    || row.name === "lss";
  d.loadsStack = isStack;
  const own = stackOf(d.stack ?? 0);
  if (isPop && isStack && own && roll(2) === 0)
    d.fixed.set(ESP, pointerTo(d, d.target = endOf(own) - d.form.width / 8));
  const selector = oneOf(roll, !isStack ? selectors
    : d.stack === undefined || roll(4) === 0 ? badStacks
    : [0x2b, ...stackSelectors]);
  d.poke = to === "sreg" || isPop || looks
    ? words((selector | (usual(d.seed, d.n, 15) << 16)) >>> 0)
    : pointer(d, selector);
  d.selector = selector;
}

/** A far pointer of the operand's size. */
const pointer = (d: Draft, selector: number): Uint8Array =>
  Uint8Array.of(...words(usual(d.seed, d.n, 14)).subarray(0, d.form.width / 8),
    selector & 255, selector >> 8);

interface Draft {
  /** The selector that the instruction is to find. */
  selector?: number;
  /** Whether it is ss that it loads: the trap comes one instruction later. */
  loadsStack?: boolean;
}

const NOP = 0x90;

/** AMD reads `lock mov cr0` as a way to cr8, and lets `lock verw` pass. */
const lockOddity = /^(mov|verr|verw)$/;

const segmentPrefixes = [0x26, 0x2e, 0x36, 0x3e];

function encode(d: Draft): Uint8Array {
  const { form, roll } = d, { row } = form;
  const bytes: number[] = [];
  if (form.width === 16) bytes.push(0x66);
  if (form.short) bytes.push(0x67);
  if (form.prefix !== 0) bytes.push(form.prefix);
  if (roll(10) === 0)
    bytes.push(roll(12) === 0 ? 0x64 : oneOf(roll, segmentPrefixes));
  if (roll(60) === 0 && form.prefix === 0 && !lockOddity.test(row.name))
    bytes.push(0xf0);
  if (roll(2) === 0) bytes.reverse();
  if (row.escape) bytes.push(0x0f);
  const low = row.plus ? (d.reg = roll(8)) : 0;
  bytes.push(row.opcode + low);
  if (row.modrm)
    bytes.push(...(form.memory ? memoryOperand(d) : registerOperand(d)));
  for (const trailer of row.trailers) bytes.push(...constant(d, trailer));
  // Fifteen bytes are the most that there may be.
  const full = roll(150) === 0 ? 15 + roll(2) : 0;
  while (bytes.length < full) bytes.unshift(0x3e);
  if (d.loadsStack && d.stack !== undefined && bytes.length < 15)
    bytes.push(NOP);
  return Uint8Array.from(bytes);
}

function registerOperand(d: Draft): number[] {
  const rm = d.roll(8);
  if (d.selector !== undefined)
    d.fixed.set(rm, (d.selector | (usual(d.seed, d.n, 15) << 16)) >>> 0);
  return [0xc0 | (d.reg << 3) | rm];
}

const little = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, k) => (value >> (8 * k)) & 255);

/** How far the number of the bit moves a bit test's address. */
function bitDistance(d: Draft): number {
  const { row, width } = d.form;
  if (!/^bt/.test(row.name) || row.operands[1] !== "rv") return 0;
  const bit = valueOf(d, d.reg);
  return width === 32 ? (bit >> 5) * 4 : ((bit << 16) >> 20) * 2;
}

/** A memory operand that comes to lie at the target. */
function memoryOperand(d: Draft): number[] {
  if (!usesStack(d)) d.target = place(d.roll, 4);
  const target = usesStack(d) ? place(d.roll, 4) : d.target;
  return d.form.short ? memory16(d, target) : memory32(d, target);
}

const usesStack = (d: Draft): boolean =>
  /^(push|pop|call|ret|enter)/.test(d.form.row.name);

function memory32(d: Draft, target: number): number[] {
  const { roll } = d;
  let mod = roll(3);
  const rm = roll(8), sib = roll(256);
  const scale = sib >> 6,
    index = rm !== 4 || ((sib >> 3) & 7) === 4 ? NONE : (sib >> 3) & 7;
  const baseField = rm === 4 ? sib & 7 : rm;
  const hasBase = baseField !== 5 || mod !== 0;
  const small = mod === 1 ? (roll(256) << 24) >> 24 : 0;
  const rest = (): number =>
    (index === NONE ? 0 : valueOf(d, index) << scale) + bitDistance(d) | 0;
  const free = hasBase && mod !== 2 && baseField !== index
    && !d.fixed.has(baseField)
    && (bitDistance(d) === 0 || d.reg !== baseField);
  if (free) d.fixed.set(baseField, (target - rest() - small) >>> 0);
  else if (hasBase) mod = 2;
  const full = target - rest() - (hasBase ? valueOf(d, baseField) : 0) | 0;
  const displacement = !hasBase || mod === 2 ? little(full, 4)
    : mod === 1 ? [small & 255] : [];
  return [(mod << 6) | (d.reg << 3) | rm, ...(rm === 4 ? [sib] : []),
    ...displacement];
}

const bases = [EBX, EBX, EBP, EBP, ESI, EDI, EBP, EBX];
const indexes = [ESI, EDI, ESI, EDI, NONE, NONE, NONE, NONE];

function memory16(d: Draft, target: number): number[] {
  const { roll } = d;
  let mod = roll(3);
  const rm = roll(8), index = indexes[rm], base = bases[rm];
  const hasBase = rm !== 6 || mod !== 0;
  const small = mod === 1 ? (roll(256) << 24) >> 24 : 0;
  const rest = (): number =>
    (index === NONE || !hasBase ? 0 : valueOf(d, index)) + bitDistance(d) | 0;
  const free = hasBase && mod !== 2 && !d.fixed.has(base)
    && (bitDistance(d) === 0 || d.reg !== base);
  const high = valueOf(d, base) & 0xffff0000;
  if (free)
    d.fixed.set(base, (high | ((target - rest() - small) & 0xffff)) >>> 0);
  else if (hasBase) mod = 2;
  const full = target - rest() - (hasBase ? valueOf(d, base) : 0) | 0;
  const displacement = !hasBase || mod === 2 ? little(full, 2)
    : mod === 1 ? [small & 255] : [];
  return [(mod << 6) | (d.reg << 3) | rm, ...displacement];
}

/** A constant that follows the operands. */
function constant(d: Draft, trailer: string): number[] {
  const { form: { row, width, short }, roll } = d;
  const value = usual(d.seed, d.n, 16);
  if (trailer === "mo") return little(d.target, short ? 2 : 4);
  if (trailer === "cp")
    return [...little(value, width / 8),
      ...little(oneOf(roll, codeSelectors), 2)];
  if (trailer === "ib") return [smallConstant(d, value)];
  if (row.name === "enter")
    return little(roll(2) === 0 ? roll(64) : roll(0x1000), 2);
  if (row.name === "retf") return little(roll(64), 2);
  return little(value, trailer === "iw" ? 2 : trailer === "cb" ? 1 : width / 8);
}

function smallConstant({ form: { row }, roll }: Draft, value: number): number {
  if (row.name === "int")
    return oneOf(roll, [3, 4, 0, 1, 13, 0x20, 0x7f, 0x81, 0xff, roll(128)]);
  if (row.name === "enter") return roll(4) > 0 ? roll(4) : roll(256);
  if (/^(sh|sa|r[oc])/.test(row.name) && roll(2) === 0) return roll(34);
  return value & 255;
}
