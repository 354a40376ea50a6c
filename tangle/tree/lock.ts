// One tangler at a time. The lock is a folder that holds one empty file, whose
// name is the number of the process that owns it. The folder is made aside and
// renamed, and so appears together with its content; no folder can be renamed
// to one that is not empty. Every file system has folders; not all have links.
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { look } from "./plan.ts";
import { refusal } from "../book/words.ts";

const pause = 20;

/**
 * Runs `work` while no other process does so under the same lock. Waits for
 * that as many milliseconds as its patience lasts.
 */
export function withLock<T>(path: string, work: () => T,
  { patience = 10_000 } = {}): T
{
  acquire(path, patience);
  try {
    return work();
  } finally {
    release(path);
  }
}

const self = String(process.pid);
const asideOf = (path: string): string => `${path}.${self}`;

function acquire(path: string, patience: number): void {
  for (let waited = 0; !tryAcquire(path); waited += pause) {
    const owner = ownerOf(path);
    if (owner !== undefined && !isAlive(owner) && takeFromDead(path, owner))
      return;
    if (waited >= patience) {
      throw refusal(
        `process ${owner ?? "unknown"} is writing; if that is over, delete ${path}`,
      );
    }
    sleep(pause);
  }
}

function tryAcquire(path: string): boolean {
  if (look(path) !== "nothing") return false;
  const aside = asideOf(path);
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, self), "");
  try {
    renameSync(aside, path);
    return true;
  } catch (error) {
    removeLock(aside);
    if (look(path) === "nothing" && !isTaken(error)) throw error;
    return false;
  }
}

/** Whether the lock was there a moment ago. */
function isTaken(error: unknown): boolean {
  return ["ENOTEMPTY", "EEXIST"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );
}

/** Renamed first, so that the lock is never there without its content. */
function release(path: string): void {
  if (ownerOf(path) !== process.pid) return;
  removeLock(asideOf(path));
  renameSync(path, asideOf(path));
  removeLock(asideOf(path));
}

function removeLock(folder: string): void {
  rmSync(join(folder, self), { force: true });
  if (look(folder) === "folder") rmdirSync(folder);
}

function ownerOf(path: string): number | undefined {
  try {
    return Number(readdirSync(path)[0]) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Puts this process's name in the place of a dead one's. Only one process can. */
function takeFromDead(path: string, dead: number): boolean {
  try {
    renameSync(join(path, String(dead)), join(path, self));
    return true;
  } catch {
    return false;
  }
}

/** Waits without giving up the thread. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
