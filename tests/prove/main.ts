// npm run prove [-- NAME ...] [--seed N] [--percent N] [--minutes N] [--list]
//
// The gate before landing: the long forms of everything (proofs.ts), one
// after another. --seed is where chance begins, else the day; --percent makes
// the counts larger or smaller; --minutes repeats each proof of chance with
// the seeds that follow, for that long. A proof whose judge is not here is
// told of, and counts as nothing. The last line is "N passed, N failed".
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { suggestion } from "../../tangle/book/nearest.ts";
import { ownCpu } from "../../tangle/testing/processes.ts";
import { toNumber } from "../numbers.ts";
import { proofs, type Proof, type Size } from "./proofs.ts";

interface Row {
  name: string;
  verdict: "passed" | "failed" | "left out";
  /** What it did, in its own words. */
  said: string;
  runs: number;
  cpu: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    percent: { type: "string" },
    minutes: { type: "string" },
    list: { type: "boolean" },
  },
});
const seed = toNumber("seed", values.seed, Math.floor(Date.now() / 86_400_000));
const percent = toNumber("percent", values.percent, 100);
const minutes = toNumber("minutes", values.minutes, 0);
const chosen = positionals.length === 0 ? proofs : positionals.map(proofNamed);

if (values.list) {
  for (const { name, shows } of proofs)
    console.log(`${name.padEnd(16)} ${shows}`);
} else await proveAll();

function proofNamed(name: string): Proof {
  const found = proofs.find((proof) => proof.name === name);
  if (found) return found;
  console.error(
    `there is no proof "${name}"${suggestion(name, proofs.map((proof) => proof.name))}`,
  );
  return process.exit(2);
}

async function proveAll(): Promise<void> {
  const rows: Row[] = [];
  for (const proof of chosen) rows.push(await prove(proof));
  console.log(`\n== seed ${seed}, ${percent} percent`);
  for (const row of rows) console.log(lineOf(row));
  const count = (verdict: Row["verdict"]): number =>
    rows.filter((row) => row.verdict === verdict).length;
  const [passed, failed] = [count("passed"), count("failed")];
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

function lineOf({ name, verdict, said, runs, cpu }: Row): string {
  const times = runs > 1 ? ` (the last of ${runs} runs)` : "";
  return `${verdict.padEnd(8)} ${name.padEnd(15)} ${cpu.toFixed(0).padStart(6)} s  ${said}${times}`;
}

/** Runs a proof once, or for so long; it ends when it fails. */
async function prove(proof: Proof): Promise<Row> {
  const { name, shows, judges = [], chance } = proof;
  console.log(`\n== ${name}: ${shows}`);
  const missing = judges.filter(({ isHere }) => !isHere()).map((judge) =>
    judge.name
  );
  if (missing.length > 0)
    return {
      name,
      verdict: "left out",
      said: `there is no ${missing.join(", no ")} here`,
      runs: 0,
      cpu: 0,
    };
  const [start, before] = [performance.now(), ownCpu()];
  for (let runs = 1;; runs++) {
    const { status, last } = await execute(
      proof.command(sizeFrom(seed + runs - 1)),
    );
    const verdict = status === 0 ? "passed" : "failed";
    const isOver = !chance || (performance.now() - start) / 60_000 >= minutes;
    if (isOver || verdict === "failed")
      return { name, verdict, said: last, runs, cpu: ownCpu() - before };
  }
}

function sizeFrom(from: number): Size {
  return {
    seed: from,
    of: (usual) => String(Math.max(1, Math.round(usual * percent / 100))),
  };
}

/** Runs a module, and shows what it says. */
function execute(
  command: readonly string[],
): Promise<{ status: number | null; last: string }> {
  console.log(`   node tangle/run.mjs ${command.join(" ")}`);
  return new Promise((done) => {
    const child = spawn(process.execPath, [join("tangle", "run.mjs"),
      ...command], { stdio: ["ignore", "pipe", "inherit"] });
    let tail = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      process.stdout.write(text);
      tail = (tail + text).slice(-4000);
    });
    child.on("close",
      (status) =>
        done({ status, last: tail.trimEnd().split("\n").at(-1) ?? "" }));
  });
}
