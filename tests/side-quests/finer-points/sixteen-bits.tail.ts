// The finer points of the assembler: the long tail, as only they can write it.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Flag,
  setFlags,
  settle,
} from "../../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import type { Machine } from "../../../tangled/machine/ground/state.ts";
import { run } from "../../../tangled/machine/running/run.ts";
import { after, machineWith, word, words } from "../toolbox/stage/assembled.ts";

const { EAX, EBX, ESP, EBP, EIP } = {
  EAX: Cpu.EAX,
  EBX: Cpu.EBX,
  ESP: Cpu.ESP,
  EBP: Cpu.EBP,
  EIP: Cpu.EIP,
};

const flagsAfter = (m: Machine, mask: number): number => settle(m.cpu) & mask;

const decimal = suite("Decimal digits");

/** What a processor makes of AX from 0 to 3FF, with CF and AF in all ways: the
 *  defined flags, and a digest of all answers, recorded on real ones. */
const recorded:
  readonly (readonly [name: string, flags: number, digest: string])[] = [["daa",
    0xd5, "4264e4d1638d3f0b"], ["das", 0xd5, "ae5ea7bddb2fe872"], ["aaa", 0x11,
    "47c6dcdc5245c7b1"], ["aas", 0x11, "7867b9bb6506d05c"], ["aam", 0xc4,
    "86164f396ff120ae"], ["aad", 0xc4, "0b46cf5c3e086552"]];

decimal("are adjusted as real processors adjust them", () => {
  for (const [name, mask, digest] of recorded) {
    const m = machineWith(`${name}\n hlt`);
    const hash = createHash("sha1");
    for (let ax = 0; ax < 0x400; ax++)
      for (const flags of [0, 1, 16, 17]) {
        m.cpu[EAX] = ax;
        m.cpu[EIP] = 0;
        setFlags(m.cpu, flags, Flag.ARITHMETIC);
        run(m, 10);
        hash.update(`${word(m, EAX)} ${flagsAfter(m, mask)}\n`);
      }
    assert.is(hash.digest("hex").slice(0, 16), digest, name);
  }
});

decimal.run();

const procedures = suite("Nested procedures");

procedures("come and go with 16 bits too", () => {
  const m = after(
    "mov ebp, 0x9000\n o16 enter 4, 0\n mov eax, ebp\n mov ebx, esp\n o16 leave\n hlt",
  );
  assert.equal(words(m, EAX, EBX, EBP, ESP), [0x7ffe, 0x7ffa, 0x9000, 0x8000]);
});

procedures.run();
