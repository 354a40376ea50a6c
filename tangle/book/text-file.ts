// Files as text: looked at before they are read, read within bounds, and
// UTF-8 to the last byte. What is read so can be written back unchanged.
import { isUtf8 } from "node:buffer";
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  statSync,
} from "node:fs";
import { reasonOf } from "./words.ts";

/** Why a file is no text, and where; line and column count from 1. */
export interface Fault {
  line: number;
  column: number;
  message: string;
}

/** More than any chapter needs, and little enough to hold. */
export const largest = 16 * 1024 * 1024;

/** The text of a file, with its byte order mark; undefined where there is nothing at all. */
export function readText(path: string): string | Fault | undefined {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
      return undefined;
    const bytes = readBytes(path);
    return typeof bytes === "string" ? wholeFile(bytes) : decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return undefined;
    if (code === "ENOENT")
      return wholeFile("this is a link that leads nowhere: mend it");
    return wholeFile(`this file cannot be read: ${reasonOf(error as Error)}`);
  }
}

const wholeFile = (message: string): Fault => ({ line: 1, column: 1, message });

/** The bytes of a file, or why they are not read. */
function readBytes(path: string): Buffer | string {
  const found = statSync(path);
  if (!found.isFile()) {
    return `this is ${found.isDirectory() ? "a folder" : "a device or a pipe"}: put a file here`;
  }
  const tooLarge = `this file is larger than ${largest >> 20} MB, and no text for a tangler`;
  if (found.size > largest) return tooLarge;
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return readUpTo(largest, file, found.size) ?? tooLarge;
  } finally {
    closeSync(file);
  }
}

/** All that is in a file, however large it says it is; undefined beyond the limit. */
function readUpTo(limit: number, file: number, expected: number): Buffer
  | undefined
{
  const parts: Buffer[] = [];
  for (let total = 0; total <= limit;) {
    const part = Buffer.allocUnsafe(Math.max(expected - total, 0) + 1024);
    const count = readSync(file, part);
    if (count === 0)
      return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts.push(part.subarray(0, count));
    total += count;
  }
  return undefined;
}

/** Bytes as text, if they are UTF-8; the first one that is not is the fault. */
export function decode(bytes: Buffer): string | Fault {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff")
    return wholeFile("this is UTF-16: save it as UTF-8");
  const text = bytes.toString("utf8");
  if (!isUtf8(bytes))
    return placeIn(text, firstWrong(text, bytes), "this byte is not UTF-8: "
      + "save the file as UTF-8");
  const nothing = text.indexOf("\0");
  if (nothing < 0) return text;
  return placeIn(text, nothing, "a NUL byte, which no text holds: take it out, "
    + "or, if this is UTF-16, save it as UTF-8");
}

/** Where the first U+FFFD stands that was put there for a wrong byte. */
function firstWrong(text: string, bytes: Buffer): number {
  let [at, offset] = [-1, 0];
  do {
    const next = text.indexOf("\uFFFD", at + 1);
    offset += Buffer.byteLength(text.slice(Math.max(at, 0), next));
    at = next;
  } while (bytes.subarray(offset, offset + 3).equals(replacement));
  return at;
}

const replacement = Buffer.from("\uFFFD");

function placeIn(text: string, at: number, message: string): Fault {
  const before = text.slice(text.startsWith("\uFEFF") ? 1 : 0, at).split(
    /\r\n|\n|\r/,
  );
  return { line: before.length, column: before.at(-1)!.length + 1, message };
}
