// Has cases run by the processor of this computer: native.c, built by gcc.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  FPU_SIZE,
  image,
  stacks,
  type Case,
  type Outcome,
  type Recording,
} from "./world.ts";

const TEST_SIZE = 96 + FPU_SIZE;

/** Runs all cases. Throws if there is no gcc -m32, or no x86 to run what it makes. */
export function runNatively(cases: Case[], seed: number): Recording {
  const folder = mkdtempSync(join(tmpdir(), "silicon-"));
  try {
    const program = join(folder, "native");
    build(program);
    const output = execFileSync(program, {
      input: request(cases),
      maxBuffer: 2 ** 30,
    });
    return { seed, cases, ...answer(output, cases) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function build(program: string): void {
  try {
    execFileSync("gcc", ["-m32", "-O1", "-no-pie", "-fno-stack-protector", "-o",
      program, "tests/silicon/native.c"]);
  } catch {
    throw new Error(
      "tests/silicon/native.c cannot be built: it takes gcc -m32 (gcc-multilib) on an x86 with Linux",
    );
  }
}

function request(cases: Case[]): Uint8Array {
  const own = stacks.flatMap((
    { base, limit, pages, wide },
  ) => [base, limit, +pages, +wide]);
  const head = Uint8Array.of(
    ...new Uint8Array(Uint32Array.of(cases.length, ...own).buffer),
    ...image(),
  );
  const out = new Uint8Array(head.length + cases.length * TEST_SIZE);
  const view = new DataView(out.buffer);
  out.set(head);
  cases.forEach((c, n) => {
    const at = head.length + n * TEST_SIZE;
    out.set(c.bytes, at);
    const words = [c.bytes.length, c.at, c.steps, ...c.registers, c.flags,
      c.poke.at, c.poke.bytes.length];
    words.forEach((value, k) => view.setUint32(at + 16 + 4 * k, value, true));
    out.set(c.poke.bytes, at + 72);
    view.setUint32(at + 88, c.stack, true);
    view.setUint32(at + 92, c.fpu ? 1 : 0, true);
    if (c.fpu) out.set(c.fpu, at + 96);
  });
  return out;
}

function answer(output: Buffer,
  cases: Case[]): Pick<Recording, "processor" | "selectors" | "outcomes">
{
  const processor = output.toString("latin1", 0, 48).replaceAll("\0", "")
    .trim();
  let at = 48;
  const word = (): number => output.readUInt32LE((at += 4) - 4);
  const words = (size: number): number[] => Array.from({ length: size }, word);
  const selectors = words(6);
  const outcomes = cases.map((c): Outcome => {
    const [vector, error, cr2, eip, flags, steps] = words(6) as [number, number,
      number, number, number, number];
    const registers = words(8), selectorsNow = words(6);
    const fpu = Uint8Array.from(output.subarray(at, at += FPU_SIZE));
    const memory = Array.from({ length: word() }, (): [number, number] => {
      at += 4;
      return [output.readUInt16LE(at - 4), output[at - 2]];
    });
    const o: Outcome = {
      vector,
      error,
      cr2,
      eip,
      flags,
      steps,
      registers,
      selectors: selectorsNow,
      memory,
    };
    return tidy(c.fpu ? { ...o, fpu } : o);
  });
  if (at !== output.length) throw new Error("native.c and native.ts disagree");
  return { processor, selectors, outcomes };
}

/** The kernel leaves the last fault's words behind where there was none. */
function tidy(o: Outcome): Outcome {
  const hasCode = [10, 11, 12, 13, 14, 17].includes(o.vector);
  return {
    ...o,
    error: hasCode ? o.error : 0,
    cr2: o.vector === 14 ? o.cr2 : 0,
  };
}
