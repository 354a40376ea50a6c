// Chapter II: the Guest's file, before anybody runs it.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { guestConstants } from "../../tangled/abi/constants.ts";
import { layout } from "../../tangled/abi/memory-map.ts";
import { lguestData } from "../../tangled/abi/lguest-data.ts";
import { assembleGuest } from "../../tangled/guest/image.ts";
import { hasNasm, nasm } from "../tools.ts";
import { source, physical, address } from "./stage/guest.ts";

const file = suite("the Guest's file");

file("opens with the header of a 32-bit x86 executable", () => {
  const { bytes } = assembleGuest(() => source);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  assert.equal([...bytes.subarray(0, 7)], [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  assert.equal([view.getUint16(16, true), view.getUint16(18, true)], [2, 3]);
  assert.is(view.getUint32(24, true), physical("start"), "entry is physical");
});

file("asks to be loaded whole, at 1 MB, for a virtual address", () => {
  const { bytes } = assembleGuest(() => source);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [type, offset, virtual, where, size, memory] = Array.from({ length: 6 },
    (_, n) => view.getUint32(52 + 4 * n, true));
  assert.equal([type, offset, virtual, where, size], [1, 0, 0xc0100000,
    0x100000, bytes.length]);
  assert.is(memory, address("kernel_end") - 0xc0100000);
});

file("has the cork board laid out as the contract says", () => {
  const { bytes } = assembleGuest(() => source);
  const at = address("lguest_data") - address("file_start");
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const word = (field: number) => view.getUint32(field, true);
  assert.is(word(lguestData.LGUEST_DATA_IRQ_ENABLED), 0);
  assert.is(word(lguestData.LGUEST_DATA_BLOCKED_INTERRUPTS), 0xffffffff);
  for (let n = 0; n < lguestData.LHCALL_RING_SIZE; n++)
    assert.is(view.getUint8(lguestData.LGUEST_DATA_HCALL_STATUS + n), 0xff);
  assert.is(word(lguestData.LGUEST_DATA_NOIRQ_START), address("noirq_start"));
  assert.is(word(lguestData.LGUEST_DATA_NOIRQ_END), address("noirq_end"));
  assert.is(word(lguestData.LGUEST_DATA_KERNEL_ADDRESS), layout.PAGE_OFFSET);
  assert.is(word(lguestData.LGUEST_DATA_SYSCALL_VEC), layout.SYSCALL_VECTOR);
  assert.is(address("memory_size") - address("lguest_data"),
    lguestData.LGUEST_DATA_SIZE);
});

file("is the same, byte for byte, when nasm assembles it", () => {
  if (!hasNasm()) return;
  const theirs = nasm(source, guestConstants);
  assert.is(Buffer.compare(assembleGuest(() => source).bytes, theirs), 0);
});

file.run();
