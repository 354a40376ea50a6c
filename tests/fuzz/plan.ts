// What kinds of worlds there are, and where things lie in one's RAM when it begins, in bytes.

/** Anything; faults that lead to themselves; stacks of 16 and 32 bits. */
export const flavors = ["plain", "circles", "stacks"] as const;
export type Flavor = (typeof flavors)[number];

export const PAGE = 4096;
/** Not a whole number of 64 KiB: the memory does not end where RAM does. */
export const RAM = 127 * PAGE;
export const START = 0;
export const GDT = 1 * PAGE;
export const GDT_ENTRIES = 48;
/** The last of them are call gates that lead somewhere, as a rule. */
export const GATES = 40;
/** A conforming segment of code, where faults go in circles. */
export const CONFORMING = 11;
/** Stacks of 16 and 32 bits for each ring, where stacks are what it is about. */
export const OWN_STACKS = 12;
export const OWN_STACKS_EACH = 4;
export const LDT = GDT + 0x800;
export const LDT_ENTRIES = 16;
export const IDT = 2 * PAGE;
export const IDT_ENTRIES = 64;
export const TSS = 2 * PAGE + 0x800;
export const DIRECTORY = 3 * PAGE;
/** Four page tables. */
export const TABLES = 4 * PAGE;
/** What traps lead to: the handlers, a counter, and a list of addresses to go on at. */
export const HANDLERS = 8 * PAGE;
export const COUNTER = 9 * PAGE;
export const TARGETS = COUNTER + 16;
export const TARGET_COUNT = 256;
export const STACKS = 10 * PAGE;
export const STACK_PAGES = 6;
export const CODE = 16 * PAGE;
export const CODE_PAGES = 6;
