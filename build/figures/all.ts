/** Every drawing of the book, by the name of its file in chapters/figures/. */
import { hostLoop, interruptFrame, rings, worldSwitch } from "./flow.ts";
import { guestMemory, machineMemory, shadowTables, switcherMap, twoLevelTables } from "./memory.ts";
import { questMap } from "./quest-map.ts";
import { virtqueue } from "./virtqueue.ts";

export const figures: Readonly<Record<string, () => string>> = {
  "guest-memory": guestMemory,
  "host-loop": hostLoop,
  "interrupt-frame": interruptFrame,
  "machine-memory": machineMemory,
  "quest-map": questMap,
  rings: rings,
  "shadow-tables": shadowTables,
  "switcher-map": switcherMap,
  "two-level-tables": twoLevelTables,
  virtqueue: virtqueue,
  "world-switch": worldSwitch,
};
