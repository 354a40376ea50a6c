/** What code looked like before, kept below node_modules: shiki is slow, and most code is as it was. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A run of characters, and what shiki says of it: light colour, dark colour, style of the font. */
export type Run = [text: string, light: string, dark: string, style: number];

/** Lines of code as runs, remembered. */
export interface Looks {
  /** What was found before for this code, or is found now. */
  of(language: string, text: string, find: () => Run[][]): Run[][];
  /** Keeps what was new. */
  keep(): void;
}

/** A line: a text, the number of its look, the next text, ... */
type Line = (string | number)[];

interface Kept {
  /** What they were found with. */
  by: string;
  looks: [light: string, dark: string, style: number][];
  found: Record<string, Line[]>;
}

/** So many pieces of code are kept; then those that were not asked for go. */
const MOST = 6000;

const modules = "node_modules";
const place = join(modules, ".cache", "quest", "looks.json");

/** The looks that were found with these settings and the packages of the project. */
export function keptLooks(settings: unknown, root = "."): Looks {
  const path = join(root, place), by = fingerprint(settings, root);
  const kept = by === undefined ? nothing("") : read(path, by);
  const fresh = new Map<string, Run[][]>(), used = new Set<string>();
  const keep = (): void => {
    if (by !== undefined && fresh.size > 0) write(path, by, fresh, used);
    fresh.clear();
  };
  return {
    of: (language, text, find) => {
      const key = digest(`${language}\0${text}`), before = kept.found[key];
      used.add(key);
      if (before) return before.map((line) => unpack(line, kept.looks));
      const found = fresh.get(key) ?? find();
      fresh.set(key, found);
      return found;
    },
    keep,
  };
}

const digest = (text: string): string =>
  createHash("sha1").update(text).digest("base64");

/** Undefined where nothing says which packages there are. */
function fingerprint(settings: unknown, root: string): string | undefined {
  try {
    const packages = readFileSync(join(root, modules, ".package-lock.json"),
      "utf8");
    return digest(JSON.stringify(settings) + packages);
  } catch {
    return undefined;
  }
}

const nothing = (by: string): Kept => ({ by, looks: [], found: {} });

function read(path: string, by: string): Kept {
  try {
    const kept = JSON.parse(readFileSync(path, "utf8")) as Kept;
    if (kept.by === by) return kept;
  } catch {} // there is none
  return nothing(by);
}

/** Adds to what others have kept meanwhile. No loss if it cannot be written. */
function write(path: string, by: string, fresh: ReadonlyMap<string, Run[][]>,
  used: ReadonlySet<string>): void
{
  const kept = read(path, by);
  for (const [key, lines] of fresh)
    kept.found[key] = lines.map((line) => pack(line, kept.looks));
  if (Object.keys(kept.found).length > MOST) {
    kept.found = Object.fromEntries(
      Object.entries(kept.found).filter(([key]) => used.has(key)),
    );
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(kept));
    renameSync(`${path}.${process.pid}`, path);
  } catch {}
}

function pack(line: readonly Run[], looks: Kept["looks"]): Line {
  return line.flatMap(([text, ...look]) => {
    const at = looks.findIndex((each) => `${each}` === `${look}`);
    return [text, at < 0 ? looks.push(look) - 1 : at];
  });
}

function unpack(line: Line, looks: Kept["looks"]): Run[] {
  return Array.from({ length: line.length / 2 },
    (_, n) => [String(line[2 * n]), ...looks[Number(line[2 * n + 1])]!]);
}
