// Guests that take turns.
import { runGuest } from "../../../tangled/host/loop.ts";
import type { Subject } from "./guests.ts";

/** Lets two Guests live in turns of odd lengths; what each of them told. */
export function inTurn(guests: readonly Subject[]): number[][] {
  const told: number[][] = [[], []];
  for (
    let turn = 0;
    guests.some(({ guest }) => guest.death === undefined);
    turn++
  ) {
    const which = turn % 2;
    const result = runGuest(guests[which].guest, 700 + (turn * 37) % 900);
    if (result.kind === "notify") told[which].push(result.address);
  }
  return told;
}
