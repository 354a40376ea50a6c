// The finer points: what must have been meant.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wrong } from "../../1-preparation/stage/assembly.ts";

const naming = suite("The nearest name");

naming("reports all that is wrong at once, each with its place", () => {
  const source = "nop\nmvo eax, 5\nadd eax, bl\nok: nop\njmp okk\ndb 300";
  assert.is(wrong(source, { file: "a.asm" }).split("\n").length, 4);
  assert.match(wrong(source, { file: "a.asm" }),
    "a.asm:2: there is no instruction mvo; did you mean mov?");
  assert.match(wrong(source), "source:5: okk is not defined; did you mean ok?");
});

naming("says nothing where nothing is near", () => {
  assert.not.match(wrong("abracadabra"), "did you mean");
  assert.not.match(wrong("jmp x\nyes: nop"), "did you mean");
});

naming.run();
