// The machine against silicon: single instructions, whose outcome a processor
// of flesh and blood has recorded (tests/silicon/), are run on our machine.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../tangled/machine/rows/decode.ts";
import { describe, tryCase } from "./silicon/compare.ts";
import { unpack } from "./silicon/format.ts";
import { allForms, keyOf, nameOf } from "./silicon/forms.ts";
import { makeWorld } from "./silicon/replay.ts";
import { CODE, DONE, type Recording } from "./silicon/world.ts";
import { portion } from "./tools.ts";

const silicon = suite("silicon");
const read = (name: string): Recording =>
  unpack(readFileSync(`tests/silicon/${name}.gz`), CODE);
const recording = read("recording"), { cases } = recording;

/** Where our machine does not do what was recorded, in words; of the cases one in so many is tried. */
function differences({ selectors, cases, outcomes }: Recording,
  oneIn = 1): string[]
{
  const m = makeWorld(selectors);
  return cases.flatMap((c, n) => {
    if (n % oneIn !== 0) return [];
    const what = tryCase(m, c, outcomes[n], selectors);
    return what === "" ? [] : `${describe(c)}\n  ${what}`;
  });
}

const oneIn = portion(5, 1);

silicon(
  `${oneIn > 1 ? `one in ${oneIn}` : "every"} recorded instruction does on our machine what it did on an ${recording.processor}`,
  () => {
    const found = differences(recording, oneIn);
    assert.ok(cases.length > 50_000, "a recording worth the name");
    assert.is(found.length, 0,
      `${found.length} of ${cases.length} differ:\n${found.slice(0, 5).join("\n")}`);
  },
);

silicon(
  "what uses a stack does so on stacks of 16 and 32 bits, and from one to the other",
  () => {
    const stacks = read("stacks"),
      moved = stacks.outcomes.filter(({ vector, selectors }, n) =>
        vector === DONE
        && selectors[2] !== (stacks.cases[n].stack || stacks.selectors[2])
      );
    assert.equal(differences(stacks), []);
    assert.ok(moved.length > 30, "stacks are changed");
  },
);

silicon("every form of every instruction is in the recording", () => {
  const tried = new Set(cases.map((c) => {
    const i = parse((k) => c.bytes[k] ?? 0);
    return i
      ? keyOf({
        ...i,
        memory: i.row.modrm && i.mod !== 3,
        short: i.addressWidth === 16,
        prefix: i.lock ? 0xf0 : i.repeat,
      }) : "";
  }));
  const missing = allForms().filter((form) =>
    !tried.has(keyOf(form)) && form.prefix !== 0xf0
  ).map(nameOf);
  assert.equal(missing, [],
    "npm run silicon -- --record makes a new recording, where there is gcc -m32");
});

silicon.run();
