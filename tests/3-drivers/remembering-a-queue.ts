// Chapter III: what the driver knows of its queues.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { layout } from "../../tangled/abi/memory-map.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { INPUT, OUTPUT, runToEnd } from "./stage/console.ts";
import { labels, MEMORY } from "./stage/guest.ts";

const queues = suite("remembering queues");

queues("maps the pages of its devices, and none beyond", () => {
  const { host } = runToEnd();
  const table = labels.get("device_table")! - layout.PAGE_OFFSET;
  const entries = Array.from({ length: 1024 },
    (_, n) => readPhys32(host.m, table + 4 * n) & ~0x060);
  assert.equal(entries.slice(0, 7),
    [0, 1, 2, 3, 4, 5, 6].map((n) => MEMORY + 4096 * n | 3));
  assert.ok(entries.slice(7).every((entry) => entry === 0));
});

queues("knows where the tables of each are, its size, kick and interrupt",
  () => {
    const { host } = runToEnd();
    const words = (name: string) =>
      [0, 1, 2, 3, 5, 6].map((n) =>
        readPhys32(host.m, labels.get(name)! - layout.PAGE_OFFSET + 4 * n)
      );
    assert.equal(words("input_queue"), [0xf0001000, 0xf0002000, 0xf0003000, 256,
      INPUT, 1]);
    assert.equal(words("output_queue"), [0xf0004000, 0xf0005000, 0xf0006000,
      256, OUTPUT, 2]);
  });

queues.run();
