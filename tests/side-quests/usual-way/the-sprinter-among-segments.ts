// The usual way: a page that is missed is missed by the sprinter, too.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { retired } from "../../../tangled/machine/running/run.ts";
import { map, mapped } from "../../2-guest/stage/paging.ts";
import { caught, word, world } from "../../2-guest/stage/world.ts";

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

pages.run();
