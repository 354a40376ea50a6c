// Chapter IV: the command line.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  explain,
  options,
  parseCommandLine,
  UsageError,
} from "../../tangled/command-line/options.ts";
import { messageOf } from "../tools.ts";

const words = suite("IV: the command line");

const parse = (line: string) =>
  parseCommandLine(line.split(" ").filter((word) => word !== ""));

words("nothing at all means the book's own Guest in 16 MB", () => {
  const { megabytes, kernel, commandLine, help, maxInstructions } = parse("");
  assert.equal([megabytes, kernel, commandLine, help, maxInstructions], [16,
    undefined, "", false, Infinity]);
});

words("options come first, and dashes after the kernel are the kernel's",
  () => {
    const settings = parse(
      "-h --max-instructions 500 64 vmlinux root=/dev/vda --help -x",
    );
    assert.equal([settings.help, settings.maxInstructions], [true, 500]);
    assert.equal([settings.megabytes, settings.kernel, settings.commandLine], [
      64,
      "vmlinux",
      "root=/dev/vda --help -x",
    ]);
    assert.is(parse("--help 32").megabytes, 32);
  });

words("options may stand between memory and kernel; -- ends them", () => {
  const settings = parse("64 --max-instructions 9 vmlinux -v --");
  assert.equal([settings.megabytes, settings.maxInstructions], [64, 9]);
  assert.equal([settings.kernel, settings.commandLine], ["vmlinux", "-v --"]);
  const odd = parse("-- 64 -h --help");
  assert.equal([odd.help, odd.kernel, odd.commandLine], [false, "-h",
    "--help"]);
  assert.is(parse("64 -- -h").kernel, "-h");
  assert.is(parse("64 -").kernel, "-");
});

words("a number is digits, and nothing else", () => {
  for (
    const odd of ["-1", "1e3", "0x10", " 16", "16 ", "+16", "1.5", "", "٣",
      "9".repeat(400)]
  )
    assert.throws(() => parseCommandLine(["--max-instructions", odd]),
      /^--max-instructions is a number/, odd);
  for (const odd of ["1e3", "0x10", " 16", "", "1025"])
    assert.match(messageOf(() => parseCommandLine([odd])),
      /^memory in MB is a number from 1 to 1024, not/);
  assert.is(parseCommandLine(["0016"]).megabytes, 16);
});

words("every mistake has its line", () => {
  const told: readonly [string, string][] = [
    ["0", "memory in MB is a number from 1 to 1024, not \"0\""],
    ["5000 vmlinux", "memory in MB is a number from 1 to 1024, not \"5000\""],
    ["vmlinux 64", "memory in MB is a number from 1 to 1024, not \"vmlinux\""],
    ["--frobnicate", "there is no option --frobnicate; try --help"],
    ["-1", "there is no option -1; try --help"],
    ["--h", "there is no option --h; try --help"],
    ["--max-instructions=-1",
      "--max-instructions is a number from 1 to 1000000000000000, not \"-1\""],
  ];
  for (const [line, message] of told) {
    assert.is(messageOf(() => parse(line)), message);
    assert.throws(() => parse(line), (error: unknown) =>
      error instanceof UsageError);
  }
});

words("--help names every option", () => {
  for (const { name } of options)
    assert.ok(explain().includes(`--${name}`), name);
  for (const line of explain().split("\n")) assert.ok(line.length <= 80, line);
});

words.run();
