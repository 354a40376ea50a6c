// Errors in words that help.
import { visible, wordsFor } from "../edge.mjs";

/** An error that is no fault of the program: its message says all there is to say. */
export function refusal(message: string): Error {
  return Object.assign(new Error(message), { isRefusal: true });
}

/** One line about what the system, or this program, refuses; undefined for a fault of ours. */
export function inWords(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("isRefusal" in error) return visible(error.message);
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  return visible(`${path === undefined ? "" : `${path}: `}${reasonOf(error)}`);
}

/** What the system says about an error: "no space left on device". */
export function reasonOf(error: Error): string {
  return wordsFor(error) ?? error.message;
}

/** Runs a tool. What the system refuses becomes one line, and the exit code 1. */
export async function orSay(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const line = inWords(error);
    if (line === undefined || process.env["QUEST_TRACE"] === "1") throw error;
    console.error(line);
    process.exitCode = 1;
  }
}
