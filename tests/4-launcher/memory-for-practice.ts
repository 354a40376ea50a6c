// Chapter IV: memory for practice.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { flatMemory } from "../../tangled/launcher/flat-memory.ts";

const practice = suite("IV: memory for practice");

practice("flat memory refuses what lies outside", () => {
  const memory = flatMemory(8, 0x5000);
  memory.write32(4, 0xfffffffe);
  assert.equal([memory.read32(4), memory.read16(6), memory.read8(4),
    memory.base], [0xfffffffe, 0xffff, 0xfe, 0x5000]);
  for (
    const outside of [() => memory.read32(5), () => memory.write8(8, 0),
      () => memory.copyIn(7, new Uint8Array(2)), () => memory.copyOut(-1, 2)]
  )
    assert.throws(outside, (error: unknown) =>
      error instanceof RangeError
      && /outside the 8 bytes/.test(error.message));
});

practice.run();
