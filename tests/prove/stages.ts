// npm run stages: tangles, checks and tests the book as it stands at the end
// of each chapter, in a copy. The last line is "N passed, N failed".
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { book as config } from "../../book.config.ts";
import { scratchProject } from "./scratch.ts";

parseArgs({ options: {} });
const root = scratchProject();
let [passed, failed] = [0, 0];
for (const { name } of config.chapters) {
  const words = [["tangle/main.ts", "--through", name], ["tangle/check.ts"], ["tests/runner.ts"]];
  const outputs = words.map((command) => run(...command));
  const [, tests, wrong] = /(\d+) passed, (\d+) failed\s*$/.exec(outputs.at(-1)!.out) ?? ["", "0", "1"];
  const isBad = outputs.some(({ status }) => status !== 0);
  if (isBad) for (const { out } of outputs) console.log(out);
  console.log(`through ${name}: ${tests} passed, ${wrong} failed`);
  passed += Number(tests);
  failed += Math.max(Number(wrong), isBad ? 1 : 0);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function run(...command: string[]): { status: number | null; out: string } {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tangle/run.mjs", ...command], options);
  return { status, out: stdout + stderr };
}
