// What a Guest scribbles in its queues.
import type {
  LauncherMemory,
  ReadResult,
} from "../../../tangled/abi/dev-lguest.ts";
import { MB } from "./files.ts";

/** One thing that a Guest does: notify an address, or end a read. */
export type Act = (memory: LauncherMemory) => number | ReadResult;

export const RAM = 2 * MB, INPUT = RAM + 0x1000, OUTPUT = RAM + 0x4000;

export interface Buffer {
  at: number;
  length: number;
  flags?: number;
  next?: number;
}

/** Puts descriptors into a queue of 256, the first being number `head`. */
export function describe(memory: LauncherMemory, queue: number, head: number,
  ...buffers: Buffer[]): void
{
  buffers.forEach(({ at, length, flags, next }, i) => {
    const last = i === buffers.length - 1;
    const descriptor = queue + 16 * (head + i);
    memory.write32(descriptor, at % 2 ** 32);
    memory.write32(descriptor + 4, Math.floor(at / 2 ** 32));
    memory.write32(descriptor + 8, length);
    memory.write16(descriptor + 12, flags ?? (last ? 0 : 1));
    memory.write16(descriptor + 14, next ?? head + i + 1);
  });
}

/** Makes the chain at `head` available and notifies. */
export function offer(memory: LauncherMemory, queue: number,
  head: number): number
{
  const index = memory.read16(queue + 0x1002);
  memory.write16(queue + 0x1004 + 2 * (index % 256), head);
  memory.write16(queue + 0x1002, (index + 1) & 0xffff);
  return queue;
}

/** Fills a queue with 256 chains, all of the same descriptors. */
export function crowd(memory: LauncherMemory, queue: number,
  ...buffers: Buffer[]): void
{
  describe(memory, queue, 0, ...buffers);
  memory.copyIn(queue + 0x1004, new Uint8Array(512));
}

export const moves =
  (queue: number, by = 256): Act => (
    memory,
  ) => (memory.write16(queue + 0x1002,
    (memory.read16(queue + 0x1002) + by) & 0xffff),
    queue);
