// One tangler at a time. The lock is a symbolic link to a process number.
import { readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";

const patience = 10_000;
const pause = 20;

/** Runs `work` while no other process does so under the same lock. */
export function withLock<T>(path: string, work: () => T): T {
  acquire(path);
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function acquire(path: string): void {
  for (let waited = 0; !tryAcquire(path); waited += pause) {
    const owner = ownerOf(path);
    if (waited >= patience) {
      throw new Error(`process ${owner ?? "unknown"} is writing; if that is over, delete ${path}`);
    }
    if (owner !== undefined && !isAlive(owner)) takeFromDead(path, owner);
    else sleep(pause);
  }
}

/** Unlike a file, a link appears together with its content. */
function tryAcquire(path: string): boolean {
  try {
    symlinkSync(String(process.pid), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return Number(readlinkSync(path)) || undefined;
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

/** Moves a dead process's lock away; if a living one came first, puts it back. */
function takeFromDead(path: string, dead: number): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
    if (ownerOf(aside) !== dead) renameSync(aside, path);
  } catch {
    // Another process was quicker; the next attempt will tell.
  }
  rmSync(aside, { force: true });
}

/** Waits without giving up the thread. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
