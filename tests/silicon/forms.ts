// What there is to try: every form of every row of the instruction table.
import { rows, type Row } from "../../tangled/machine/rows/table.ts";

/** A row with everything chosen that makes it a different instruction. */
export interface Form {
  row: Row;
  /** Operand size in bits. */
  width: 16 | 32;
  /** With a ModRM byte: whether it names memory. */
  memory: boolean;
  /** Sixteen-bit addresses, by prefix 67. */
  short: boolean;
  /** A prefix: F2, F3 or F0; 0 for none. */
  prefix: number;
}

/** Rows that no program of ring 3 can try, and why. */
export const untried: Readonly<Record<string, string>> = {
  rdtsc: "tells the time of another clock",
  cpuid: "names another processor",
  rdpmc: "tells of another machine",
  sgdt: "Linux answers in the processor's place (UMIP)",
  sidt: "Linux answers in the processor's place (UMIP)",
  sldt: "Linux answers in the processor's place (UMIP)",
  str: "Linux answers in the processor's place (UMIP)",
  smsw: "Linux answers in the processor's place (UMIP)",
  int1:
    "is the debugger's, and where it returns to depends on who lends the processor",
  sysenter: "enters Linux",
  syscall: "enters Linux",
};

const strings = /^(movs|cmps|stos|lods|scas|ins|outs)[bwd]$/;
export const isString = (row: Row): boolean => strings.test(row.name);

/** Instructions that touch memory or count by registers nobody names. */
const addressed = (row: Row): boolean =>
  isString(row) || /^(xlat|loop|jecxz|jcxz)/.test(row.name);

/** What F0 may stand before, if the destination is in memory. SDM vol. 2, LOCK. */
export const lockable =
  /^(add|adc|and|btc|btr|bts|cmpxchg|cmpxchg8b|dec|inc|neg|not|or|sbb|sub|xor|xadd|xchg)$/;

export const isFpu = (row: Row): boolean => /^(f|wait)/.test(row.name);

/** A form's name, for people and for counting. */
export function nameOf({ row, width, memory, short, prefix }: Form): string {
  const parts = [prefix === 0 ? "" : prefix.toString(16), row.name,
    row.operands.join(","), `(${row.encoding})`,
    row.modrm ? (memory ? "memory" : "register") : "", `${width}`,
    short ? "a16" : ""];
  return parts.filter((part) => part !== "").join(" ");
}

/** What two forms have in common if they are the same bytes. */
export function keyOf(
  { row, width, memory, short, prefix }: Form
    | (Omit<Form, "width"> & { width: number }),
): string {
  return [row.encoding.replace(/^(o\d\d|a\d\d|rep) /, ""), width, memory, short,
    prefix].join();
}

/** All forms. Rows that say the same bytes as an earlier one are left out. */
export function allForms(): Form[] {
  const seen = new Set<string>();
  const forms: Form[] = [];
  for (const row of rows) {
    if (row.name in untried || isFpu(row)) continue;
    for (const form of formsOf(row)) {
      if (!seen.has(keyOf(form))) forms.push(form);
      seen.add(keyOf(form));
    }
  }
  return forms;
}

function formsOf(row: Row): Form[] {
  const widths = ([32, 16] as const).filter((width) =>
    row.only === 0 || row.only === width
  );
  const places = [false, true].filter((memory) => canBe(row, memory));
  return widths.flatMap((width) =>
    places.flatMap((memory) =>
      [false, true].flatMap((short) => {
        if (
          short && !memory && !addressed(row)
          && !/moffs/.test(row.operands.join())
        ) return [];
        if (row.encoding.startsWith(short ? "a32 " : "a16 ")) return [];
        return prefixesOf(row, memory).map((prefix): Form => ({
          row,
          width,
          memory,
          short,
          prefix,
        }));
      })
    )
  );
}

function canBe(row: Row, memory: boolean): boolean {
  if (!row.modrm) return !memory;
  const only = row.operands.some((o) => /^m(?!offs)/.test(o)),
    never = row.operands.some((o) => /^rr|^cr|^dr/.test(o));
  return memory ? !never : !only;
}

function prefixesOf(row: Row, memory: boolean): number[] {
  if (isString(row)) return [0, 0xf2, 0xf3];
  if (row.encoding.startsWith("rep ")) return [0xf3];
  return memory && lockable.test(row.name) ? [0, 0xf0] : [0];
}
