// Chapter V, seventh landing: segments.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import {
  stage,
  asks,
  type Stage,
  introduced,
  lives,
  deathOf,
} from "./stage/actor.ts";
import { PAGE } from "./stage/places.ts";

const life = suite("V: a Guest, and its death");

life("and with two flat segments of ring 1, and no gate", () => {
  const { guest } = stage();
  const set = [...guest.gdt].flatMap((word,
    n) => (word === 0 ? [] : [[n, word]])
  );
  assert.equal(set, [[24, 0xffff], [25, 0x00cfbb00], [26, 0xffff], [27,
    0x00cfb300]]);
  assert.ok(guest.gates.every((word) => word === 0));
});

life.run();

const segments = suite("V: segments");

const loadGdt = (index: number, low: number, high: number) =>
  asks(Call.LHCALL_LOAD_GDT_ENTRY, index, low, high);
const descriptorOf = ({ guest }: Stage,
  index: number) => [guest.gdt[index * 2], guest.gdt[index * 2 + 1]];

segments("no descriptor is better than ring 1, and all are marked as used",
  () => {
    const s = introduced();
    for (
      const [high, after] of [
        [0x00cf9a00, 0x00cfbb00],
        [0x00cf9200, 0x00cfb300],
        [0x00cffa00, 0x00cffb00],
        [0x00cfd200, 0x00cfd300],
        [0x00cfba00, 0x00cfbb00],
        [0xff4f1234, 0xff4f3334],
        [0, 0x2100],
      ] as const
    ) {
      lives(s, loadGdt(5, 0x12345678, high));
      assert.equal(descriptorOf(s, 5), [0x12345678, after], high.toString(16));
    }
  });

segments("what is no segment is refused, unless it is not present", () => {
  for (let type = 0; type < 16; type++) {
    const high = 0x8000 | type << 8;
    assert.is(deathOf(introduced(), loadGdt(5, 0, high)),
      `bad GDT entry 5: 0x${high.toString(16)} is not a segment`);
    lives(introduced(), loadGdt(5, 0, type << 8));
  }
});

segments("four rows are the Host's; writing there does nothing", () => {
  const s = introduced();
  for (const index of [10, 11, 16, 31]) {
    lives(s, loadGdt(index, 0xffff, 0x00cf9a00), loadGdt(index, 0x68, 0x8900));
    assert.equal(descriptorOf(s, index), [0, 0]);
  }
  for (const index of [32, 0x80000001, 0xffffffff])
    assert.is(deathOf(introduced(), loadGdt(index, 0, 0)),
      `bad GDT entry ${index}`);
});

segments(
  "LOAD_TLS changes three rows at once, and believes them no more than others",
  () => {
    const s = introduced();
    [1, 0x00cff200, 2, 0x00cf9200, 3, 0].forEach((word, n) =>
      s.memory.write32(2 * PAGE - 10 + n * 4, word)
    );
    lives(s, asks(Call.LHCALL_LOAD_TLS, 2 * PAGE - 10, 0));
    assert.equal([6, 7, 8].map((n) => descriptorOf(s, n)), [[1, 0x00cff300], [2,
      0x00cfb300], [3, 0x2100]]);
    assert.is(deathOf(s, asks(Call.LHCALL_LOAD_TLS, 64 * PAGE - 23)),
      "bad address 0x3fffd");
    const gate = introduced();
    gate.memory.write32(0x8004, 0x8c00);
    assert.match(deathOf(gate, asks(Call.LHCALL_LOAD_TLS, 0x8000)),
      /^bad GDT entry 6: /);
  },
);

segments.run();
