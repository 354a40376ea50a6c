/** Every drawing of the book, by the name of its file in chapters/figures/. */
import type { Book } from "../../tangle/book/chapter.ts";
import { parseStage, wholeBook } from "../../tangle/book/stage.ts";
import { readBlock } from "../machine/block.ts";
import { readFacts, type Facts } from "../machine/facts.ts";
import { firstWords, wholeBlock, type Blocks } from "./block.ts";
import { hostLoop, interruptFrame, rings, worldSwitch } from "./flow.ts";
import { kernelFile, launcherStep, oneEntry, twoWays } from "./host.ts";
import {
  guestMemory,
  machineMemory,
  shadowTables,
  switcherMap,
  twoLevelTables,
} from "./memory.ts";
import {
  descriptorBits,
  faults,
  forgedFrame,
  holdFire,
  hungTwice,
  twoDoors,
} from "./guest.ts";
import { pageA } from "./page-a.ts";
import { snake } from "./passes.ts";
import { byHand, carries, formBits, remembered } from "./preparation.ts";
import { questMap } from "./quest-map.ts";
import { virtqueue } from "./virtqueue.ts";

/** What the book's code says of itself. */
interface Told extends Blocks {
  facts: Facts;
}

/** Each draws anew when it is asked to; some show what the book's code says. */
const figures: Readonly<Record<string, (told: Told) => string>> = {
  "by-hand": ({ facts }) => byHand(facts),
  carries: carries,
  descriptor: ({ facts }) => descriptorBits(facts),
  faults: faults,
  "first-words": firstWords,
  "form-bits": ({ facts }) => formBits(facts),
  "forged-frame": ({ facts }) => forgedFrame(facts),
  "guest-memory": guestMemory,
  "hold-fire": ({ facts }) => holdFire(facts),
  "host-loop": hostLoop,
  "hung-twice": ({ facts }) => hungTwice(facts),
  "interrupt-frame": interruptFrame,
  "kernel-file": ({ facts }) => kernelFile(facts),
  "launcher-step": launcherStep,
  "machine-memory": machineMemory,
  "one-entry": ({ facts }) => oneEntry(facts),
  "page-a": pageA,
  "quest-map": () => questMap(),
  remembered: ({ facts }) => remembered(facts),
  rings: rings,
  "shadow-tables": shadowTables,
  snake: snake,
  "switcher-map": switcherMap,
  "two-doors": ({ facts }) => twoDoors(facts),
  "two-level-tables": twoLevelTables,
  "two-ways": ({ facts }) => twoWays(facts),
  virtqueue: virtqueue,
  "whole-block": wholeBlock,
  "world-switch": worldSwitch,
};

/** All drawings of a book: file names and SVG. */
export async function drawAll(book: Book): Promise<Map<string, string>> {
  const [first, whole, facts] = await Promise.all([
    readBlock(book,
      parseStage("Preparation: the words of the processor", book)),
    readBlock(book, wholeBook(book)),
    readFacts(book),
  ]);
  const drawn = Object.entries(figures).map(([name, draw]) =>
    [`${name}.svg`, draw({ first, whole, facts })] as const
  );
  return new Map(drawn);
}
