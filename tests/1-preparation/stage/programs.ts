// The programs of the tests in bytes, for as long as the book has no
// assembler. They were recorded from it, and its own tests compare them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const folder = "tests/1-preparation/stage";
const file = `${folder}/programs.json`;

/** What is recorded: the bytes, in hexadecimal, by their source. */
export const recordedPrograms = (): Record<string, string> =>
  JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;

const programs = recordedPrograms();

/** The bytes of a program that lies at this address. */
export function recorded(source: string, origin = 0): Uint8Array {
  const key = origin === 0 ? source : `org ${origin}\n${source}`;
  const bytes = programs[key] ?? record(key);
  return Uint8Array.from(Buffer.from(bytes, "hex"));
}

/** With QUEST_RECORD=1 what is not recorded yet is asked of the assembler. */
function record(source: string): string {
  if (process.env["QUEST_RECORD"] !== "1")
    throw new Error(`no bytes are recorded for this program: QUEST_RECORD=1 `
      + `npm test -- ${relative(".", process.argv[1]!)}\n${source}`);
  const words = ["tangle/run.mjs", `${folder}/record.ts`, source];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return programs[source] = stdout.trim();
}
