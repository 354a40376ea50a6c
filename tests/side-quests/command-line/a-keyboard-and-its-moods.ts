// Command-line finery: the program as a whole.
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explain } from "../../../tangled/command-line/options.ts";

const words = suite("Command-line finery: the program");

/** Runs `npm run lguest -- ...` as a reader would. */
function lguest(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "tangle/run.mjs",
    "tangled/command-line/lguest.ts",
    ...args,
  ], {
    encoding: "utf8",
    input: "",
    env: { ...process.env, INIT_CWD: undefined },
  });
  return { status, stdout, stderr };
}

words("the program itself prints one line and says the same by its status",
  () => {
    assert.equal(lguest("--help"), {
      status: 0,
      stdout: `${explain()}\n`,
      stderr: "",
    });
    assert.equal(lguest("--vebrose"), {
      status: 2,
      stdout: "",
      stderr: "lguest: there is no option --vebrose; did you mean --verbose?\n",
    });
    assert.equal(lguest("16", "no/such/kernel"), {
      status: 1,
      stdout: "",
      stderr: "lguest: no/such/kernel: there is no such file\n",
    });
    assert.equal(lguest("16", "tests"), {
      status: 1,
      stdout: "",
      stderr: "lguest: tests: it is a folder\n",
    });
  });

words.run();
