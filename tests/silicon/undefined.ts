// What the manual leaves open, and a recording must not decide: one line for
// each kind of instruction. Flags and results: Intel SDM, volume 2, "Flags
// Affected" and "Operation" of the page named.
import { Flag } from "../../tangled/machine/ground/flags.ts";
import type { Instruction } from "../../tangled/machine/rows/decode.ts";
import type { Case } from "./world.ts";

const CF = Flag.CF, PF = Flag.PF, AF = Flag.AF, ZF = Flag.ZF, SF = Flag.SF,
  OF = Flag.OF;

interface Rule {
  names: RegExp;
  page: string;
  /** Only if this holds; `n` is the count of a shift. */
  when?: (x: { n: number; bits: number; i: Instruction }) => boolean;
  flags: number;
  /** The result is undefined as well. */
  result?: true;
  /** What it leaves behind when it faults. */
  fault?: Fault;
}

/**
 * Registers: some may have been loaded before the fault. Order: an
 * instruction with several reasons to fault may raise any of them. Write: its
 * place in memory may or may not have to be one that can be written.
 */
type Fault = "registers" | "order" | "write";

export const rules: readonly Rule[] = [
  { names: /^(and|or|xor|test)$/, page: "AND, OR, XOR, TEST", flags: AF },
  {
    names: /^(shl|shr|sar|sal)$/,
    page: "SAL/SAR/SHL/SHR",
    when: ({ n }) => n > 0,
    flags: AF,
  },
  {
    names: /^(shl|shr|sar|sal)$/,
    page: "SAL/SAR/SHL/SHR",
    when: ({ n }) => n > 1,
    flags: OF,
  },
  {
    names: /^(shl|shr|sal)$/,
    page: "SAL/SAR/SHL/SHR",
    when: ({ n, bits }) => n >= bits,
    flags: CF,
  },
  {
    names: /^r[oc][lr]$/,
    page: "RCL/RCR/ROL/ROR",
    when: ({ n }) => n > 1,
    flags: OF,
  },
  { names: /^sh[lr]d$/, page: "SHLD, SHRD", when: ({ n }) => n > 0, flags: AF },
  { names: /^sh[lr]d$/, page: "SHLD, SHRD", when: ({ n }) => n > 1, flags: OF },
  {
    names: /^sh[lr]d$/,
    page: "SHLD, SHRD",
    when: ({ n, bits }) => n > bits,
    flags: CF | PF | AF | ZF | SF | OF,
    result: true,
  },
  { names: /^i?mul$/, page: "MUL, IMUL", flags: SF | ZF | AF | PF },
  { names: /^i?div$/, page: "DIV, IDIV", flags: CF | OF | SF | ZF | AF | PF },
  { names: /^bs[fr]$/, page: "BSF, BSR", flags: CF | OF | SF | AF | PF },
  { names: /^bt[src]?$/, page: "BT, BTS, BTR, BTC", flags: OF | SF | AF | PF },
  {
    names: /^bswap$/,
    page: "BSWAP (16-bit operand)",
    when: ({ i }) => i.width === 16,
    flags: 0,
    result: true,
  },
  {
    names: /^popa[dw]?$/,
    page: "POPA/POPAD: eight separate pops",
    flags: 0,
    fault: "registers",
  },
  {
    names: /^(ltr|lldt|lmsw|iret[dw]?|retfw?|pop|cmps[bwd])$/,
    page: "vol. 3, 6.9: faults of one class, while executing",
    flags: 0,
    fault: "order",
  },
  {
    names: /^arpl$/,
    page: "ARPL: whether a selector that stays as it is gets written",
    flags: 0,
    fault: "write",
  },
  { names: /^(aaa|aas)$/, page: "AAA, AAS", flags: OF | SF | ZF | PF },
  { names: /^(daa|das)$/, page: "DAA, DAS", flags: OF },
  { names: /^(aam|aad)$/, page: "AAM, AAD", flags: OF | AF | CF },
];

/** What of a case's outcome nobody may rely on, if it comes to its end, or if it faults. */
export function leftOpen(i: Instruction,
  c: Case): { flags: number; result: boolean; fault: Fault | undefined }
{
  const bits = /8$/.test(i.row.operands[0] ?? "") ? 8 : i.width;
  const last = i.row.operands.at(-1);
  const count = last === "cl" ? c.registers[1] : last === "1" ? 1 : i.immediate;
  const x = { n: count & 31, bits, i };
  const found = rules.filter(({ names, when }) =>
    names.test(i.row.name) && (when?.(x) ?? true)
  );
  return {
    flags: found.reduce((all, { flags }) => all | flags, 0),
    result: found.some(({ result }) => result),
    fault: found.find(({ fault }) => fault)?.fault,
  };
}
