// The decoder and the disassembler, against iced's. `npm run decoders` compares more, and lists the differences.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareForms, compareRandom, type Kinds } from "./decoders/survey.ts";

const say = ({ count, first: { kind, bytes, ours, theirs } }: { count: number; first: Record<"kind" | "bytes" | "ours" | "theirs", string> }): string =>
  `${kind}: ${count} times, such as ${bytes}\n    ours ${ours}\n    iced ${theirs}`;

function assertAgreement(kinds: Kinds): void {
  assert.is([...kinds.values()].map(say).join("\n"), "");
}

const decoders = suite("The decoder");

decoders("reads every opcode, with every kind of operand and prefix, as iced does", () => {
  assertAgreement(compareForms());
});

decoders("reads 200,000 strings of chance as iced does", () => {
  assertAgreement(compareRandom(1, 200_000));
});

decoders.run();
