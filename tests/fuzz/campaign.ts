// Lets a process of its own go through worlds, and ends it when it hangs.
import { fork } from "node:child_process";
import { join } from "node:path";
import { guardProcess } from "../../tangle/testing/processes.ts";
import type { Outcome } from "./fuzz.ts";
import type { Flavor } from "./plan.ts";

export interface Plan {
  /** The first world; the next ones follow. */
  seed: number;
  /** How much is enough. */
  instructions: number;
  worlds: number;
  again: boolean;
  /** If only worlds of one kind are wanted. */
  flavor?: Flavor;
}

export interface Report {
  instructions: number;
  worlds: number;
  /** What no machine would do, and how to see it again. */
  failures: string[];
  /** How often the worlds ended in which way. */
  stops: Record<string, number>;
}

/** What the process tells. */
export type Message = { begins: number } | { ends: Outcome } | {
  fails: number;
  error: string;
};

/** No world takes so long: most of it is the time of the processor. */
const PATIENCE = { cpu: 45, wall: 600 };

/** Goes through worlds until there have been enough. Never throws. */
export function campaign(plan: Plan): Promise<Report> {
  const report: Report = {
    instructions: 0,
    worlds: 0,
    failures: [],
    stops: {},
  };
  let world = plan.seed;
  const child = fork(join("tangle", "run.mjs"), [
    join("tests", "fuzz", "worlds.ts"),
    JSON.stringify(plan),
  ]);
  const blame = (what: string): void => {
    report.failures.push(
      `world ${world}: ${what}\n    again: npm run fuzz -- --seed ${world} --worlds 1 --again${plan.flavor ? ` --${plan.flavor}` : ""}`,
    );
  };
  const guard = guardProcess(child, PATIENCE,
    (why) => blame(`it hangs: ${why}`));
  child.on("message", (message: Message) => {
    if ("begins" in message) {
      guard.begin(PATIENCE);
      return void (world = message.begins);
    }
    report.worlds++;
    if ("fails" in message) return blame(message.error);
    const { instructions, stop } = message.ends;
    report.instructions += instructions;
    report.stops[stop] = (report.stops[stop] ?? 0) + 1;
  });
  return new Promise((resolve) =>
    child.on("close", (code) => {
      guard.stop();
      if (code !== 0 && report.failures.length === 0) blame(
          `the process ended with code ${code}`,
        );
      resolve(report);
    })
  );
}
