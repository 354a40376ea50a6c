// Chapter II: segments, gates, and faults upon faults.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Desc,
  descriptor,
  flatCode,
  flatData,
  gate,
  Gate,
} from "../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { readPhys32, writePhys32 } from "../../tangled/machine/ground/ram.ts";
import type { Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { keepSegment, Seg } from "../../tangled/machine/protection/segments.ts";
import {
  world,
  FREE,
  putSegment,
  writable,
  word,
  putGate,
  code,
  at,
  caught,
  faults,
  putEntry,
  flat,
  selectorOf,
  stacks,
  ENTRY,
  putProgram,
  without,
} from "./stage/world.ts";
import {
  framesAt,
  isBarred,
  isFine,
  keepsCount,
  keepsStack,
  loads,
  through,
  withShortSegment,
} from "./stage/short.ts";

const segments = suite("segments");

segments("add their base, and wrap around", () => {
  const m = world(
    `mov ax, ${FREE}\n mov es, ax\n mov ebx, [es:0]\n mov ecx, [es:-0x4000]\n hlt`,
  );
  putSegment(m, FREE, descriptor(0x5000, 0xfffff, writable | Desc.G));
  putSegment(m, FREE + 8, flatData(0));
  writePhys32(m, 0x1000, 77);
  assert.is(run(m, 100), "halt");
  assert.is(word(m, Cpu.EBX), readPhys32(m, 0x5000));
  assert.is(word(m, Cpu.ECX), 77);
});

segments("end with the last byte of their limit", () => {
  const small = descriptor(0, 0x8fff, writable);
  isFine(through(small, "mov eax, [es:0x8ffc]"));
  isFine(through(small, "mov [es:0x8fff], al"));
  faults(through(small, "mov eax, [es:0x8ffd]"), 13, 0, at.CODE + 6);
  faults(through(small, "mov [es:0x9000], al"), 13, 0);
  faults(through(small, "mov eax, [es:0xfffffffe]"), 13, 0);
  faults(through(small, "mov edi, 0x8ffe\n stosd"), 13, 0);
  isFine(through(descriptor(0, 8, writable | Desc.G), "mov eax, [es:0x8ffc]"));
  faults(through(descriptor(0, 8, writable | Desc.G), "mov eax, [es:0x8ffd]"),
    13, 0);
});

segments("keep readers and writers out as their type says", () => {
  const readOnly = descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.WRITABLE);
  isFine(through(readOnly, "mov eax, [es:0]"));
  faults(through(readOnly, "mov [es:0], eax"), 13, 0);
  faults(through(readOnly, "xchg [es:0x9000], eax"), 13, 0);
  const readable = descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE);
  isFine(through(readable, "mov eax, [es:0]"));
  faults(through(readable, "mov [es:0], eax"), 13, 0);
  faults(
    through(
      descriptor(0, 0xfffff, (writable | Desc.G | Desc.CODE) & ~Desc.WRITABLE),
      "nop",
    ),
    13,
    FREE,
  );
  faults(world("mov [cs:0x9000], eax"), 13, 0, at.CODE);
});

segments("complain about the stack by a vector of its own", () => {
  const source = `mov ax, ${FREE}\n mov ss, ax\n mov esp, 0x2000\n`;
  const m = (access: string): Machine => {
    const m = world(source + access);
    putSegment(m, FREE, descriptor(0, 0x3fff, writable));
    putGate(m, 12, gate(code[0], at.HANDLERS + 12 * 16, Gate.INTERRUPT, 0));
    return m;
  };
  faults(m("mov eax, [esp + 0x3000]"), 12, 0);
  faults(m("mov ebp, 0x4000\n mov [ebp - 1], ax"), 12, 0);
});

segments("may be nothing at all, as long as nobody uses them", () => {
  for (const selector of [0, 1, 2, 3]) {
    faults(world(`mov ax, ${selector}\n mov ds, ax\n mov [0], al`), 13, 0,
      at.CODE + 6);
    faults(world(`mov ax, ${selector}\n mov fs, ax\n mov al, [fs:0]`), 13, 0);
  }
  faults(world("xor eax, eax\n mov ss, ax"), 13, 0, at.CODE + 2);
});

segments("are not found outside their table", () => {
  faults(world("mov ax, 0x83\n mov ds, ax"), 13, 0x80);
  faults(world("mov ax, 0x7c\n mov ds, ax"), 13, 0x7c, at.CODE + 4);
  const m = world("mov ax, 0x78\n mov ds, ax");
  m.cpu[Cpu.GDT_LIMIT] = 0x7e;
  faults(m, 13, 0x78);
});

segments("are found in the local table, if there is one", () => {
  const m = world("mov ax, 0x0c\n mov es, ax\n mov ebx, [es:4]\n hlt");
  keepSegment(m, Seg.LDTR, 0x68, descriptor(0x4000, 0xf, 0x8200));
  putEntry(m, 0x4008, descriptor(0x7000, 0xff, writable));
  writePhys32(m, 0x7004, 99);
  assert.is(run(m, 10), "halt");
  assert.is(word(m, Cpu.EBX), 99);
});

segments("belong to a ring, and those further out may not have them", () => {
  for (const ring of [0, 1, 3] as const)
    for (const owner of [0, 1, 3] as const)
      for (const asking of [0, 1, 2, 3]) {
        const allowed = owner >= ring && owner >= asking;
        const selector = (flat[owner] & ~3) | asking;
        assert.equal(loads("ds", selector, ring),
          allowed ? "loaded" : [13, selector & ~3],
          `${ring} ${owner} ${asking}`);
        const fits = owner === ring && asking === ring;
        const stack = loads("ss", selector, ring);
        assert.equal(stack, fits ? "loaded" : [13, selector & ~3],
          `ss: ${ring} ${owner} ${asking}`);
      }
});

segments("must be there when they are loaded", () => {
  const absent = descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.P);
  assert.equal(loads("ds", FREE, 0, absent), [11, FREE]);
  assert.equal(loads("ss", FREE, 0, absent), [12, FREE]);
});

segments("must be data, and a stack must be writable", () => {
  assert.equal(loads("ds", FREE, 0, descriptor(0, 0x67, 0x8900)), [13, FREE],
    "a task state");
  assert.equal(loads("ss", FREE, 0, flatCode(0)), [13, FREE]);
  assert.equal(
    loads("ss", FREE, 0,
      descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.WRITABLE)),
    [13, FREE],
  );
});

segments("are marked in their table when they are used", () => {
  const m = through(descriptor(0, 0xfffff, writable | Desc.G), "nop");
  isFine(m);
  assert.is(readPhys32(m, at.GDT + FREE + 4) & Desc.ACCESSED, Desc.ACCESSED);
});

segments("are kept as they were when the table changes", () => {
  const m = through(flatData(0), "mov eax, [es:0x9000]");
  run(m, 2);
  putSegment(m, FREE, [0, 0]);
  isFine(m);
});

segments("do not change by a load that fails", () => {
  const m = world("mov eax, 0x7fff\n mov es, ax");
  faults(m, 13, 0x7ffc);
  assert.is(selectorOf(m, Seg.ES), flat[0]);
});

segments("are pushed, popped and copied", () => {
  const m = world(
    "push ds\n pop fs\n mov eax, fs\n mov [0x7000], fs\n push dword 0\n pop gs\n hlt",
  );
  assert.is(run(m, 20), "halt");
  assert.is(word(m, Cpu.EAX), 0x10);
  assert.is(readPhys32(m, 0x7000), 0x10);
  assert.is(selectorOf(m, Seg.GS), 0);
  assert.is(word(m, Cpu.ESP), stacks[0]);
});

segments("of code cannot be moved into, and six are all there are", () => {
  faults(world("mov eax, 8\n db 0x8e, 0xc8\n"), 6, undefined, at.CODE + 5);
  faults(world("db 0x8e, 0xf0\n"), 6);
  faults(world("db 0x8c, 0xf8\n"), 6);
});

segments.run();

const gates = suite("gates");

gates("that lead inward push five words on the stack of the task state", () => {
  for (const inner of [0, 1] as const) {
    const m = world("int 0x20", 3);
    putGate(m, 0x20,
      gate(code[inner], inner === 0 ? ENTRY : 0x7000, Gate.INTERRUPT, 3));
    putProgram(m, 0x7000, "ud2");
    const { eip, cs, esp, ss } = inner === 0 ? caught(m) : framesAt(m, 0x7000);
    assert.equal([eip, cs, esp, ss], [at.CODE + 2, code[3], stacks[3],
      flat[3]]);
    assert.is(selectorOf(m, Seg.SS), flat[inner]);
    assert.is(selectorOf(m, Seg.DS), flat[3], "data segments stay");
    assert.is(m.cpu[Cpu.CPL], inner);
  }
});

gates("open only to those who may knock", () => {
  for (const ring of [0, 1, 3] as const)
    for (const dpl of [0, 1, 2, 3]) {
      const m = world("int 0x20", ring);
      putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, dpl));
      if (dpl >= ring) assert.is(caught(m).vector, 0x20);
      else faults(m, 13, 0x20 * 8 + 2, at.CODE);
    }
});

gates(
  "save the next instruction if one knocked, and the same one after a fault",
  () => {
    const opened = (source: string, vector: number): Machine => {
      const m = world(source, 3);
      putGate(m, vector,
        gate(code[0], at.HANDLERS + vector * 16, Gate.INTERRUPT, 3));
      return m;
    };
    faults(opened("int3", 3), 3, undefined, at.CODE + 1);
    faults(opened("mov al, 0x7f\n inc al\n into", 4), 4, undefined,
      at.CODE + 5);
    faults(opened("xor eax, eax\n into\n ud2", 4), 6, undefined, at.CODE + 3);
    faults(world("int3", 3), 13, 3 * 8 + 2, at.CODE);
  },
);

gates("may be missing, broken or shut", () => {
  const m = (change: (m: Machine) => void): Machine => {
    const m = world("int 0x20");
    change(m);
    return m;
  };
  faults(m((m) => {
    m.cpu[Cpu.IDT_LIMIT] = 0x20 * 8 + 6;
  }), 13, 0x102);
  faults(m((m) => putGate(m, 0x20, [0, 0])), 13, 0x102);
  faults(m((m) => putGate(m, 0x20, [0x80000, 0x0e00])), 11, 0x102);
  faults(m((m) => putGate(m, 0x20, gate(0, ENTRY, Gate.TRAP, 0))), 13, 0);
  faults(m((m) => putGate(m, 0x20, gate(flat[0], ENTRY, Gate.TRAP, 0))), 13,
    flat[0]);
  faults(m((m) => putGate(m, 0x20, gate(0x88, ENTRY, Gate.TRAP, 0))), 13, 0x88);
  faults(m((m) => putGate(m, 0x20, gate(code[1], ENTRY, Gate.TRAP, 0))), 13,
    code[1] & ~3);
});

gates("change nothing if the way behind them is barred", () => {
  const blank = (m: Machine): void => writePhys32(m, at.TSS + 8, 0);
  const short = (m: Machine): void => {
    m.cpu[Cpu.LIMIT + Seg.TR] = 8;
  };
  for (const bar of [blank, tooDeep, short]) isBarred(bar);
});

/** Gives ring 0 a stack without room. */
function tooDeep(m: Machine): void {
  putSegment(m, FREE, descriptor(0, 0x8ffb, writable));
  writePhys32(m, at.TSS + 8, FREE);
}

gates("report a bad task state by vector 10", () => {
  const m = world("int 0x20", 3);
  putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, 3));
  putGate(m, 10, gate(code[1], 0x7000, Gate.INTERRUPT, 0));
  putProgram(m, 0x7000, "nop");
  writePhys32(m, at.TSS + 8, flat[3]);
  framesAt(m, 0x7000);
  assert.is(readPhys32(m, word(m, Cpu.ESP)), flat[3] & ~3,
    "the error code names the stack");
});

gates.run();

const twice = suite("faults upon faults");

twice("are served one after the other if the first was harmless", () => {
  faults(without(world("ud2"), 6), 13, 6 * 8 + 3, at.CODE);
  faults(without(world("int3"), 3), 13, 3 * 8 + 2, at.CODE);
});

twice("are a double fault if both were about segments", () => {
  faults(without(world("mov ax, 0x7ff8\n mov ds, ax"), 13), 8, 0);
});

twice("end the machine the third time", () => {
  const m = without(world("nop\n mov ax, 0x7ff8\n mov ds, ax"), 13, 8);
  assert.is(run(m, 10), "shutdown");
  assert.is(word(m, Cpu.EIP), at.CODE + 5);
});

twice("leave a machine that stays shut down, whatever is mended", () => {
  const m = without(world("nop\n mov ax, 0x7ff8\n mov ds, ax"), 13, 8);
  assert.is(run(m, 10), "shutdown");
  const ticks = retired(m);
  for (const vector of [8, 13])
    putGate(m, vector, gate(code[0], at.HANDLERS, Gate.INTERRUPT, 0));
  m.cpu[Cpu.IRQS] = 1;
  for (const step of [1, 0, 1000]) assert.is(run(m, step), "shutdown");
  assert.equal([word(m, Cpu.EIP), retired(m)], [at.CODE + 5, ticks]);
});

twice.run();

const tail = suite("the long tail of protection");

tail("stops strings at the limit, as far as they came", () => {
  const m = withShortSegment(
    "mov edi, 4\n mov ecx, 9\n mov eax, 0x11223344\n rep stosd",
  );
  faults(m, 13, 0);
  assert.equal([Cpu.EDI, Cpu.ECX].map((r) => word(m, r)), [16, 6]);
  assert.is(readPhys32(m, 0x400c), 0x11223344);
  assert.is(readPhys32(m, 0x4010), 0);
});

tail("keeps the stack of a call or return that leads out of its segment",
  () => {
    for (
      const source of ["call 0x7000", "mov eax, 0x7000\n call eax",
        "push dword 0x7000\n mov ebx, esp\n ret 8"]
    ) keepsStack(source);
  });

tail("keeps the count of a loop that leads out of its segment", () => {
  keepsCount("loop");
});

tail.run();
