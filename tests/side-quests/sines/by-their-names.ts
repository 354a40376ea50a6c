// Sines and logarithms: against a processor's answers (tests/silicon-x87).
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { portion } from "../../tools.ts";
import { askAll } from "../stack-of-numbers/stage/silicon.ts";

const silicon = suite("Functions, asked what a processor was asked");

const oneIn = portion(4, 1);

silicon(
  `answers ${oneIn > 1 ? `one in ${oneIn} of ` : ""}5,272 cases as silicon did, those without an exact answer within a unit in the last place`,
  () => {
    const { total, wrong } = askAll(oneIn, true);
    assert.is(wrong.join("\n"), "");
    assert.ok(total > 4300 / oneIn, `${total}`);
  },
);

silicon.run();
