// The ring of calls that could wait, from the Guest's side.
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../../tangled/abi/lguest-data.ts";
import type { Stage } from "./actor.ts";
import { DATA } from "./places.ts";

/** Puts calls into the ring, from `slot` on. */
export function queue({ memory }: Stage, slot: number,
  ...entries: number[][]): void
{
  for (const [n, words] of entries.entries()) {
    const at = (slot + n) % 64;
    words.forEach((word, k) =>
      memory.write32(DATA + Data.LGUEST_DATA_HCALLS + at * 20 + k * 4, word)
    );
    memory.write8(DATA + Data.LGUEST_DATA_HCALL_STATUS + at, 0);
  }
}

export const statusOf = (
  { memory }: Stage,
) => [...memory.copyOut(DATA + Data.LGUEST_DATA_HCALL_STATUS, 64)];

export const gateCall = (vector: number,
  handler: number) => [Call.LHCALL_LOAD_IDT_ENTRY, vector, handler, 0x8e00];
