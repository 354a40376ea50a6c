// Chapter IV: what every file has to pass.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { claim, visible } from "../../tangled/loader/kernel-file.ts";
import { messageOf } from "../tools.ts";
import { bytesOf, MB } from "./stage/files.ts";

const reading = suite("IV: reading files");

reading("names are shown, not obeyed", () => {
  assert.is(visible("a\x1b[31mb\n\r\0\u202e\u2028é 字"),
    "a\\u{1b}[31mb\\u{a}\\u{d}\\u{0}\\u{202e}\\u{2028}é 字");
});

reading("no file may lie on the boot parameters, or past the end of RAM",
  () => {
    const wish = (from: number, to: number) =>
      messageOf(() =>
        claim({ name: "it", bytes: bytesOf("") }, "a part", from, to, 2 * MB)
      );
    for (const [from, to] of [[0x2000, 0x3000], [MB, 2 * MB]] as const)
      assert.is(wish(from, to), "nothing was thrown");
    assert.is(wish(0x1fff, 0x3000),
      "it: a part wants 0x1fff to 0x3000, but the boot parameters own what lies below 0x2000");
    assert.is(wish(MB, 2 * MB + 1),
      "it: a part wants 0x100000 to 0x200001, but there are only 2 MB (0x200000)");
  });

reading.run();
