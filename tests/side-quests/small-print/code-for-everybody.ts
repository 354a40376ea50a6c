// The small print of protection: code that conforms.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Desc,
  descriptor,
  gate,
  Gate,
} from "../../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { Seg } from "../../../tangled/machine/protection/segments.ts";
import { framesAt, loads } from "../../2-guest/stage/short.ts";
import {
  at,
  code,
  faults,
  flat,
  FREE,
  putGate,
  putProgram,
  putSegment,
  selectorOf,
  stacks,
  word,
  world,
  writable,
} from "../../2-guest/stage/world.ts";

const segments = suite("segments");

segments("of code that conforms are open to every ring", () => {
  const conforming = descriptor(0, 0xfffff,
    writable | Desc.G | Desc.CODE | Desc.DOWN);
  assert.is(loads("ds", FREE | 3, 3, conforming), "loaded");
  assert.equal(
    loads("ds", FREE | 3, 3,
      descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE)),
    [13, FREE],
  );
});

segments.run();

const gates = suite("gates");

gates("lead to the caller's own ring if the code conforms", () => {
  const m = world("int 0x20", 3);
  putSegment(m, FREE,
    descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE | Desc.DOWN));
  putGate(m, 0x20, gate(FREE, 0x7000, Gate.INTERRUPT, 3));
  putProgram(m, 0x7000, "nop");
  assert.is(framesAt(m, 0x7000).eip, at.CODE + 2);
  assert.equal([m.cpu[Cpu.CPL], selectorOf(m, Seg.CS), word(m, Cpu.ESP)], [3,
    FREE | 3, stacks[3] - 12]);
});

gates("leave code that conforms in the segments on the way to an outer ring",
  () => {
    const m = world(`
      mov ax, ${FREE}
      mov fs, ax
      push dword ${flat[3]}
      push dword 0xb000
      push dword 2
      push dword ${code[3]}
      push dword 0x7000
      iret`);
    putSegment(m, FREE,
      descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE | Desc.DOWN));
    putProgram(m, 0x7000, "mov al, [fs:0x9000]\n mov al, [0x9000]");
    faults(m, 13, 0, 0x7000 + 6);
    assert.equal([Seg.FS, Seg.DS].map((s) => selectorOf(m, s)), [FREE, 0]);
  });

gates.run();
