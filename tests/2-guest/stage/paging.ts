// Page tables for that kernel.
import { writePhys32 } from "../../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import {
  setPageDirectory,
  setPaging,
} from "../../../tangled/machine/memory/paging.ts";

export const DIRECTORY = 0x30000, TABLE = 0x31000;

/** Maps the first megabyte to itself, for everybody. */
export function mapped(m: Machine): Machine {
  writePhys32(m, DIRECTORY, TABLE | 7);
  for (let page = 0; page < 256; page++)
    writePhys32(m, TABLE + page * 4, (page << 12) | 7);
  setPageDirectory(m, DIRECTORY);
  setPaging(m, true);
  return m;
}

export const map = (m: Machine, linear: number, entry: number): void =>
  writePhys32(m, TABLE + (linear >> 12) * 4, entry);
