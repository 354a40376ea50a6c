/** The block of memory that is the book's machine, as its own code lays it out. */
import type { Book } from "../../tangle/book/chapter.ts";
import type { Stage } from "../../tangle/book/stage.ts";
import { expandBook } from "../../tangle/tree/expand.ts";
import { runFromMemory } from "./run-from-memory.ts";

/** Something that has a place in the block. Its bytes are all its own. */
export interface Part {
  /** Enum and member that give its place, as in "Cpu.EAX". */
  id: string;
  /** The member alone. */
  name: string;
  /** Its first byte. */
  from: number;
  /** How many bytes it takes. */
  size: number;
  /** Names of the equal pieces that it consists of. */
  pieces?: readonly string[];
}

/** The block at some stage of the book. */
export interface Block {
  /** In the order of their addresses. */
  parts: readonly Part[];
  /** The byte of the block at which RAM begins. */
  ram: number;
}

/** The files that lay the block out, and the one that numbers the segment registers. */
const layoutFiles = [
  "machine/ground/layout.ts",
  "machine/ground/tlb.ts",
  "machine/ground/state.ts",
  "machine/x87/numbers.ts",
  "machine/protection/segments.ts",
];

type Enum = Readonly<Record<string, number>>;

/** Their enums; in the middle of the book some are not there yet. */
interface Layout {
  At: Enum;
  Cpu: Enum;
  Tlb?: Enum;
  Time?: Enum;
  Fpu?: Enum;
  Seg?: Enum;
}

/** Reads the block off the code as it stands at a stage. */
export async function readBlock(book: Book, stage: Stage): Promise<Block> {
  const files = expandBook(book, stage);
  const sources = new Map(files.map(({ path, text }) => [path, text]));
  const probe = layoutFiles
    .filter((path) => sources.has(path))
    .map((path) => `export * from "./${path}";`);
  const layout = (await runFromMemory(sources, probe.join("\n"))) as Layout;
  const parts = [...words(layout), ...doubles(layout), ...numbers(layout),
    ...tables(layout)];
  return {
    parts: parts.sort((a, b) => a.from - b.from),
    ram: layout.At["RAM"] as number,
  };
}

/** The members of an enum, without the way back from their values. */
function membersOf(all: Enum | undefined): [name: string, value: number][] {
  return Object.entries(all ?? {}).filter(([, value]) =>
    typeof value === "number"
  );
}

const partOf = (of: keyof Layout, name: string, from: number,
  size: number): Part => ({ id: `${of}.${name}`, name, from, size });

/** The processor's words: one each, if nothing else is known. */
function words({ Cpu, Seg }: Layout): Part[] {
  const segments = membersOf(Seg).map(([name]) => name.toLowerCase());
  return membersOf(Cpu).map(([name, word]) => {
    if (["SELECTOR", "BASE", "LIMIT", "RIGHTS", "OPEN"].includes(name))
      return {
        ...partOf("Cpu", name, word * 4, segments.length * 4),
        pieces: segments,
      };
    // What is saved lies as far apart as the segment registers' own words do.
    const count = { SAVED: 4 * segments.length + 1, FRAME: 35 }[name] ?? 1;
    return partOf("Cpu", name, word * 4, count * 4);
  });
}

function doubles({ Time }: Layout): Part[] {
  return membersOf(Time).map(([name, index]) =>
    partOf("Time", name, index * 8, 8)
  );
}

/** The FPU's part; a number takes four words, eight of them are registers. */
function numbers({ Fpu }: Layout): Part[] {
  return membersOf(Fpu).map(([name, word]) => {
    if (name === "REGISTERS")
      return {
        ...partOf("Fpu", name, word * 4, 8 * 16),
        pieces: [..."01234567"].map((each) => `R${each}`),
      };
    const size = { X: 16, Y: 16, Z: 16, IMAGE: 512 }[name] ?? 4;
    return partOf("Fpu", name, word * 4, size);
  });
}

/** What has an address of its own. */
function tables({ At, Tlb }: Layout): Part[] {
  const at = (name: string): number => At[name] as number;
  const tlb = (Tlb?.["WORDS"] ?? 0) * 4;
  const sizes: Readonly<Record<string, number>> = {
    SPLIT: 128,
    SPLIT_OUT: 128,
    NOWHERE: 4096,
    HARD: 4096,
    OWNERS: 256 * 4,
    TLB: tlb,
    GLOBALS: tlb,
    CODED: tlb,
    ENTRIES: 256 * 4096 * 4,
    RECORDS: at("RECORDS_END") - at("RECORDS"),
    CODE_MAP: at("RAM") - at("CODE_MAP"),
  };
  return membersOf(At)
    .filter(([name]) => name !== "RAM" && name !== "RECORDS_END")
    .map(([name, from]) => {
      const size = sizes[name];
      if (size === undefined)
        throw new Error(
          `build/machine/block.ts does not know how long At.${name} is`,
        );
      return partOf("At", name, from, size);
    });
}
