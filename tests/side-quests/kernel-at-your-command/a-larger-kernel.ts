// A kernel at your command: `npm run machine`, from end to end.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kernel } from "../../7-mastery/stage/kernels.ts";
import { problemsIn, tableOf } from "../../bench/check.ts";

const bare = suite("A kernel at your command");

bare("the benchmark's check names the kernel that computed something else",
  () => {
    const [fib, nop] = tableOf(readFileSync("tests/bench/README.md", "utf8"))
      .filter(({ name }) => /fib|nop/.test(name));
    assert.equal(nop, {
      name: "nop",
      count: 1,
      checksum: "00000001",
      instructions: 9,
    });
    const table = [fib!, nop!];
    const said =
      "READY\nBEGIN fib\nEND fib 00000023 008cccc9 0000000019cec0e6\nBEGIN nop\nEND nop 00000001 00000001 000000000000000a\nDONE\n";
    assert.equal(problemsIn(table, said, 0), []);
    assert.equal(problemsIn(table, said.replace("008cccc9", "008cccc8"), 0), [
      "fib: checksum 008cccc8 instead of 008cccc9",
    ]);
    assert.equal(
      problemsIn(table, said.replace("END nop 00000001", "END nop 00000002"),
        0),
      ["nop: count 2 instead of 1"],
    );
    assert.equal(problemsIn([fib!], said, 0), [
      "END nop 00000001 00000001 000000000000000a: it is not in the table",
    ]);
    assert.equal(problemsIn(table, "READY\nBEGIN fib\nTRAP 0e\n", 127), [
      "fib: it did not end",
      "nop: it did not end",
      "the last line is \"TRAP 0e\" instead of DONE",
      "it left with status 127 instead of 0",
    ]);
  });

/** Runs `npm run machine`, without npm. */
function machine(...args: string[]) {
  const entry = ["tangle/run.mjs", "tangled/command-line/machine.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...entry,
    ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The twelve bytes that make a kernel a multiboot kernel, then its code. */
const multiboot = (name: string, source: string, demands = 0) =>
  kernel(name, `jmp start
align 4
dd 0x1BADB002, ${demands}, -0x1BADB002 - ${demands}
start:
${source}`);

bare("it finds the state that multiboot promises, its words, and its way out",
  () => {
    const path = multiboot("hello.elf", `cmp eax, 0x2BADB002
jne wrong
test dword [ebx], 0x45
jz wrong
mov esi, [ebx+16]
next: lodsb
out 0xe9, al
test al, al
jnz next
mov al, 7
out 0xf4, al
wrong: hlt`);
    assert.equal(machine(path, "Hello,", "--help"), {
      status: 7,
      stdout: "Hello, --help\0",
      stderr: "",
    });
    const { stderr } = machine("--trace", "--max-instructions", "2", path);
    assert.match(stderr,
      /^0 00100000 jmp .*\n1 00100010 cmp eax, 0x2badb002\nmachine: .* after 2 instructions\n$/);
  });

/** Runs a program until it prints, does something to it, and waits for its end. */
function disturbed(words: string[],
  act: (child: ReturnType<typeof spawn>) => void
): Promise<[status: number | null, stdout: string, stderr: string]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["tangle/run.mjs", ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "", stderr = "";
    child.stdout.once("data", () => act(child)).on("data", (bytes) => {
      stdout += bytes;
    });
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    child.on("close", (status) => resolve([status, stdout, stderr]));
  });
}

bare(
  "a signal ends what runs for ever, its words are shown without the end of a line, and a reader may leave",
  async () => {
    const shout = "mov al, 'A'\nagain: out 0xe9, al\n";
    const [halted, left] = await Promise.all([
      disturbed(["tangled/command-line/machine.ts",
        multiboot("words.elf", `${shout}jmp $`)], (child) =>
        child.kill("SIGINT")),
      disturbed(["tangled/command-line/machine.ts",
        multiboot("flood.elf", `${shout}jmp again`)], ({ stdout }) =>
        stdout!.destroy()),
    ]);
    assert.equal(halted, [130, "A", ""]);
    assert.equal([left[0], left[2]], [141, ""]);
  },
);

bare("what is wrong is said in one line", () => {
  const told: readonly [args: string[], status: number, message: RegExp][] = [
    [["--trcae"], 2, /there is no option --trcae; .*/],
    [[], 2, /which kernel\? try --help/],
    [["no.elf"], 2, /no.elf: there is no such file/],
    [["--memory", "none", "no.elf"], 2,
      /--memory is a number from 2 to 1024, not "none"/],
    [[kernel("plain.elf", "hlt")], 2,
      /.*plain.elf: it has no multiboot header in its first 8192 bytes/],
    [[multiboot("video.elf", "hlt", 4)], 2,
      /.*video.elf: it demands multiboot features 0x4, .*/],
    [[multiboot("halt.elf", "hlt")], 1, /the kernel halted for ever/],
    [[multiboot("fault.elf", "ud2")], 1, /a fault, and no way to deliver it/],
    [["--max-instructions", "1000", multiboot("loop.elf", "jmp $")], 3,
      /the kernel was stopped after 1000 instructions/],
  ];
  for (const [args, status, message] of told) {
    const found = machine(...args);
    assert.equal([found.status, found.stdout], [status, ""], args.join(" "));
    assert.match(found.stderr, new RegExp(`^machine: ${message.source}\n$`));
  }
});

bare.run();
