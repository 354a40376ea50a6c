// Chapter II: pages are remembered until somebody says that the tables have changed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { writePhys32 } from "../../tangled/machine/ground/ram.ts";
import { setPageDirectory } from "../../tangled/machine/memory/paging.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { DIRECTORY, map, mapped } from "./stage/paging.ts";
import { word, world } from "./stage/world.ts";

const pages = suite("remembered pages");

pages("stay known until the directory is loaded again", () => {
  const m = mapped(
    world("mov eax, [0x80000]\n mov ebx, [0x80000]\n mov ecx, [0x80000]\n hlt"),
  );
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

pages.run();
