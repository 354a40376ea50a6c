/** The end of page A, after a trap and after a stumble. */
import { arrow, box, figure, group, line, text, type Shape } from "./svg.ts";

/** The words at the end of page A, the lowest address first. */
const WORDS = ["eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "gs", "fs",
  "ds", "es", "trap number", "error code", "eip", "cs", "eflags", "esp", "ss"];
/** What a stub and `leave_guest` push after the processor, the last first. */
const PUSHED = 12;
/** The processor's own words for a trap within ring 0. */
const FRAME = 4;
/** So many words were popped when `ds` could not be loaded. */
const POPPED = WORDS.indexOf("ds");
const HEIGHT = 19;
const TOP = 68 + (PUSHED + FRAME - POPPED) * HEIGHT;

const row = (index: number): number => TOP + index * HEIGHT;

function cell(x: number, index: number, label: string,
  fill: "none" | "soft" | "strong" | "accent"): Shape
{
  return box({ x, y: row(index), width: 130, height: HEIGHT }, label, {
    round: 0,
    size: 12,
    mono: true,
    fill,
  });
}

/** Where esp points when all is pushed. */
const pointer = (from: number, to: number, index: number): Shape =>
  arrow(`${from},${row(index)} ${to},${row(index)}`, { accent: true });

/** Who pushed the word: the processor, the stub or the Switcher. */
const pusher = (index: number): "accent" | "strong" | "soft" =>
  index > 11 ? "accent" : index === 11 ? "strong" : "soft";

export function pageA(): string {
  const fallen = POPPED - PUSHED - FRAME;
  return figure(
    "After a trap of the Guest all eighteen words are there, and esp is REGS; after a stumble esp ends seven words below",
    640,
    row(WORDS.length) + 44,
    [
      text(170, 20, "a trap of the Guest", { bold: true }),
      text(170, 40, "stack: from the end of the page", { size: 13 }),
      text(470, 20, "we fell: ds could not be popped", { bold: true }),
      text(470, 40, "stack: from where the pops had come to", { size: 13 }),
      ...WORDS.map((word, index) => cell(105, index, word, pusher(index))),
      ...WORDS.slice(POPPED).map((word, n) =>
        cell(405, POPPED + n, word, "none")
      ),
      ...["eflags", "cs", "eip", "error code", "trap number"].map((word, n) =>
        cell(405, POPPED - 1 - n, word, n < FRAME ? "accent" : "strong")
      ),
      box({ x: 405, y: row(fallen), width: 130, height: 11 * HEIGHT },
        "eleven registers", { round: 0, size: 12, fill: "soft" }),
      line(`40,${row(0)} 560,${row(0)}`, { dashed: true, quiet: true }),
      text(36, row(0), "REGS", { mono: true, size: 12, anchor: "end" }),
      pointer(60, 103, 0),
      text(56, row(0) - 12, "esp", { mono: true, size: 12, accent: true }),
      pointer(360, 403, fallen),
      text(344, row(fallen), "esp", { mono: true, size: 12, accent: true }),
      group([
        text(320, row(WORDS.length) + 24,
          "pushed by the processor (red), the stub (dark) and leave_guest (light)",
          { italic: true, size: 13, quiet: true }),
      ]),
    ],
  );
}
