// Command-line finery: what was meant.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  explain,
  parseCommandLine,
  UsageError,
} from "../../../tangled/command-line/options.ts";
import { messageOf } from "../../tools.ts";

const words = suite("Command-line finery: what you meant");

const parse = (line: string) =>
  parseCommandLine(line.split(" ").filter((word) => word !== ""));

words("nothing at all means the book's own Guest in 16 MB", () => {
  const { megabytes, kernel, commandLine, verbose, maxInstructions } = parse(
    "",
  );
  assert.equal([megabytes, kernel, commandLine, verbose, maxInstructions], [16,
    undefined, "", false, Infinity]);
});

words("options come first, and dashes after the kernel are the kernel's",
  () => {
    const settings = parse(
      "-v --initrd=a=b --max-instructions 500 64 vmlinux root=/dev/vda --verbose -x",
    );
    assert.equal([settings.verbose, settings.initrd, settings.maxInstructions],
      [true, "a=b", 500]);
    assert.equal([settings.megabytes, settings.kernel, settings.commandLine], [
      64,
      "vmlinux",
      "root=/dev/vda --verbose -x",
    ]);
    assert.is(parse("--verbose 32").megabytes, 32);
  });

words("options may stand between memory and kernel; -- ends them", () => {
  const settings = parse("64 -v --initrd disk vmlinux -v --");
  assert.equal([settings.megabytes, settings.verbose, settings.initrd], [64,
    true, "disk"]);
  assert.equal([settings.kernel, settings.commandLine], ["vmlinux", "-v --"]);
  const odd = parse("-v -- 64 -h --help");
  assert.equal([odd.help, odd.verbose, odd.kernel, odd.commandLine], [false,
    true, "-h", "--help"]);
  assert.is(parse("64 -- -h").kernel, "-h");
  assert.equal([parse("--initrd -- 64").initrd, parse("--initrd= 64").initrd,
    parse("64 -").kernel], ["--", "", "-"]);
});

words("letters may share a dash, and names need two", () => {
  const { help, verbose } = parse("-hv");
  assert.ok(help && verbose);
  assert.is(messageOf(() => parse("-verbose")),
    "there is no option -verbose; did you mean --verbose?");
  assert.is(messageOf(() => parse("--v")),
    "there is no option --v; try --help");
  assert.is(messageOf(() => parse("64 -vx kernel")),
    "there is no option -vx; try --help");
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
  assert.is(messageOf(() => parseCommandLine(["-1"])),
    "there is no option -1; try --help");
  assert.is(parseCommandLine(["0016"]).megabytes, 16);
});

words("every mistake has its line", () => {
  const told: readonly [string, string][] = [
    ["0", "memory in MB is a number from 1 to 1024, not \"0\""],
    ["5000 vmlinux", "memory in MB is a number from 1 to 1024, not \"5000\""],
    ["vmlinux 64", "memory in MB is a number from 1 to 1024, not \"vmlinux\""],
    ["--verbsoe", "there is no option --verbsoe; did you mean --verbose?"],
    ["--max-instruction=5",
      "there is no option --max-instruction; did you mean --max-instructions?"],
    ["--frobnicate", "there is no option --frobnicate; try --help"],
    ["--initrd", "--initrd needs its FILE"],
    ["--max-instructions", "--max-instructions needs its N"],
    ["--help=yes 64", "--help takes no argument"],
    ["--verbose=yes 64", "--verbose takes no argument"],
    ["--max-instructions=-1",
      "--max-instructions is a number from 1 to 1000000000000000, not \"-1\""],
    ["--block=disk.img 64 vmlinux",
      "--block is not in this edition: there is no disk yet; try --initrd=FILE"],
    ["--rng", "--rng is not in this edition: nothing is left to chance yet"],
    ["--chroot=/jail",
      "--chroot is not in this edition: the Launcher has no rights to drop"],
  ];
  for (const [line, message] of told) {
    assert.is(messageOf(() => parse(line)), message);
    assert.throws(() => parse(line), (error: unknown) =>
      error instanceof UsageError);
  }
});

words("--help names every status", () => {
  for (const status of [0, 1, 2, 3, 4, 130])
    assert.match(explain(), new RegExp(`\\b${status} [a-z-]`), `${status}`);
  for (const line of explain().split("\n")) assert.ok(line.length <= 80, line);
});

words.run();
