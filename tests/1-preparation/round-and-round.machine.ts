// Chapter I: the machine, with programs of chance that only an assembler can write.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyFromPhys,
  copyToPhys,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { reach } from "../../tangled/machine/memory/access.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import { portion } from "../tools.ts";
import { eax, word, machineWith } from "./stage/machine.ts";
import { dice } from "./stage/chance.ts";
import { flagsOf } from "./stage/flags.ts";

const code = suite("Remembered code");

code("may lie in more pages than the machine can remember", () => {
  const m = createMachine(4 << 20);
  for (let origin = 0; origin < 600 * 4096; origin += 4096)
    copyToPhys(m, origin,
      assemble(`inc eax\n jmp ${(origin + 4096) % (600 * 4096)}`, { origin })
        .bytes);
  assert.is(run(m, 600 * 2 * 3), "limit");
  assert.is(eax(m), 1800);
  assert.is(word(m, Cpu.EIP), 0);
  writePhys8(m, 599 * 4096, 0x48); // dec eax
  assert.is(run(m, 1200), "limit");
  assert.is(eax(m), 1800 + 598);
});

code.run();

const stringing = suite("Strings");

stringing("do in one go what they do step by step, wherever they lie", () => {
  const roll = dice(3);
  const names = ["movs", "movs", "cmps", "stos", "lods", "scas"].flatMap((
    name,
  ) => [`${name}b`, `${name}w`, `${name}d`]);
  const place = () => 0x10000 + roll(2) * 4096 + roll(64) - 32;
  for (let n = 0; n < portion(70, 200); n++) {
    const source = place(),
      target = roll(3) === 0 ? place()
        : source + roll(roll(2) === 0 ? 9 : 6000) - 4;
    const program = `mov esi, ${source}\n mov edi, ${target}\n mov ecx, ${1 + roll(roll(2) === 0 ? 20 : 9000)}
      mov eax, ${[0, 0x01010101, 0x01020102, 0x01020304, 0x00010001][roll(5)]}\n ${roll(5) === 0 ? "std" : "cld"}
      ${["rep", "repne"][roll(2)]} ${names[roll(names.length)]}\n hlt`;
    const memory = Uint8Array.from({ length: 0x8000 }, () =>
      n % 2 === 0 || roll(700) === 0 ? roll(3) : 1);
    const [whole, single] = [Infinity, 1].map((step) => {
      const m = machineWith(program, assemble(program).bytes);
      copyToPhys(m, 0xc000, memory);
      if (n % 3 === 0) {
        for (let page = 0xc000; page < 0x14000; page += 4096)
          reach(m, page, 1, false), reach(m, page, 1, true);
      }
      while (run(m, step) === "limit");
      return [...m.cpu.subarray(Cpu.EAX, Cpu.EDI + 1), flagsOf(m), retired(m),
        ...copyFromPhys(m, 0xc000, 0x8000)];
    });
    assert.is(whole!.join(" ") === single!.join(" "), true, program);
  }
});

stringing.run();
