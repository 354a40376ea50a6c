// The rest of the toolbox: flags that were loaded, and that no result has.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Flag,
  holds,
  setFlags,
  settle,
} from "../../../tangled/machine/ground/flags.ts";
import { createMachine } from "../../../tangled/machine/machine.ts";

const loaded = suite("Flags that no result has");

loaded("answer all sixteen conditions, and come back as they were", () => {
  const { cpu } = createMachine(4096);
  for (let bits = 0; bits < 64; bits++) {
    const [cf, pf, zf, sf, of] = [0, 1, 2, 3, 4].map((k) =>
      ((bits >> k) & 1) === 1
    );
    const expected = [of, cf, zf, cf || zf, sf, pf, sf !== of, zf || sf !== of];
    setFlags(cpu, (cf ? Flag.CF : 0) | (pf ? Flag.PF : 0) | (zf ? Flag.ZF : 0)
      | (sf ? Flag.SF : 0)
      | (of ? Flag.OF : 0), Flag.ARITHMETIC);
    const all = settle(cpu) & Flag.ARITHMETIC;
    setFlags(cpu, all, Flag.ARITHMETIC);
    assert.is(settle(cpu) & Flag.ARITHMETIC, all);
    for (let code = 0; code < 16; code++)
      assert.is(holds(cpu, code), expected[code >> 1] !== (code % 2 === 1),
        `condition ${code} of ${bits}`);
  }
});

loaded.run();
