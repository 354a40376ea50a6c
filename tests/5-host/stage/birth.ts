// A Guest that has only been born.
import { lguestData as Data } from "../../../tangled/abi/lguest-data.ts";
import { createGuest } from "../../../tangled/host/birth.ts";
import { createHost } from "../../../tangled/host/host.ts";
import {
  allocateMemory,
} from "../../../tangled/host/ground/launcher-memory.ts";
import { DATA, KERNEL, PAGE } from "./places.ts";

/** A Guest of 64 pages, with what it is going to tell in `lguest_data`. */
export function born(pages = 64, ramBytes = 4 << 20) {
  const host = createHost({ ramBytes });
  const memory = allocateMemory(host, 0, pages * PAGE);
  const guest = createGuest(host, memory, pages, 0x10000);
  memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, KERNEL);
  memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(DATA + Data.LGUEST_DATA_HCALL_STATUS,
    new Uint8Array(64).fill(0xff));
  return { host, memory, guest };
}
