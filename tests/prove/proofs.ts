// The long proofs, a line each. Whoever adds one adds a line.
import { spawnSync } from "node:child_process";
import { parts } from "../../tangle/book/book.ts";
import { chapterOf } from "../../tangle/book/chapter.ts";

/** How long the proofs are to be. */
export interface Size {
  /** Where chance begins. */
  seed: number;
  /** A usual count, made larger or smaller. */
  of: (usual: number) => string;
}

export interface Proof {
  name: string;
  /** What holds if it passes. */
  shows: string;
  /** A module and its arguments, as tangle/run.mjs takes them. */
  command: (size: Size) => readonly string[];
  /** Without these there is nobody to ask. */
  judges?: readonly Judge[];
  /** Whether another seed makes it another proof. */
  chance?: boolean;
}

export interface Judge {
  name: string;
  isHere: () => boolean;
}

const runs = (program: string, ...words: string[]): boolean =>
  spawnSync(program, words).status === 0;

const nasm: Judge = { name: "nasm", isHere: () => runs("nasm", "-v") };
const qemu: Judge = {
  name: "qemu-system-i386",
  isHere: () => runs("qemu-system-i386", "--version"),
};
const gcc: Judge = {
  name: "gcc -m32, on an x86 with Linux",
  isHere: () => {
    const source = {
      input: "#include <stdio.h>\nint main(void) { return 0; }",
    };
    const words = ["-m32", "-x", "c", "-", "-o", "/dev/null"];
    return process.platform === "linux"
      && spawnSync("gcc", words, source).status === 0;
  },
};

/** A chapter and what hangs on it, by name. */
function withQuests(name: string): string[] {
  const all = parts(), { number } = all.find((part) => part.name === name)!;
  return all.filter((part) => chapterOf(part.number) === number).map((part) =>
    part.name
  );
}

const tests = (names: readonly string[],
  seed?: number): readonly string[] => ["tests/runner.ts", "--full", "--alone",
  ...(seed === undefined ? [] : ["--seed", `${seed}`]), ...names];

export const proofs: readonly Proof[] = [
  {
    name: "tests",
    shows: "every promise, and every comparison in full",
    command: () => tests([]),
  },
  {
    name: "stages",
    shows:
      "at each chapter's end, with side quests and without, all types and tests are right",
    command: () => ["tests/prove/stages.ts", "chapters", "--but-whole"],
  },
  {
    name: "types",
    shows: "so are the types at each section's end, and after each side quest",
    command: () => ["tests/prove/stages.ts", "types"],
  },
  {
    name: "sections",
    shows: "and its tests and experiments, without what comes after it",
    command: () => ["tests/prove/stages.ts", "sections"],
  },
  {
    name: "crashes",
    shows: "a crash at any step leaves the old tree or the new one",
    command: () => tests(["tests/tangle/crashes.ts", "tests/build.ts"]),
  },
  {
    name: "benchmark",
    shows:
      "the benchmark's kernel computes what it computes elsewhere, to DONE",
    command: () => ["tests/bench.ts", "--check"],
  },
  {
    name: "fuzz",
    shows: "programs of chance leave nothing but machine states",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/fuzz/main.ts", "--seed", `${seed}`, "--instructions",
      of(200_000_000)],
  },
  {
    name: "fuzz, cut up",
    shows: "and come to the same however their time is cut",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/fuzz/main.ts", "--again", "--seed", `${seed}`,
      "--instructions", of(5_000_000)],
  },
  {
    name: "circles",
    shows: "faults that lead to themselves let time pass, however it is cut",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/fuzz/main.ts", "--circles", "--again", "--seed", `${seed}`,
      "--instructions", of(2_000_000)],
  },
  {
    name: "stacks",
    shows: "stacks of 16 and 32 bits come to the same, however time is cut",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/fuzz/main.ts", "--stacks", "--again", "--seed", `${seed}`,
      "--instructions", of(2_000_000)],
  },
  {
    name: "decoders",
    shows: "bytes of chance are read as iced reads them",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/decoders/main.ts", "--seed", `${seed}`, "--strings",
      of(5_000_000)],
  },
  {
    name: "silicon",
    shows: "new cases do on the machine what they do on this processor",
    judges: [gcc],
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/silicon/main.ts", "--seed", `${seed}`, "--cases", of(200_000)],
  },
  {
    name: "silicon's stacks",
    shows: "so do new cases on stacks of 16 and 32 bits",
    judges: [gcc],
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/silicon/main.ts", "--stacks", "--seed", `${seed}`, "--cases",
      of(50_000)],
  },
  {
    name: "nasm",
    shows: "new programs of chance are assembled as nasm does it",
    judges: [nasm],
    chance: true,
    command: ({ seed }) => tests(withQuests("Preparation"), seed),
  },
  {
    name: "kernels",
    shows: "the small print of protection is as QEMU has it",
    judges: [qemu],
    command: () => tests(["privileged"]),
  },
  {
    name: "hostile Guests",
    shows: "whatever a Guest tries, everybody else is as before",
    chance: true,
    command: ({ seed }) => tests(withQuests("Switcher"), seed),
  },
  {
    name: "mutants",
    shows: "a change of the code is noticed by a test",
    chance: true,
    command: (
      { seed, of },
    ) => ["tests/prove/mutants.ts", "--seed", `${seed}`, "--count", of(100)],
  },
];
