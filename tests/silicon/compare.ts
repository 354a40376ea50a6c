// Compares what two processors made of a case.
import { disassemble } from "../../tangled/assembler/disassemble.ts";
import { parse } from "../../tangled/machine/rows/decode.ts";
import { Flag } from "../../tangled/machine/ground/flags.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { atOnce, stepped } from "./replay.ts";
import { leftOpen } from "./undefined.ts";
import { CODE, CODE_SIZE, DONE, type Case, type Outcome } from "./world.ts";

/**
 * Flags that are not compared: TF, by which silicon is stepped; and RF, which
 * is for breakpoints, of which our machine has none.
 */
const unobserved = Flag.TF | Flag.RF;
/** Bit 4 of a page fault's code: a fetch, told only where pages may forbid execution. */
const FETCH = 16;

/**
 * What differs, in words; "" if nothing does. Where bytes that are no
 * instruction run off the last page, or are too many, either may be noticed.
 */
export function difference(c: Case, silicon: Outcome, ours: Outcome): string {
  const i = parse((k) => c.bytes[k] ?? 0);
  const open = i ? leftOpen(i, c)
    : { flags: 0, result: false, fault: undefined };
  const done = silicon.vector === DONE;
  if (open.fault === "order" && !done && ours.vector !== DONE) return "";
  if (
    open.fault === "write"
    && (ours.vector === 13 || (ours.vector === 14 && (ours.error & 2) !== 0))
  ) return "";
  if (
    !i && ours.vector === 6
    && (silicon.cr2 === CODE + CODE_SIZE || c.bytes.length > 15)
  ) return "";
  const flags = ~(unobserved | (done ? open.flags : 0));
  const found: string[] = [];
  const compare = (what: string, theirs: number, own: number): void => {
    if (theirs >>> 0 !== own >>> 0)
      found.push(`${what} ${hex(theirs)}, ours ${hex(own)}`);
  };
  compare("vector", silicon.vector, ours.vector);
  compare("error code", silicon.error & (silicon.vector === 14 ? ~FETCH : -1),
    ours.error);
  compare("cr2", silicon.cr2, ours.cr2);
  compare("eip", silicon.eip, ours.eip);
  compare("flags", silicon.flags & flags, ours.flags & flags);
  compare("steps", silicon.steps, ours.steps);
  silicon.selectors.forEach((selector, n) =>
    compare(segments[n], selector, ours.selectors[n])
  );
  if (done ? open.result : open.fault === "registers") return found.join("; ");
  silicon.registers.forEach((value, n) =>
    compare(registers[n], value, ours.registers[n])
  );
  if (String(silicon.memory) !== String(ours.memory))
    found.push(`memory ${bytes(silicon)}, ours ${bytes(ours)}`);
  return found.join("; ");
}

const segments = ["es", "cs", "ss", "ds", "fs", "gs"];
const registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
const hex = (value: number): string => (value >>> 0).toString(16);
const bytes = (o: Outcome): string =>
  o.memory.map(([offset, value]) => `+${hex(offset)}=${hex(value)}`).join(" ")
  || "unchanged";

/** What differs between silicon and our machine, either way of running it; "" if nothing does. */
export function tryCase(m: Machine, c: Case, silicon: Outcome,
  selectors: readonly number[]): string
{
  const one = difference(c, silicon, stepped(m, c, selectors));
  // What pushf pushes shows the trap flag.
  if (
    one !== "" || /^pushf/.test(parse((k) => c.bytes[k] ?? 0)?.row.name ?? "")
  ) return one;
  const two = difference(c, silicon, atOnce(m, c, selectors, silicon.steps));
  return two === "" ? "" : `at once: ${two}`;
}

/** A case as somebody would want to read it who has to find the mistake. */
export function describe(c: Case): string {
  const code = Array.from(c.bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join(" ");
  const state = c.registers.map((value, n) => `${registers[n]}=${hex(value)}`)
    .join(" ");
  return `${disassemble(c.bytes, c.at).text}  [${code}] at ${hex(c.at)}, ${state} flags=${hex(c.flags)} steps=${c.steps}`;
}
