// Chapter V, sixth landing: old habits, gates, frames and interrupts, now that a
// Guest has pages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Errno } from "../../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { reg, setReg } from "../../tangled/host/ground/guest.ts";
import { realGate } from "../../tangled/host/interrupts.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import {
  type Stage,
  traps,
  introduced,
  data,
  deathOf,
  settled,
  lives,
  faults,
  asks,
} from "./stage/actor.ts";
import { DATA, TABLE, PAGE, KERNEL } from "./stage/places.ts";
import { loadGate, handling, fromKernel } from "./stage/gates.ts";

const oldHabits = suite("V: old habits of kernels");

/** Lets instruction bytes fault with code 0 at the entry, in a ring. */
function habit(s: Stage, bytes: number[], cs = 0x61, at = 0x10000) {
  s.memory.copyIn(at, new Uint8Array(bytes));
  const scene = traps(13, 0, [[Reg.EIP, at], [Reg.EAX, 0x12345678], [Reg.CS,
    cs]]);
  return s.play(scene);
}

const PORTS: readonly [bytes: number[], eax: number][] = [[[0xe4, 0x60],
  0x123456ff], [[0xe5, 0x60], 0xffffffff], [[0xec], 0x123456ff], [[0xed],
  0xffffffff], [[0x66, 0xe4, 0x60], 0x123456ff], [[0x66, 0xe5, 0x60],
  0x1234ffff], [[0x66, 0xed], 0x1234ffff], [[0x66, 0xec], 0x123456ff], [[0xe6,
  0x80], 0x12345678], [[0xe7, 0x80], 0x12345678], [[0xee], 0x12345678], [[0xef],
  0x12345678], [[0x66, 0xe7, 0x80], 0x12345678], [[0x66, 0xef], 0x12345678], [[
  0xfa,
], 0x12345678]];

oldHabits("ports read all ones and swallow everything, and cli is skipped",
  () => {
    for (const [bytes, eax] of PORTS) {
      const s = introduced();
      s.memory.write32(DATA, 0x200);
      assert.equal(habit(s, bytes), { kind: "interrupted" });
      assert.is(reg(s.guest, Reg.EAX), eax, `${bytes}`);
      assert.is(reg(s.guest, Reg.EIP), 0x10000 + bytes.length, `${bytes}`);
      assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), 0x200,
        "cli changes nothing");
    }
  });

oldHabits("everything else is the Guest's own fault", () => {
  const others = [[0x66, 0xfa], [0xfb], [0xf4], [0x66, 0x66, 0xe5, 0x60], [0x2e,
    0xec], [0xf3, 0xec], [0x6c], [0x0f, 0x20, 0xc0], [0xe8]];
  for (const bytes of others) {
    const s = introduced();
    assert.equal(habit(s, bytes), { kind: "error", errno: Errno.ENOENT });
    assert.is(s.guest.death, "unhandled trap 13 at 0x10000 (0x0)");
  }
});

oldHabits("only the Guest's kernel has them, and only when the error code is 0",
  () => {
    for (const cs of [0x73, 0x60, 0x62])
      assert.equal(habit(introduced(), [0xfa], cs).kind, "error");
    const s = introduced();
    s.memory.write8(0x10000, 0xfa);
    assert.is(deathOf(s, traps(13, 8)), "unhandled trap 13 at 0x10000 (0x8)");
  });

oldHabits("an instruction is fetched from wherever its pages are", () => {
  const s = settled();
  s.memory.write32(TABLE + 20 * 4, 7 * PAGE | 3);
  s.memory.write32(TABLE + 21 * 4, 9 * PAGE | 3);
  s.memory.write8(7 * PAGE + 4095, 0x66);
  s.memory.write8(9 * PAGE, 0xed);
  lives(s, traps(13, 0, [[Reg.EIP, KERNEL + 20 * PAGE + 4095], [Reg.EAX, 0]]));
  assert.is(reg(s.guest, Reg.EAX), 0xffff);
  assert.is(reg(s.guest, Reg.EIP), KERNEL + 21 * PAGE + 1);
});

oldHabits("where there is nothing to fetch, the Guest dies", () => {
  assert.is(deathOf(settled(), traps(13, 0, [[Reg.EIP, 0x80000000]])),
    "bad address 0x80000000");
  assert.is(deathOf(introduced(), traps(13, 0, [[Reg.EIP, 0xffffffff]])),
    "bad address 0xffffffff");
  const s = settled();
  s.memory.write8(63 * PAGE + 4095, 0x66);
  assert.is(deathOf(s, traps(13, 0, [[Reg.EIP, KERNEL + 64 * PAGE - 1]])),
    `bad address 0xc0040000`);
});

oldHabits.run();

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

/** The words on the stack, by the Guest's own tables. */
const stackOf = (s: Stage, count: number) =>
  Array.from({ length: count }, (_, n) =>
    s.memory.read32(reg(s.guest, Reg.ESP) - KERNEL + n * 4));

const fromProgram: [Reg, number][] = [
  [Reg.CS, 0x73],
  [Reg.SS, 0x7b],
  [Reg.EIP, 0x400],
  [Reg.ESP, 0x9000],
  [Reg.EFLAGS, 0x293],
];

frames("from ring 1, the frame goes to the stack in use", () => {
  const s = handling();
  lives(s, traps(6, 0, fromKernel));
  assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)), [
    0x61,
    0xc0008000,
    0x69,
    KERNEL + 0x9000 - 12,
  ]);
  assert.equal(stackOf(s, 3), [0xc0001234, 0x61, 0x46]);
});

frames("from ring 3, it goes to the stack of SET_STACK, with the program's own",
  () => {
    const s = handling();
    lives(s, traps(6, 0, fromProgram));
    assert.equal([Reg.CS, Reg.EIP, Reg.SS, Reg.ESP].map((r) => reg(s.guest, r)),
      [0x61, 0xc0008000, 0x69, KERNEL + 0x20000 - 20]);
    assert.equal(stackOf(s, 5), [0x400, 0x73, 0x93, 0x9000, 0x7b]);
  });

frames("it is ss that says where the Guest came from", () => {
  const s = handling();
  lives(s, traps(6, 0, [...fromKernel, [Reg.SS, 0x7b], [Reg.ESP, 0x700]]));
  assert.equal(stackOf(s, 5), [0xc0001234, 0x61, 0x46, 0x700, 0x7b]);
});

frames("those exceptions that have an error code push it, unchanged", () => {
  for (
    const [vector, count] of [[0, 3], [3, 3], [6, 3], [10, 4], [11, 4], [12, 4],
      [13, 4], [17, 4]] as const
  ) {
    const s = handling();
    lives(s, traps(vector, 0xabcd, fromKernel));
    assert.is(KERNEL + 0x9000 - reg(s.guest, Reg.ESP), count * 4,
      `vector ${vector}`);
    if (count === 4) assert.is(stackOf(s, 1)[0], 0xabcd);
  }
});

frames("the flags show the Guest's interrupt flag, not the real one", () => {
  for (const enabled of [0, 0x200, 0xffffffff]) {
    const s = handling();
    s.memory.write32(DATA, enabled);
    lives(s, traps(6, 0, fromKernel));
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
      lives(s, traps(13, 8, fromKernel));
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

frames("each push finds its own page, even half a word at a time", () => {
  for (const below of [0, 1, 2, 3, 4, 8]) {
    const s = handling();
    s.memory.write32(TABLE + 40 * 4, 50 * PAGE | 3);
    s.memory.write32(TABLE + 41 * 4, 45 * PAGE | 3);
    lives(s,
      traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE + below]]));
    const high = s.memory.copyOut(45 * PAGE, below),
      low = s.memory.copyOut(51 * PAGE - (12 - below), 12 - below);
    const frame = new DataView(new Uint8Array([...low, ...high]).buffer);
    assert.equal([0, 4, 8].map((at) => frame.getUint32(at, true)), [0xc0001234,
      0x61, 0x46], `${below} above`);
  }
});

frames("a frame needs only the pages that it touches", () => {
  const s = handling();
  s.memory.write32(TABLE + 41 * 4, 0);
  lives(s, traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]]));
  assert.equal(s.memory.read32(41 * PAGE - 12), 0xc0001234);
});

frames(
  "where there is no stack, the Guest dies, and no one else's memory is touched",
  () => {
    const none = handling();
    none.memory.write32(TABLE + 40 * 4, 0);
    assert.is(
      deathOf(none,
        traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]])),
      "bad address 0xc0028ffc",
    );
    const outside = handling();
    outside.memory.write32(TABLE + 40 * 4, 64 * PAGE | 3);
    assert.match(
      deathOf(outside,
        traps(6, 0, [...fromKernel, [Reg.ESP, KERNEL + 41 * PAGE]])),
      /^bad address/,
    );
    const never = introduced();
    never.guest.gates.set([0x8000, 0x8e00], 12);
    assert.match(deathOf(never, traps(6, 0, fromProgram)),
      /^bad address 0xfffffffc/);
  },
);

frames("a page fault leaves its address for the Guest", () => {
  const s = handling();
  lives(s, traps(32, 0, fromKernel), faults(0x12345678, 2));
  assert.is(data(s, Data.LGUEST_DATA_CR2), 0x12345678);
  assert.equal(stackOf(s, 2), [2, 0xc0001234]);
});

frames("without a gate for it, the obituary names it", () => {
  const s = settled();
  assert.is(deathOf(s, faults(0x12345678, 6)),
    "unhandled trap 14 at 0x10000 (0x12345678)");
});

frames.run();

const interrupts = suite("V: interrupts");

/** A Guest with all the gates for devices, interrupts on, nothing masked. */
function awaiting() {
  const s = handling();
  for (let irq = 0; irq < 32; irq++)
    lives(s, loadGate(32 + irq, 0xa000 + irq * 16, (KERNEL | 0x8e00) >>> 0));
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  s.memory.write32(DATA, 0x200);
  lives(s, traps(32, 0, fromKernel));
  return s;
}

const handlerOf = (irq: number) => KERNEL + 0xa000 + irq * 16;

interrupts("the lowest that is due goes first, the others wait for the Guest",
  () => {
    const s = awaiting();
    s.guest.irqs = 1 << 5 | 1 << 9 | 1 << 31;
    lives(s);
    assert.is(reg(s.guest, Reg.EIP), handlerOf(5));
    assert.is(s.guest.irqs >>> 0, 0x80000200);
    assert.is(data(s, Data.LGUEST_DATA_IRQ_ENABLED), 0);
    assert.equal(stackOf(s, 3), [0xc0001234, 0x61, 0x246]);
    assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0x200,
      "and a note says so");
    for (const irq of [9, 31]) {
      s.memory.write32(DATA, 0x200);
      lives(s);
      assert.is(reg(s.guest, Reg.EIP), handlerOf(irq));
    }
    assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0,
      "until nothing waits any more");
  });

interrupts("one that is masked waits, and leaves no note", () => {
  const s = awaiting();
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0x20);
  s.memory.write32(DATA, 0);
  s.guest.irqs = 0x20;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0);
  assert.is(reg(s.guest, Reg.EIP), 0xc0001234);
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  s.memory.write32(DATA, 0x200);
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), handlerOf(5));
});

interrupts("with interrupts off there is only a note", () => {
  const s = awaiting();
  s.memory.write32(DATA, 0);
  s.guest.irqs = 2;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0x200);
  assert.is(s.guest.irqs, 2);
  s.memory.write32(DATA, 0x200);
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), 0);
});

interrupts(
  "none strikes in the Guest's way out, from its first byte to before its last",
  () => {
    for (
      const [eip, strikes] of [
        [0xc0001ffe, true],
        [0xc0001fff, false],
        [0xc0002001, false],
        [0xc0002002, true],
      ] as const
    ) {
      const s = awaiting();
      s.guest.noirq = [0xc0001fff, 0xc0002002];
      s.memory.write32(DATA, 0);
      lives(s, traps(32, 0, [[Reg.EIP, eip]]));
      s.guest.irqs = 2;
      lives(s);
      assert.is(data(s, Data.LGUEST_DATA_IRQ_PENDING), strikes ? 0x200 : 0,
        "not even with a note");
      s.memory.write32(DATA, 0x200);
      lives(s);
      assert.is(reg(s.guest, Reg.EIP), strikes ? handlerOf(1) : eip);
    }
  },
);

interrupts("a halted Guest is woken though its interrupts are off", () => {
  const s = awaiting();
  s.memory.write32(DATA, 0);
  assert.equal(s.play(asks(Call.LHCALL_HALT)), { kind: "asleep" });
  s.guest.irqs = 8;
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), handlerOf(3));
  assert.is(stackOf(s, 3)[2], 0x246, "as by sti; hlt");
});

interrupts("one without a gate stays pending", () => {
  const s = awaiting();
  lives(s, loadGate(34, 0, 0));
  s.guest.irqs = 4;
  lives(s);
  assert.is(s.guest.irqs, 4);
  lives(s, loadGate(34, 0x7000, (KERNEL | 0x8e00) >>> 0));
  assert.is(reg(s.guest, Reg.EIP), 0xc0007000);
});

interrupts("a program is interrupted on its kernel's stack", () => {
  const s = awaiting();
  lives(s, traps(32, 0, fromProgram));
  s.guest.irqs = 2;
  lives(s);
  assert.equal(stackOf(s, 5), [0x400, 0x73, 0x293, 0x9000, 0x7b]);
});

interrupts("each brings the time of day", () => {
  const s = awaiting();
  s.host.machine.time[Time.NOW] = 700_000_000;
  s.guest.irqs = 2;
  lives(s);
  assert.is(data(s, Data.LGUEST_DATA_TIME_SEC), 1_191_196_807);
  assert.ok(data(s, Data.LGUEST_DATA_TIME_NSEC) < 100_000);
});

interrupts("the timer is interrupt 0, once", () => {
  const s = awaiting();
  lives(s, asks(Call.LHCALL_SET_CLOCKEVENT, 10_000));
  assert.is(reg(s.guest, Reg.EIP), handlerOf(0));
  assert.is(s.guest.alarm, Infinity);
  s.memory.write32(DATA, 0x200);
  setReg(s.guest, Reg.EIP, 0xc0001234);
  lives(s);
  assert.is(reg(s.guest, Reg.EIP), 0xc0001234);
});

interrupts.run();
