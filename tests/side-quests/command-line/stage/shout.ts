// A program that prints as this quest's do, once or for ever, and never ends.
import { setImmediate } from "node:timers/promises";
import {
  createExit,
  createOutput,
} from "../../../../tangled/command-line/process.ts";

const output = createOutput();
createExit(output);
setInterval(() => {}, 1000);
do {
  while (output.print(process.stdout, "A") && process.argv[2] === "on");
  await output.taken();
  await setImmediate();
} while (process.argv[2] === "on");
