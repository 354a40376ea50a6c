// What the tests of several chapters need: messages of errors, and nasm.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How much of a long proof is made: `npm test` takes a part, `npm test -- --full` the whole. */
export const portion = <T>(part: T,
  whole: T): T => (process.env["QUEST_FULL"] === "1" ? whole : part);

/** The seed of a test of chance: this one, or another for `npm test -- --seed N`. */
export const seedFrom = (usual: number): number =>
  usual + 7919 * Number(process.env["QUEST_SEED"] ?? 0);

/** The message of what `action` throws. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

/** Whether nasm is installed; says so if it is not. */
export function hasNasm(): boolean {
  const found = spawnSync("nasm", ["-v"]).status === 0;
  if (!found) console.log("(skipped: nasm is not installed)");
  return found;
}

/** What nasm makes of a source with these constants. Throws its complaint. */
export function nasm(source: string,
  constants: Readonly<Record<string, number>> = {}): Uint8Array
{
  const folder = mkdtempSync(join(tmpdir(), "quest-nasm-"));
  try {
    const [from, to] = [join(folder, "in.asm"), join(folder, "out.bin")];
    writeFileSync(from, source);
    const names = Object.entries(constants).map(([name, value]) =>
      `-D${name}=${value}`
    );
    const { status, stderr } = spawnSync("nasm", ["-f", "bin", ...names, "-o",
      to, from], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
