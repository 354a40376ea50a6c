// A Guest that will do as a script says, once there is a loop to let it in.
import { lguestData as Data } from "../../../tangled/abi/lguest-data.ts";
import { Reg } from "../../../tangled/abi/regs.ts";
import { createGuest } from "../../../tangled/host/birth.ts";
import { setReg } from "../../../tangled/host/ground/guest.ts";
import type { Guest } from "../../../tangled/host/ground/state.ts";
import { createHost } from "../../../tangled/host/host.ts";
import {
  allocateMemory,
} from "../../../tangled/host/ground/launcher-memory.ts";
import { Time } from "../../../tangled/machine/ground/state.ts";
import { DATA, KERNEL, PAGE } from "./places.ts";

/** What the Guest does when it is let in. */
export type Scene = (guest: Guest) => void;

/** A Guest of 64 pages, and its script. */
export function born(pages = 64, ramBytes = 4 << 20) {
  const script: Scene[] = [];
  const host = createHost({
    ramBytes,
    enter(guest, until) {
      guest.host.machine.time[Time.NOW] += 100;
      const scene = script.shift();
      if (scene) return scene(guest);
      setReg(guest, Reg.TRAPNUM, 32);
      guest.host.machine.time[Time.NOW] = until;
    },
  });
  const memory = allocateMemory(host, 0, pages * PAGE);
  const guest = createGuest(host, memory, pages, 0x10000);
  memory.write32(DATA + Data.LGUEST_DATA_KERNEL_ADDRESS, KERNEL);
  memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
  memory.copyIn(DATA + Data.LGUEST_DATA_HCALL_STATUS,
    new Uint8Array(64).fill(0xff));
  return { host, memory, guest, script };
}
