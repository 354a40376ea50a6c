// Chapter I: shifts, and faults that nobody answers.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { word, failed } from "./stage/machine.ts";
import { shifted } from "./stage/longhand.ts";

const shifting = suite("Shifts");

shifting("move bits out into the carry", () => {
  assert.equal(shifted("shl", "eax", 0x80000001, 1), [2, 1, 1]);
  assert.equal(shifted("shr", "eax", 0x80000001, 1), [0x40000000, 1, 1]);
  assert.equal(shifted("sar", "eax", 0x80000001, 1), [0xc0000000, 1, 0]);
  assert.equal(shifted("sar", "al", 0x1280, 7).slice(0, 2), [0x12ff, 0]);
  assert.equal(shifted("shr", "ax", 0x5555ffff, 15).slice(0, 2), [0x55550001,
    1]);
});

shifting("count modulo 32, and a count of zero changes no flag", () => {
  for (const op of ["shl", "shr", "sar"]) {
    assert.equal(shifted(op, "eax", 0x80000001, 32, Flag.CF), [0x80000001, 1,
      0], op);
    assert.equal(shifted(op, "al", 0x81, 64, Flag.CF | Flag.OF), [0x81, 1, 1],
      op);
    assert.equal(shifted(op, "eax", 0x12345678, 33),
      shifted(op, "eax", 0x12345678, 1), op);
  }
});

shifting.run();

const faults = suite("Faults");

faults("stop a machine without a kernel at the instruction that caused them",
  () => {
    assert.is(word(failed("nop\n ud2"), Cpu.EIP), 1);
    assert.is(word(failed("nop\n db 0x0f, 0xff"), Cpu.EIP), 1);
  });

faults.run();
