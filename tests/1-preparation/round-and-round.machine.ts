// Chapter I: the machine, with programs of chance that only an assembler can write.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { settle } from "../../tangled/machine/ground/flags.ts";
import { At, Cpu } from "../../tangled/machine/ground/layout.ts";
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

const sprinting = suite("Making it fast");

const GENERAL = ["eax", "ecx", "edx", "ebx", "ebp"],
  BYTES = ["al", "ah", "cl", "ch", "dl", "dh", "bl", "bh"];

/** A line that the sprinter knows, or knows nearly. */
function easyLine(roll: (below: number) => number, n: number): string {
  const of = (list: readonly string[]) => list[roll(list.length)];
  const number = () =>
    of(["0", "1", "-1", "0x7fffffff", "0x80000000", "0x80",
      `${roll(2 ** 31)}`]);
  const place = () => `[esi + ${roll(32)} + edi * ${of(["1", "2", "4", "8"])}]`;
  const r = of(GENERAL), b = of(BYTES),
    condition = of(["z", "b", "be", "s", "l", "le", "nz", "ae", "a", "ns", "ge",
      "g", "o", "p"]);
  const two = of(["add", "sub", "and", "or", "xor", "cmp", "adc", "sbb", "test",
    "mov"]);
  return of([`${two} ${r}, ${of(GENERAL)}`, `${two} ${r}, ${number()}`,
    `${two} ${place()}, ${r}`, `${two} ${b}, ${of(BYTES)}`,
    `${two} ${place()}, ${b}`,
    `${of(["add", "cmp", "mov", "xor", "sbb"])} ${r}, ${place()}`,
    `cmp ax, ${r === "ecx" ? "cx" : "bx"}`,
    `${of(["inc", "dec", "not", "neg"])} ${of([`dword ${place()}`, r, b])}`,
    `cmp word ${place()}, ${roll(30000)}`,
    `${of(["shl", "shr", "sar", "rol", "ror"])} ${of([r, `dword ${place()}`])}, ${of(["cl", `${roll(33)}`])}`,
    `imul ${r}, ${of([of(GENERAL), place()])}`,
    `imul ${r}, ${place()}, ${number()}`, `mul ${of([r, `dword ${place()}`])}`,
    `set${condition} ${b}`, `j${condition} .l${n}\n inc ecx\n.l${n}:`,
    `lea ${r}, ${place()}`, `push ${r}\n pop ${of(GENERAL)}`,
    `${of(["movzx", "movsx"])} ${r}, ${of([`byte ${place()}`, `word ${place()}`, b])}`, "lahf", "seto al\n lahf", "pushad\n popad", "cdq",
    `mov edx, 0\n mov ebx, ${1 + roll(1000)}\n div ebx`,
    `mov eax, ${number()}\n sahf`, "stc", "cmc",
    `call .l${n}\n.l${n}: pop ${r}`]);
}

// The large loop alone is what you get if every operation is marked as hard.
sprinting(
  "the sprinter does what the large loop does, to the flag and the tick",
  () => {
    for (let seed = 0; seed < 40; seed++) {
      const roll = dice(seed);
      const lines = Array.from({ length: 300 }, (_, n) => easyLine(roll, n));
      const source = `start: mov esp, 0x9000\n mov esi, 0x7ff0\n mov edi, 3\n${lines.join("\n")}\n hlt`;
      const [slow, fast] = [1, 0].map((hard) => {
        const m = machineWith(source, assemble(source).bytes);
        m.cpu.fill(hard, At.HARD / 4, At.HARD / 4 + 1024);
        assert.is(run(m, 100_000), "halt");
        return [
          [...m.cpu.slice(0, 8)],
          settle(m.cpu),
          retired(m),
          [
            ...m.bytes.slice(At.RAM + 0x7f00, At.RAM + 0x9000),
          ],
        ];
      });
      assert.equal(fast, slow, `seed ${seed}`);
    }
  },
);

sprinting.run();
