// Sixteen bits: addresses in the old width.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NONE, parse } from "../../../tangled/machine/rows/decode.ts";

const decoding = suite("Decoding");

const decode = (...bytes: number[]) => parse((k) => bytes[k] ?? 0);

decoding("knows the eight addresses of the sixteen-bit days", () => {
  const address = (...bytes: number[]) => {
    const i = decode(0x67, 0x8b, ...bytes)!;
    return [i.base, i.index, i.displacement, i.length];
  };
  assert.equal(address(0x00), [3, 6, 0, 3]);
  assert.equal(address(0x02), [5, 6, 0, 3]);
  assert.equal(address(0x06, 0xfe, 0xff), [NONE, NONE, -2, 5]);
  assert.equal(address(0x46, 0x7f), [5, NONE, 0x7f, 4]);
  assert.equal(address(0x87, 0x34, 0x12), [3, NONE, 0x1234, 5]);
});

decoding.run();
