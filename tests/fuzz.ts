// Never an escape: whatever a program does, it is a machine's doing.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys32,
  writePhys8,
} from "../tangled/machine/ground/ram.ts";
import { createMachine } from "../tangled/machine/machine.ts";
import { retired, run } from "../tangled/machine/running/run.ts";
import { campaign } from "./fuzz/campaign.ts";
import { portion } from "./tools.ts";

const fuzz = suite("Whatever a program does");

const enough = portion(500_000, 10_000_000);

fuzz(`${enough} instructions of chance leave nothing but machine states`,
  async () => {
    const { failures, instructions } = await campaign({
      seed: 1,
      instructions: enough,
      worlds: Infinity,
      again: false,
    });
    assert.is(failures.join("\n"), "");
    assert.ok(instructions >= enough);
  });

const some = portion(3, 15);

for (
  const [flavor, what] of [
    ["circles", "faults that lead to themselves"],
    ["stacks", "stacks of 16 and of 32 bits"],
  ] as const
)
  fuzz(`${what} come to the same however time is cut, and let it pass`,
    async () => {
      const { failures, worlds } = await campaign({
        seed: 1,
        instructions: Infinity,
        worlds: some,
        again: true,
        flavor,
      });
      assert.is(failures.join("\n"), "");
      assert.is(worlds, some);
    });

const odd = [NaN, Infinity, -Infinity, -1, -4096, 0.5, 1, 4095, 4097, 2 ** 31,
  2 ** 32, 2 ** 53];

fuzz("a machine has RAM of whole pages, or is refused", () => {
  for (const size of [...odd, 0])
    assert.throws(() => createMachine(size), /a machine cannot have/);
  assert.is(createMachine(4096).ramSize, 4096);
});

fuzz("RAM is read and written within its bounds only", () => {
  const m = createMachine(8192);
  const uses: readonly ((address: number) => unknown)[] = [
    (address) => readPhys8(m, address),
    (address) => readPhys32(m, address),
    (address) => writePhys8(m, address, 1),
    (address) => writePhys32(m, address, 1),
    (address) => copyFromPhys(m, address, 4),
    (address) => copyToPhys(m, address, new Uint8Array(4)),
  ];
  for (
    const address of [NaN, Infinity, -Infinity, -1, -0.5, 0.5, 8192, 8193,
      2 ** 32, 2 ** 53]
  )
    for (const use of uses) assert.throws(() => use(address), /no RAM at/);
  for (const size of [NaN, Infinity, -1, 8193, 0.5])
    assert.throws(() => copyFromPhys(m, 0, size), /no RAM at/);
  assert.is(copyFromPhys(m, 8192, 0).length, 0);
});

fuzz("a machine runs for a number of ticks, or is refused", () => {
  const m = createMachine(4096); // zeros: add [eax], al
  for (const ticks of [NaN, -1, -Infinity])
    assert.throws(() => run(m, ticks), /ticks/);
  assert.is(run(m, 0), "limit");
  assert.is(retired(m), 0);
  run(m, 3);
  assert.is(retired(m), 3);
});

fuzz.run();
