// Guests' programs, in assembly.
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { assemble } from "../../../tangled/assembler/assemble.ts";

/** Where things are in our Guests' memory. */
export const AT = {
  DATA: 0x1000,
  DIRECTORY: 0x2000,
  TABLE: 0x3000,
  LOG: 0x4000,
  STACK: 0x8000,
  USTACK: 0x9000,
  NOTES: 0xa000,
  CODE: 0x10000,
};

/** A hypercall, in assembly. */
export const ask = (number: number, ...args: (number | string)[]) =>
  [`mov eax, ${number}`, ...args.map((arg, n) =>
    `mov ${["ebx", "ecx", "edx", "esi"][n]}, ${arg}`
  ), "int 0x1f"].join("\n");

export const hello = ask(Call.LHCALL_LGUEST_INIT, AT.DATA);
export const tell = (value: number | string) => ask(Call.LHCALL_NOTIFY, value);
export const goodbye = ask(Call.LHCALL_SHUTDOWN, AT.DATA, 1);

export const gate = (vector: number, handler: string, rights = 0x8e00) =>
  [`mov edx, ${handler}`, "and edx, 0xffff0000", `or edx, ${rights}`,
    ask(Call.LHCALL_LOAD_IDT_ENTRY, vector, handler)].join("\n");

/** Goes down to ring 3. */
export const descend = (label: string) =>
  ["push 0x7b", "push USTACK", "push 0x202", "push 0x73", `push ${label}`,
    "iret"].join("\n");

export const descriptor = (index: number, low: number, high: number) =>
  ask(Call.LHCALL_LOAD_GDT_ENTRY, index, low, high);

/** Introduces itself, takes tables and a stack, and segments for programs. */
export const settleDown = ["mov esp, STACK", hello,
  ask(Call.LHCALL_NEW_PGTABLE, AT.DIRECTORY),
  descriptor(14, 0xffff, 0x00cffa00), descriptor(15, 0xffff, 0x00cff200),
  ask(Call.LHCALL_SET_STACK, 0x69, AT.STACK, 1)].join("\n");

export const bytesOf = (source: string) =>
  assemble(`bits 32\n${source}\n`, { origin: AT.CODE, constants: AT }).bytes;
