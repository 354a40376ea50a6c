// Chapter III: a queue from the other side.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plugInConsole } from "../../tangled/guest/cardboard-console.ts";
import { makeStandIn } from "../../tangled/guest/stand-in.ts";
import {
  copyToPhys,
  readPhys32,
  writePhys32,
} from "../../tangled/machine/ground/ram.ts";
import { half, OUTPUT } from "./stage/console.ts";
import { image, MEMORY } from "./stage/guest.ts";

const pen = suite("the other pen");

pen("takes what is available, says it, and gives it back", () => {
  const host = makeStandIn(image, MEMORY), { m } = host;
  const there = plugInConsole(host);
  const put16 = (at: number, value: number) =>
    copyToPhys(m, at, Uint8Array.of(value, value >> 8));
  const kick = (...texts: string[]) => {
    for (const text of texts) {
      const index = half(host, OUTPUT + 4096 + 2), id = 255 - index % 256;
      copyToPhys(m, 0x9000 + 64 * id, new TextEncoder().encode(text));
      writePhys32(m, OUTPUT + 16 * id, 0x9000 + 64 * id);
      writePhys32(m, OUTPUT + 16 * id + 8, text.length);
      put16(OUTPUT + 4096 + 4 + 2 * (index % 256), id);
      put16(OUTPUT + 4096 + 2, index + 1);
    }
    assert.ok(host.notify(OUTPUT));
  };
  kick("one ");
  kick("two ", "three ");
  kick();
  assert.is(there.said, "one two three ");
  assert.is(half(host, OUTPUT + 8192 + 2), 3);
  const used = [0, 1, 2].map((n) => readPhys32(m, OUTPUT + 8192 + 4 + 8 * n));
  assert.equal(used, [255, 254, 253]);
  for (let n = 0; n < 300; n++) kick(".");
  assert.is(there.said, `one two three ${".".repeat(300)}`);
});

pen.run();
