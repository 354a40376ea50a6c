// The decoder and the disassembler, against iced's. `npm run decoders` compares more, and lists the differences.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareForms, compareRandom, type Kinds } from "./decoders/survey.ts";
import { portion } from "./tools.ts";

const say = ({ count, first: { kind, bytes, ours, theirs } }: {
  count: number;
  first: Record<"kind" | "bytes" | "ours" | "theirs", string>;
}): string =>
  `${kind}: ${count} times, such as ${bytes}\n    ours ${ours}\n    iced ${theirs}`;

function assertAgreement(kinds: Kinds): void {
  assert.is([...kinds.values()].map(say).join("\n"), "");
}

const decoders = suite("The decoder");

const oneIn = portion(7, 1);

decoders(
  `reads ${oneIn > 1 ? `one in ${oneIn} of ` : ""}all opcodes, with every kind of operand and prefix, as iced does`,
  () => {
    assertAgreement(compareForms(oneIn));
  },
);

const strings = portion(40_000, 200_000);

decoders(`reads ${strings} strings of chance as iced does`, () => {
  assertAgreement(compareRandom(1, strings));
});

decoders.run();
