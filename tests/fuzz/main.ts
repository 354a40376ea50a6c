// npm run fuzz [-- --seed N --instructions N --worlds N --again --plain --circles --stacks]
//
// Random programs in random worlds, from world number N on. --again runs
// each of them four times, in steps of different length; else one in sixteen.
// The kinds of worlds (plan.ts) take turns, unless one is asked for.
import { readNumbers } from "../numbers.ts";
import { campaign } from "./campaign.ts";
import { flavors } from "./plan.ts";

const { given, ...numbers } = readNumbers({
  seed: 1,
  instructions: 10_000_000,
  worlds: Infinity,
}, ["again", ...flavors]);
const flavor = flavors.find((name) => given.has(name));

const start = performance.now();
const { worlds, instructions, failures, stops } = await campaign({
  ...numbers,
  again: given.has("again"),
  ...(flavor && { flavor }),
});
for (const failure of failures) console.log(failure);
const ends = Object.entries(stops).map(([stop, count]) => `${count} by ${stop}`)
  .join(", ");
const took = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  `${instructions.toLocaleString("en")} instructions in ${worlds} worlds, which ended ${ends}; ${failures.length} escapes (${took} s)`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
