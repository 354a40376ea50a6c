// Chapter II: time passes, however it is cut, whatever leads to itself.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Desc,
  flatCode,
  gate,
  Gate,
} from "../../tangled/machine/ground/descriptors.ts";
import { Flag, setFlags, settle } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { copyFromPhys, readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { Time, type Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { setRing } from "../../tangled/machine/protection/segments.ts";
import {
  world,
  putSegment,
  FREE,
  putGate,
  at,
  putProgram,
  without,
  putEntry,
  stacks,
  caught,
  faults,
} from "./stage/world.ts";
import { mapped, map } from "./stage/paging.ts";

const passing = suite("time passes");

/** A program of ring 3 with alignment checks and an odd stack, on which these gates leave it. */
function misaligned(source: string, ...vectors: number[]): Machine {
  const m = world(source, 3);
  const [low, high] = flatCode(3);
  putSegment(m, FREE, [low, high | Desc.DOWN]); // conforming
  for (const vector of vectors)
    putGate(m, vector,
      gate(FREE | 3, at.HANDLERS + vector * 16, Gate.INTERRUPT, 3));
  m.cpu[Cpu.CR0] |= 1 << 18;
  m.cpu[Cpu.ESP] -= 1;
  setFlags(m.cpu, Flag.AC, Flag.AC);
  setRing(m, 3);
  return m;
}

/** The same with TF set, or with interrupts. */
function nudged(m: Machine, flag: Flag, irqs = 0): Machine {
  setFlags(m.cpu, flag, flag);
  m.cpu[Cpu.IRQS] = irqs;
  return m;
}

/** A machine whose handler of a vector does this. */
function handled(m: Machine, vector: number, source: string): Machine {
  putProgram(m, at.HANDLERS + vector * 16, source);
  return m;
}

/** Machines that get nowhere, by what keeps them. */
const endless: Readonly<Record<string, () => Machine>> = {
  "an alignment check whose frame is out of line": () =>
    misaligned("push eax", 17),
  "one that follows int": () => misaligned("int 3\n jmp $", 3, 17),
  "protection, alignment, protection": () => without(misaligned("cli", 13), 17),
  "page, alignment, page": () => {
    const m = mapped(misaligned("mov al, [0x80000]", 14, 17));
    for (let vector = 0; vector < 16; vector++)
      putEntry(m, 0x7f80 + vector * 8, [readPhys32(m, at.IDT + vector * 8),
        readPhys32(m, at.IDT + vector * 8 + 4)]);
    m.cpu[Cpu.IDT_BASE] = 0x7f80; // the gate of 17 is on the next page
    map(m, 0x8000, 0);
    map(m, 0x80000, 0);
    return m;
  },
  "a step that cannot be told": () =>
    nudged(misaligned("jmp $", 1, 17), Flag.TF),
  "interrupts that cannot be told": () =>
    nudged(misaligned("jmp $", 0x21, 0x22, 17), Flag.IF, 6),
  "a breakpoint on its own handler": () => {
    const m = handled(world("jmp $"), 1, "iret");
    m.cpu[Cpu.DR0] = at.HANDLERS + 16;
    m.cpu[Cpu.DR0 + 1] = at.CODE;
    m.cpu[Cpu.DR7] = 0x40f;
    return m;
  },
  "a watched stack of its own handler": () => {
    const m = handled(nudged(world("jmp $"), Flag.TF), 1, "iret");
    m.cpu[Cpu.DR0] = stacks[0] - 4;
    m.cpu[Cpu.DR7] = 0xd0403 | 0;
    return m;
  },
  "int3 in the handler of int3": () =>
    handled(world("mov esp, 0xf0000\n int3"), 3, "int3"),
  "a handler that mends nothing": () =>
    handled(mapped(world("mov edi, 0x400000\n mov ecx, 9\n rep stosd")), 14,
      "add esp, 4\n iret"),
  "code on no page": () =>
    handled(mapped(world("jmp 0x400000")), 14, "add esp, 4\n iret"),
  "a page of changes of ss": () =>
    world("mov eax, ss\n here: times 2000 mov ss, ax\n jmp here"),
  "sti after sti": () =>
    nudged(handled(world("here: times 2000 sti\n jmp here"), 0x21, "jmp $"),
      Flag.IF, 2),
  "an empty rep": () =>
    world("here: xor ecx, ecx\n rep movsb\n repe cmpsd\n jmp here"),
  "more prefixes than there may be": () =>
    handled(world("times 20 db 0x2e\n nop"), 13, "add esp, 4\n iret"),
  "sleep that is always disturbed": () =>
    nudged(handled(world("here: hlt\n jmp here"), 0x21, "out 0x80, al\n iret"),
      Flag.IF, 2),
};

/** What a machine has come to after a thousand ticks, so many at a time. */
function afterThousand(make: () => Machine, step: number): string {
  const m = make();
  m.ports.out = () => {
    m.cpu[Cpu.IRQS] |= 2;
  };
  while (retired(m) < 1000)
    assert.is(run(m, Math.min(step, 1000 - retired(m))), "limit");
  assert.is(m.cpu[Cpu.FAULT], -1);
  const own = [...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1), settle(m.cpu),
    m.cpu[Cpu.CR2], m.cpu[Cpu.DR6], m.cpu[Cpu.IRQS], retired(m)];
  return `${own.map((value) => value! >>> 0)} ${createHash("sha1").update(copyFromPhys(m, 0, m.ramSize)).digest("hex")}`;
}

for (const [what, make] of Object.entries(endless))
  passing(`with ${what}, however it is cut`, () => {
    const whole = afterThousand(make, 1000);
    for (const step of [1, 7, 300])
      assert.is(afterThousand(make, step), whole, `${step} at a time`);
  });

passing(
  "and an interrupt comes between a fault and itself, with everything as the program left it",
  () => {
    const m = nudged(misaligned("push eax", 17), Flag.IF);
    m.time[Time.ALARM] = 500;
    const { vector, eip, esp } = caught(m);
    assert.equal([vector, eip, esp], [0x20, at.CODE, stacks[3] - 1]);
    assert.is(retired(m), 501);
  },
);

passing(
  "only where no gate can be gone through: alignment upon protection is served",
  () => {
    faults(misaligned("cli", 13), 17, 1, at.CODE); // EXT: it came of another. SDM vol. 3, 6.15, #AC
  },
);

passing.run();
