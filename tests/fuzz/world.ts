// A world of chance: code, and all the tables that a processor believes.
import type { Dice } from "./dice.ts";
import { aSelector, aStack, aTop, fillWithCode } from "./code.ts";
import {
  CODE,
  CODE_PAGES,
  CONFORMING,
  COUNTER,
  DIRECTORY,
  GATES,
  GDT,
  GDT_ENTRIES,
  HANDLERS,
  IDT,
  IDT_ENTRIES,
  LDT,
  LDT_ENTRIES,
  OWN_STACKS,
  OWN_STACKS_EACH,
  PAGE,
  RAM,
  STACKS,
  STACK_PAGES,
  START,
  TABLES,
  TARGET_COUNT,
  TARGETS,
  TSS,
  type Flavor,
} from "./plan.ts";

/** A RAM full of it, ready to run from address 0 in ring 0. */
export function makeWorld(d: Dice, flavor: Flavor): Uint8Array {
  const ram = new Uint8Array(RAM), view = new DataView(ram.buffer);
  if (d.once(8)) {
    for (let at = CODE + CODE_PAGES * PAGE; at < RAM; at += 4)
      view.setUint32(at, d.word());
  }
  const inCircles = flavor === "circles" && !d.once(4);
  const ring = inCircles ? 3 : d.oneOf([0, 1, 2, 3, 3, 3]);
  const starts = fillWithCode(d, flavor, ring, ram, CODE,
    CODE + CODE_PAGES * PAGE);
  for (let k = 0; k < TARGET_COUNT; k++)
    put(view, TARGETS + 4 * k, d.once(30) ? d.below(RAM) : d.oneOf(starts));
  descriptors(d, view);
  gates(d, view, ram);
  task(d, view);
  pages(d, view);
  if (flavor === "circles") circles(d, view);
  if (flavor === "stacks") ownStacks(d, view);
  const idt = flavor === "circles" && d.once(3) ? acrossPages(d, ram) : IDT;
  ram.set(prologue(d, {
    ring,
    starts,
    idt,
    inCircles,
    inStacks: flavor === "stacks",
  }), START);
  return ram;
}

const put = (view: DataView, at: number, value: number): void =>
  view.setUint32(at, value, true);

function segment(view: DataView, at: number, base: number, limit: number,
  rights: number): void
{
  put(view, at, base << 16 | limit & 0xffff);
  put(view, at + 4,
    base & 0xff000000 | base >>> 16 & 255 | limit & 0xf0000 | rights);
}

/** Rights in the upper word of a descriptor. */
const CODE32 = 0xc09b00, DATA32 = 0xc09300;

function descriptors(d: Dice, view: DataView): void {
  for (let k = 1; k < GDT_ENTRIES; k++) aDescriptor(d, view, GDT + 8 * k);
  for (let k = 0; k < LDT_ENTRIES; k++) aDescriptor(d, view, LDT + 8 * k);
  for (let ring = 0; ring < 4; ring++) {
    segment(view, GDT + 8 + 16 * ring, 0, 0xfffff, CODE32 | ring << 13);
    segment(view, GDT + 16 + 16 * ring, 0, 0xfffff, DATA32 | ring << 13);
  }
  for (let k = GATES; k < GDT_ENTRIES; k++) callGate(d, view, GDT + 8 * k);
  segment(view, GDT + 0x48, TSS, 0x7ff, 0x8900);
  segment(view, GDT + 0x50, LDT, 8 * LDT_ENTRIES - 1, 0x8200);
  if (d.once(4)) {
    const at = GDT + d.below(8 * GDT_ENTRIES);
    view.setUint8(at, view.getUint8(at) ^ 1 << d.below(8));
  }
}

/** A segment of any kind, a gate, a task, or noise. */
function aDescriptor(d: Dice, view: DataView, at: number): void {
  const dpl = d.below(4) << 13;
  const present = d.once(8) ? 0 : 0x8000;
  switch (d.below(8)) {
    case 0: case 1: case 2:
    case 3: {
      const base = d.once(2) ? 0 : d.below(RAM),
        limit = d.once(2) ? 0xfffff : d.below(RAM);
      return segment(view, at, base, limit,
        present | dpl | 0x1000 | d.below(16) << 8 | (d.once(6) ? 0 : 0x400000)
          | (d.once(2) ? 0x800000 : 0));
    }
    case 4: case 5:
      put(view, at, aSelector(d) << 16 | CODE + d.below(0x8000));
      return put(view, at + 4,
        present | dpl | d.oneOf([0xc, 0xc, 5, 0xe, 0xf, 4]) << 8
          | (d.once(2) ? 0 : d.below(32)));
    case 6:
      return segment(view, at, d.oneOf([TSS, LDT, GDT]), d.below(0x200),
        present | dpl | d.oneOf([9, 11, 2, 1, 3]) << 8);
    default:
      put(view, at, d.word());
      put(view, at + 4, d.word());
  }
}

/** A gate to some ring's code, with a few words to take along. */
function callGate(d: Dice, view: DataView, at: number): void {
  const to = CODE + d.below(CODE_PAGES * PAGE),
    ring = d.once(2) ? 0 : d.below(4);
  put(view, at, (8 + 16 * ring | d.below(4)) << 16 | to & 0xffff);
  put(view, at + 4, to & 0xffff0000 | (d.once(8) ? d.below(4) << 13 : 0x6000)
    | (d.once(8) ? 0x400 : 0x8c00) | d.below(d.once(4) ? 32 : 3));
}

const withCode = [8, 10, 11, 12, 13, 14, 17];

/** The interrupt table, and handlers that go on somewhere else. */
function gates(d: Dice, view: DataView, ram: Uint8Array): void {
  const wild = d.once(3);
  for (let vector = 0; vector < IDT_ENTRIES; vector++) {
    const handler = HANDLERS + 64 * vector;
    ram.set([...(withCode.includes(vector) ? [0x83, 0xc4, 0x04] : []),
      ...escape(d, d.once(3))], handler);
    const selector = wild && d.once(8) ? aSelector(d) : d.once(20) ? 0x19 : 8;
    const type = wild && d.once(8) ? d.below(32) : d.oneOf([14, 15]);
    const offset = wild && d.once(8) ? d.word() : handler;
    put(view, IDT + 8 * vector, selector << 16 | offset & 0xffff);
    put(view, IDT + 8 * vector + 4,
      (offset & 0xffff0000) | (wild && d.once(20) ? 0 : 0x8000)
        | d.below(4) << 13 | type << 8);
  }
}

/** Code that counts and returns to the next target of the list. */
function escape(d: Dice, mends: boolean): number[] {
  const word = (
    value: number,
  ): number[] => [value & 255, value >> 8 & 255, value >> 16 & 255,
    value >>> 24];
  return [...(mends ? [0xb8, 0x43, 0, 0, 0, 0x8e, 0xd8, 0x8e, 0xc0] : []), // mov eax, 0x43; mov ds, ax; mov es, ax
    0x2e, 0xa1, ...word(COUNTER), // mov eax, [cs:COUNTER]
    0x40, 0x0f, 0xb6, 0xc0, // inc eax; movzx eax, al
    0x36, 0xa3, ...word(COUNTER), // mov [ss:COUNTER], eax
    0x2e, 0x8b, 0x04, 0x85, ...word(TARGETS), // mov eax, [cs:TARGETS+eax*4]
    0x89, 0x04, 0x24, // mov [esp], eax
    0xb8 + d.oneOf([0, 1, 2, 3, 5, 6, 7]), ...word(d.below(RAM)), 0xcf // iret
  ];
}

function task(d: Dice, view: DataView): void {
  for (let at = 0; at < 0x80; at += 4)
    put(view, TSS + at, d.once(8) ? d.word() : 0);
  for (let ring = 0; ring < 3; ring++) {
    put(view, TSS + 4 + 8 * ring,
      d.once(30) ? d.word() : STACKS + PAGE * (1 + ring));
    put(view, TSS + 8 + 8 * ring,
      d.once(30) ? aSelector(d) : 16 + 16 * ring | ring);
  }
  put(view, TSS + 0x64, (d.once(8) ? d.word() : 0x68) << 16);
  for (let at = 0x68; at < 0x7f0; at += 4)
    put(view, TSS + at, d.once(3) ? d.word() : 0);
}

/** Page tables: RAM, more or less, again and again, the tables themselves among it. */
function pages(d: Dice, view: DataView): void {
  const wild = d.oneOf([6, 40, 1000]);
  const globals = d.once(2) ? 2 : 1000;
  const flags = (): number =>
    d.once(wild) ? d.below(4096) : 7 | (d.once(globals) ? 0x100 : 0);
  for (let k = 0; k < 1024; k++)
    put(view, DIRECTORY + 4 * k,
      (d.once(wild) ? d.word() & ~4095 : TABLES + PAGE * (k & 3)) | flags());
  for (let k = 0; k < 4096; k++) {
    const frame = d.once(wild)
      ? d.oneOf([d.word() & ~4095, CODE, GDT, IDT, RAM, DIRECTORY, TABLES])
      : k % (RAM / PAGE) * PAGE;
    put(view, TABLES + 4 * k, frame | flags());
  }
  for (let k = 0; k < CODE / PAGE; k++)
    if (!d.once(wild * 8)) put(view, TABLES + 4 * k, PAGE * k | 7);
  if (!d.once(wild * 2)) put(view, DIRECTORY, TABLES | 7);
}

/** Gates that lead to where a program's stack stays in force, and some that lead nowhere. */
function circles(d: Dice, view: DataView): void {
  segment(view, GDT + 8 * CONFORMING, 0, d.once(8) ? d.below(0x80) : 0xfffff,
    CODE32 | 0x400 | d.below(4) << 13);
  for (let vector = 0; vector < IDT_ENTRIES; vector++) {
    const at = IDT + 8 * vector;
    if (d.once(2)) view.setUint16(at + 2, CONFORMING << 3 | d.below(4), true);
    if (d.once(8)) view.setUint8(at + 5, d.oneOf([0, 0x0e, 0x86, 0x85, 0xef]));
  }
}

/** Moves the interrupt table to where it lies on two pages of code, one of which may not be there. */
function acrossPages(d: Dice, ram: Uint8Array): number {
  const to = CODE + PAGE * (1 + d.below(CODE_PAGES - 1))
    - 8 * (1 + d.below(20));
  ram.copyWithin(to, IDT, IDT + 8 * IDT_ENTRIES);
  const page = (to >> 12) + d.below(2);
  if (d.once(2)) ram[TABLES + 4 * page] ^= d.oneOf([1, 2, 4]);
  return to;
}

/** Stacks of 16 bits and of 32, from the bottom and from elsewhere, and some that grow down. */
function ownStacks(d: Dice, view: DataView): void {
  for (let n = 0; n < 4 * OWN_STACKS_EACH; n++) {
    const ring = Math.floor(n / OWN_STACKS_EACH),
      base = d.once(2) ? 0 : d.oneOf([PAGE, STACKS, 0x10000, 0xffff_f000]);
    const isWide = n % OWN_STACKS_EACH === 0,
      rights = 0x9300 | ring << 13 | (isWide ? 0x400000 : 0);
    if (d.once(8))
      segment(view, GDT + 8 * (OWN_STACKS + n), base, d.below(0x1000),
        rights | 0x400);
    else segment(view, GDT + 8 * (OWN_STACKS + n), base,
        isWide ? 0xfffff : d.once(4) ? d.below(0x10000) : 0xffff,
        isWide ? rights | 0x800000 : rights);
  }
  for (let ring = 0; ring < 3; ring++) {
    if (d.once(2)) view.setUint16(TSS + 8 + 8 * ring, aStack(d, ring), true);
    if (d.once(2)) put(view, TSS + 4 + 8 * ring, aTop(d));
  }
}

interface Plan {
  ring: number;
  starts: number[];
  idt: number;
  inCircles: boolean;
  inStacks: boolean;
}

/** Code that puts all of this in force and enters a ring. */
function prologue(d: Dice,
  { ring, starts, idt, inCircles, inStacks }: Plan): number[]
{
  const word = (
    value: number,
  ): number[] => [value & 255, value >> 8 & 255, value >> 16 & 255,
    value >>> 24];
  const half = (value: number): number[] => word(value).slice(0, 2);
  const paging = d.once(3) ? 0 : 0x80000000;
  const cr0 = 1 | paging | (d.once(2) ? 0x10000 : 0)
    | (inCircles || d.once(2) ? 0x40000 : 0) | (d.once(3) ? d.below(64) : 0);
  const cr4 = d.oneOf([0, 0x80, 0x80, 0x88, 4]);
  const breakpoints = d.once(24)
    ? [0, 1, 2, 3, 7].flatMap((
      n,
    ) => [0xb8, ...word(n === 7 ? d.word() & 0xffff03ff : d.below(RAM)), 0x0f,
      0x23, 0xc0 | n << 3]
    ) : [];
  const segments = [0, 3, 4, 5].flatMap((
    n,
  ) => [0x66, 0xb8, ...half(d.once(4) ? aSelector(d) : 0x43), 0x8e,
    0xc0 | n << 3]
  );
  const code = [0x0f, 0x01, 0x15, ...word(0x200), 0x0f, 0x01, 0x1d,
    ...word(0x208), // lgdt, lidt
    0xb8, ...word(DIRECTORY), 0x0f, 0x22, 0xd8, // mov cr3
    0xb8, ...word(cr4), 0x0f, 0x22, 0xe0, 0xb8, ...word(cr0), 0x0f, 0x22, 0xc0, // mov cr4, mov cr0
    ...breakpoints, 0x66, 0xb8, ...half(0x48), 0x0f, 0x00, 0xd8, // ltr
    ...(d.once(2) ? [0x66, 0xb8, ...half(0x50), 0x0f, 0x00, 0xd0] : []), // lldt
    0xbc, ...word(STACKS + PAGE * STACK_PAGES - 64), // mov esp
    ...segments, 0x68,
    ...word(inStacks ? aStack(d, ring) : 16 + 16 * ring | ring), // ss, esp
    0x68, ...word(inStacks && d.once(2) ? aTop(d)
      : STACKS + PAGE * (4 + d.below(2)) - (inCircles ? d.below(4) : 0)), 0x68,
    ...word(!inCircles && d.once(4) ? d.word() & 0x24ffff
      : 0x202 | d.below(4) << 12 | (inCircles || d.once(3) ? 0x40000 : 0)), // flags
    0x6a, 8 + 16 * ring | ring, 0x68, ...word(d.oneOf(starts)), // cs, eip
    ...[0, 1, 2, 3, 5, 6, 7].flatMap((
      r,
    ) => [0xb8 + r, ...word(d.once(2) ? d.below(RAM) : d.word())]), 0xcf];
  const bytes = new Array<number>(0x210).fill(0x90);
  bytes.splice(0, code.length, ...code);
  bytes.splice(0x200, 6, ...half(8 * GDT_ENTRIES - 1), ...word(GDT));
  bytes.splice(0x208, 6, ...half(8 * IDT_ENTRIES - 1), ...word(idt));
  return bytes;
}
