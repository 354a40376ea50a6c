// A Guest in a few lines.
import type {
  LauncherMemory,
  ReadResult,
} from "../../../tangled/abi/dev-lguest.ts";
import { lguestData as Data } from "../../../tangled/abi/lguest-data.ts";
import { buryGuest, createGuest } from "../../../tangled/host/birth.ts";
import type { Guest, Host } from "../../../tangled/host/ground/state.ts";
import { createHost } from "../../../tangled/host/host.ts";
import {
  allocateMemory,
  freeMemory,
} from "../../../tangled/host/ground/launcher-memory.ts";
import { runGuest } from "../../../tangled/host/loop.ts";
import { Time } from "../../../tangled/machine/ground/state.ts";
import { read, PAGES, PAGE } from "./pages.ts";
import { AT, bytesOf } from "./programs.ts";

export interface Subject {
  host: Host;
  guest: Guest;
}
export const makeHost = (ramBytes = 3 << 20) => createHost({ ramBytes, read });

/** Puts a program at CODE, and page tables ready for use: the first four
 *  megabytes are at 0 for everybody, and at 0xc0000000. */
export function furnish(memory: LauncherMemory, code: Uint8Array,
  pages = PAGES): void
{
  memory.copyIn(AT.CODE, code);
  memory.write32(AT.DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, 0xc0000000);
  memory.write32(AT.DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(AT.DATA + Data.LGUEST_DATA_HCALL_STATUS,
    new Uint8Array(64).fill(0xff));
  for (const slot of [0, 768])
    memory.write32(AT.DIRECTORY + slot * 4, AT.TABLE | 0x67);
  for (let page = 0; page < pages; page++)
    memory.write32(AT.TABLE + page * 4, page * PAGE | 7);
}

/** A Guest with this program, and its page tables. */
export function makeGuest(source: string | Uint8Array, host = makeHost(),
  pages = PAGES): Subject
{
  const memory = allocateMemory(host, 0, pages * PAGE);
  furnish(memory, typeof source === "string" ? bytesOf(source) : source, pages);
  return { host, guest: createGuest(host, memory, pages, AT.CODE) };
}

/** Runs a Guest for so many ticks; what it told, and how it ended. */
export function live({ guest, host }: Subject, ticks = 2_000_000) {
  const end = host.machine.time[Time.NOW] + ticks;
  const told: number[] = [];
  for (;;) {
    const result: ReadResult = runGuest(guest,
      Math.max(0, end - host.machine.time[Time.NOW]));
    if (result.kind === "notify") told.push(result.address);
    else return { told, result, death: guest.death };
  }
}

/** The Host of all those who come alone. */
export const common = makeHost();

/** Lets a Guest live on it, and clears up behind it. */
export function visit<T>(source: string, ticks: number,
  look: (subject: Subject, life: ReturnType<typeof live>) => T): T
{
  const subject = makeGuest(source, common);
  try {
    return look(subject, live(subject, ticks));
  } finally {
    buryGuest(subject.guest);
    freeMemory(common, subject.guest.memory);
  }
}

export const told = (source: string) =>
  visit(source, 2_000_000, (_, life) => life.told);

/** From chapter VII on one can watch the Host, and then what it tells counts too. */
export const watching = (
  watch: (event: { tick: number; text: string }) => void,
): object => ({ watch });
