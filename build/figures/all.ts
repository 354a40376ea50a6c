/** Every drawing of the book, by the name of its file in chapters/figures/. */
import type { Book } from "../../tangle/book/chapter.ts";
import { parseStage, wholeBook } from "../../tangle/book/stage.ts";
import { readBlock } from "../machine/block.ts";
import { firstWords, wholeBlock, type Blocks } from "./block.ts";
import { hostLoop, interruptFrame, rings, worldSwitch } from "./flow.ts";
import {
  guestMemory,
  machineMemory,
  shadowTables,
  switcherMap,
  twoLevelTables,
} from "./memory.ts";
import { pageA } from "./page-a.ts";
import { snake } from "./passes.ts";
import { questMap } from "./quest-map.ts";
import { virtqueue } from "./virtqueue.ts";

/** Each draws anew when it is asked to; some show what the book's code says. */
const figures: Readonly<Record<string, (blocks: Blocks) => string>> = {
  "first-words": firstWords,
  "guest-memory": guestMemory,
  "host-loop": hostLoop,
  "interrupt-frame": interruptFrame,
  "machine-memory": machineMemory,
  "page-a": pageA,
  "quest-map": () => questMap(),
  rings: rings,
  "shadow-tables": shadowTables,
  snake: snake,
  "switcher-map": switcherMap,
  "two-level-tables": twoLevelTables,
  virtqueue: virtqueue,
  "whole-block": wholeBlock,
  "world-switch": worldSwitch,
};

/** All drawings of a book: file names and SVG. */
export async function drawAll(book: Book): Promise<Map<string, string>> {
  const [first, whole] = await Promise.all([
    readBlock(book,
      parseStage("Preparation: the words of the processor", book)),
    readBlock(book, wholeBook(book)),
  ]);
  const drawn = Object.entries(figures).map(([name, draw]) =>
    [`${name}.svg`, draw({ first, whole })] as const
  );
  return new Map(drawn);
}
