// Chapter V, fifth landing: gates, and frames made by hand.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { reg } from "../../tangled/host/ground/guest.ts";
import { realGate } from "../../tangled/host/interrupts.ts";
import {
  asks,
  data,
  deathOf,
  faults,
  introduced,
  lives,
  type Stage,
  traps,
} from "./stage/actor.ts";
import {
  fromKernel,
  fromProgram,
  handling,
  loadGate,
  stackOf,
} from "./stage/gates.ts";
import { DATA, TOP } from "./stage/places.ts";

const life = suite("V: a Guest, and its death");

life("a trap 256 is its last even if it has every gate", () => {
  const s = introduced();
  const gates = [...Array(256).keys()].map((v) =>
    asks(Call.LHCALL_LOAD_IDT_ENTRY, v, 0, 0x8e00)
  );
  s.play(...gates);
  assert.match(deathOf(s, traps(256)), /^unhandled trap 256 /);
});

life.run();

const gates = suite("V: gates");

const gateOf = ({ guest }: Stage,
  vector: number) => [guest.gates[vector * 2], guest.gates[vector * 2 + 1]];
const STUB = 0xffc00123, LGUEST_CS = 0x50;
const real = ({ guest }: Stage,
  vector: number) => [...realGate(guest, vector, STUB, LGUEST_CS)];
const stub = (
  dpl: number,
) => [0x00500123, (0xffc00000 | 0x8e00 | dpl << 13) >>> 0];

gates(
  "of a gate, address, type, DPL and presence are taken; the selector is ours",
  () => {
    const s = introduced();
    lives(s, loadGate(3, 0xbeef5678, 0x1234eeff),
      loadGate(4, 0x00081111, 0xc0228f00));
    assert.equal(gateOf(s, 3), [0x00615678, 0x1234ee00]);
    assert.equal(gateOf(s, 4), [0x00611111, 0xc0228f00]);
    lives(s, loadGate(3, 0xffffffff, 0xffff0000));
    assert.equal(gateOf(s, 3), [0, 0], "one that is not present is nothing");
  },
);

gates("four vectors are not to be had, whatever is in the gate", () => {
  const s = introduced();
  for (const vector of [2, 8, 15, 31]) {
    lives(s, loadGate(vector, 0x1234, 0x8e00), loadGate(vector, 0, 0x8500));
    assert.equal(gateOf(s, vector), [0, 0]);
  }
});

gates("there are 256 of them", () => {
  const s = introduced();
  lives(s, loadGate(255, 1, 0x8e00));
  for (const vector of [256, 0x80000003, 0xffffffff])
    assert.is(deathOf(introduced(), loadGate(vector, 0, 0)),
      `bad IDT entry ${vector}`);
});

gates("a gate of any other type is a death, unless it is not present", () => {
  for (let type = 0; type < 32; type++) {
    const s = introduced();
    lives(s, loadGate(3, 0, type << 8));
    if (type === 14 || type === 15)
      lives(s, loadGate(3, 0, 0x8000 | type << 8));
    else assert.is(deathOf(s, loadGate(3, 0, 0x8000 | type << 8)),
        `bad IDT entry 3: type ${type}`);
  }
});

gates(
  "a trap gate for an exception or the system call is real; nothing else is",
  () => {
    const s = introduced();
    for (let vector = 0; vector < 256; vector++)
      lives(s, loadGate(vector, 0x5678, 0xc000ef00));
    for (let vector = 0; vector < 256; vector++) {
      const never = [2, 7, 8, 13, 14, 15, 31].includes(vector);
      const direct = !never && (vector < 32 || vector === 0x80);
      if (direct)
        assert.equal(real(s, vector), [0x00615678, 0xc000ef00],
          `vector ${vector}`);
      else assert.equal(real(s, vector), stub(vector === 31 ? 1 : 0),
          `vector ${vector}`);
    }
  },
);

gates("an interrupt gate never is, for the processor would turn interrupts off",
  () => {
    const s = introduced();
    for (let vector = 0; vector < 256; vector++)
      lives(s, loadGate(vector, 0x5678, 0xc000ee00));
    for (let vector = 0; vector < 256; vector++)
      assert.is(real(s, vector)[0], stub(0)[0]);
    assert.equal(real(s, 3), stub(3),
      "but programs may knock if their kernel says so");
    assert.equal(real(s, 0x80), stub(3));
    assert.equal(real(s, 14), stub(0),
      "at a door that only the Host opens they may not");
    assert.equal(real(s, 0x21), stub(0));
  });

gates(
  "without a gate, there is the Host's stub, and only the hypercall's is for ring 1",
  () => {
    const s = introduced();
    for (let vector = 0; vector < 256; vector++)
      assert.equal(real(s, vector), stub(vector === 31 ? 1 : 0));
    lives(s, loadGate(3, 0, 0x6e00));
    assert.equal(real(s, 3), stub(0),
      "nor does the DPL of an absent one count");
  },
);

gates.run();

const frames = suite("V: frames made by hand");

frames("from ring 1, the frame goes to the stack in use", () => {
  const s = handling();
  lives(s, traps(6, 0, fromKernel()));
  assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)), [
    0x61,
    0xc0008000,
    0x69,
    0x9000 - 12,
  ]);
  assert.equal(stackOf(s, 3), [0xc0001234, 0x61, 0x46]);
});

frames("from ring 3, it goes to the stack of SET_STACK, with the program's own",
  () => {
    const s = handling();
    lives(s, traps(6, 0, fromProgram));
    assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)),
      [0x61, 0xc0008000, 0x69, 0x20000 - 20]);
    assert.equal(stackOf(s, 5), [0x400, 0x73, 0x93, 0x9000, 0x7b]);
  });

frames("it is ss that says where the Guest came from", () => {
  const s = handling();
  lives(s, traps(6, 0, [...fromKernel(), [Reg.SS, 0x7b], [Reg.ESP, 0x700]]));
  assert.equal(stackOf(s, 5), [0xc0001234, 0x61, 0x46, 0x700, 0x7b]);
});

frames("those exceptions that have an error code push it, unchanged", () => {
  for (
    const [vector, count] of [[0, 3], [3, 3], [6, 3], [10, 4], [11, 4], [12, 4],
      [13, 4], [17, 4]] as const
  ) {
    const s = handling();
    lives(s, traps(vector, 0xabcd, fromKernel()));
    assert.is(0x9000 - reg(s.guest, Reg.ESP), count * 4, `vector ${vector}`);
    if (count === 4) assert.is(stackOf(s, 1)[0], 0xabcd);
  }
});

frames("the flags show the Guest's interrupt flag, not the real one", () => {
  for (const enabled of [0, 0x200, 0xffffffff]) {
    const s = handling();
    s.memory.write32(DATA, enabled);
    lives(s, traps(6, 0, fromKernel()));
    assert.is(stackOf(s, 3)[2], enabled === 0 ? 0x46 : 0x246);
    assert.is(reg(s.guest, Reg.EFLAGS) & 0x200, 0x200, "which stays on");
  }
});

frames(
  "an interrupt gate turns the Guest's interrupts off, a trap gate does not",
  () => {
    for (const [type, after] of [[0x8e00, 0], [0x8f00, 0x200]] as const) {
      const s = handling(type);
      s.memory.write32(DATA, 0x200);
      lives(s, traps(13, 8, fromKernel()));
      assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), after);
    }
  },
);

frames("a handler starts without TF, NT, RF and VM, and the frame keeps them",
  () => {
    const s = handling();
    lives(s, traps(6, 0, [...fromProgram, [Reg.EFLAGS, 0x34346]]));
    assert.is(reg(s.guest, Reg.EFLAGS), 0x34346 & ~0x34100);
    assert.is(stackOf(s, 3)[2], 0x34146);
  });

frames("a page fault that the Host cannot help leaves its address", () => {
  const s = handling();
  lives(s, traps(32, 0, fromKernel()), faults(TOP + 0x678, 2));
  assert.is(data(s, Data.LGUEST_DATA_CR2), TOP + 0x678);
  assert.equal(stackOf(s, 2), [2, 0xc0001234]);
});

frames("SET_STACK wants a stack of ring 1, of two pages at most", () => {
  const setStack = (...words: number[]) =>
    asks(Call.LHCALL_SET_STACK, ...words);
  for (const ss of [0, 0x68, 0x6a, 0x7b])
    assert.is(deathOf(introduced(), setStack(ss, 0x9000, 1)),
      `bad stack segment 0x${ss.toString(16)}`);
  assert.is(deathOf(introduced(), setStack(0x69, 0x9000, 3)),
    "bad stack of 3 pages");
  const s = introduced();
  lives(s, setStack(0x69, 0x9000, 2));
  assert.equal(s.guest.stack, { ss: 0x69, esp: 0x9000, pages: 2 });
});

frames.run();
