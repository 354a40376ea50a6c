/** Where things live: structures of the book, read off its own code. */
import type { Book, Fence } from "../../tangle/book/chapter.ts";
import { wholeBook } from "../../tangle/book/stage.ts";
import { allFences, expandBook } from "../../tangle/tree/expand.ts";
import { runFromMemory } from "./run-from-memory.ts";

/** A structure: where it is, and what is where in it. */
export interface Structure {
  title: string;
  /** A sentence about it. */
  about: string;
  /** What its numbers are, "offset" or "address"; undefined: it has none. */
  numbers: string | undefined;
  places: readonly Spot[];
  /** The fence that defines it. */
  fence: Fence | undefined;
}

/** A member of a structure. */
export interface Spot {
  name: string;
  at: number | undefined;
  /** What its comment says. */
  about: string;
}

/** Where a structure is found in the code. */
interface Source {
  title: string;
  about: string;
  file: string;
  /** The object, enum or interface. */
  name: string;
  numbers?: string;
  /** Which members count. */
  only?: RegExp;
}

const SOURCES: readonly Source[] = [
  {
    title: "Addresses that the contract fixes",
    about: "In the linear address space of a Guest.",
    file: "abi/memory-map.ts",
    name: "layout",
    numbers: "address",
    only: /^(PAGE_OFFSET|SWITCHER_ADDRESS)$/,
  },
  {
    title: "The Switcher’s pages",
    about: "At the same addresses in both worlds.",
    file: "switcher/pages.ts",
    name: "pages",
    numbers: "address",
  },
  {
    title: "Page A: the registers of a Guest",
    about:
      "Offsets in the structure, which lies at the very end of the page; pushed and popped by the Switcher.",
    file: "abi/regs.ts",
    name: "Reg",
    numbers: "offset",
  },
  {
    title: "Page B: what the processor needs in between",
    about: "The way back to the Host, and the Guest’s tables.",
    file: "switcher/pages.ts",
    name: "state",
    numbers: "offset",
  },
  {
    title: "lguest_data: the page that Host and Guest share",
    about: "Wherever the Guest says at LGUEST_INIT.",
    file: "abi/lguest-data.ts",
    name: "lguestData",
    numbers: "offset",
    only: /^LGUEST_DATA_(?!SIZE)/,
  },
  {
    title: "Page zero: the boot parameters",
    about: "What the Launcher leaves for the kernel.",
    file: "abi/boot-params.ts",
    name: "bootParams",
    numbers: "offset",
    only: /^BOOT_/,
  },
  {
    title: "A device’s descriptor",
    about: "One after the other on the page above the Guest’s memory.",
    file: "abi/devices.ts",
    name: "deviceDescriptor",
    numbers: "offset",
    only: /^DEVICE_(?!PAGES)/,
  },
  {
    title: "The Host’s own pages",
    about: "At the bottom of the machine’s RAM.",
    file: "switcher/world.ts",
    name: "HostAt",
    numbers: "address",
  },
  {
    title: "What the Host knows of a Guest",
    about: "A record of TypeScript; no Guest can reach it.",
    file: "host/ground/state.ts",
    name: "Guest",
  },
  {
    title: "A shadow",
    about:
      "What the processor uses in place of one of the Guest’s directories.",
    file: "host/ground/state.ts",
    name: "Shadow",
  },
];

/** Every structure of the book that is there. */
export async function readPlaces(book: Book): Promise<Structure[]> {
  const files = expandBook(book, wholeBook(book));
  const sources = new Map(files.map(({ path, text }) => [path, text]));
  const there = SOURCES.filter(({ file }) => sources.has(file));
  const probe = [...new Set(there.map(({ file }) => file))].map((file, n) =>
    `export * as f${n} from "./${file}";`
  );
  const values = there.length === 0 ? []
    : Object.values(await runFromMemory(sources, probe.join("\n")) as object);
  const known = Object.assign({}, ...values) as Record<string, unknown>;
  return there.map((source) => ({
    title: source.title,
    about: source.about,
    numbers: source.numbers,
    places: spotsOf(source, sources.get(source.file)!, known[source.name]),
    fence: allFences(book).find(({ lines }) =>
      lines.some((line) => declares(line, source.name))
    ),
  }));
}

const declares = (line: string, name: string): boolean =>
  new RegExp(`^export (const|const enum|enum|interface) ${name}\\b`).test(line);

function spotsOf({ name, numbers, only = /./ }: Source, text: string,
  value: unknown): Spot[]
{
  const values = (value ?? {}) as Record<string, unknown>;
  const comments = membersOf(name, text);
  const names = numbers === undefined ? [...comments.keys()]
    : Object.keys(values).filter((key) => typeof values[key] === "number");
  return names.filter((key) => only.test(key)).map((key) => ({
    name: key,
    at: numbers === undefined ? undefined : values[key] as number,
    about: comments.get(key) ?? "",
  }));
}

/** The members of an object, an enum or an interface in a source, with the comments before them. */
function membersOf(name: string, source: string): Map<string, string> {
  const lines = source.split("\n");
  const from = lines.findIndex((line) => declares(line, name));
  const to = lines.findIndex((line, n) => n > from && line.startsWith("}"));
  const members = new Map<string, string>();
  let comment = "";
  for (const line of lines.slice(from + 1, to)) {
    const said = /^\s*\/\*\* (.*?)(?: \*\/)?$/.exec(line)?.[1]
      ?? /^\s*\* (.*?)(?: \*\/)?$/.exec(line)?.[1];
    if (said !== undefined) {
      comment = `${comment} ${said}`.trim();
      continue;
    }
    for (
      const [, member] of line.matchAll(/\b(?:readonly )?(\w+)\??(?: =|:)/g)
    ) {
      if (!members.has(member!)) members.set(member!, comment);
      comment = "";
    }
  }
  return members;
}
