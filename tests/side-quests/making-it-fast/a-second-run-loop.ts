// Making it fast: the second run loop, which must not be told from the first.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { settle } from "../../../tangled/machine/ground/flags.ts";
import { At } from "../../../tangled/machine/ground/layout.ts";
import { retired, run } from "../../../tangled/machine/running/run.ts";
import { machineWith } from "../../1-preparation/stage/machine.ts";
import { dice } from "../../1-preparation/stage/chance.ts";

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
