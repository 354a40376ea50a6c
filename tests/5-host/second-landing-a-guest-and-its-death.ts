// Chapter V, second landing: a Guest's memory, and its birth.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Reg } from "../../tangled/abi/regs.ts";
import { reg } from "../../tangled/host/ground/guest.ts";
import { born } from "./stage/birth.ts";
import { PAGE } from "./stage/places.ts";

const splinters = suite("V: memory in splinters");

splinters("no two neighbours of a process are neighbours in the machine",
  () => {
    const { memory: { frames } } = born();
    assert.is(new Set(frames).size, frames.length);
    frames.forEach((frame, page) => {
      assert.is(frame % PAGE, 0);
      assert.ok(frame >= 1 << 20, "the lowest megabyte is the Host's own");
      assert.is.not(frame, page * PAGE);
      assert.is.not(frame + PAGE, frames[page + 1]);
    });
  });

splinters("to its process, memory is in one piece", () => {
  const { memory } = born();
  const bytes = Uint8Array.from({ length: 3 * PAGE },
    (_, n) => (n * 7 + (n >> 8)) & 255);
  memory.copyIn(PAGE - 5, bytes);
  assert.equal(memory.copyOut(PAGE - 5, bytes.length), bytes);
  memory.write32(2 * PAGE - 2, 0x11223344);
  assert.is(memory.read32(2 * PAGE - 2), 0x11223344);
  assert.is(memory.read16(2 * PAGE - 1), 0x2233);
  assert.is(memory.read8(2 * PAGE + 1), 0x11);
  memory.write16(3 * PAGE - 1, 0xa1b2c3);
  assert.equal([...memory.copyOut(3 * PAGE - 1, 2)], [0xc3, 0xb2]);
  memory.write8(7, 0x1ff);
  assert.is(memory.read8(7), 0xff);
});

splinters("nobody reaches outside, not even with one foot", () => {
  const { memory } = born(2);
  memory.copyIn(0, new Uint8Array(2 * PAGE).fill(1));
  const outside: (() => unknown)[] = [() => memory.read8(2 * PAGE),
    () => memory.read16(2 * PAGE - 1), () => memory.read32(2 * PAGE - 3),
    () => memory.read32(-4), () => memory.read32(NaN),
    () => memory.read8(0xffffffff), () => memory.write8(2 * PAGE, 9),
    () => memory.write16(2 * PAGE - 1, 9),
    () => memory.write32(2 * PAGE - 3, 9),
    () => memory.copyIn(PAGE, new Uint8Array(PAGE + 1)),
    () => memory.copyOut(0, -1), () => memory.copyOut(PAGE, 2 ** 32)];
  for (const action of outside) {
    assert.throws(action, (error: unknown) => error instanceof RangeError);
    assert.ok(memory.copyOut(0, 2 * PAGE).every((byte) => byte === 1),
      `${action} wrote something`);
  }
});

splinters.run();

const life = suite("V: a Guest, and its death");

life("a Guest is born with the registers that the contract names", () => {
  const { guest } = born();
  for (
    const which of [Reg.EAX, Reg.EBX, Reg.ECX, Reg.EDX, Reg.ESI, Reg.EDI,
      Reg.EBP, Reg.ESP, Reg.FS, Reg.GS]
  )
    assert.is(reg(guest, which), 0);
  for (const which of [Reg.DS, Reg.ES, Reg.SS])
    assert.is(reg(guest, which), 0x69);
  assert.equal([Reg.CS, Reg.EFLAGS, Reg.EIP].map((r) => reg(guest, r)), [0x61,
    0x202, 0x10000]);
});

life.run();
