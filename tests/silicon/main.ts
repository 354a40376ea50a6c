// npm run silicon -- [--seed N] [--cases N] [--stacks] [--record] [--all]
//
// Tries new cases on the processor of this computer and on our machine, and
// compares; with --stacks, those that use the stack, on stacks of all widths.
// With --record they replace the recording that the tests replay.
import { writeFileSync } from "node:fs";
import { readNumbers } from "../numbers.ts";
import { makeCases } from "./cases.ts";
import { describe, tryCase } from "./compare.ts";
import { pack } from "./format.ts";
import { nameOf } from "./forms.ts";
import { runNatively } from "./native.ts";
import { makeWorld } from "./replay.ts";
import { CODE } from "./world.ts";

const { seed, cases: count, given } = readNumbers({ seed: 1, cases: 52_500 }, [
  "record",
  "all",
  "stacks",
]);
const { cases, forms } = makeCases(count, seed, given.has("stacks"));
const recording = runNatively(cases, seed);
console.log(
  `${recording.processor}: ${count} cases of ${forms.length} forms, seed ${seed}`,
);
report();
if (given.has("record")) {
  const file = pack(recording, CODE),
    name = `tests/silicon/${given.has("stacks") ? "stacks" : "recording"}.gz`;
  writeFileSync(name, file);
  console.log(`${name}: ${file.length} bytes`);
}

function report(): void {
  const m = makeWorld(recording.selectors);
  const bad = new Map<string, string[]>();
  cases.forEach((c, n) => {
    const found = tryCase(m, c, recording.outcomes[n], recording.selectors);
    const name = nameOf(forms[n % forms.length]);
    if (found !== "")
      bad.set(name, [...(bad.get(name) ?? []),
        `  ${describe(c)}\n    ${found}`]);
  });
  for (const [name, list] of bad)
    console.log(
      `${name}: ${list.length} differ\n${list.slice(0, given.has("all") ? 1e9 : 1).join("\n")}`,
    );
  const total = [...bad.values()].flat().length;
  console.log(`${total} differences`);
  process.exitCode = total > 0 ? 1 : 0;
}
