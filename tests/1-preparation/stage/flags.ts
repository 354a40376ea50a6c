// The arithmetic flags of a machine.
import { Flag, settle } from "../../../tangled/machine/ground/flags.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";

export const flagsOf = (m: Machine): number => settle(m.cpu) & Flag.ARITHMETIC;
