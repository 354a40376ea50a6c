// Whether bench.elf does on the machine what tests/bench/README.md says of it, at the full count.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What the table says of a kernel, or its END line does. */
export interface End {
  name: string;
  count: number;
  checksum: string;
  instructions: number;
}

/** The rows of the README's table. */
export function tableOf(readme: string): End[] {
  const rows = readme.matchAll(
    /^\| (\w+) \|[^|]*\| (\d+) \| ([0-9a-f]{8}) \| ([\d,]+)/gm,
  );
  return [...rows].map(([, name, count, checksum, instructions]) => ({
    name: name!,
    count: Number(count),
    checksum: checksum!,
    instructions: Number(instructions!.replaceAll(",", "")),
  }));
}

/** What is wrong with one kernel, given the line with which it ended; "" if nothing is. */
export function wrongWith(expected: End, line: string | undefined): string {
  if (line === undefined) return `${expected.name}: it did not end`;
  const [, , count, checksum, ticks] = line.split(" ");
  // The clock is read one instruction later than Bochs counts to.
  const found = {
    ...expected,
    count: parseInt(count!, 16),
    checksum,
    instructions: parseInt(ticks!, 16) - 1,
  };
  const differences = (["count", "checksum", "instructions"] as const)
    .filter((key) => found[key] !== expected[key])
    .map((key) => `${key} ${found[key]} instead of ${expected[key]}`);
  return differences.length === 0 ? ""
    : `${expected.name}: ${differences.join(", ")}`;
}

/** What is wrong with what the kernel printed, and how it left. */
export function problemsIn(table: readonly End[], said: string,
  status: number | null): string[]
{
  const lines = said.split("\n");
  const ofKernels = table.map((row) =>
    wrongWith(row, lines.find((line) => line.startsWith(`END ${row.name} `)))
  );
  return [
    lines[0] === "READY" ? ""
      : `the first line is "${lines[0]}" instead of READY`,
    ...ofKernels,
    ...lines.filter((line) =>
      line.startsWith("END ")
      && !table.some(({ name }) => line.startsWith(`END ${name} `))
    )
      .map((line) => `${line}: it is not in the table`),
    said.endsWith("\nDONE\n") ? ""
      : `the last line is "${lines.filter(Boolean).at(-1) ?? ""}" instead of DONE`,
    status === 0 ? "" : `it left with status ${status} instead of 0`,
  ].filter(Boolean);
}

/** Runs all kernels by `npm run machine`, tells how each did, and gives the number of problems. */
export async function check(): Promise<number> {
  const table = tableOf(readFileSync("tests/bench/README.md", "utf8"));
  if (table.length === 0)
    throw new Error("tests/bench/README.md: it has no table of checksums");
  const name = process.env["KERNEL"] ?? "tests/bench/bench.elf";
  const patience = 2
    * table.reduce((sum, { instructions }) => sum + instructions, 0);
  const words = ["tangle/run.mjs", "tangled/command-line/machine.ts",
    `--max-instructions=${patience}`, name, "all"];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "", told = 0;
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    said += text;
    const ends = said.split("\n").slice(0, -1).filter((line) =>
      line.startsWith("END ")
    );
    for (const line of ends.slice(told)) console.log(line);
    told = ends.length;
  });
  const status = await new Promise<number | null>((resolve) =>
    child.on("close", resolve)
  );
  const problems = problemsIn(table, said, status);
  for (const problem of problems) console.log(`FAIL ${problem}`);
  console.log(problems.length === 0
    ? `DONE: ${table.length} kernels, as in tests/bench/README.md`
    : `${problems.length} problems`);
  return problems.length;
}
