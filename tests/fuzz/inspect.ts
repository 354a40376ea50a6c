// What must hold of a machine between two runs, whatever its program did.
import { parse } from "../../tangled/machine/rows/decode.ts";
import { Fpu } from "../../tangled/machine/x87/numbers.ts";
import { settle } from "../../tangled/machine/ground/flags.ts";
import { At, Cpu, Rec } from "../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../tangled/machine/ground/state.ts";
import type { Stop } from "../../tangled/machine/running/run.ts";
import { Op } from "../../tangled/machine/ground/operations.ts";

const PAGE = 4096;
const CANARY = 0xa5;
/** Four tables (of rings 0 to 2 and of ring 3, for reading and writing) of 4096 pairs of words. */
const TLB_BYTES = 4 * 4096 * 8;

/** The bytes that nobody may touch: [from, to). */
function gaps(m: Machine): (readonly [number, number])[] {
  const pages = m.ramSize / PAGE;
  return [
    [0x1000 - 0x100, At.NOWHERE],
    [At.OWNERS + PAGE, At.TLB],
    [At.TLB + TLB_BYTES, At.GLOBALS],
    [At.GLOBALS + TLB_BYTES, At.CODED],
    [At.CODED + TLB_BYTES, At.ENTRIES],
    [At.CODE_MAP + 4 * pages, At.RAM],
    [At.RAM + m.ramSize, m.bytes.length],
  ];
}

/** Marks the bytes that nobody may touch. */
export function guard(m: Machine): void {
  for (const [from, to] of gaps(m)) m.bytes.fill(CANARY, from, to);
}

const canaries = Buffer.alloc(0x300000, CANARY);

/** Throws an Error when one of them was touched. */
export function checkGuards(m: Machine): void {
  const all = Buffer.from(m.memory.buffer);
  for (const [from, to] of gaps(m)) {
    if (all.compare(canaries, 0, to - from, from, to) === 0) continue;
    const at = all.subarray(from, to).findIndex((byte) => byte !== CANARY);
    throw new Error(
      `byte 0x${(from + at).toString(16)} of the memory, which belongs to nothing, has changed`,
    );
  }
}

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const u32 = (cpu: Int32Array, word: number): number => cpu[word] >>> 0;

/** Throws an Error when the machine's own words do not fit each other. */
export function checkWords(m: Machine, stop: Stop): void {
  const { cpu } = m;
  claim(cpu[Cpu.ZERO] === 0, "the register that is always zero is not");
  claim(stop === "shutdown" || cpu[Cpu.FAULT] === -1,
    "a fault was announced and not delivered");
  claim(u32(cpu, Cpu.CPL) <= 3, "there is no such ring");
  claim((cpu[Cpu.USER] !== 0) === (cpu[Cpu.CPL] === 3),
    "USER does not fit the ring");
  claim((settle(cpu) & 0x8002a) === 2 || (settle(cpu) & 0x2a) === 2,
    "fixed flags have changed");
  claim((cpu[Cpu.SELECTOR + 1] & 3) === cpu[Cpu.CPL],
    "the ring is not that of cs");
  claim(cpu[Cpu.GENERATION] > 0 && cpu[Cpu.GENERATION] < 4096,
    "no such generation");
  claim(cpu[Cpu.CR0] >= 0 || (cpu[Cpu.CR0] & 1) === 1,
    "paging without protection");
  for (let n = 0; n < 6; n++) checkSegmentWords(cpu, n);
}

function checkSegmentWords(cpu: Int32Array, n: number): void {
  const limit = u32(cpu, Cpu.LIMIT + n), rights = cpu[Cpu.RIGHTS + n],
    open = cpu[Cpu.OPEN + n];
  claim(u32(cpu, Cpu.SELECTOR + n) < 0x10000,
    `selector ${n} has more than 16 bits`);
  const isCode = (rights & 0x800) !== 0, bit = (rights & 0x200) !== 0,
    isDown = !isCode && (rights & 0x400) !== 0;
  const isFlat = limit === 0xffff_ffff && (rights & 0x8000) !== 0 && !isDown;
  const most = !isFlat ? 0 : isCode ? (bit ? 1 : 0) : bit ? 3 : 1;
  claim((open & ~most) === 0,
    `segment ${n} is more open (${open}) than its rights 0x${rights.toString(16)}, limit 0x${limit.toString(16)}`);
}

/** Throws an Error when a remembered page address is not one of RAM, or
 *  writing goes to a page whose code is remembered. */
export function checkPages(m: Machine): void {
  const { cpu } = m;
  for (let k = 0; k < TLB_BYTES / 8; k++) {
    const entry = At.TLB / 4 + 2 * k;
    const isCurrent = (cpu[entry] & 4095) === cpu[Cpu.GENERATION];
    const isGlobal = (cpu[At.GLOBALS / 4 + 2 * k] & 4095) === cpu[Cpu.GLOBALS];
    if (!isCurrent && !isGlobal) continue;
    const page = cpu[entry + 1] - At.RAM;
    claim(page >= 0 && page < m.ramSize && page % PAGE === 0,
      `TLB entry ${k} leads to 0x${page.toString(16)} of RAM`);
    const writes = (k >> 12 & 1) === 1;
    claim(!writes || cpu[At.CODE_MAP / 4 + page / PAGE] <= 0,
      `TLB entry ${k} allows writing over the code at 0x${page.toString(16)}`);
  }
}

/** Throws an Error when decoded code is not what the bytes say. */
export function checkCode(m: Machine): void {
  const { cpu } = m;
  const seen = new Set<number>();
  for (let page = 0; page < m.ramSize / PAGE; page++) {
    const slot = cpu[At.CODE_MAP / 4 + page];
    if (slot === 0) continue;
    claim(Math.abs(slot) <= cpu[Cpu.NEXT_SLOT] && !seen.has(Math.abs(slot)),
      `code page ${page} has slot ${slot}`);
    seen.add(Math.abs(slot));
    const entries = At.ENTRIES / 4 + (Math.abs(slot) - 1) * 4096;
    for (let offset = 0; offset < PAGE; offset++)
      if (cpu[entries + offset] !== 0)
        checkRecord(m, page * PAGE, offset, cpu[entries + offset], slot);
  }
  const last = At.ENTRIES / 4 + 255 * 4096;
  claim(cpu.subarray(last, last + 4096).every((word) => word === 0),
    "the entries of no page have been used");
}

function checkRecord(m: Machine, page: number, offset: number, record: number,
  slot: number): void
{
  const { cpu } = m, where = `at 0x${(page + offset).toString(16)}`;
  claim(slot > 0,
    `code ${where} is remembered in a page that has been forgotten`);
  claim(record >= At.RECORDS / 4 + 32 && record < cpu[Cpu.NEXT_RECORD]
    && record % Rec.WORDS === 0, `no record ${record} ${where}`);
  claim(cpu[record + Rec.HERE] === offset, `the record ${where} is another's`);
  const op = cpu[record + Rec.OP];
  if (op === Op.STALE) return;
  let isCut = false;
  const i = parse((k) => {
    isCut ||= k > 14 || offset + k >= PAGE;
    return isCut ? 0 : m.bytes[At.RAM + page + offset + k];
  }, (cpu[Cpu.RIGHTS + 1] & 0x40_0000) === 0 ? 16 : 32);
  if (isCut)
    claim(op === Op.CROSSING,
      `the code ${where} should be decoded anew each time`);
  else if (!i)
    claim(op === Op.UNDEFINED, `the code ${where} should be undefined`);
  else claim(cpu[record + Rec.NEXT] === offset + i.length,
      `the code ${where} has changed since it was decoded`);
}

/** A number for all that a program can see of its machine. */
export function fingerprint(m: Machine): string {
  const { cpu } = m;
  const own = [...cpu.subarray(Cpu.EAX, Cpu.EDI + 1), cpu[Cpu.EIP], settle(cpu),
    ...cpu.subarray(Cpu.SELECTOR, Cpu.OPEN),
    ...cpu.subarray(Cpu.CPL, Cpu.IDT_LIMIT + 1), cpu[Cpu.IRQS], cpu[Cpu.ASLEEP],
    cpu[Cpu.SHADOW], ...cpu.subarray(Cpu.DR0, Cpu.DR7 + 1),
    ...cpu.subarray(Fpu.REGISTERS, Fpu.REGISTERS + 32),
    ...cpu.subarray(Fpu.CONTROL, Fpu.RAISED),
    ...cpu.subarray(Fpu.OPCODE, Fpu.DATA_SELECTOR + 1), m.time[Time.NOW]].map((
      word,
    ) => word >>> 0);
  const words = cpu.subarray(At.RAM / 4, (At.RAM + m.ramSize) / 4);
  let sum = 0;
  for (let k = 0; k < words.length; k++)
    sum = Math.imul(sum ^ words[k], 0x01000193) + (sum >>> 15) | 0;
  return `${own.map((word) => word.toString(16)).join(" ")} / ${(sum >>> 0).toString(16)}`;
}
