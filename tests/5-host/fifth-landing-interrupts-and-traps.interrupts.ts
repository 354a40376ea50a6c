// Chapter V, fifth landing: interrupts, and waiting for them.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { reg, setReg } from "../../tangled/host/ground/guest.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import {
  asks,
  data,
  init,
  introduced,
  lives,
  stage,
  traps,
} from "./stage/actor.ts";
import {
  fromKernel,
  fromProgram,
  handling,
  loadGate,
  stackOf,
} from "./stage/gates.ts";
import { DATA, KERNEL } from "./stage/places.ts";

const loop = suite("V: the loop");

loop("a halted Guest sleeps until its timer is due, and not a tick longer",
  () => {
    const s = introduced();
    s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
    let woken = 0, armed = 0;
    lives(s, asks(Call.LHCALL_LOAD_IDT_ENTRY, 32, 0x8000, 0x8e00),
      traps(32, 0, [[Reg.ESP, 0x9000]]), (guest) => {
      armed = guest.host.machine.time[Time.NOW];
      asks(Call.LHCALL_SET_CLOCKEVENT, 1_000_005)(guest);
    }, asks(Call.LHCALL_HALT), (guest) => {
      woken = guest.host.machine.time[Time.NOW] - 100;
      traps(32)(guest);
    });
    assert.is(woken - armed, 100_001);
    assert.is(reg(s.guest, Reg.EIP), 0x8000);
  });

loop("a sleeper does not try the Launcher's patience either", () => {
  const s = introduced();
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  lives(s, asks(Call.LHCALL_SET_CLOCKEVENT, 0xffffffff));
  const before = s.host.machine.time[Time.NOW];
  for (let n = 1; n < 5; n++) {
    assert.equal(s.play(...(n === 1 ? [asks(Call.LHCALL_HALT)] : [])), {
      kind: "interrupted",
    });
    assert.is(s.host.machine.time[Time.NOW] - before, n * 200_000);
  }
  s.host.machine.time[Time.NOW] = s.guest.alarm;
  lives(s);
  assert.not(s.guest.halted);
});

loop("SET_CLOCKEVENT with 0 disarms the timer", () => {
  const s = introduced();
  assert.equal(
    s.play(asks(Call.LHCALL_SET_CLOCKEVENT, 1000),
      asks(Call.LHCALL_SET_CLOCKEVENT, 0), asks(Call.LHCALL_HALT)),
    { kind: "asleep" },
  );
  assert.is(s.guest.irqs, 0);
});

loop("halted without a timer, only an interrupt can wake it", () => {
  const s = introduced();
  assert.equal(s.play(asks(Call.LHCALL_HALT)), { kind: "asleep" });
  assert.equal(s.play(), { kind: "asleep" });
  s.guest.irqs |= 4;
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 4);
  assert.equal(s.play(), { kind: "asleep" }, "not one that is masked");
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  lives(s);
});

loop("a Guest that halts where no interrupt may strike does not hang the Host",
  () => {
    const s = stage();
    s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_START, 0x10000);
    s.memory.write32(DATA + Data.LGUEST_DATA_NOIRQ_END, 0x10010);
    s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
    lives(s, init);
    s.guest.irqs = 2;
    lives(s, asks(Call.LHCALL_HALT));
  });

loop.run();

const interrupts = suite("V: interrupts");

interrupts("before LGUEST_INIT there are none", () => {
  const s = stage();
  s.guest.irqs = -1;
  lives(s);
  assert.is(s.guest.irqs, -1);
});

/** A Guest with all the gates for devices, interrupts on, nothing masked. */
function awaiting() {
  const s = handling();
  for (let irq = 0; irq < 32; irq++)
    lives(s, loadGate(32 + irq, 0xa000 + irq * 16, (KERNEL | 0x8e00) >>> 0));
  s.memory.write32(DATA + Data.LGUEST_DATA_BLOCKED_INTERRUPTS, 0);
  s.memory.write32(DATA, 0x200);
  lives(s, traps(32, 0, fromKernel()));
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
