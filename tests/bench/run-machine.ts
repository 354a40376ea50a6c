// node tangle/run.mjs tests/bench/run-machine.ts "command line": runs bench.elf on the book's
// machine and prints "name cpu-seconds wall-seconds checksum count tsc" for each benchmark.
import { readFileSync } from "node:fs";
import { run } from "../../tangled/machine/running/run.ts";
import { bootMachine } from "../../tangled/loader/multiboot.ts";
import { cpuSeconds, Marks } from "./cpu.mjs";

const name = process.env["KERNEL"] ?? "tests/bench/bench.elf";
const file = { name, bytes: readFileSync(name) };
const m = bootMachine(file, 128 << 20, process.argv[2] ?? "all");
const marks = new Marks(() => cpuSeconds("self", process.pid));
m.ports.out = (port, _width, value) => {
  if (port === 0xe9) marks.byte(value & 255);
  if (port === 0xf4) process.exit(value & 255);
};
while (run(m, 10_000_000) === "limit");
throw new Error("the kernel stopped without leaving");
