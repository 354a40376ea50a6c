// The finer points: who insists gets what he asks for.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytesOf, complains } from "../../1-preparation/stage/assembly.ts";

const insisting = suite("Taken at one's word");

insisting("prefers the short encoding, unless the source is strict", () => {
  assert.is(bytesOf("add eax, 5"), "83 c0 05");
  assert.is(bytesOf("add eax, strict dword 5"), "05 05 00 00 00");
  assert.is(bytesOf("add ebx, 1000"), "81 c3 e8 03 00 00");
  assert.is(bytesOf("add ax, 0xfff0"), "66 83 c0 f0");
  assert.is(bytesOf("mov ebx, eax"), "89 c3");
  assert.is(bytesOf("x: jmp x"), "eb fe");
  assert.is(bytesOf("x: jmp near x"), "e9 fb ff ff ff");
});

insisting("says what is too far, and what contradicts itself", () =>
  complains([
    ["x: times 200 nop\nloop x", "too far for a short jump"],
    ["jmp short x\ntimes 200 nop\nx:", "too far for a short jump"],
    ["repne rep movsb", "repne and rep exclude each other"],
    ["repe repz movsb", "repe and repz exclude each other"],
    ["es ds lodsb", "es and ds exclude each other"],
    ["lock es fs inc dword [eax]", "es and fs exclude each other"],
  ]));

insisting.run();
