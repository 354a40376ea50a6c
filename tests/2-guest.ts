// Chapter II: the machine learns to protect; then the Guest, run by the Host of
// cardboard.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../tangled/assembler/assemble.ts";
import { guestConstants } from "../tangled/abi/constants.ts";
import { hypercalls } from "../tangled/abi/hypercalls.ts";
import { layout } from "../tangled/abi/memory-map.ts";
import { lguestData } from "../tangled/abi/lguest-data.ts";
import { assembleGuest } from "../tangled/guest/image.ts";
import { makeStandIn, runStandIn, type StandIn } from "../tangled/guest/stand-in.ts";
import {
  Desc,
  descriptor,
  flatCode,
  flatData,
  gate,
  Gate,
  type Descriptor,
} from "../tangled/machine/ground/descriptors.ts";
import type { Express } from "../tangled/machine/ground/state.ts";
import { careful } from "../tangled/machine/protection/usual-ways.ts";
import { Flag, setFlags, settle } from "../tangled/machine/ground/flags.ts";
import { At, Cpu } from "../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys32,
  writePhys8,
} from "../tangled/machine/ground/ram.ts";
import { Time, type Machine } from "../tangled/machine/ground/state.ts";
import { createMachine } from "../tangled/machine/machine.ts";
import { setPageDirectory, setPaging } from "../tangled/machine/memory/paging.ts";
import { retired, run } from "../tangled/machine/running/run.ts";
import { keepSegment, Seg, setRing } from "../tangled/machine/protection/segments.ts";
import { hasNasm, nasm, portion } from "./tools.ts";

// ---- The machine learns to protect

const at = { GDT: 0x1000, IDT: 0x2000, TSS: 0x3000, CODE: 0x5000, HANDLERS: 0x6000 } as const;
const stacks = [0x9000, 0xa000, 0, 0xb000] as const;
/** Selectors of flat segments, by ring. */
const code = [0x08, 0x21, 0, 0x33] as const;
const flat = [0x10, 0x29, 0, 0x3b] as const;
/** The first row of the GDT that is free for a test. */
const FREE = 0x40;

const writable = Desc.P | Desc.S | Desc.D | Desc.WRITABLE;

function putEntry(m: Machine, address: number, [low, high]: Descriptor): void {
  writePhys32(m, address, low);
  writePhys32(m, address + 4, high);
}

const putSegment = (m: Machine, selector: number, d: Descriptor): void => putEntry(m, at.GDT + (selector & ~7), d);
const putGate = (m: Machine, vector: number, d: Descriptor): void => putEntry(m, at.IDT + vector * 8, d);

/** A kernel of nothing but gates: whatever happens, it halts there. */
function world(source: string, ring: 0 | 1 | 3 = 0): Machine {
  const m = createMachine(1 << 20);
  for (const r of [0, 1, 3] as const) {
    putSegment(m, code[r], flatCode(r));
    putSegment(m, flat[r], flatData(r));
  }
  for (let vector = 0; vector < 64; vector++) {
    putGate(m, vector, gate(code[0], at.HANDLERS + vector * 16, Gate.INTERRUPT, 0));
    copyToPhys(m, at.HANDLERS + vector * 16, Uint8Array.of(0xf4));
  }
  for (const r of [0, 1] as const) {
    writePhys32(m, at.TSS + 4 + r * 8, stacks[r]);
    writePhys32(m, at.TSS + 8 + r * 8, flat[r]);
  }
  writePhys32(m, at.TSS + 0x64, 0x68 << 16); // no table of ports
  m.cpu[Cpu.GDT_BASE] = at.GDT;
  m.cpu[Cpu.GDT_LIMIT] = 0x7f;
  m.cpu[Cpu.IDT_BASE] = at.IDT;
  m.cpu[Cpu.IDT_LIMIT] = 64 * 8 - 1;
  keepSegment(m, Seg.TR, 0x18, descriptor(at.TSS, 0x67, 0x8b00));
  keepSegment(m, Seg.CS, code[ring], flatCode(ring));
  for (const segment of [Seg.ES, Seg.SS, Seg.DS]) keepSegment(m, segment, flat[ring], flatData(ring));
  setRing(m, ring);
  m.cpu[Cpu.EIP] = at.CODE;
  m.cpu[Cpu.ESP] = stacks[ring];
  putProgram(m, at.CODE, source);
  return m;
}

function putProgram(m: Machine, origin: number, source: string): void {
  copyToPhys(m, origin, assemble(source, { origin }).bytes);
}

/** Vectors that come with an error code. */
const withCode = [8, 10, 11, 12, 13, 14, 17];

/** Runs until the kernel halts in one of its gates, and says which, and what is on its stack. */
function caught(m: Machine) {
  assert.is(run(m, 10_000), "halt", "nothing was caught");
  const vector = (word(m, Cpu.EIP) - 1 - at.HANDLERS) / 16;
  assert.ok(Number.isInteger(vector) && vector >= 0 && vector < 64, `halted at ${word(m, Cpu.EIP).toString(16)}`);
  const esp = word(m, Cpu.ESP), hasCode = withCode.includes(vector);
  const [eip, cs, flags, oldEsp, ss] = [0, 1, 2, 3, 4].map((n) => readPhys32(m, esp + (n + +hasCode) * 4));
  return { vector, code: hasCode ? readPhys32(m, esp) : undefined, eip, cs, flags, esp: oldEsp, ss };
}

const word = (m: Machine, index: Cpu): number => m.cpu[index] >>> 0;
const selectorOf = (m: Machine, segment: Seg): number => m.cpu[Cpu.SELECTOR + segment];

/** Asserts that the program's only achievement was a fault. */
function faults(m: Machine, vector: number, errorCode?: number, eip?: number): void {
  const found = caught(m);
  assert.equal([found.vector, found.code], [vector, errorCode]);
  if (eip !== undefined) assert.is(found.eip, eip);
}

const usual = suite("the usual way");

/** A program in ring 3 that calls ring 0 a hundred times, by a gate that it may use. */
function callingWorld(): Machine {
  const m = world(`mov ecx, 100\nagain: int 0x30\n pushfd\n pop edx\n add ebx, edx\n loop again\n int 0x20`, 3);
  putGate(m, 0x30, gate(code[0], 0x7000, Gate.TRAP, 3));
  putProgram(m, 0x7000, `push ds\n push es\n mov ax, ${flat[0]}\n mov ds, ax\n mov es, ax
    add esi, [esp + 8]\n add esi, [esp + 12]\n pop es\n pop ds\n iret`);
  return m;
}

usual("is taken by calls, returns and loads of segments, and leads where care does", () => {
  const taken = new Map<string, number>();
  const quick = callingWorld(), slow = callingWorld();
  for (const [name, way] of Object.entries(quick.express) as [keyof Express, (...given: number[]) => boolean][])
    quick.express = { ...quick.express, [name]: (...given: number[]) => {
      const done = way(...given);
      if (done) taken.set(name, (taken.get(name) ?? 0) + 1);
      return done;
    } };
  slow.express = careful;
  const [a, b] = [caught(quick), caught(slow)];
  assert.equal(a, b);
  assert.equal([...quick.cpu.slice(0, 8)], [...slow.cpu.slice(0, 8)]);
  assert.is(retired(quick), retired(slow));
  assert.equal(quick.bytes.slice(At.RAM), slow.bytes.slice(At.RAM));
  for (const name of ["loadSegment", "interrupt", "interruptReturn"]) assert.ok(taken.get(name)! > 90, name);
});

usual.run();

const segments = suite("segments");

segments("add their base, and wrap around", () => {
  const m = world(`mov ax, ${FREE}\n mov es, ax\n mov ebx, [es:0]\n mov ecx, [es:-0x4000]\n hlt`);
  putSegment(m, FREE, descriptor(0x5000, 0xfffff, writable | Desc.G));
  putSegment(m, FREE + 8, flatData(0));
  writePhys32(m, 0x1000, 77);
  assert.is(run(m, 100), "halt");
  assert.is(word(m, Cpu.EBX), readPhys32(m, 0x5000));
  assert.is(word(m, Cpu.ECX), 77);
});

/** A program that uses a segment of the test's own, in es. */
const through = (d: Descriptor, access: string, ring: 0 | 3 = 0): Machine => {
  const m = world(`mov ax, ${FREE | ring}\n mov es, ax\n ${access}\n int 0x20`, ring);
  putSegment(m, FREE, d);
  putGate(m, 0x20, gate(code[0], at.HANDLERS + 0x200, Gate.INTERRUPT, 3));
  return m;
};

const isFine = (m: Machine): void => assert.is(caught(m).vector, 0x20);

segments("end with the last byte of their limit", () => {
  const small = descriptor(0, 0x8fff, writable);
  isFine(through(small, "mov eax, [es:0x8ffc]"));
  isFine(through(small, "mov [es:0x8fff], al"));
  faults(through(small, "mov eax, [es:0x8ffd]"), 13, 0, at.CODE + 6);
  faults(through(small, "mov [es:0x9000], al"), 13, 0);
  faults(through(small, "mov eax, [es:0xfffffffe]"), 13, 0);
  faults(through(small, "mov edi, 0x8ffe\n stosd"), 13, 0);
  isFine(through(descriptor(0, 8, writable | Desc.G), "mov eax, [es:0x8ffc]"));
  faults(through(descriptor(0, 8, writable | Desc.G), "mov eax, [es:0x8ffd]"), 13, 0);
});

segments("of the kind that grows down begin beyond their limit", () => {
  const down = descriptor(0, 0x8fff, writable | Desc.DOWN);
  isFine(through(down, "mov eax, [es:0x9000]"));
  isFine(through(down, "mov eax, [es:0xfffffffc]"));
  faults(through(down, "mov eax, [es:0x8fff]"), 13, 0);
  faults(through(down, "mov eax, [es:0]"), 13, 0);
  faults(through(down, "mov eax, [es:0xfffffffd]"), 13, 0);
  faults(through(descriptor(0, 0x8fff, (writable | Desc.DOWN) & ~Desc.D), "mov eax, [es:0x10000]"), 13, 0);
});

segments("keep readers and writers out as their type says", () => {
  const readOnly = descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.WRITABLE);
  isFine(through(readOnly, "mov eax, [es:0]"));
  faults(through(readOnly, "mov [es:0], eax"), 13, 0);
  faults(through(readOnly, "xchg [es:0x9000], eax"), 13, 0);
  const readable = descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE);
  isFine(through(readable, "mov eax, [es:0]"));
  faults(through(readable, "mov [es:0], eax"), 13, 0);
  faults(through(descriptor(0, 0xfffff, (writable | Desc.G | Desc.CODE) & ~Desc.WRITABLE), "nop"), 13, FREE);
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
    faults(world(`mov ax, ${selector}\n mov ds, ax\n mov [0], al`), 13, 0, at.CODE + 6);
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

/** What happens when a ring loads a register with a selector. */
function loads(register: string, selector: number, ring: 0 | 1 | 3, d?: Descriptor) {
  const m = world(`mov eax, ${selector}\n mov ${register}, ax\n int 0x20`, ring);
  putGate(m, 0x20, gate(code[0], at.HANDLERS + 0x200, Gate.INTERRUPT, 3));
  if (d) putSegment(m, selector, d);
  const { vector, code: error } = caught(m);
  return vector === 0x20 ? "loaded" : [vector, error];
}

segments("belong to a ring, and those further out may not have them", () => {
  for (const ring of [0, 1, 3] as const)
    for (const owner of [0, 1, 3] as const)
      for (const asking of [0, 1, 2, 3]) {
        const allowed = owner >= ring && owner >= asking;
        const selector = (flat[owner] & ~3) | asking;
        assert.equal(loads("ds", selector, ring), allowed ? "loaded" : [13, selector & ~3], `${ring} ${owner} ${asking}`);
        const fits = owner === ring && asking === ring;
        const stack = loads("ss", selector, ring);
        assert.equal(stack, fits ? "loaded" : [13, selector & ~3], `ss: ${ring} ${owner} ${asking}`);
      }
});

segments("of code that conforms are open to every ring", () => {
  const conforming = descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE | Desc.DOWN);
  assert.is(loads("ds", FREE | 3, 3, conforming), "loaded");
  assert.equal(loads("ds", FREE | 3, 3, descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE)), [13, FREE]);
});

segments("must be there when they are loaded", () => {
  const absent = descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.P);
  assert.equal(loads("ds", FREE, 0, absent), [11, FREE]);
  assert.equal(loads("ss", FREE, 0, absent), [12, FREE]);
});

segments("must be data, and a stack must be writable", () => {
  assert.equal(loads("ds", FREE, 0, descriptor(0, 0x67, 0x8900)), [13, FREE], "a task state");
  assert.equal(loads("ss", FREE, 0, flatCode(0)), [13, FREE]);
  assert.equal(loads("ss", FREE, 0, descriptor(0, 0xfffff, (writable | Desc.G) & ~Desc.WRITABLE)), [13, FREE]);
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
  const m = world("push ds\n pop fs\n mov eax, fs\n mov [0x7000], fs\n push dword 0\n pop gs\n hlt");
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

segments("of code end, too", () => {
  const m = world("nop\n nop\n nop\n nop");
  keepSegment(m, Seg.CS, 8, descriptor(0, at.CODE + 2, 0xc09a00 & ~Desc.G));
  faults(m, 13, 0, at.CODE + 3);
  const crossing = world("nop\n mov eax, 1");
  keepSegment(crossing, Seg.CS, 8, descriptor(0, at.CODE + 2, 0xc09a00 & ~Desc.G));
  faults(crossing, 13, 0, at.CODE + 1);
});

segments.run();

const gates = suite("gates");

const ENTRY = at.HANDLERS + 0x20 * 16;

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

gates("that lead inward push five words on the stack of the task state", () => {
  for (const inner of [0, 1] as const) {
    const m = world("int 0x20", 3);
    putGate(m, 0x20, gate(code[inner], inner === 0 ? ENTRY : 0x7000, Gate.INTERRUPT, 3));
    putProgram(m, 0x7000, "ud2");
    const { eip, cs, esp, ss } = inner === 0 ? caught(m) : framesAt(m, 0x7000);
    assert.equal([eip, cs, esp, ss], [at.CODE + 2, code[3], stacks[3], flat[3]]);
    assert.is(selectorOf(m, Seg.SS), flat[inner]);
    assert.is(selectorOf(m, Seg.DS), flat[3], "data segments stay");
    assert.is(m.cpu[Cpu.CPL], inner);
  }
});

/** Runs until `eip`, and gives the five words on the stack there. */
function framesAt(m: Machine, target: number) {
  for (let n = 0; word(m, Cpu.EIP) !== target; n++) {
    assert.ok(n < 100);
    run(m, 1);
  }
  const [eip, cs, flags, esp, ss] = [0, 1, 2, 3, 4].map((n) => readPhys32(m, word(m, Cpu.ESP) + n * 4));
  return { eip, cs, flags, esp, ss };
}

gates("open only to those who may knock", () => {
  for (const ring of [0, 1, 3] as const)
    for (const dpl of [0, 1, 2, 3]) {
      const m = world("int 0x20", ring);
      putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, dpl));
      if (dpl >= ring) assert.is(caught(m).vector, 0x20);
      else faults(m, 13, 0x20 * 8 + 2, at.CODE);
    }
});

gates("open to faults whoever caused them", () => {
  faults(world("ud2", 3), 6, undefined, at.CODE);
  faults(world("xor ecx, ecx\n div ecx", 3), 0, undefined, at.CODE + 2);
  faults(world("hlt", 3), 13, 0, at.CODE);
  faults(world("hlt", 1), 13, 0, at.CODE);
});

gates("save the next instruction if one knocked, and the same one after a fault", () => {
  const opened = (source: string, vector: number): Machine => {
    const m = world(source, 3);
    putGate(m, vector, gate(code[0], at.HANDLERS + vector * 16, Gate.INTERRUPT, 3));
    return m;
  };
  faults(opened("int3", 3), 3, undefined, at.CODE + 1);
  faults(opened("mov al, 0x7f\n inc al\n into", 4), 4, undefined, at.CODE + 5);
  faults(opened("xor eax, eax\n into\n ud2", 4), 6, undefined, at.CODE + 3);
  faults(world("int3", 3), 13, 3 * 8 + 2, at.CODE);
});

gates("may be missing, broken or shut", () => {
  const m = (change: (m: Machine) => void): Machine => {
    const m = world("int 0x20");
    change(m);
    return m;
  };
  faults(m((m) => { m.cpu[Cpu.IDT_LIMIT] = 0x20 * 8 + 6; }), 13, 0x102);
  faults(m((m) => putGate(m, 0x20, [0, 0])), 13, 0x102);
  faults(m((m) => putGate(m, 0x20, [0x80000, 0x0e00])), 11, 0x102);
  faults(m((m) => putGate(m, 0x20, gate(0, ENTRY, Gate.TRAP, 0))), 13, 0);
  faults(m((m) => putGate(m, 0x20, gate(flat[0], ENTRY, Gate.TRAP, 0))), 13, flat[0]);
  faults(m((m) => putGate(m, 0x20, gate(0x88, ENTRY, Gate.TRAP, 0))), 13, 0x88);
  faults(m((m) => putGate(m, 0x20, gate(code[1], ENTRY, Gate.TRAP, 0))), 13, code[1] & ~3);
});

gates("lead to the caller's own ring if the code conforms", () => {
  const m = world("int 0x20", 3);
  putSegment(m, FREE, descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE | Desc.DOWN));
  putGate(m, 0x20, gate(FREE, 0x7000, Gate.INTERRUPT, 3));
  putProgram(m, 0x7000, "nop");
  assert.is(framesAt(m, 0x7000).eip, at.CODE + 2);
  assert.equal([m.cpu[Cpu.CPL], selectorOf(m, Seg.CS), word(m, Cpu.ESP)], [3, FREE | 3, stacks[3] - 12]);
});

gates("change nothing if the way behind them is barred", () => {
  const shut = (change: (m: Machine) => void): Machine => {
    const m = world("int 0x20", 3);
    putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, 3));
    change(m);
    return m;
  };
  const blank = (m: Machine): void => writePhys32(m, at.TSS + 8, 0);
  const before = [at.CODE, stacks[3], 3, flat[3], code[3]];
  for (const change of [blank, tooDeep, (m: Machine): void => { m.cpu[Cpu.LIMIT + Seg.TR] = 8; }]) {
    const m = shut(change);
    assert.is(run(m, 10), "shutdown", "no handler in ring 0 can be reached either");
    const after = [word(m, Cpu.EIP), word(m, Cpu.ESP), m.cpu[Cpu.CPL], selectorOf(m, Seg.SS), selectorOf(m, Seg.CS)];
    assert.equal(after, before);
  }
});

/** Gives ring 0 a stack with room for two words only. */
function tooDeep(m: Machine): void {
  putSegment(m, FREE, descriptor(0, 0x8ff7, writable | Desc.DOWN));
  writePhys32(m, at.TSS + 8, FREE);
}

gates("report a bad task state by vector 10", () => {
  const m = world("int 0x20", 3);
  putGate(m, 0x20, gate(code[0], ENTRY, Gate.INTERRUPT, 3));
  putGate(m, 10, gate(code[1], 0x7000, Gate.INTERRUPT, 0));
  putProgram(m, 0x7000, "nop");
  writePhys32(m, at.TSS + 8, flat[3]);
  framesAt(m, 0x7000);
  assert.is(readPhys32(m, word(m, Cpu.ESP)), flat[3] & ~3, "the error code names the stack");
});

gates.run();

const twice = suite("faults upon faults");

/** Closes gates, as if they were not there. */
const without = (m: Machine, ...vectors: number[]): Machine => {
  for (const vector of vectors) putGate(m, vector, [0, 0]);
  return m;
};

twice("are served one after the other if the first was harmless", () => {
  faults(without(world("ud2"), 6), 13, 6 * 8 + 3, at.CODE);
  faults(without(world("int3"), 3), 13, 3 * 8 + 2, at.CODE);
});

twice("are a double fault if both were about segments", () => {
  faults(without(world("div ecx"), 0), 8, 0, at.CODE);
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
  for (const vector of [8, 13]) putGate(m, vector, gate(code[0], at.HANDLERS, Gate.INTERRUPT, 0));
  m.cpu[Cpu.IRQS] = 1;
  for (const step of [1, 0, 1000]) assert.is(run(m, step), "shutdown");
  assert.equal([word(m, Cpu.EIP), retired(m)], [at.CODE + 5, ticks]);
});

twice("about pages count double, too", () => {
  const m = mapped(world("mov eax, [0x400000]"));
  faults(without(m, 14), 8, 0, at.CODE);
});

twice.run();

const returning = suite("coming back");

/** Ring 0 returns by a frame (the words in the order of pushing). */
const returns = (...frame: (number | string)[]): Machine =>
  world(frame.map((word) => `push dword ${word}\n`).join("") + "iret");

returning("restores what a gate has saved", () => {
  const m = world("stc\n int 0x20\n setc bl\n hlt");
  putProgram(m, ENTRY, "clc\n mov ecx, 5\n iret");
  assert.is(run(m, 20), "halt");
  assert.equal([Cpu.EBX, Cpu.ECX, Cpu.ESP].map((r) => word(m, r)), [1, 5, stacks[0]]);
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
    mov ax, ${FREE}
    mov fs, ax
    push dword ${flat[3]}
    push dword 0xb000
    push dword 2
    push dword ${code[3]}
    push dword 0x7000
    iret`);
  putSegment(m, FREE, descriptor(0, 0xfffff, writable | Desc.G | Desc.CODE | Desc.DOWN));
  putProgram(m, 0x7000, "mov al, [es:0x9000]\n mov al, [fs:0x9000]\n mov al, [0x9000]");
  faults(m, 13, 0, 0x7000 + 12);
  assert.equal([Seg.ES, Seg.FS, Seg.DS].map((s) => selectorOf(m, s)), [flat[3], FREE, 0]);
});

returning("never leads inward, nor to what is no code", () => {
  const inward = world(`push dword 2\n push dword ${code[0]}\n push dword 0x7000\n iret`, 1);
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
  putSegment(absent, FREE, descriptor(0, 0xfffff, (writable | Desc.G | 0x6000) & ~Desc.P));
  faults(absent, 12, FREE);
});

returning("leaves everything as it was if it fails", () => {
  const m = returns(flat[0], 0xb000, 0x4d7, code[3], 0x7000);
  const { vector, cs, flags } = caught(m);
  assert.is(word(m, Cpu.ESP), stacks[0] - 20 - 16, "the frame is still there, below it the fault's own");
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
  assert.is(poppedFlags(0, 0, 0x3ed7), 0x3ed7);
  assert.is(poppedFlags(1, 0, 0x3ed7), 0x0cd7);
  assert.is(poppedFlags(1, 1, 0x3ed7), 0x1ed7);
  assert.is(poppedFlags(3, 1, 0x3ed7), 0x1cd7);
  assert.is(poppedFlags(3, 3, 0x0ed7), 0x3ed7);
});

rights("popf ignores bits that are no flags", () => {
  assert.is(poppedFlags(0, 0, 0xffc20028) & ~Flag.ID, 2);
});

rights("iret follows the same rule", () => {
  const m = world(`push dword 0x3202\n push dword ${code[1]}\n push dword 0x7000\n iret`, 1);
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

/** A machine whose wires lead to a list. */
function wired(source: string, ring: 0 | 1 | 3): { m: Machine; log: string[] } {
  const m = world(source, ring), log: string[] = [];
  m.ports = {
    in: (port, width) => (log.push(`in ${port.toString(16)} ${width}`), 0x87654321),
    out: (port, width, value) => void log.push(`out ${port.toString(16)} ${width} ${value.toString(16)}`),
  };
  return { m, log };
}

rights("ports carry bytes, words and double words", () => {
  const { m, log } = wired("mov dx, 0x3f8\n in al, dx\n in ax, dx\n in eax, dx\n out 0x80, al\n out dx, ax\n out dx, eax\n hlt", 0);
  assert.is(run(m, 20), "halt");
  assert.equal(log, ["in 3f8 1", "in 3f8 2", "in 3f8 4", "out 80 1 21", "out 3f8 2 4321", "out 3f8 4 87654321"]);
});

/** A task state with a table of ports, all of them shut but those given. */
function permit(m: Machine, ...open: number[]): void {
  keepSegment(m, Seg.TR, 0x18, descriptor(at.TSS, 0x67 + 0x80 + 1, 0x8b00));
  writePhys32(m, at.TSS + 0x64, 0x68 << 16);
  for (let k = 0; k <= 0x80; k++) writePhys8(m, at.TSS + 0x68 + k, 0xff);
  for (const port of open) {
    const byte = at.TSS + 0x68 + (port >> 3);
    writePhys8(m, byte, readPhys8(m, byte) & ~(1 << (port & 7)));
  }
}

rights("ports follow IOPL, or the table of the task state", () => {
  const asks = (source: string, prepare: (m: Machine) => void): number => {
    const { m, log } = wired(`${source}\n ud2`, 3);
    prepare(m);
    const { vector, code } = caught(m);
    assert.is(log.length, vector === 6 ? 1 : 0);
    if (vector === 13) assert.is(code, 0);
    return vector;
  };
  assert.is(asks("in al, 0x60", () => {}), 13);
  assert.is(asks("in al, 0x60", (m) => setFlags(m.cpu, Flag.IOPL, Flag.IOPL)), 6);
  assert.is(asks("in al, 0x60", (m) => permit(m, 0x60)), 6);
  assert.is(asks("in ax, 0x60", (m) => permit(m, 0x60)), 13, "both bytes need leave");
  assert.is(asks("in ax, 0x67", (m) => permit(m, 0x67, 0x68)), 6, "across a byte of the table");
  assert.is(asks("out 0x61, eax", (m) => permit(m, 0x61, 0x62, 0x63)), 13);
  assert.is(asks("mov dx, 0x3ff\n in al, dx", (m) => permit(m, 0x3ff)), 6);
  assert.is(asks("xor ecx, ecx\n rep insb", () => {}), 13, "even if nothing would pass");
  assert.is(asks("mov dx, 0x408\n in al, dx", (m) => permit(m)), 13, "beyond the table");
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

interrupts("leave the instruction after sti alone, so that none is lost between sti and hlt", () => {
  const m = world("sti\n hlt\n inc ebx\n jmp $");
  m.cpu[Cpu.IRQS] = 1;
  putProgram(m, TIMER, "inc ecx\n iret");
  run(m, 20);
  assert.equal([Cpu.ECX, Cpu.EBX].map((r) => word(m, r)), [1, 1]);
});

interrupts("are let in by each new sti only after the next instruction, but by the second in a row at once", () => {
  const m = world("sti\n sti\n nop\n nop\n hlt");
  m.cpu[Cpu.IRQS] = 1;
  assert.is(caught(m).eip, at.CODE + 2);
});

interrupts("do not come between a new stack segment and its pointer", () => {
  const m = world(`sti\n nop\n mov eax, ${flat[0]}\n mov ss, ax\n mov esp, 0xc000\n nop\n hlt`);
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

interrupts("wake a processor that sleeps, and the time it slept has passed", () => {
  const m = world("sti\n hlt\n inc ecx\n ud2");
  putProgram(m, TIMER, "rdtsc\n iret");
  m.time[Time.ALARM] = 5000;
  assert.is(caught(m).vector, 6);
  assert.equal([Cpu.EAX, Cpu.ECX].map((r) => word(m, r)), [5001, 1]);
  assert.is(retired(m), 5000 + 5);
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

interrupts("find the same program however the time was cut up", () => {
  const busy = (): Machine => {
    const m = world(`
      sti
      here: inc ecx
      mov edi, 0x20000
      push ecx
      mov ecx, 5
      rep stosd
      pop ecx
      jmp here`);
    putProgram(m, TIMER, "push eax\n rdtsc\n add ebx, eax\n pop eax\n iret");
    return m;
  };
  const [whole, sliced] = [busy(), busy()];
  for (let n = 1; n <= 40; n++) {
    for (const m of [whole, sliced]) m.time[Time.ALARM] = n * 100 - 31;
    run(whole, 100);
    for (let k = 0; k < 100; k++) run(sliced, 1);
    for (let r = Cpu.EAX; r <= Cpu.EIP; r++) assert.is(sliced.cpu[r], whole.cpu[r]);
    assert.is(retired(sliced), retired(whole));
  }
  assert.ok(word(whole, Cpu.EBX) > 0);
});

/** What is left of a machine that ran for so long, in steps. */
function afterSteps(m: Machine, ticks: number, step: number): string {
  for (let left = ticks; left > 0; left -= step) run(m, Math.min(step, left));
  return [...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1), retired(m)].join(" ");
}

interrupts("find a processor asleep for as long as it takes, however often it is looked after", () => {
  const asleep = (alarm: number): Machine => {
    const m = world("sti\n hlt\n inc ecx\n jmp $");
    putProgram(m, TIMER, "rdtsc\n iret");
    m.time[Time.ALARM] = alarm;
    return m;
  };
  for (const step of [1, 7, 49, 500]) assert.is(afterSteps(asleep(50), 500, step), afterSteps(asleep(50), 500, 500), `steps of ${step}`);
  const m = asleep(Infinity);
  for (let n = 0; n < 3; n++) assert.is(run(m, 10), "halt");
  assert.equal([word(m, Cpu.EIP), retired(m)], [at.CODE + 2, 2], "it waits for ever");
  m.cpu[Cpu.IRQS] = 1;
  assert.is(run(m, 10), "limit");
  assert.equal([word(m, Cpu.EAX), word(m, Cpu.ECX), retired(m)], [3, 1, 12]);
});

interrupts("come at once if a device asks for them, and it knows the time", () => {
  const withDevice = (source: string): Machine => {
    const m = world(`sti\n mov esi, 0x4000\n mov ecx, 5\n ${source}\n inc ebp\n inc ebp\n jmp $ - 2`);
    putProgram(m, TIMER, "inc ebx\n lea edi, [edi + ebp * 4]\n add edi, ecx\n iret");
    m.ports.out = () => {
      m.cpu[Cpu.EDX] += retired(m);
      if (m.cpu[Cpu.EBX] === 0) m.cpu[Cpu.IRQS] |= 1;
      else m.time[Time.ALARM] = retired(m) + 3;
    };
    return m;
  };
  for (const source of ["out 0x80, al\n inc ebp\n out 0x80, al", "rep outsb", "outsd\n inc ebp\n outsd"])
    for (const step of [1, 2, 5]) assert.is(afterSteps(withDevice(source), 60, step), afterSteps(withDevice(source), 60, 60), source);
});

interrupts.run();

const tail = suite("the long tail of protection");

/** Sixteen bytes at 0x4000, as ES. */
function withShortSegment(source: string): Machine {
  const m = world(`mov ax, ${FREE}\n mov es, ax\n${source}\n hlt`);
  putSegment(m, FREE, descriptor(0x4000, 15, writable));
  return m;
}

tail("stops strings at the limit, as far as they came", () => {
  const m = withShortSegment("mov edi, 4\n mov ecx, 9\n mov eax, 0x11223344\n rep stosd");
  faults(m, 13, 0);
  assert.equal([Cpu.EDI, Cpu.ECX].map((r) => word(m, r)), [16, 6]);
  assert.is(readPhys32(m, 0x400c), 0x11223344);
  assert.is(readPhys32(m, 0x4010), 0);
});

tail("stops them in the middle of a word, of which nothing is written", () => {
  const m = withShortSegment("mov edi, 0x7000000d\n mov ecx, 0x70000002\n a16 rep stosw\n");
  faults(m, 13, 0);
  assert.equal([Cpu.EDI, Cpu.ECX].map((r) => word(m, r)), [0x7000000f, 0x70000001]);
});

tail("keeps the stack of a call or return that leads out of its segment", () => {
  for (const source of ["call 0x7000", "mov eax, 0x7000\n call eax", "push dword 0x7000\n mov ebx, esp\n ret 8", "o16 call 0x7000"]) {
    const m = world(source);
    keepSegment(m, Seg.CS, code[0], descriptor(0, 0x5fff, writable | Desc.CODE));
    const found = caught(m);
    assert.equal([found.vector, found.code], [13, 0], source);
    const pushed = source.startsWith("push") ? 4 : 0;
    assert.is(word(m, Cpu.ESP) + 16, stacks[0] - pushed, source);
  }
});

tail("keeps the count of a loop that leads out of its segment", () => {
  for (const source of ["loop 0x7000", "a16 loop 0x7000", "o16 loopne 0x7000"]) {
    const m = world(`mov ecx, 5\n ${source}`.replace("0x7000", "$+100"));
    keepSegment(m, Seg.CS, code[0], descriptor(0, at.CODE + 50, writable | Desc.CODE));
    assert.equal([caught(m).vector, word(m, Cpu.ECX)], [13, 5], source);
  }
});

tail("hands whole pointers to registers, or nothing", () => {
  const m = world(`les ebx, [0x4000]\n lfs ecx, [0x4006]\n hlt`);
  copyToPhys(m, 0x4000, Uint8Array.of(1, 2, 3, 4, flat[0], 0, 5, 6, 7, 8, code[3], 0x10));
  faults(m, 13, code[3] & ~3 | 0x1000);
  assert.equal([word(m, Cpu.EBX), word(m, Cpu.ECX), selectorOf(m, Seg.ES)], [0x04030201, 0, flat[0]]);
});

tail("reads strings from ports and writes them there, one tick a step", () => {
  const m = world(`mov edx, 0x300\n mov edi, 0x4000\n mov ecx, 3\n rep insw\n mov esi, 0x4000\n mov ecx, 2\n rep outsb\n hlt`);
  const said: string[] = [];
  let next = 0x4140;
  m.ports = { in: (port, width) => { said.push(`in ${port} ${width}`); return next++; }, out: (port, width, value) => void said.push(`out ${port} ${width} ${value}`) };
  assert.is(run(m, 100), "halt");
  assert.equal(said, ["in 768 2", "in 768 2", "in 768 2", "out 768 1 64", "out 768 1 65"]);
  assert.is(readPhys32(m, 0x4002), 0x41424141);
  assert.is(retired(m), 11);
});

tail.run();

const pages = suite("pages");

const DIRECTORY = 0x30000, TABLE = 0x31000;

/** Maps the first megabyte to itself, for everybody. */
function mapped(m: Machine): Machine {
  writePhys32(m, DIRECTORY, TABLE | 7);
  for (let page = 0; page < 256; page++) writePhys32(m, TABLE + page * 4, (page << 12) | 7);
  setPageDirectory(m, DIRECTORY);
  setPaging(m, true);
  return m;
}

const map = (m: Machine, linear: number, entry: number): void => writePhys32(m, TABLE + (linear >> 12) * 4, entry);

pages("lie where the tables say", () => {
  const m = mapped(world("mov dword [0x80ffe], 0x44332211\n mov eax, [0x80fff]\n hlt"));
  map(m, 0x80000, 0x90000 | 7);
  map(m, 0x81000, 0x70000 | 7);
  assert.is(run(m, 10), "halt");
  assert.is(readPhys32(m, 0x90ffc) >>> 16, 0x2211);
  assert.is(readPhys32(m, 0x70000) & 0xffff, 0x4433);
  assert.is(word(m, Cpu.EAX), 0x443322);
});

/** What a ring's access to a page with these entries leads to: the error code, or "done". */
function touches(access: string, ring: 0 | 1 | 3, pde: number, pte: number) {
  const m = mapped(world(`mov ebx, 0x400123\n ${access}\n ud2`, ring));
  writePhys32(m, DIRECTORY + 4, 0x32000 | pde);
  writePhys32(m, 0x32000, 0x80000 | pte);
  const { vector, code, eip } = caught(m);
  if (vector === 6) return "done";
  assert.equal([vector, eip, word(m, Cpu.CR2)], [14, at.CODE + 5, 0x400123]);
  return code;
}

pages("that hold code among their own tables are found by the sprinter as without it", () => {
  const after = (isQuick: boolean): number[] => {
    const m = mapped(world(`jmp ${TABLE + 0xc00}`));
    const stores = [0, 1, 2].map((n) => `mov [${0x80000 + n * 4096}], eax\n mov [${TABLE + 0xd00}], ecx\n inc ecx\n`);
    putProgram(m, TABLE + 0xc00, `${stores.join("")} hlt`);
    if (!isQuick) m.cpu.fill(1, At.HARD / 4, At.HARD / 4 + 1024);
    assert.is(run(m, 100), "halt");
    return [m.cpu[Cpu.GENERATION], m.cpu[Cpu.WRITES]];
  };
  assert.equal(after(true), after(false));
});

pages("that are not there fault, and say who wanted what", () => {
  for (const [pde, pte] of [[6, 7], [7, 6], [0, 0]] as const) {
    assert.is(touches("mov al, [ebx]", 0, pde, pte), 0);
    assert.is(touches("mov [ebx], al", 0, pde, pte), 2);
    assert.is(touches("mov al, [ebx]", 1, pde, pte), 0, "ring 1 is no program");
    assert.is(touches("mov al, [ebx]", 3, pde, pte), 4);
    assert.is(touches("add [ebx], al", 3, pde, pte), 6);
  }
});

pages("of the kernel are closed to programs, wherever it is written", () => {
  for (const [pde, pte] of [[3, 7], [7, 3], [3, 3]] as const) {
    assert.is(touches("mov al, [ebx]", 3, pde, pte), 5);
    assert.is(touches("mov [ebx], al", 3, pde, pte), 7);
    for (const ring of [0, 1] as const) assert.is(touches("mov [ebx], al", ring, pde, pte), "done");
  }
});

pages("that are only for reading may be written by the kernel alone", () => {
  for (const [pde, pte] of [[5, 7], [7, 5], [5, 5]] as const) {
    assert.is(touches("mov al, [ebx]", 3, pde, pte), "done");
    assert.is(touches("mov [ebx], al", 3, pde, pte), 7);
    assert.is(touches("cmp [ebx], al", 3, pde, pte), "done");
    assert.is(touches("mov [ebx], al", 1, pde, pte), "done");
  }
});

pages("of code fault when it is fetched, at the byte that is missing", () => {
  const m = mapped(world("jmp 0x80ffd", 3));
  putProgram(m, 0x80ffd, "mov eax, [0x9000]");
  map(m, 0x81000, 0);
  faults(m, 14, 4, 0x80ffd);
  assert.is(word(m, Cpu.CR2), 0x81000);
});

pages("of the kernel's tables are read with the kernel's eyes", () => {
  const m = mapped(world(`mov ax, ${flat[3]}\n mov es, ax\n ud2`, 3));
  map(m, at.GDT, at.GDT | 3);
  map(m, at.IDT, at.IDT | 3);
  map(m, at.TSS, at.TSS | 3);
  faults(m, 6, undefined, at.CODE + 6);
});

pages("stay known until the directory is loaded again", () => {
  const m = mapped(world("mov eax, [0x80000]\n mov ebx, [0x80000]\n mov ecx, [0x80000]\n hlt"));
  writePhys32(m, 0x80000, 1);
  writePhys32(m, 0x90000, 2);
  run(m, 1);
  map(m, 0x80000, 0x90000 | 7);
  run(m, 1);
  assert.is(word(m, Cpu.EBX), 1, "the old page");
  setPageDirectory(m, DIRECTORY);
  assert.is(run(m, 2), "halt");
  assert.is(word(m, Cpu.ECX), 2, "the new one");
});

pages("can be supplied after the fault, and the instruction tried again", () => {
  const m = mapped(world("mov edi, 0x80ffc\n mov ecx, 4\n mov eax, 7\n rep stosd\n ud2"));
  map(m, 0x81000, 0);
  putProgram(m, at.HANDLERS + 14 * 16, `
    mov ebx, ecx
    mov dword [${TABLE} + 0x81 * 4], 0x91007
    add esp, 4
    iret`);
  assert.is(caught(m).vector, 6);
  assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EDI].map((r) => word(m, r)), [3, 0, 0x8100c]);
  assert.equal([0x80ffc, 0x91000, 0x91004, 0x91008].map((a) => readPhys32(m, a)), [7, 7, 7, 7]);
});

pages("that refuse the second half of an operand leave the first half alone", () => {
  const accesses = ["mov [ebx], eax", "add [ebx], eax", "xchg [ebx], eax", "push dword [ebx]", "pop dword [ebx]",
    "xadd [ebx], eax", "cmpxchg [ebx], ecx", "shl dword [ebx], 3", "inc dword [ebx]", "bts [ebx], ecx",
    "mov edi, ebx\n stosd", "lea esp, [ebx + 4]\n push eax", "lea esp, [ebx + 4]\n call $"];
  for (const access of accesses) {
    const m = mapped(world(`mov eax, 0x12345678\n mov ebx, 0x80ffe\n ${access}`));
    putGate(m, 14, gate(code[0], at.HANDLERS + 14 * 16, Gate.INTERRUPT, 0));
    keepOwnStack(m);
    map(m, 0x81000, 0);
    writePhys32(m, 0x80ffc, 0xaabbccdd);
    const last = stopsAt(m);
    assert.is(readPhys32(m, 0x80ffc), 0xaabbccdd, access);
    assert.equal([Cpu.EAX, Cpu.EBX, Cpu.ECX].map((r) => word(m, r)), [0x12345678, 0x80ffe, 0], access);
    assert.is(word(m, Cpu.ESP), last.esp, access);
  }
});

/** Nobody can be called: the machine stops where the fault was. */
function keepOwnStack(m: Machine): void {
  m.cpu[Cpu.IDT_LIMIT] = 0;
}

/** Runs to the triple fault, one instruction at a time; gives esp before the last of them. */
function stopsAt(m: Machine): { esp: number } {
  for (let n = 0; n < 10; n++) {
    const esp = word(m, Cpu.ESP);
    if (run(m, 1) === "shutdown") return { esp };
  }
  throw new Error("nothing has faulted");
}

pages("that refuse one of eight pushes leave the registers as they were", () => {
  const m = mapped(world("mov esp, 0x81008\n pushad"));
  keepOwnStack(m);
  map(m, 0x80000, 0);
  assert.is(run(m, 10), "shutdown");
  assert.equal([Cpu.ESP, Cpu.EIP].map((r) => word(m, r)), [0x81008, at.CODE + 5]);
});

pages("that are missed fault alike in a hurry and with care", () => {
  for (const access of ["push eax", "pop ecx", "pushad", "popad", "call eax", "call [esp]", "ret", "leave",
    "push dword [esp]", "pop dword [esp]", "mov [esp], al", "add ecx, [esp]", "inc dword [esp]", "push ds", "pop ds"]) {
    const [hurried, careful] = [0x400, 0x401].map((dr7) => {
      const m = mapped(world(`mov esp, 0x80800\n mov ebp, esp\n ${access}\n ud2`, 3));
      map(m, 0x80000, 0);
      m.cpu[Cpu.DR7] = dr7; // a breakpoint at 0: somebody watches
      return [caught(m), word(m, Cpu.CR2), retired(m)];
    });
    assert.equal(hurried, careful, access);
  }
});

pages("that are read only end a copy between two steps", () => {
  const m = mapped(world("mov esi, 0x70000\n mov edi, 0x80ff0\n mov ecx, 32\n rep movsb", 3));
  map(m, 0x81000, 0x81000 | 5);
  const { vector, code, eip } = caught(m);
  assert.equal([vector, code, eip], [14, 7, at.CODE + 15]);
  assert.equal([Cpu.ECX, Cpu.ESI, Cpu.EDI, Cpu.CR2].map((r) => word(m, r)), [16, 0x70010, 0x81000, 0x81000]);
});

pages("with code are noticed when they change by another address", () => {
  const m = mapped(world("call 0x80000\n mov byte [0x90001], 9\n call 0x80000\n hlt"));
  map(m, 0x80000, 0x90000 | 7);
  copyToPhys(m, 0x90000, Uint8Array.of(0xb0, 5, 0xc3)); // mov al, 5; ret
  assert.is(run(m, 20), "halt");
  assert.is(word(m, Cpu.EAX), 9);
});

pages("with code may change places", () => {
  const m = mapped(world("call 0x80000\n hlt"));
  for (const [page, value] of [[0x90000, 1], [0xa0000, 2]] as const)
    copyToPhys(m, page, Uint8Array.of(0xb0, value, 0xc3));
  for (const [page, value] of [[0x90000, 1], [0xa0000, 2], [0x90000, 1]] as const) {
    map(m, 0x80000, page | 7);
    setPageDirectory(m, DIRECTORY);
    m.cpu[Cpu.EIP] = at.CODE;
    assert.is(run(m, 20), "halt");
    assert.is(word(m, Cpu.EAX), value);
  }
});

pages("and segments work together", () => {
  const m = mapped(world(`mov ax, ${FREE}\n mov es, ax\n mov eax, [es:0x23]\n hlt`));
  putSegment(m, FREE, descriptor(0x80000, 0xff, writable));
  map(m, 0x80000, 0x90000 | 7);
  writePhys32(m, 0x90023, 42);
  assert.is(run(m, 10), "halt");
  assert.is(word(m, Cpu.EAX), 42);
});

pages("of a running program stay while nobody is told, however the time is cut up", () => {
  const inside = `mov dword [${TABLE + 5 * 4}], ${0x40000 | 7}
    mov eax, [0x1005000]      ; takes the place of this page in the TLB
    mov ecx, 20
    again: inc ebx
    loop again
    jmp far_away`;
  const program = `${inside}\n times 0xffe - ($ - $$) nop\n far_away: nop\n nop\n inc edx\n jmp $$`;
  const remapped = (): Machine => {
    const m = mapped(world(""));
    writePhys32(m, DIRECTORY + 4 * 4, TABLE | 7);
    const { bytes } = assemble(program, { origin: at.CODE });
    copyToPhys(m, at.CODE, bytes);
    copyToPhys(m, 0x40000, bytes.map((byte) => byte === 0x43 ? 0x4b : byte)); // dec ebx
    return m;
  };
  const whole = afterSteps(remapped(), 120, 120);
  for (const step of [1, 2, 3, 7, 50]) assert.is(afterSteps(remapped(), 120, step), whole, `steps of ${step}`);
});

pages.run();

// ---- The Guest

const MEMORY = 8 << 20;
const LONG = 1e9;
const source = readFileSync("tangled/guest/kernel.asm", "utf8");

/** A part of the Guest's source, and what a test puts in its place. */
type Change = [from: string, to: string];

function assembleWith(...changes: Change[]) {
  const text = changes.reduce((old, [from, to]) => {
    assert.ok(old.includes(from), `the Guest's source has "${from}"`);
    return old.replace(from, to);
  }, source);
  const done = assembled.get(text) ?? assembleGuest(() => text);
  assembled.set(text, done);
  return done;
}

const assembled = new Map<string, ReturnType<typeof assembleGuest>>();

function boot(...changes: Change[]): StandIn {
  return makeStandIn(assembleWith(...changes).bytes, MEMORY);
}

/** Runs the Guest to its end. */
function runToEnd(...changes: Change[]): StandIn {
  const host = boot(...changes);
  assert.is(runStandIn(host, LONG), "dead");
  return host;
}

/** Lets the rogue do something else instead of `cli`. */
const rogueDoes = (...instructions: string[]): Change =>
  ["  cli\n", instructions.map((line) => `  ${line}\n`).join("")];

const data = (host: StandIn, field: number) =>
  readPhys32(host.m, host.data + field);
const callsOf = (host: StandIn, name: keyof typeof hypercalls) =>
  host.calls.filter((call) => call.name === name);

const { labels } = assembleGuest(() => source);
const address = (name: string): number => labels.get(name)!;
const physical = (name: string): number => address(name) - layout.PAGE_OFFSET;

const passing = suite("time passes");

/** A program of ring 3 with alignment checks and an odd stack, on which these gates leave it. */
function misaligned(source: string, ...vectors: number[]): Machine {
  const m = world(source, 3);
  const [low, high] = flatCode(3);
  putSegment(m, FREE, [low, high | Desc.DOWN]); // conforming
  for (const vector of vectors) putGate(m, vector, gate(FREE | 3, at.HANDLERS + vector * 16, Gate.INTERRUPT, 3));
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
  "an alignment check whose frame is out of line": () => misaligned("push eax", 17),
  "one that follows int": () => misaligned("int 3\n jmp $", 3, 17),
  "protection, alignment, protection": () => without(misaligned("cli", 13), 17),
  "page, alignment, page": () => {
    const m = mapped(misaligned("mov al, [0x80000]", 14, 17));
    for (let vector = 0; vector < 16; vector++) putEntry(m, 0x7f80 + vector * 8, [readPhys32(m, at.IDT + vector * 8), readPhys32(m, at.IDT + vector * 8 + 4)]);
    m.cpu[Cpu.IDT_BASE] = 0x7f80; // the gate of 17 is on the next page
    map(m, 0x8000, 0);
    map(m, 0x80000, 0);
    return m;
  },
  "a step that cannot be told": () => nudged(misaligned("jmp $", 1, 17), Flag.TF),
  "interrupts that cannot be told": () => nudged(misaligned("jmp $", 0x21, 0x22, 17), Flag.IF, 6),
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
  "int3 in the handler of int3": () => handled(world("mov esp, 0xf0000\n int3"), 3, "int3"),
  "a handler that mends nothing": () => handled(mapped(world("mov edi, 0x400000\n mov ecx, 9\n rep stosd")), 14, "add esp, 4\n iret"),
  "code on no page": () => handled(mapped(world("jmp 0x400000")), 14, "add esp, 4\n iret"),
  "a page of changes of ss": () => world("mov eax, ss\n here: times 2000 mov ss, ax\n jmp here"),
  "sti after sti": () => nudged(handled(world("here: times 2000 sti\n jmp here"), 0x21, "jmp $"), Flag.IF, 2),
  "an empty rep": () => world("here: xor ecx, ecx\n rep movsb\n repe cmpsd\n jmp here"),
  "more prefixes than there may be": () => handled(world("times 20 db 0x2e\n nop"), 13, "add esp, 4\n iret"),
  "sleep that is always disturbed": () => nudged(handled(world("here: hlt\n jmp here"), 0x21, "out 0x80, al\n iret"), Flag.IF, 2),
};

/** What a machine has come to after a thousand ticks, so many at a time. */
function afterThousand(make: () => Machine, step: number): string {
  const m = make();
  m.ports.out = () => { m.cpu[Cpu.IRQS] |= 2; };
  while (retired(m) < 1000) assert.is(run(m, Math.min(step, 1000 - retired(m))), "limit");
  assert.is(m.cpu[Cpu.FAULT], -1);
  const own = [...m.cpu.subarray(Cpu.EAX, Cpu.EIP + 1), settle(m.cpu), m.cpu[Cpu.CR2], m.cpu[Cpu.DR6], m.cpu[Cpu.IRQS], retired(m)];
  return `${own.map((value) => value! >>> 0)} ${createHash("sha1").update(copyFromPhys(m, 0, m.ramSize)).digest("hex")}`;
}

for (const [what, make] of Object.entries(endless))
  passing(`with ${what}, however it is cut`, () => {
    const whole = afterThousand(make, 1000);
    for (const step of [1, 7, 300]) assert.is(afterThousand(make, step), whole, `${step} at a time`);
  });

passing("and an interrupt comes between a fault and itself, with everything as the program left it", () => {
  const m = nudged(misaligned("push eax", 17), Flag.IF);
  m.time[Time.ALARM] = 500;
  const { vector, eip, esp } = caught(m);
  assert.equal([vector, eip, esp], [0x20, at.CODE, stacks[3] - 1]);
  assert.is(retired(m), 501);
});

passing("only where no gate can be gone through: alignment upon protection is served", () => {
  faults(misaligned("cli", 13), 17, 1, at.CODE); // EXT: it came of another. SDM vol. 3, 6.15, #AC
});

passing.run();

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
  const [type, offset, virtual, where, size, memory] = Array.from(
    { length: 6 }, (_, n) => view.getUint32(52 + 4 * n, true));
  assert.equal([type, offset, virtual, where, size],
    [1, 0, 0xc0100000, 0x100000, bytes.length]);
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

const waking = suite("waking up");

waking("introduces itself before anything else", () => {
  const [first, second] = runToEnd().calls;
  assert.is(first!.name, "LHCALL_LGUEST_INIT");
  assert.is(first!.args[0], physical("lguest_data"));
  assert.is(second!.name, "LHCALL_NEW_PGTABLE");
  assert.is(second!.args[0], physical("page_directory"));
});

waking("maps every page of memory, and none beyond, at PAGE_OFFSET", () => {
  const host = boot();
  while (host.calls.length < 2) runStandIn(host, 10);
  for (let at = 0; at < MEMORY + (4 << 20); at += 4096) {
    const high = entryFor(host, layout.PAGE_OFFSET + at);
    assert.is(high, at < MEMORY ? at | 0x003 : undefined);
    assert.is(entryFor(host, at), high, "and at the bottom, for now");
  }
});

waking("forgets the low addresses in one trap", () => {
  const host = boot();
  while (callsOf(host, "LHCALL_FLUSH_ASYNC").length === 0) runStandIn(host, 10);
  for (let at = 0; at < MEMORY; at += 4 << 20)
    assert.is(entryFor(host, at), undefined);
  const forgotten = callsOf(host, "LHCALL_SET_PGD");
  assert.equal(forgotten.map(({ queued, args }) => [queued, args[1]]),
    [[true, 0], [true, 1]]);
});

waking("uses only the directory flags that lguest allows", () => {
  const host = runToEnd();
  for (let slot = 0; slot < 1023; slot++) {
    const entry = readPhys32(host.m, physical("page_directory") + 4 * slot);
    assert.is(entry & 0xfff & ~0x067, 0, `slot ${slot}`);
  }
});

waking("uses 768 MB when there is more", () => {
  const host = boot(["  cmp ecx, MAPPED_MEMORY",
    "  mov ecx, 0x40000000\n  cmp ecx, MAPPED_MEMORY"],
  ["MAPPED_MEMORY equ 0x30000000", "MAPPED_MEMORY equ 0x00400000"]);
  while (host.calls.length < 2) runStandIn(host, 10);
  assert.is(entryFor(host, layout.PAGE_OFFSET + 0x3ff000), 0x3ff003);
  assert.is(entryFor(host, layout.PAGE_OFFSET + 0x400000), undefined);
});

/** The Guest's page table entry for an address, if it is present. */
function entryFor({ m }: StandIn, linear: number): number | undefined {
  const directory = physical("page_directory");
  const pde = readPhys32(m, directory + (linear >>> 22) * 4);
  if ((pde & 1) === 0) return undefined;
  const pte = readPhys32(m, (pde & ~0xfff) + (linear >>> 12 & 1023) * 4);
  return pte & 1 ? pte & ~0x060 : undefined;
}

waking.run();

const asking = suite("hypercalls");

asking("hands over its four segments and a gate for every exception", () => {
  const host = runToEnd();
  assert.equal(callsOf(host, "LHCALL_LOAD_GDT_ENTRY").map(({ args }) => args[0]),
    [12, 13, 14, 15]);
  const gates = new Set(callsOf(host, "LHCALL_LOAD_IDT_ENTRY")
    .map(({ args }) => args[0]));
  for (let vector = 0; vector < 20; vector++) assert.ok(gates.has(vector));
  assert.ok(gates.has(layout.FIRST_EXTERNAL_VECTOR));
});

asking("makes a trap gate of the system call only, open to ring 3", () => {
  for (const { args } of callsOf(runToEnd(), "LHCALL_LOAD_IDT_ENTRY")) {
    const isSystemCall = args[0] === layout.SYSCALL_VECTOR;
    assert.is(args[1] >>> 16, layout.KERNEL_CS);
    assert.is(args[2] & 0xffff, isSystemCall ? 0xef00 : 0x8e00);
  }
});

asking("queues only what may wait", () => {
  const patient = ["NEW_PGTABLE", "FLUSH_TLB", "SET_PTE", "SET_PGD",
    "SET_STACK", "LOAD_TLS", "TS"].map((name) => `LHCALL_${name}`);
  for (const { name, queued } of runToEnd().calls)
    assert.ok(!queued || patient.includes(name), name);
});

asking("goes the direct way when the ring is full, in order", () => {
  const again = [".all:", "  mov edi, 100", ".again:",
    "  mov eax, LHCALL_SET_PGD", "  mov ecx, edi", "  call queue_hypercall",
    "  dec edi", "  jnz .again", ""].join("\n");
  const host = runToEnd([".all:\n", again]);
  const calls = callsOf(host, "LHCALL_SET_PGD").slice(2);
  assert.equal(calls.map(({ args }) => args[1]),
    Array.from({ length: 100 }, (_, n) => 100 - n));
  assert.is(calls.filter(({ queued }) => !queued).length, 1);
});

asking("says good night and why it leaves", () => {
  const host = runToEnd();
  assert.match(host.said, /Good night\.\n$/);
  assert.is(host.lastWords, "Power down");
  assert.is(host.calls.at(-1)!.name, "LHCALL_SHUTDOWN");
  assert.is(host.calls.at(-1)!.args[1], 1);
});

asking("runs the same way each time", () => {
  assert.equal(runToEnd().calls, runToEnd().calls);
});

asking.run();

const flag = suite("the interrupt flag");

flag("is closed while nobody could receive an interrupt", () => {
  const host = boot();
  while (callsOf(host, "LHCALL_SET_CLOCKEVENT").length === 0) {
    assert.is(runStandIn(host, 3), "limit");
    if (host.data !== 0)
      assert.is(data(host, lguestData.LGUEST_DATA_IRQ_ENABLED), 0);
  }
});

flag("is opened and closed without one hypercall", () => {
  assert.is(callsOf(runToEnd(), "LHCALL_SEND_INTERRUPTS").length, 0);
});

flag("sends for what was held up while it was closed", () => {
  const closed = "sub eax, ebp";
  const host = runToEnd(
    ["  call nanoseconds\n  mov ebp, eax",
      `  mov dword [lguest_data], 0
  mov ecx, 3000000
  loop $
  call enable_interrupts
  call nanoseconds
  mov ebp, eax`]);
  assert.ok(source.includes(closed));
  assert.ok(callsOf(host, "LHCALL_SEND_INTERRUPTS").length >= 1);
  assert.is(data(host, lguestData.LGUEST_DATA_IRQ_PENDING), 0);
});

flag("holds up under a clock that rings all the time", () => {
  const host = runToEnd(["TICK equ 10000000", "TICK equ 3000"]);
  assert.match(host.said, /I slept for [3-9] ticks/);
  assert.match(host.said, /Good night\.\n$/);
  assert.ok(callsOf(host, "LHCALL_SET_CLOCKEVENT").length > 10);
});

flag("needs no luck: interrupts may come after any number of ticks", () => {
  for (let every = 301; every < 340; every++) {
    const host = boot();
    while (runStandIn(host, every) !== "dead") if (host.data) host.pending |= 1;
    assert.match(host.said, /Good night\.\n$/, `one every ${every} ticks`);
  }
});

flag("is honoured: no interrupt strikes between the store and the iret", () => {
  const host = boot();
  while (runStandIn(host, 97) !== "dead") {
    if (host.data) host.pending |= 1;
    const frames = stackWords(host);
    for (const word of frames)
      assert.not.ok(word > address("noirq_start") && word < address("noirq_end"),
        "no frame on the kernel's stack points there");
  }
});

/** The words of the kernel's stack page. */
function stackWords({ m }: StandIn): number[] {
  const top = physical("kernel_stack_top");
  return Array.from({ length: 64 }, (_, n) => readPhys32(m, top - 4 - 4 * n));
}

flag.run();

const time = suite("time");

time("winds the clock again at each tick", () => {
  const host = runToEnd();
  const [first, ...rest] = callsOf(host, "LHCALL_SET_CLOCKEVENT");
  assert.is(first!.args[0], 10_000_000);
  assert.is(rest.length, readPhys32(host.m, physical("ticks")));
});

time("sleeps as many ticks as it was asked to, and by HALT", () => {
  const host = runToEnd(["  mov ebx, 3\n", "  mov ebx, 7\n"]);
  assert.match(host.said, /I slept for 7 ticks/);
  assert.is(callsOf(host, "LHCALL_HALT").length, 12);
});

time("agrees with the Host's clock", () => {
  assert.match(runToEnd().said, /Five more ticks took 50 ms/);
});

time("never sleeps through the tick that it waits for", () => {
  const ticks: number[] = [];
  for (let moment = 3; moment < 200; moment += portion(5, 1)) {
    const host = boot(["  add ebx, 5\n", "  add ebx, 1\n"]);
    while (!host.said.includes("exception 0D")) runStandIn(host, 50);
    runStandIn(host, moment);
    host.pending |= 1;
    assert.is(runStandIn(host, LONG), "dead");
    ticks.push(readPhys32(host.m, physical("ticks")));
  }
  const [most, least] = [ticks[0], ticks.at(-1)!];
  assert.is(most, least + 1, "an extra tick counts, unless it ends the wait");
  assert.equal(ticks, ticks.slice().sort((a, b) => b - a));
});

time("lets only the clock's interrupt in", () => {
  const host = runToEnd();
  const blocked = data(host, lguestData.LGUEST_DATA_BLOCKED_INTERRUPTS);
  assert.is(blocked, 0xfffffffe);
});

time.run();

const programs = suite("programs");
const EAR = "for ever after I ";

for (const [what, vector, instructions] of [
  ["turn off interrupts", "0D", ["cli"]],
  ["turn on interrupts", "0D", ["sti"]],
  ["halt the machine", "0D", ["hlt"]],
  ["make a hypercall", "0D", ["mov eax, LHCALL_SHUTDOWN", "int 0x1f"]],
  ["pretend to be the clock", "0D", ["int 32"]],
  ["use a port", "0D", ["in al, 0x60"]],
  ["read the kernel's memory", "0E", ["mov eax, [0xC0100000]"]],
  ["write the Host's memory", "0E", ["mov [0xFFC00000], eax"]],
  ["follow a null pointer", "0E", ["mov eax, [0]"]],
  ["change its own code", "0E", ["mov [USER_START], eax"]],
  ["divide by zero", "00", ["xor ecx, ecx", "div ecx"]],
  ["execute nonsense", "06", ["ud2"]],
  ["take the kernel's stack", "0D", ["mov eax, KERNEL_DS", "mov ss, eax"]],
  ["outgrow its stack", "0E", [".more: push eax", "jmp .more"]],
] as const) {
  programs(`cannot ${what}`, () => {
    const host = runToEnd(rogueDoes(...instructions));
    const end = host.said.slice(host.said.indexOf(EAR) + EAR.length);
    assert.match(end, new RegExp(`^exception ${vector} at 004000..\n`));
    assert.is(host.lastWords, "Power down", "the kernel goes on");
  });
}

programs("are named with the address of what they did", () => {
  const { bytes, labels } = assembleWith(rogueDoes("rogue_ud: ud2"));
  const host = makeStandIn(bytes, MEMORY);
  runStandIn(host, LONG);
  const at = labels.get("rogue_ud")! - labels.get("programs")! + 0x400000;
  const hex = at.toString(16).toUpperCase().padStart(8, "0");
  assert.ok(host.said.includes(`exception 06 at ${hex}\n`));
});

programs("get a page of stack for each that they touch, up to 64 KB", () => {
  const host = runToEnd(rogueDoes("mov ecx, 16", ".page: sub esp, 4096",
    "mov [esp], ecx", "loop .page", "cli"));
  assert.match(host.said, /exception 0D/);
  assert.match(host.said, /turned into pages: 17\./);
});

programs("find zeros on a stack that another has used", () => {
  const host = runToEnd(rogueDoes("mov eax, [USER_END - 60]", "test eax, eax",
    "jnz $ + 3", "cli", "ud2"));
  assert.match(host.said, /exception 0D/);
});

programs("keep all registers but eax across a system call", () => {
  const host = runToEnd(rogueDoes("mov ebx, 1", "mov ecx, 2", "mov edx, 4",
    "mov esi, 8", "mov edi, 16", "mov ebp, 32", "mov eax, SYS_SLEEP",
    "int SYSCALL_VECTOR", "add ebx, ecx", "add ebx, edx", "add ebx, esi",
    "add ebx, edi", "add ebx, ebp", "cmp ebx, 63", "jne $ + 3", "cli", "ud2"));
  assert.match(host.said, /exception 0D/);
});

programs("are refused a system call that does not exist", () => {
  const host = runToEnd(rogueDoes("mov eax, 99", "int SYSCALL_VECTOR",
    "cmp eax, -1", "jne $ + 3", "cli", "ud2"));
  assert.match(host.said, /exception 0D/);
});

programs("cannot have the kernel's memory printed", () => {
  const host = runToEnd(rogueDoes("mov ebx, text_power_down",
    "mov eax, SYS_WRITE", "int SYSCALL_VECTOR", "cmp eax, -1", "jne $ + 3",
    "cli", "ud2"));
  assert.match(host.said, /exception 0D/);
  assert.not.match(host.said, /Power down/);
});

programs("take the blame when the kernel faults on their pointer", () => {
  for (const pointer of ["0", "0x00500000", "PAGE_OFFSET - 251"]) {
    const host = runToEnd(rogueDoes(`mov ebx, ${pointer}`,
      "mov eax, SYS_WRITE", "int SYSCALL_VECTOR"));
    assert.match(host.said, /exception 0E at C01/);
    assert.is(host.lastWords, "Power down");
  }
});

programs("may leave the direction flag and segments as they like", () => {
  const host = runToEnd(rogueDoes("std", "xor ecx, ecx", "mov es, ecx",
    "mov ebx, text_rogue - MOVED", "mov eax, SYS_WRITE",
    "int SYSCALL_VECTOR", "mov ds, ecx", "cli"));
  assert.is(host.said.split(EAR).length - 1, 2);
  assert.match(host.said, /exception 0D/);
  assert.is(host.lastWords, "Power down");
});

programs("do not spoil it for the next by how they end", () => {
  const { said } = runToEnd(["citizen:\n", "citizen:\n  std\n  ud2\n"]);
  assert.match(said, /exception 06[^]*I turn off the interrupts/);
  assert.match(said, /exception 0D/);
});

programs("are interrupted by the clock while they compute", () => {
  const host = runToEnd(rogueDoes("mov ecx, 2500000", "loop $", "cli"));
  assert.is(callsOf(host, "LHCALL_SET_CLOCKEVENT").length, 1 + 8 + 2);
  assert.match(host.said, /exception 0D/);
});

programs.run();

const panic = suite("the kernel's own mistakes");

for (const [what, vector, mistake] of [
  ["an undefined instruction", "06", "  mistake: ud2\n"],
  ["a page that is not there", "0E", "  mistake: mov eax, [0x1000]\n"],
  ["a privileged instruction", "0D", "  mistake: hlt\n"],
] as const) {
  panic(`${what} ends it with vector and address`, () => {
    const { bytes, labels } = assembleWith(["  call start_the_clock\n", mistake]);
    const host = makeStandIn(bytes, MEMORY);
    assert.is(runStandIn(host, LONG), "dead");
    const hex = labels.get("mistake")!.toString(16).toUpperCase();
    assert.is(host.lastWords,
      `The kernel stumbled: exception ${vector} at ${hex}\n`);
  });
}

panic.run();
