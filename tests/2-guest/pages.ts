// Chapter II: pages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { descriptor } from "../../tangled/machine/ground/descriptors.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  writePhys32,
} from "../../tangled/machine/ground/ram.ts";
import { setPageDirectory } from "../../tangled/machine/memory/paging.ts";
import { run } from "../../tangled/machine/running/run.ts";
import {
  DIRECTORY,
  keepOwnStack,
  leavesFirstHalfAlone,
  map,
  mapped,
  TABLE,
} from "./stage/paging.ts";
import {
  world,
  faults,
  without,
  at,
  word,
  caught,
  putProgram,
  flat,
  FREE,
  putSegment,
  writable,
} from "./stage/world.ts";

const twice = suite("faults upon faults");

twice("about pages count double, too", () => {
  const m = mapped(world("mov eax, [0x400000]"));
  faults(without(m, 14), 8, 0, at.CODE);
});

twice.run();

const pages = suite("pages");

pages("lie where the tables say", () => {
  const m = mapped(
    world("mov dword [0x80ffe], 0x44332211\n mov eax, [0x80fff]\n hlt"),
  );
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
    for (const ring of [0, 1] as const)
      assert.is(touches("mov [ebx], al", ring, pde, pte), "done");
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

pages("can be supplied after the fault, and the instruction tried again",
  () => {
    const m = mapped(
      world("mov edi, 0x80ffc\n mov ecx, 4\n mov eax, 7\n rep stosd\n ud2"),
    );
    map(m, 0x81000, 0);
    putProgram(m, at.HANDLERS + 14 * 16, `
    mov ebx, ecx
    mov dword [${TABLE} + 0x81 * 4], 0x91007
    add esp, 4
    iret`);
    assert.is(caught(m).vector, 6);
    assert.equal([Cpu.EBX, Cpu.ECX, Cpu.EDI].map((r) => word(m, r)), [3, 0,
      0x8100c]);
    assert.equal(
      [0x80ffc, 0x91000, 0x91004, 0x91008].map((a) => readPhys32(m, a)),
      [7, 7, 7, 7],
    );
  });

pages("that refuse the second half of an operand leave the first half alone",
  () => {
    for (
      const access of ["mov [ebx], eax", "add [ebx], eax", "xchg [ebx], eax",
        "push dword [ebx]", "shl dword [ebx], 3", "inc dword [ebx]",
        "mov edi, ebx\n stosd", "lea esp, [ebx + 4]\n push eax",
        "lea esp, [ebx + 4]\n call $"]
    ) leavesFirstHalfAlone(access);
  });

pages("that refuse one of eight pushes leave the registers as they were",
  () => {
    const m = mapped(world("mov esp, 0x81008\n pushad"));
    keepOwnStack(m);
    map(m, 0x80000, 0);
    assert.is(run(m, 10), "shutdown");
    assert.equal([Cpu.ESP, Cpu.EIP].map((r) => word(m, r)), [0x81008,
      at.CODE + 5]);
  });

pages("that are read only end a copy between two steps", () => {
  const m = mapped(
    world("mov esi, 0x70000\n mov edi, 0x80ff0\n mov ecx, 32\n rep movsb", 3),
  );
  map(m, 0x81000, 0x81000 | 5);
  const { vector, code, eip } = caught(m);
  assert.equal([vector, code, eip], [14, 7, at.CODE + 15]);
  assert.equal([Cpu.ECX, Cpu.ESI, Cpu.EDI, Cpu.CR2].map((r) => word(m, r)), [16,
    0x70010, 0x81000, 0x81000]);
});

pages("with code are noticed when they change by another address", () => {
  const m = mapped(
    world("call 0x80000\n mov byte [0x90001], 9\n call 0x80000\n hlt"),
  );
  map(m, 0x80000, 0x90000 | 7);
  copyToPhys(m, 0x90000, Uint8Array.of(0xb0, 5, 0xc3)); // mov al, 5; ret
  assert.is(run(m, 20), "halt");
  assert.is(word(m, Cpu.EAX), 9);
});

pages("with code may change places", () => {
  const m = mapped(world("call 0x80000\n hlt"));
  for (const [page, value] of [[0x90000, 1], [0xa0000, 2]] as const)
    copyToPhys(m, page, Uint8Array.of(0xb0, value, 0xc3));
  for (
    const [page, value] of [[0x90000, 1], [0xa0000, 2], [0x90000, 1]] as const
  ) {
    map(m, 0x80000, page | 7);
    setPageDirectory(m, DIRECTORY);
    m.cpu[Cpu.EIP] = at.CODE;
    assert.is(run(m, 20), "halt");
    assert.is(word(m, Cpu.EAX), value);
  }
});

pages("and segments work together", () => {
  const m = mapped(
    world(`mov ax, ${FREE}\n mov es, ax\n mov eax, [es:0x23]\n hlt`),
  );
  putSegment(m, FREE, descriptor(0x80000, 0xff, writable));
  map(m, 0x80000, 0x90000 | 7);
  writePhys32(m, 0x90023, 42);
  assert.is(run(m, 10), "halt");
  assert.is(word(m, Cpu.EAX), 42);
});

pages.run();
