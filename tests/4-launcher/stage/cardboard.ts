// A Host of cardboard, whose "Guest" is a list of functions that scribble in
// memory.
import {
  Errno,
  type HostKernel,
  Lhreq,
  type LauncherMemory,
  type ReadResult,
} from "../../../tangled/abi/dev-lguest.ts";
import { flatMemory } from "../../../tangled/launcher/flat-memory.ts";
import {
  createLauncher,
  type LaunchSettings,
} from "../../../tangled/launcher/launch.ts";
import { type Act, RAM, describe, OUTPUT, offer } from "./queues.ts";
import { elf, text, bytesOf } from "./files.ts";

export const dies: Act = () => ({ kind: "error", errno: Errno.ENOENT });
export const restarts: Act = () => ({ kind: "error", errno: Errno.ERESTART });
export const because = (words: string, poweroff = false): Act => () => ({
  kind: "reason",
  text: words,
  poweroff,
});
export const sleeps: Act = () => ({ kind: "asleep" });
export const powersOff: readonly Act[] = [dies,
  because("CRASH: Power down", true)];

/** A Host whose Guests live the given lives, one after the other. */
export function cardboard(...lives: (readonly Act[])[]) {
  let instructions = 0;
  const signals: (() => void)[] = [];
  const host = {
    memories: [] as LauncherMemory[],
    orders: [] as number[][],
    interrupts: [] as number[],
    opened: 0,
    closed: 0,
    allocate(size: number) {
      host.memories.push(flatMemory(size, 0x40000000));
      return host.memories.at(-1)!;
    },
    eventfd: (signal: () => void) => signals.push(signal) + 99,
    close(fd: number) {
      delete signals[fd - 100];
    },
    retired: () => instructions,
    spend(ticks: number) {
      instructions += ticks;
    },
    open() {
      const acts = [...(lives[host.opened++] ?? [])];
      const kicks = new Map<number, () => void>();
      return {
        write(words: readonly number[]) {
          host.orders.push([...words]);
          if (words[0] === Lhreq.EVENTFD)
            kicks.set(words[1], signals[words[2] - 100]);
          if (words[0] === Lhreq.IRQ) host.interrupts.push(words[1]);
          return words[0] === Lhreq.INITIALIZE ? 12 : 0;
        },
        read(budget: number): ReadResult {
          for (let left = budget;; left -= 1000) {
            if (left <= 0 && acts[0] !== undefined && budget > 0)
              return { kind: "interrupted" };
            instructions += Math.min(1000, Math.max(left, 0));
            const result = acts.shift()?.(host.memories.at(-1)!)
              ?? { kind: "asleep" };
            if (typeof result !== "number") return result;
            const signal = kicks.get(result);
            if (!signal) return { kind: "notify", address: result };
            signal();
            return { kind: "interrupted" };
          }
        },
        close() {
          host.closed++;
        },
      };
    },
  };
  return host satisfies HostKernel;
}

/** Boots `host`'s first Guest in 2 MB; `screen()` is what it showed. */
export function launch(host: HostKernel, more: Partial<LaunchSettings> = {}) {
  let shown = "";
  const remarks: string[] = [];
  const launcher = createLauncher(host, {
    megabytes: 2,
    kernel: elf(),
    commandLine: "root=/dev/null quiet",
    show: (words) => {
      shown += text(words);
    },
    log: (remark) => remarks.push(remark),
    ...more,
  });
  return {
    launcher,
    screen: () => shown,
    remarks,
    step: () => launcher.step(1_000_000),
  };
}

export const sets = (at: number, status: number): Act => (memory) => {
  memory.write8(at + 4, status);
  return at;
};

export const starts = sets(RAM, 3), resets = sets(RAM, 0);

export const prints = (words: string): Act => (memory) => {
  memory.copyIn(0x8000, bytesOf(words));
  describe(memory, OUTPUT, 0, { at: 0x8000, length: words.length });
  return offer(memory, OUTPUT, 0);
};

export const room =
  (queue: number, head: number, ...sizes: number[]): Act => (memory) => {
    const last = sizes.length - 1;
    describe(memory, queue, head, ...sizes.map((length, i) => ({
      at: 0x9000 + 0x100 * (head + i),
      length,
      flags: i < last ? 3 : 2,
    })));
    return offer(memory, queue, head);
  };
