// npm run decoders [-- --seed N --strings N]: compares our decoder with iced,
// and lists the kinds of differences with the first example of each.
import { readNumbers } from "../numbers.ts";
import { MISSING } from "./compare.ts";
import { compareForms, compareRandom, type Kinds } from "./survey.ts";

function print(title: string, kinds: Kinds): void {
  console.log(`${title}: ${kinds.size || "no"} kinds of differences`);
  if (kinds.size > 0) process.exitCode = 1;
  const list = [...kinds.values()].sort((a, b) =>
    Number(a.first.kind.startsWith(MISSING))
    - Number(b.first.kind.startsWith(MISSING))
  );
  for (const { count, first: { kind, bytes, ours, theirs } } of list)
    console.log(
      `${kind}: ${count}\n    ${bytes}\n    ours ${ours}\n    iced ${theirs}`,
    );
}

const { seed, strings } = readNumbers({ seed: 1, strings: 1_000_000 });
print("every form", compareForms());
print(`${strings} random strings, seed ${seed}`, compareRandom(seed, strings));
