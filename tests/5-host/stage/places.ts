// Where things are in the memory of our Guests.
import { layout } from "../../../tangled/abi/memory-map.ts";

export const PAGE = 4096;

/** Where our Guests keep what they share with the Host. */
export const DATA = 0x1000, DIRECTORY = 0x2000, TABLE = 0x3000, LOW = 0x4000,
  OTHER = 0x5000;

export const KERNEL = 0xc0000000;
export const TOP = layout.SWITCHER_ADDRESS;
