// npm run bench [-- sieve fib ...] [--rounds N] [--scale N] [--against FOLDER]
// npm run bench -- --check
//
// Runs the kernel of tests/bench on the book's machine and on v86, without and
// with v86's translator, in turn, and compares their times: the least CPU time
// of all rounds, each the second of two runs in a row, so that all are warm.
// --against adds the machine of another checkout (tangled) to the comparison.
// --scale N divides the kernels' counts by N, which may be less than one.
// --check measures nothing: it runs all of them once, at the full count, to DONE,
// and compares counts, checksums and instructions with tests/bench/README.md.
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { check } from "./bench/check.ts";

const all = ["sieve", "mix", "memcpy", "strops", "chase", "fib", "bubble",
  "qsort", "sha256", "crc32", "vm", "fpu", "smc", "syscall", "fault", "cr3",
  "invlpg"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "3" },
    scale: { type: "string" },
    against: { type: "string" },
    check: { type: "boolean", default: false },
  },
});

if (values.check) process.exit(await check() > 0 ? 1 : 0);

/** By what to divide a kernel's count, so that it takes a good part of a second. */
const brief = ["fpu", "syscall", "fault", "cr3", "invlpg"],
  briefest = ["memcpy", "strops", "smc"];
const divisor = (kernel: string) =>
  Number(values.scale
    ?? (briefest.includes(kernel) ? 1 / 20 : brief.includes(kernel) ? 1 : 20));
const scaleOf = (n: number) => n < 1 ? `${Math.round(1 / n)}/1` : `1/${n}`;

interface Engine {
  name: string;
  folder: string;
  command: string[];
}
const v86 = {
  folder: ".",
  name: "v86, interpreter",
  command: ["tests/bench/run-v86.mjs", "--nojit"],
};
const ours = {
  folder: ".",
  name: "machine",
  command: ["tangle/run.mjs", "tests/bench/run-machine.ts"],
};
const engines: Engine[] = [ours, v86, {
  ...v86,
  name: "v86, translator",
  command: v86.command.slice(0, 1),
}];
if (values.against)
  engines.push({ ...ours, folder: values.against, name: values.against });

/** CPU seconds of the second of two runs, and its checksum. */
function measure({ folder, command }: Engine,
  kernel: string): [number, string]
{
  const cwd = resolve(folder);
  const env = {
    ...process.env,
    V86DIR: resolve("node_modules/v86/build"),
    KERNEL: process.env["KERNEL"] ?? join(cwd, "tests/bench/bench.elf"),
  };
  const words = [...command,
    `scale=${scaleOf(divisor(kernel))} ${kernel} ${kernel}`];
  const out = execFileSync(process.execPath, words, {
    cwd,
    env,
    encoding: "utf8",
  });
  const lines = out.split("\n").filter((line) => line.startsWith(`${kernel} `));
  const [, cpu, , checksum] = lines.at(-1)!.split(" ");
  return [Number(cpu), checksum!];
}

const mean = (numbers: number[]) =>
  Math.exp(numbers.reduce((s, x) => s + Math.log(x), 0) / numbers.length);

const logs: number[][] = engines.slice(1).map(() => []);
console.log(
  ["kernel", ...engines.map((e) => `${e.name} s`),
    ...engines.slice(1).map((e) => `× ${e.name}`)].join("\t"),
);
for (const kernel of positionals.length > 0 ? positionals : all) {
  const best = engines.map(() => Infinity);
  const sums = new Set<string>();
  for (let round = 0; round < Number(values.rounds); round++)
    engines.forEach((engine, i) => {
      const [cpu, sum] = measure(engine, kernel);
      best[i] = Math.min(best[i], Math.max(cpu, 1e-4));
      sums.add(sum);
    });
  const ratios = best.slice(1).map((t) => t / best[0]);
  ratios.forEach((ratio, i) => logs[i].push(ratio));
  console.log(
    [kernel, ...best.map((t) => t.toFixed(3)), ...ratios.map((r) =>
      r.toFixed(2)
    )].join("\t")
      + (sums.size > 1 ? "\tCHECKSUMS DIFFER" : ""),
  );
}
console.log(
  ["geometric mean", ...engines.map(() => ""), ...logs.map((l) =>
    mean(l).toFixed(2)
  )].join("\t"),
);
