// From bytes to words, and back to the bytes.
import * as assert from "uvu/assert";
import { assemble } from "../../../../tangled/assembler/assemble.ts";
import { disassemble } from "../../../../tangled/assembler/disassemble.ts";
import { hex } from "../../../1-preparation/stage/machine.ts";

/** Asserts that what is printed of each of these instructions assembles to its bytes. */
export function comesBack(samples: readonly string[]): void {
  const origin = 0x100000;
  const { lines } = assemble(samples.join("\n"), { origin });
  const texts = lines.map(({ address, bytes }) => {
    const { text, length } = disassemble(bytes, address);
    assert.is(length, bytes.length, hex(bytes));
    return text;
  });
  const again = assemble(texts.join("\n"), { origin }).lines;
  for (const [n, { bytes }] of lines.entries())
    assert.is(hex(again[n].bytes), hex(bytes),
      `${samples[n]} became ${texts[n]}`);
}
