// The edge of every command (run.mjs): what it prints arrives or is missed
// aloud, and what goes wrong is told in words. Plain JavaScript, like run.mjs.
import { fstatSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";
import { getSystemErrorMap, inspect } from "node:util";

/** How long last words may take to reach a reader that is slow, in milliseconds. */
const patience = 500;

/**
 * Output that cannot be written ends the command: in silence when its reader
 * has left, else with a line about it.
 */
export function guardOutput() {
  guard(1, process.stdout, "standard output");
  guard(2, process.stderr, "standard error");
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on("exit", () => {
    if (!terminals.every((fd) => isatty(fd))) hangUp();
  });
}

/** Node crashes when it exits from a terminal that is gone; so it is not asked to. */
function hangUp() {
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}

/** @param {1 | 2} fd @param {NodeJS.WriteStream} stream @param {string} name */
function guard(fd, stream, name) {
  const isTerminal = isatty(fd);
  stream.on("error", (error) => {
    const hasHungUp = isTerminal && /** @type {NodeJS.ErrnoException} */ (error).code === "EIO";
    if (hasHungUp) hangUp();
    lose(fd, name, error);
  });
  if (!isFile(fd)) return;
  stream._write = (chunk, encoding, done) => {
    try {
      writeWhole(fd, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    } catch (error) {
      lose(fd, name, /** @type {Error} */ (error));
    }
    done();
  };
}

/** Whether it is no terminal, pipe or socket. @param {number} fd */
function isFile(fd) {
  const stat = fstatSync(fd);
  return !isatty(fd) && !stat.isFIFO() && !stat.isSocket();
}

/**
 * Node's own stream writes once and does not look how much went in: on a disk
 * that becomes full, the rest would be lost in silence.
 * @param {number} fd @param {Uint8Array} bytes
 */
function writeWhole(fd, bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/**
 * @param {number} fd @param {string} name @param {NodeJS.ErrnoException} error
 * @returns {never}
 */
function lose(fd, name, error) {
  const hasLeft = ["EPIPE", "ECONNRESET"].includes(error.code ?? "");
  if (hasLeft) process.exit(128 + constants.signals.SIGPIPE);
  if (fd !== 2) say(`${name} cannot be written: ${wordsFor(error) ?? error.message}`);
  process.exit(1);
}

/** Where there may be no more time for anything. @param {string} line */
function say(line) {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // There is nobody left to be told.
  }
}

/** Prints a message and ends the process, in a while at the latest. @param {string} message */
export function fail(message) {
  process.exitCode = 1;
  process.stderr.write(`${message}\n`, () => process.exit(1));
  setTimeout(() => process.exit(1), patience);
}

/**
 * What to print for anything thrown: a line, or its stack.
 * @param {unknown} error
 * @param {string} root
 * @param {boolean} trace
 */
export function describe(error, root, trace) {
  const { stack } = /** @type {Error} */ (error ?? {});
  if (trace) return typeof stack === "string" ? shorten(stack, root) : `thrown: ${inspect(error)}`;
  if (isUsage(error)) return visible(lineFor(error), false);
  const place = isForUsers(error) ? "" : placeIn(stack ?? "", root);
  const line = visible(shorten(lineFor(error), root), isForUsers(error));
  return `${line}${place} (QUEST_TRACE=1 shows where)`;
}

/**
 * Whether somebody made it for users: what is a plain Error was.
 * @param {unknown} error
 */
function isForUsers(error) {
  return error instanceof Error && error.constructor === Error && !("code" in error);
}

/**
 * A line about it; those of the system get its words.
 * @param {unknown} error
 * @returns {string}
 */
function lineFor(error) {
  if (!(error instanceof Error)) return `a fault in this program: ${inspect(error)} was thrown`;
  if (isUsage(error)) return error.message.replace(/\. To specify .*/su, "");
  const words = wordsFor(error);
  const { path, address, port, syscall } = /** @type {Failed} */ (error);
  if (words) return `${path ?? (address && `${address}:${port}`) ?? syscall}: ${words}`;
  if (isForUsers(error)) return error.message;
  return `a fault in this program: ${error.name}: ${error.message.split("\n")[0]}`;
}

/**
 * The first place of the project in a stack.
 * @param {string} stack
 * @param {string} root
 */
function placeIn(stack, root) {
  const [, place] = /^\s+at (?:.* \()?([^\s():/][^\s():]*:\d+:\d+)\)?$/m.exec(shorten(stack, root)) ?? [];
  return place === undefined ? "" : ` at ${place}`;
}

/** @typedef {NodeJS.ErrnoException & { address?: string, port?: number }} Failed */

/**
 * What the system means by an error's number.
 * @param {Error} error
 */
export function wordsFor(error) {
  const { errno } = /** @type {Failed} */ (error);
  return errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
}

/**
 * Whether it is about the words of the command line (node:util's parseArgs).
 * @param {unknown} error
 */
function isUsage(error) {
  return /** @type {Failed | undefined} */ (error)?.code?.startsWith("ERR_PARSE_ARGS") === true;
}

/**
 * Text with what a terminal would obey written out, but for the ends of its
 * lines where whoever made it knew what a line is.
 * @param {string} text
 * @param {boolean} [hasLines]
 */
export function visible(text, hasLines = false) {
  return text.replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (c) =>
    c === "\n" && hasLines ? c : `\\u{${c.codePointAt(0)?.toString(16)}}`);
}

/**
 * A stack with places relative to the project, without run.mjs in it.
 * @param {string} stack
 * @param {string} root
 */
export function shorten(stack, root) {
  const relative = stack.replaceAll(`${pathToFileURL(root).href}/`, "").replaceAll(`${root}/`, "");
  const foreign = /^\s+at .*(\btangle\/(run|edge)\.mjs:|\bnode:internal\/)/;
  return relative.split("\n").filter((line) => !foreign.test(line)).join("\n");
}
