// npm run fuzz [-- --seed N --instructions N --worlds N --again]
//
// Random programs in random worlds, from world number N on. --again runs
// each of them four times, in steps of different length; else one in sixteen.
import { campaign } from "./campaign.ts";

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

const start = performance.now();
const { worlds, instructions, failures, stops } = await campaign({
  seed: option("seed", 1), instructions: option("instructions", 10_000_000), worlds: option("worlds", Infinity),
  again: process.argv.includes("--again"),
});
for (const failure of failures) console.log(failure);
const ends = Object.entries(stops).map(([stop, count]) => `${count} by ${stop}`).join(", ");
const took = ((performance.now() - start) / 1000).toFixed(1);
console.log(`${instructions.toLocaleString("en")} instructions in ${worlds} worlds, which ended ${ends}; ${failures.length} escapes (${took} s)`);
process.exitCode = failures.length > 0 ? 1 : 0;
