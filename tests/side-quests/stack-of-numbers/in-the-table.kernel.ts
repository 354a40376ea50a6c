// A stack of numbers: the benchmark's kernel, which asks for an FPU first of all.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../../tangled/machine/running/run.ts";
import { bootMachine } from "../../../tangled/loader/multiboot.ts";
import { MB } from "../../elf.ts";

const bare = suite("The benchmark's kernel");

/** Runs the kernel; what it printed, by benchmark: checksum and instructions taken. */
function bench(text: string) {
  const m = bootMachine({
    name: "bench.elf",
    bytes: readFileSync("tests/bench/bench.elf"),
  }, 128 * MB, text);
  let said = "", status = -1;
  m.ports.out = (port, _width, value) => {
    if (port === 0xe9) said += String.fromCharCode(value & 255);
    if (port === 0xf4) status = value & 255;
  };
  assert.is(run(m, 1e9), "halt");
  assert.is(status, 0, said);
  assert.match(said, /^READY\n[^]*DONE\n$/);
  const ends = [...said.matchAll(/^END (\w+) \w+ (\w+) (\w+)$/gm)];
  return ends.map((
    [, name, checksum, ticks],
  ) => [name, checksum, parseInt(ticks!, 16)]);
}

// The numbers are those of tests/bench/README.md: its counts of instructions are Bochs', and we
// read the clock one instruction later.
bare("a kernel computes what it computes elsewhere, in as many instructions",
  () => {
    assert.equal(bench("memcpy strops smc cr3 invlpg syscall nop"), [["memcpy",
      "03887b12", 73_752_029], ["strops", "00d8967c", 38_959_219], ["smc",
      "426f2eb0", 800_032], ["cr3", "016e3600", 17_900_106], ["invlpg",
      "02aea540", 24_000_105], ["syscall", "6cf98c20", 35_000_070], ["nop",
      "00000001", 10]]);
  });

// At a smaller scale the checksums are others; these are what v86 gives as well.
bare("and so do the longer ones, cut short", () => {
  const found = bench(
    "scale=1/80 sieve mix chase fib bubble crc32 vm fpu fault",
  );
  assert.equal(found.map((words) => words.slice(0, 2)), [["sieve", "000132a2"],
    ["mix", "034fb724"], ["chase", "008bbd80"], ["fib", "0004d973"], ["bubble",
    "7f2aacc1"], ["crc32", "c71467d7"], ["vm", "4ba5238f"], ["fpu", "8bbf8bfa"],
    ["fault", "00003200"]]);
});

bare.run();
