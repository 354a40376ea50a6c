// The rest of the toolbox: rotations and double shifts.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag } from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { word, ran } from "../../1-preparation/stage/machine.ts";
import { shifted } from "../../1-preparation/stage/longhand.ts";

const shifting = suite("Shifts");

shifting("turn bits around, with and without the carry", () => {
  assert.equal(shifted("rol", "eax", 0x80000001, 4).slice(0, 2), [0x18, 0]);
  assert.equal(shifted("ror", "ax", 0xff0001, 1), [0xff8000, 1, 1]);
  assert.equal(shifted("rcl", "al", 0x80, 1), [0, 1, 1]);
  assert.equal(shifted("rcr", "al", 0x00, 1, Flag.CF), [0x80, 0, 1]);
  assert.equal(shifted("rcl", "al", 0xa5, 9, Flag.CF).slice(0, 2), [0xa5, 1],
    "nine turns are none");
  assert.equal(shifted("rcr", "eax", 1, 31).slice(0, 2), [4, 0]);
});

shifting("count modulo 32, and a count of zero changes no flag", () => {
  for (const op of ["rol", "ror", "rcl", "rcr"]) {
    assert.equal(shifted(op, "eax", 0x80000001, 32, Flag.CF), [0x80000001, 1,
      0], op);
    assert.equal(shifted(op, "al", 0x81, 64, Flag.CF | Flag.OF), [0x81, 1, 1],
      op);
    assert.equal(shifted(op, "eax", 0x12345678, 33),
      shifted(op, "eax", 0x12345678, 1), op);
  }
});

shifting("fill up from another register", () => {
  const m = ran(`
    mov eax, 0x12345678
    mov ebx, 0x9abcdef0
    shld eax, ebx, 8          ; 0x3456789a
    mov cl, 12
    shrd ebx, eax, cl         ; 0x89a9abcd
    mov dx, 0x1234
    shld dx, bx, 4            ; 0x234a
    hlt`);
  assert.equal([Cpu.EAX, Cpu.EBX, Cpu.EDX].map((r) => word(m, r)), [0x3456789a,
    0x89a9abcd, 0x234a]);
});

shifting.run();
