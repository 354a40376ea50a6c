// Chapter V, sixth landing: page tables, in seven steps.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { allocateFrame } from "../../tangled/host/ground/frames.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import {
  type Stage,
  settled,
  deathOf,
  faults,
  lives,
  asks,
  traps,
  data,
  introduced,
} from "./stage/actor.ts";
import {
  TABLE,
  PAGE,
  DIRECTORY,
  KERNEL,
  DATA,
  LOW,
  TOP,
  OTHER,
} from "./stage/places.ts";
import { fromKernel, handlingPages } from "./stage/gates.ts";

/** The entry that the shadow in use has for an address; 0: none. */
function shadowOf({ guest, host }: Stage, address: number,
  which = guest.current): number
{
  const { directory } = guest.shadows[which];
  if (directory === 0) return 0;
  const table = readPhys32(host.machine, directory + (address >>> 22) * 4);
  if ((table & 1) === 0) return 0;
  return readPhys32(host.machine,
    ((table & ~4095) >>> 0) + ((address >>> 12) & 1023) * 4);
}

const believing = suite("V: pages, step one: whom to believe");

believing(
  "a directory's entry may have the flags of 0x67, and name a page that the Guest has",
  () => {
    const told: [number, string?][] = [
      [TABLE | 1],
      [TABLE | 0x67],
      [TABLE | 0x87, "0x3087"],
      [TABLE | 0x107, "0x3107"],
      [TABLE | 0x207, "0x3207"],
      [TABLE | 0x0f, "0x300f"],
      [TABLE | 0x17, "0x3017"],
      [64 * PAGE | 7, "0x40007"],
      [0xfffff067, "0xfffff067"],
    ];
    for (const [entry, bad] of told) {
      const s = settled();
      s.memory.write32(DIRECTORY + 512 * 4, entry);
      if (bad)
        assert.is(deathOf(s, faults(0x80005000, 0)),
          `bad page directory entry ${bad}`);
      else lives(s, faults(0x80005000, 0));
    }
  },
);

believing(
  "a table's entry may have any flag but one, and name a page that the Guest has",
  () => {
    const told: [number, string?][] = [
      [5 * PAGE | 1],
      [5 * PAGE | 0xf7f],
      [5 * PAGE | 0x81, "0x5081"],
      [63 * PAGE | 3],
      [64 * PAGE | 3, "0x40003"],
      [0x7ffff003, "0x7ffff003"],
      [0xfffff003, "0xfffff003"],
    ];
    for (const [entry, bad] of told) {
      const s = settled();
      s.memory.write32(TABLE + 5 * 4, entry);
      if (bad)
        assert.is(deathOf(s, faults(KERNEL + 0x5000, 0)),
          `bad page table entry ${bad}`);
      else lives(s, faults(KERNEL + 0x5000, 0));
    }
  },
);

believing("a directory must be one of the Guest's pages", () => {
  lives(settled(), asks(Call.LHCALL_NEW_PGTABLE, 63 * PAGE));
  assert.is(deathOf(settled(), asks(Call.LHCALL_NEW_PGTABLE, 64 * PAGE)),
    "bad page 0x40");
  assert.is(deathOf(settled(), asks(Call.LHCALL_NEW_PGTABLE, 0xfffff000)),
    "bad page 0xfffff");
});

believing("entries that are not present are nobody's business", () => {
  const s = handlingPages();
  s.memory.write32(TABLE + 5 * 4, 0xfffffffe);
  s.memory.write32(DIRECTORY + 512 * 4, 0xfffffffe);
  lives(s, traps(32, 0, fromKernel(KERNEL)), faults(KERNEL + 0x5000, 0),
    faults(0x80000000, 0));
  assert.is(data(s, Data.LGUEST_DATA_CR2), 0x80000000);
});

believing.run();

const filling = suite("V: pages, step three: filling");

/** Whether a fault was satisfied; else the Guest has been told of it. */
function isFilled(s: Stage, address: number, code: number): boolean {
  s.memory.write32(DATA + Data.LGUEST_DATA_CR2, 1);
  lives(s, traps(32, 0, fromKernel(KERNEL)), faults(address, code));
  return data(s, Data.LGUEST_DATA_CR2) === 1;
}

const frameAt = ({ memory }: Stage, page: number) => memory.frames[page];

filling("before it has tables, every page of the Guest is itself", () => {
  const s = introduced();
  lives(s, faults(0x5123, 0), faults(0x6123, 2));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x21);
  assert.is(shadowOf(s, 0x6000), frameAt(s, 6) | 0x63);
  assert.is(deathOf(s, faults(64 * PAGE, 0)), "bad page table entry 0x40003");
  assert.is(deathOf(introduced(), faults(0xf0000000, 0)),
    "bad page table entry 0xf0000003");
});

filling("and its pages are not for programs", () => {
  assert.match(deathOf(introduced(), faults(0x5000, 4)), /^unhandled trap 14 /);
});

filling(
  "a page that was only read is entered read-only, and the first write notes it",
  () => {
    const s = handlingPages();
    assert.ok(isFilled(s, KERNEL + 0x5123, 0));
    assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x21);
    assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 0x23);
    assert.ok(isFilled(s, KERNEL + 0x5123, 3));
    assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
    assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 0x63);
  },
);

filling("a page that is dirty already is entered writable at the first touch",
  () => {
    const s = handlingPages();
    s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 0x43);
    assert.ok(isFilled(s, KERNEL + 0x5000, 0));
    assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
  });

filling("read-only is read-only, for the kernel as well, in either table",
  () => {
    const s = handlingPages();
    s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 1);
    s.memory.write32(DIRECTORY + 512 * 4, TABLE | 5);
    assert.not(isFilled(s, KERNEL + 0x5000, 2));
    assert.is(s.memory.read32(TABLE + 5 * 4), 5 * PAGE | 1,
      "a refusal leaves no trace");
    assert.ok(isFilled(s, KERNEL + 0x5000, 0));
    assert.not(isFilled(s, 0x80006000, 2));
  });

filling("the kernel's is not the programs', in either table", () => {
  const s = handlingPages();
  s.memory.write32(DIRECTORY + 512 * 4, LOW | 3);
  for (
    const [address, code, fills] of [
      [0x5000, 4, true],
      [0x6000, 6, true],
      [KERNEL + 0x5000, 4, false],
      [KERNEL + 0x5000, 6, false],
      [0x80007000, 4, false],
      [0x80007000, 0, true],
    ] as const
  ) assert.is(isFilled(s, address, code), fills, address.toString(16));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x25);
  assert.is(shadowOf(s, 0x6000), frameAt(s, 6) | 0x67);
});

filling(
  "the flag for global pages is the Host's own affair; others are passed on",
  () => {
    const s = handlingPages();
    s.memory.write32(TABLE + 5 * 4, 5 * PAGE | 0xf1b);
    assert.ok(isFilled(s, KERNEL + 0x5000, 2));
    assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0xe7b);
  },
);

filling(
  "the shadow's directory has the flags of the Guest's, and follows when it grants more",
  () => {
    const s = handlingPages();
    const entry = () =>
      readPhys32(s.host.machine,
        s.guest.shadows[s.guest.current].directory + 512 * 4);
    s.memory.write32(DIRECTORY + 512 * 4, LOW | 1);
    assert.ok(isFilled(s, 0x80005000, 0));
    assert.is(entry() & 4095, 1);
    s.memory.write32(DIRECTORY + 512 * 4, LOW | 0x67);
    assert.ok(isFilled(s, 0x80005000, 7), "a fault tells, no hypercall has to");
    assert.is(entry() & 4095, 0x67);
  },
);

filling("from the Switcher's address up, nothing is ever filled in", () => {
  const s = handlingPages();
  s.memory.write32(DIRECTORY + 1023 * 4, TABLE | 0x67);
  for (const address of [TOP, TOP + 0x1000, TOP + 0x3000, 0xfffff000])
    assert.not(isFilled(s, address, 0));
  assert.ok((() => {
    s.memory.write32(DIRECTORY + 1022 * 4, TABLE | 0x67);
    return isFilled(s, TOP - 0x3fb000, 0);
  })());
});

filling("a directory that points to itself is walked two steps, no more",
  () => {
    const s = handlingPages();
    s.memory.write32(DIRECTORY + 256 * 4, DIRECTORY | 0x67);
    assert.ok(isFilled(s, 0x40100000, 0));
    assert.is(shadowOf(s, 0x40100000), frameAt(s, DIRECTORY / PAGE) | 0x67);
  });

filling.run();

const stacks = suite("V: pages, step four: the stack");

const setStack = (ss: number, esp: number, pages: number) =>
  asks(Call.LHCALL_SET_STACK, ss, esp, pages);

stacks("its pages are there before anybody pushes", () => {
  const s = settled();
  lives(s, setStack(0x69, KERNEL + 0x20000, 2));
  assert.equal(s.guest.stack, { ss: 0x69, esp: KERNEL + 0x20000, pages: 2 });
  assert.is(shadowOf(s, KERNEL + 0x1f000), frameAt(s, 0x1f) | 0x63);
  assert.is(shadowOf(s, KERNEL + 0x1e000), frameAt(s, 0x1e) | 0x63);
  assert.is(shadowOf(s, KERNEL + 0x20000), 0);
  assert.is(shadowOf(s, KERNEL + 0x1d000), 0);
});

stacks("it must belong to ring 1, and have two pages at most", () => {
  for (const ss of [0, 0x68, 0x6a, 0x6b, 0x7b])
    assert.is(deathOf(settled(), setStack(ss, KERNEL + 0x20000, 1)),
      `bad stack segment 0x${ss.toString(16)}`);
  for (const pages of [3, 0x80000000, 0xffffffff])
    assert.is(deathOf(settled(), setStack(0x69, KERNEL + 0x20000, pages)),
      `bad stack of ${pages} pages`);
  lives(settled(), setStack(0x69, 0, 0));
  lives(settled(), setStack(1, 0x12345, 0));
});

stacks("a page of it that is missing or read-only is a death", () => {
  const told: [number, number, string][] = [[0, 1, "0xffffffff"], [TOP + 1, 1,
    "0xffc00000"], [KERNEL + 0x40001, 1, "0xc0040000"], [KERNEL + 1, 2,
    "0xbffff000"], [KERNEL + 0x6001, 1, "0xc0006000"], [KERNEL + 0x8000, 2,
    "0xc0006fff"]];
  for (const [esp, pages, bad] of told) {
    const s = settled();
    s.memory.write32(TABLE + 6 * 4, 6 * PAGE | 1);
    assert.is(deathOf(s, setStack(0x69, esp, pages)), `bad stack page ${bad}`);
  }
});

stacks("it is put back when the shadows were thrown away", () => {
  const s = handlingPages();
  lives(s, asks(Call.LHCALL_FLUSH_TLB, 1));
  assert.is(shadowOf(s, KERNEL + 0x1f000) & 3, 3);
  s.memory.write32(TABLE + 0x1f * 4, 0);
  assert.is(deathOf(s, asks(Call.LHCALL_FLUSH_TLB, 1)),
    "bad stack page 0xc001ffff");
});

stacks.run();

const changes = suite("V: pages, step five: changes");

const setPte = (top: number, address: number, value: number) =>
  asks(Call.LHCALL_SET_PTE, top, address, value);
const newTables = (top: number) => asks(Call.LHCALL_NEW_PGTABLE, top);

/** A Guest with two address spaces, DIRECTORY and OTHER, both in use. */
function twofold() {
  const s = handlingPages();
  s.memory.copyIn(OTHER, s.memory.copyOut(DIRECTORY, PAGE));
  lives(s, faults(KERNEL + 0x5000, 2), faults(0x5000, 2), newTables(OTHER),
    faults(KERNEL + 0x5000, 2), faults(0x5000, 2));
  assert.equal(s.guest.shadows.map(({ top }) => top), [DIRECTORY, OTHER, -1,
    -1]);
  return s;
}

changes("for a kernel's address, a new entry goes to all shadows", () => {
  const s = twofold();
  lives(s, setPte(DIRECTORY, KERNEL + 0x5000, 9 * PAGE | 0x63));
  for (const which of [0, 1])
    assert.is(shadowOf(s, KERNEL + 0x5000, which), frameAt(s, 9) | 0x63);
  lives(s, setPte(0, KERNEL + 0x5000, 0));
  for (const which of [0, 1])
    assert.is(shadowOf(s, KERNEL + 0x5000, which), 0,
      "whatever directory it names");
});

changes("for a program's, to the shadow of the directory that it names", () => {
  const s = twofold();
  lives(s, setPte(DIRECTORY | 0x123, 0x5000, 9 * PAGE | 0x67));
  assert.is(shadowOf(s, 0x5000, 0), frameAt(s, 9) | 0x67);
  assert.is(shadowOf(s, 0x5000, 1), frameAt(s, 5) | 0x67);
  lives(s, setPte(0x9000, 0x5000, 0), setPte(0xfffff000, 0x5000, 0));
  assert.is(shadowOf(s, 0x5000, 1), frameAt(s, 5) | 0x67,
    "and to none if there is none");
});

changes("the border is the kernel's address, to the byte", () => {
  const s = twofold();
  s.memory.write32(DIRECTORY + 767 * 4, LOW | 0x67);
  s.memory.write32(OTHER + 767 * 4, LOW | 0x67);
  s.memory.write32(LOW + 1023 * 4, 5 * PAGE | 7);
  const last = KERNEL - PAGE;
  lives(s, faults(last, 2), newTables(DIRECTORY), faults(last, 2),
    setPte(DIRECTORY, last, 0));
  assert.is(shadowOf(s, last, 0), 0);
  assert.is(shadowOf(s, last, 1), frameAt(s, 5) | 0x67);
});

changes("an entry that was read but not written is entered read-only", () => {
  const s = twofold();
  lives(s, setPte(OTHER, 0x5000, 9 * PAGE | 0x27));
  assert.is(shadowOf(s, 0x5000), frameAt(s, 9) | 0x25);
});

changes("an unused one, or one that is not present, is left to be faulted in",
  () => {
    for (const value of [9 * PAGE | 7, 9 * PAGE | 0x66, 0xfffff066, 0]) {
      const s = twofold();
      lives(s, setPte(OTHER, 0x5000, value));
      assert.is(shadowOf(s, 0x5000), 0);
    }
  });

changes("where the shadow has no table, there is nothing to do", () => {
  const s = twofold();
  const before = s.host.free.length;
  lives(s, setPte(OTHER, 0x80000000, 9 * PAGE | 0x63),
    setPte(OTHER, 0x80000000, 0xfffff063));
  assert.is(s.host.free.length, before);
  assert.is(shadowOf(s, 0x80000000), 0);
});

changes(
  "a bad entry is a death by this way too, and no way leads to the Switcher",
  () => {
    assert.is(deathOf(twofold(), setPte(OTHER, 0x5000, 64 * PAGE | 0x63)),
      "bad page table entry 0x40063");
    assert.is(deathOf(twofold(), setPte(OTHER, 0x5000, 5 * PAGE | 0xe3)),
      "bad page table entry 0x50e3");
    for (const address of [TOP, 0xffffffff])
      assert.is(deathOf(twofold(), setPte(OTHER, address, 0)),
        `bad address 0x${address.toString(16)} for SET_PTE`);
    lives(twofold(), setPte(OTHER, TOP - 1, 0));
  },
);

changes("SET_PGD drops one table, in one shadow", () => {
  const s = twofold();
  const before = s.host.free.length;
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 0));
  assert.is(shadowOf(s, 0x5000, 1), 0);
  assert.is(shadowOf(s, 0x5000, 0), frameAt(s, 5) | 0x67);
  assert.is(s.host.free.length, before + 1);
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 0),
    asks(Call.LHCALL_SET_PGD, 0x9000, 0));
  assert.is(s.host.free.length, before + 1);
});

changes("it leaves the Switcher where it is, and has 1024 slots", () => {
  const s = twofold();
  const entry = () =>
    readPhys32(s.host.machine, s.guest.shadows[1].directory + 1023 * 4);
  const before = entry();
  lives(s, asks(Call.LHCALL_SET_PGD, OTHER, 1023));
  assert.is(entry(), before);
  for (const slot of [1024, 0xffffffff])
    assert.is(deathOf(twofold(), asks(Call.LHCALL_SET_PGD, OTHER, slot)),
      `bad page directory slot ${slot}`);
});

changes.run();

const spaces = suite(
  "V: pages, steps six and seven: changing and throwing away",
);

spaces("the first NEW_PGTABLE throws away what went before", () => {
  const s = introduced();
  lives(s, faults(0x5000, 2));
  const [before] = s.guest.shadows.map(({ directory }) => directory);
  lives(s, newTables(DIRECTORY));
  assert.not(s.guest.linear);
  assert.equal(s.guest.shadows.map(({ top }) => top), [DIRECTORY, -1, -1, -1]);
  assert.is(shadowOf(s, 0x5000), 0);
  assert.ok(before !== 0);
});

spaces("a directory that is known keeps its shadow", () => {
  const s = twofold();
  lives(s, newTables(DIRECTORY));
  assert.is(s.guest.current, 0);
  assert.is(shadowOf(s, 0x5000), frameAt(s, 5) | 0x67);
  assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
});

spaces(
  "the fifth takes the place of one, which loses its programs but not its kernel",
  () => {
    const s = twofold();
    const tops = [DIRECTORY, OTHER, 0x8000, 0x9000, 0xa000];
    for (const top of tops.slice(2))
      s.memory.copyIn(top, s.memory.copyOut(DIRECTORY, PAGE));
    lives(s, newTables(0x8000), newTables(0x9000), newTables(0xa000));
    assert.equal(s.guest.shadows.map(({ top }) => top), [0xa000, OTHER, 0x8000,
      0x9000]);
    assert.is(s.guest.current, 0);
    assert.is(shadowOf(s, 0x5000), 0);
    assert.is(shadowOf(s, KERNEL + 0x5000), frameAt(s, 5) | 0x63);
  },
);

spaces(
  "every shadow has the Switcher's three pages, the registers writable, nothing for programs",
  () => {
    const s = twofold();
    for (const which of [0, 1]) {
      const { host: { switcher }, guest } = s;
      assert.equal([0, 1, 2, 3].map((n) => shadowOf(s, TOP + n * PAGE, which)),
        [switcher.code | 0x61, guest.regsPage | 0x63, switcher.state | 0x61,
          0]);
      assert.is(
        readPhys32(s.host.machine, guest.shadows[which].directory + 1023 * 4)
          & 4,
        0,
      );
    }
  },
);

spaces(
  "the small FLUSH_TLB drops the programs' half of one, the large one everything",
  () => {
    const s = twofold();
    lives(s, asks(Call.LHCALL_FLUSH_TLB, 0));
    assert.equal([0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, 1) !== 0),
      [false, true]);
    assert.equal([0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, 0) !== 0),
      [true, true]);
    lives(s, asks(Call.LHCALL_FLUSH_TLB, 0x80000000));
    for (const which of [0, 1])
      assert.equal(
        [0x5000, KERNEL + 0x5000].map((a) => shadowOf(s, a, which) !== 0),
        [false, false],
      );
  },
);

spaces(
  "a Guest has its share of frames for shadows, and starts again when it is used up",
  () => {
    const s = settled(64, 16 << 20);
    for (let slot = 0; slot < 1023; slot++)
      s.memory.write32(DIRECTORY + slot * 4, TABLE | 0x67);
    for (const top of [OTHER, 0x8000])
      s.memory.copyIn(top, s.memory.copyOut(DIRECTORY, PAGE));
    let most = 0;
    for (const top of [DIRECTORY, OTHER, 0x8000]) {
      lives(s, newTables(top));
      for (let slot = 0; slot < 1023; slot++) {
        lives(s, faults(slot * 0x400000 + 0x5000, 2));
        assert.is(shadowOf(s, slot * 0x400000 + 0x5000) & 1, 1);
        most = Math.max(most, s.guest.shadowFrames);
      }
    }
    assert.ok(most > 1000 && most <= 1024 + 3, `${most}`);
  },
);

spaces(
  "a Host without a frame to spare lets the Guest start again, or die; it does not fall over",
  () => {
    const s = settled();
    for (let slot = 0; slot < 1023; slot++)
      s.memory.write32(DIRECTORY + slot * 4, TABLE | 0x67);
    while (s.host.free.length > 3) allocateFrame(s.host);
    for (let slot = 0; slot < 1023; slot++) {
      lives(s, faults(slot * 0x400000 + 0x5000, 2));
      assert.is(shadowOf(s, slot * 0x400000 + 0x5000) & 1, 1);
    }
    while (s.host.free.length > 0) allocateFrame(s.host);
    assert.match(deathOf(s, newTables(OTHER)), /no memory/);
  },
);

spaces.run();
