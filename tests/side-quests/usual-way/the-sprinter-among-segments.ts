// The usual way: the sprinter finds and misses the same pages.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { At, Cpu } from "../../../tangled/machine/ground/layout.ts";
import { retired, run } from "../../../tangled/machine/running/run.ts";
import { map, mapped, TABLE } from "../../2-guest/stage/paging.ts";
import { caught, putProgram, word, world } from "../../2-guest/stage/world.ts";

const pages = suite("pages");

pages("that are missed fault alike in a hurry and with care", () => {
  for (
    const access of ["push eax", "pop ecx", "pushad", "popad", "call eax",
      "call [esp]", "ret", "leave", "push dword [esp]", "pop dword [esp]",
      "mov [esp], al", "add ecx, [esp]", "inc dword [esp]", "push ds", "pop ds"]
  ) {
    const [hurried, careful] = [0x400, 0x401].map((dr7) => {
      const m = mapped(
        world(`mov esp, 0x80800\n mov ebp, esp\n ${access}\n ud2`, 3),
      );
      map(m, 0x80000, 0);
      m.cpu[Cpu.DR7] = dr7; // a breakpoint at 0: somebody watches
      return [caught(m), word(m, Cpu.CR2), retired(m)];
    });
    assert.equal(hurried, careful, access);
  }
});

pages(
  "that hold code among their own tables are found by the sprinter as without it",
  () => {
    const after = (isQuick: boolean): number[] => {
      const m = mapped(world(`jmp ${TABLE + 0xc00}`));
      const stores = [0, 1, 2].map((n) =>
        `mov [${0x80000 + n * 4096}], eax\n mov [${TABLE + 0xd00}], ecx\n inc ecx\n`
      );
      putProgram(m, TABLE + 0xc00, `${stores.join("")} hlt`);
      if (!isQuick) m.cpu.fill(1, At.HARD / 4, At.HARD / 4 + 1024);
      assert.is(run(m, 100), "halt");
      return [m.cpu[Cpu.GENERATION], m.cpu[Cpu.WRITES]];
    };
    assert.equal(after(true), after(false));
  },
);

pages.run();
