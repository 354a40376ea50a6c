// Chapter II: the way back, who may do what, and interrupts.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Desc,
  descriptor,
  gate,
  Gate,
} from "../../tangled/machine/ground/descriptors.ts";
import { Flag, setFlags, settle } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { Seg } from "../../tangled/machine/protection/segments.ts";
import {
  world,
  putGate,
  code,
  ENTRY,
  caught,
  at,
  word,
  stacks,
  faults,
  putProgram,
  flat,
  FREE,
  putSegment,
  writable,
  selectorOf,
} from "./stage/world.ts";

const gates = suite("gates");

gates("push three words, and turn interrupts off or leave them alone", () => {
  for (const type of [Gate.INTERRUPT, Gate.TRAP]) {
    const m = world("sti\n nop\n int 0x20");
    putGate(m, 0x20, gate(code[0], ENTRY, type, 0));
    const { eip, cs, flags } = caught(m);
    assert.equal([eip, cs, flags! & 0x200], [at.CODE + 4, code[0], 0x200]);
    assert.is(word(m, Cpu.ESP), stacks[0] - 12);
    assert.is(settle(m.cpu) & Flag.IF, type === Gate.TRAP ? Flag.IF : 0);
  }
});

gates("open to faults whoever caused them", () => {
  faults(world("ud2", 3), 6, undefined, at.CODE);
  faults(world("hlt", 3), 13, 0, at.CODE);
  faults(world("hlt", 1), 13, 0, at.CODE);
});

gates.run();

const returning = suite("coming back");

/** Ring 0 returns by a frame (the words in the order of pushing). */
const returns = (...frame: (number | string)[]): Machine =>
  world(frame.map((word) => `push dword ${word}\n`).join("") + "iret");

returning("restores what a gate has saved", () => {
  const m = world("stc\n int 0x20\n adc bl, 0\n hlt");
  putProgram(m, ENTRY, "clc\n mov ecx, 5\n iret");
  assert.is(run(m, 20), "halt");
  assert.equal([Cpu.EBX, Cpu.ECX, Cpu.ESP].map((r) => word(m, r)), [1, 5,
    stacks[0]]);
  assert.is(word(m, Cpu.EIP), at.CODE + 7);
});

returning("leads into an outer ring, where nobody has been", () => {
  for (const ring of [1, 3] as const) {
    const m = returns(flat[ring], 0xb123, 0x202, code[ring], 0x7000);
    putProgram(m, 0x7000, "ud2");
    const { eip, cs, esp, ss, flags } = caught(m);
    assert.equal([eip, cs, esp, ss], [0x7000, code[ring], 0xb123, flat[ring]]);
    assert.is(flags! & 0x200, 0x200, "with interrupts on");
  }
});

returning("takes away the segments that the outer ring may not have", () => {
  const m = world(`
    mov ax, ${flat[3]}
    mov es, ax
    push dword ${flat[3]}
    push dword 0xb000
    push dword 2
    push dword ${code[3]}
    push dword 0x7000
    iret`);
  putProgram(m, 0x7000, "mov al, [es:0x9000]\n mov al, [0x9000]");
  faults(m, 13, 0, 0x7000 + 6);
  assert.equal([Seg.ES, Seg.DS].map((s) => selectorOf(m, s)), [flat[3], 0]);
});

returning("never leads inward, nor to what is no code", () => {
  const inward = world(
    `push dword 2\n push dword ${code[0]}\n push dword 0x7000\n iret`,
    1,
  );
  faults(inward, 13, code[0]);
  faults(returns(2, flat[0], 0x7000), 13, flat[0]);
  faults(returns(2, 0, 0x7000), 13, 0);
  faults(returns(2, 3, 0x7000), 13, 0);
  faults(returns(2, 0x88, 0x7000), 13, 0x88);
  faults(returns(flat[3], 0xb000, 2, code[0] | 3, 0x7000), 13, code[0]);
});

returning("wants a proper stack for the outer ring", () => {
  const to = (ss: number): Machine => returns(ss, 0xb000, 2, code[3], 0x7000);
  faults(to(0), 13, 0);
  faults(to(flat[0]), 13, flat[0]);
  faults(to(flat[3] & ~3), 13, flat[3] & ~3);
  faults(to(code[3]), 13, code[3] & ~3);
  const absent = to(FREE | 3);
  putSegment(absent, FREE,
    descriptor(0, 0xfffff, (writable | Desc.G | 0x6000) & ~Desc.P));
  faults(absent, 12, FREE);
});

returning("leaves everything as it was if it fails", () => {
  const m = returns(flat[0], 0xb000, 0x4d7, code[3], 0x7000);
  const { vector, cs, flags } = caught(m);
  assert.is(word(m, Cpu.ESP), stacks[0] - 20 - 16,
    "the frame is still there, below it the fault's own");
  assert.equal([vector, cs, flags! & 0xcd5], [13, code[0], 0]);
});

returning("stays within the limit of the code it returns to", () => {
  const m = returns(2, FREE, 0x7000);
  putSegment(m, FREE, descriptor(0, 0x6fff, writable | Desc.CODE));
  faults(m, 13, 0);
});

returning.run();

const rights = suite("who may do what");

/** The flags after a ring has tried to set all of them with `popf`. */
function poppedFlags(ring: 0 | 1 | 3, iopl: number, wanted: number): number {
  const m = world(`push dword ${wanted}\n popf\n ud2`, ring);
  setFlags(m.cpu, iopl << 12, Flag.IOPL);
  return caught(m).flags! & ~Flag.RF;
}

rights("popf changes IOPL in ring 0 only, and IF only if IOPL allows", () => {
  assert.is(poppedFlags(0, 0, 0x3e97), 0x3e97);
  assert.is(poppedFlags(1, 0, 0x3e97), 0x0c97);
  assert.is(poppedFlags(1, 1, 0x3e97), 0x1e97);
  assert.is(poppedFlags(3, 1, 0x3e97), 0x1c97);
  assert.is(poppedFlags(3, 3, 0x0e97), 0x3e97);
});

rights("popf ignores bits that are no flags", () => {
  assert.is(poppedFlags(0, 0, 0xffc20028) & ~Flag.ID, 2);
});

rights("iret follows the same rule", () => {
  const m = world(
    `push dword 0x3202\n push dword ${code[1]}\n push dword 0x7000\n iret`,
    1,
  );
  putProgram(m, 0x7000, "ud2");
  assert.is(caught(m).flags! & 0x3200, 0);
});

rights("cli and sti fault where popf would only pretend", () => {
  for (const name of ["cli", "sti"])
    for (const ring of [0, 1, 3] as const)
      for (const iopl of [0, 1, 2, 3]) {
        const m = world(`${name}\n nop\n ud2`, ring);
        setFlags(m.cpu, iopl << 12, Flag.IOPL);
        if (iopl >= ring) faults(m, 6, undefined, at.CODE + 2);
        else faults(m, 13, 0, at.CODE);
      }
});

rights.run();

const interrupts = suite("interrupts");

const TIMER = at.HANDLERS + 0x20 * 16;

interrupts("come at the exact tick", () => {
  for (const tick of [3, 4, 50, 77]) {
    const m = world("sti\n nop\n here: inc ecx\n jmp here");
    m.time[Time.ALARM] = tick;
    const { vector, eip } = caught(m);
    assert.is(vector, 0x20);
    assert.is(word(m, Cpu.ECX), Math.ceil((tick - 2) / 2));
    assert.is(eip, at.CODE + 2 + (tick % 2));
    assert.is(retired(m), tick + 1, "and the handler's hlt");
    assert.is(m.time[Time.ALARM], Infinity, "once");
  }
});

interrupts("wait until they are wanted", () => {
  const m = world("mov ecx, 100\n here: loop here\n sti\n nop\n nop\n hlt");
  m.time[Time.ALARM] = 10;
  assert.is(caught(m).eip, at.CODE + 5 + 2 + 1 + 1);
});

interrupts(
  "leave the instruction after sti alone, so that none is lost between sti and hlt",
  () => {
    const m = world("sti\n hlt\n inc ebx\n jmp $");
    m.cpu[Cpu.IRQS] = 1;
    putProgram(m, TIMER, "inc ecx\n iret");
    run(m, 20);
    assert.equal([Cpu.ECX, Cpu.EBX].map((r) => word(m, r)), [1, 1]);
  },
);

interrupts(
  "are let in by each new sti only after the next instruction, but by the second in a row at once",
  () => {
    const m = world("sti\n sti\n nop\n nop\n hlt");
    m.cpu[Cpu.IRQS] = 1;
    assert.is(caught(m).eip, at.CODE + 2);
  },
);

interrupts("do not come between a new stack segment and its pointer", () => {
  const m = world(
    `sti\n nop\n mov eax, ${flat[0]}\n mov ss, ax\n mov esp, 0xc000\n nop\n hlt`,
  );
  m.time[Time.ALARM] = 4;
  assert.is(caught(m).eip, at.CODE + 2 + 5 + 2 + 5);
  assert.is(word(m, Cpu.ESP), 0xc000 - 12);
});

interrupts("come lowest first", () => {
  const m = world("sti\n nop\n hlt");
  m.cpu[Cpu.IRQS] = 0b101000;
  assert.is(caught(m).vector, 0x23);
  assert.is(m.cpu[Cpu.IRQS], 0b100000);
});

interrupts("that are waiting are not slept through", () => {
  const m = world("sti\n hlt");
  m.cpu[Cpu.IRQS] = 8;
  m.time[Time.ALARM] = 1000;
  assert.is(caught(m).vector, 0x23);
  assert.is(retired(m), 3);
});

interrupts("do not wake a processor that sleeps with interrupts off", () => {
  const m = world("cli\n hlt");
  m.time[Time.ALARM] = 50;
  assert.is(run(m, 100), "halt");
  assert.is(retired(m), 2);
});

interrupts("come in the middle of a long copy, which then goes on", () => {
  const m = world(`
    sti
    mov esi, 0x10000
    mov edi, 0x20000
    mov ecx, 1000
    rep movsb
    ud2`);
  putProgram(m, TIMER, "mov edx, ecx\n iret");
  m.time[Time.ALARM] = 104;
  assert.is(caught(m).vector, 6);
  assert.equal([Cpu.ECX, Cpu.EDX].map((r) => word(m, r)), [0, 900]);
});

interrupts.run();
