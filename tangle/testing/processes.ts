// What processes use of the processor, which tells a busy one from a slow
// computer; and their end, when they have used too much.
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What a process may use, those that it starts included. */
export interface Limits {
  /** Seconds of the processor's time. */
  cpu: number;
  /** Seconds, for one that waits; other work on the computer delays it too. */
  wall: number;
}

/** So generous that only what hangs will meet it. */
export const PATIENT: Limits = { cpu: 60, wall: 600 };

interface Entry {
  pid: number;
  parent: number;
  /** Seconds of its own and of its children that have ended. */
  cpu: number;
}

/** Linux counts these times in hundredths of a second for every program. */
const TICKS = 100;

/** A line of /proc/PID/stat: the name in brackets may hold anything. */
function entryOf(pid: number | "self"): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const cpu = (words[11] + words[12] + words[13] + words[14]) / TICKS;
    return { pid: parseInt(stat), parent: words[1], cpu };
  } catch {
    return undefined; // it has ended, or this is not Linux
  }
}

/** A process and all that it started, as far as they run. */
function family(pid: number): Entry[] {
  const first = entryOf(pid);
  if (!first) return [];
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)) ?? []);
  const found = [first];
  for (const { pid: parent } of found)
    found.push(...all.filter((each) => each.parent === parent));
  return found;
}

/**
 * The seconds of the processor's time that a process and those that it
 * started have used; undefined where the system does not tell.
 */
export function cpuOf(pid: number): number | undefined {
  const all = family(pid);
  return all.length === 0 ? undefined
    : all.reduce((sum, { cpu }) => sum + cpu, 0);
}

/** The same of this process, without the children that are running. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return entryOf("self")?.cpu ?? (user + system) / 1e6;
}

/** Ends a process and all that it started. */
export function killFamily(child: ChildProcess): void {
  const pids = child.pid === undefined ? []
    : family(child.pid).slice(1).map(({ pid }) => pid);
  child.kill("SIGKILL");
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {} // it has ended
  }
}

/** Watches over a process. */
export interface Guard {
  /** Something new begins; the process has used so much of the processor by now. */
  begin: (limits: Limits, cpu?: number) => void;
  stop: () => void;
}

/**
 * Ends a process when it has used up its limits, and says so to `onEnd`
 * before. The processor's time is looked at twice a second.
 */
export function guardProcess(child: ChildProcess, limits: Limits,
  onEnd: (why: string) => void): Guard
{
  let [now, cpu, since] = [limits, 0, performance.now()];
  const look = (): void => {
    const used = (child.pid === undefined ? undefined : cpuOf(child.pid)) ?? 0;
    const why = excess(now, used - cpu, (performance.now() - since) / 1000);
    if (why === undefined) return;
    clearInterval(timer);
    onEnd(why);
    killFamily(child);
  };
  const timer = setInterval(look, 500);
  const begin = (next: Limits, used = cpuOf(child.pid ?? -1) ?? 0): void => {
    [now, cpu, since] = [next, used, performance.now()];
  };
  return { begin, stop: () => clearInterval(timer) };
}

/** Why something has to end that used so many seconds, if it has. */
export function excess({ cpu, wall }: Limits, used: number, waited: number):
  | string
  | undefined
{
  if (used > cpu) return `it uses the processor for more than ${cpu} seconds`;
  if (waited > wall) return `it does not end within ${wall} seconds`;
  return undefined;
}

/** Text that grows up to a bound; what comes after that is counted. */
export interface Bounded {
  add: (text: string) => void;
  text: () => string;
  isWhole: () => boolean;
}

/** A collector of so many characters at most. */
export function boundedText(most = 1_000_000): Bounded {
  let [kept, lost] = ["", 0];
  const add = (text: string): void => {
    const room = most - kept.length;
    kept += text.slice(0, room);
    lost += Math.max(0, text.length - room);
  };
  const text = (): string => (lost === 0 ? kept
    : `${kept}\n(and ${lost} characters more)\n`);
  return { add, text, isWhole: () => lost === 0 };
}
