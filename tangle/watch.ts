// Looks after the chapters and calls back when one of them has changed.
import { watchFile } from "node:fs";
import { parts } from "./book/book.ts";
import { inWords } from "./book/words.ts";

const interval = 150;
const calm = 50;

/**
 * Calls `onChange` after each change to a chapter, once the changes have
 * calmed down. It asks for the time of the last change again and again,
 * which works on every file system and with every editor's way of saving.
 */
export function watch(onChange: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => tryTo(onChange), calm);
  };
  for (const { path } of parts())
    watchFile(path, { interval }, schedule);
  console.log("watching the chapters; end with Ctrl-C");
}

/** A failure, such as a file system that is full, must not end the watch. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(inWords(error) ?? (error as Error).message);
  }
}
