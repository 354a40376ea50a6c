// The small print of protection, held against QEMU: kernels in tests/privileged print
// what happens to them; tests/privileged/expected.txt is what QEMU makes of them.
// Where that version of qemu-system-i386 is installed, --full asks it again (QEMU=record writes
// the file anew).
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { portion } from "./tools.ts";
import { assemble } from "../tangled/assembler/assemble.ts";
import { retired, run } from "../tangled/machine/running/run.ts";
import { bootMachine } from "../tangled/loader/multiboot.ts";
import { differences, faults } from "./privileged/differences.ts";

const folder = "tests/privileged";
const kernels = ["segments", "sweeps", "gates", "pages", "debug", "triple",
  "tail"];

/** A kernel's file: the prelude, its checks, and the texts they say. */
function kernelOf(name: string): Uint8Array {
  const prelude = readFileSync(`${folder}/prelude.asm`, "utf8");
  const texts: string[] = [];
  const lines = readFileSync(`${folder}/${name}.asm`, "utf8").split("\n");
  const body = lines.map((line) => {
    if (!line.startsWith("@ ")) return line;
    const n = texts.push(line.slice(2));
    return (n > 1 ? `r${n - 1}:\n  call finish\n` : "first:\n")
      + `  mov esi, t${n}\n  mov edi, r${n}\n  call begin`;
  });
  const end =
    `r${texts.length}:\n  call finish\n  mov al, 0\n  out 0xf4, al\n  hlt`;
  const data = texts.map((text, n) => `t${n + 1}: db "${text}:", 0`);
  const source = [prelude, ...body, end, ...data, "file_end:", ""].join("\n");
  return assemble(source, { origin: 0x10_0000, file: `${name}.asm` }).bytes;
}

/** What a kernel prints, a line for each check. */
function onMachine(name: string): string[] {
  const m = bootMachine({ name, bytes: kernelOf(name) }, 16 << 20, "");
  let text = "", left = false;
  m.ports.out = (port, _width, value) => {
    if (port === 0xe9) text += String.fromCharCode(value & 255);
    if (port === 0xf4) left = true;
  };
  for (let n = 0; n < 1000 && !left; n++)
    if (run(m, 100_000) !== "limit") break;
  return linesOf(text);
}

function onQemu(name: string): string[] {
  const home = mkdtempSync(join(tmpdir(), "privileged-"));
  try {
    const file = join(home, name);
    writeFileSync(file, kernelOf(name));
    const { stdout } = spawnSync("qemu-system-i386", ["-kernel", file,
      "-display", "none", "-debugcon", "stdio", "-device",
      "isa-debug-exit,iobase=0xf4,iosize=4", "-accel", "tcg", "-no-reboot",
      "-m", "16"], { timeout: 600_000, encoding: "latin1" });
    return linesOf(stdout);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const linesOf = (text: string) => text.trimEnd().split("\n");

const version = spawnSync("qemu-system-i386", ["--version"], {
  encoding: "utf8",
}).stdout?.split("\n")[0];
const recorded = `${folder}/expected.txt`;
const record = process.env["QEMU"] === "record";
if (record) {
  const parts = kernels.map((name) =>
    `== ${name}\n${onQemu(name).join("\n")}\n`
  );
  writeFileSync(recorded, `${version}\n${parts.join("")}`);
}
const expected = new Map(existsSync(recorded) ? readFileSync(recorded, "utf8")
  .split(/^== /m).slice(1).map((part) => {
    const [name = "", ...lines] = part.trimEnd().split("\n");
    return [name, lines];
  }) : []);

const resumed = /#(..)( e....)?( \+.... c.... f)(....)(....)/g;
const withResume = (text: string, vector: string, code: string | undefined,
  middle: string, high: string, low: string) =>
  !faults.test(vector) ? text
    : `#${vector}${code ?? ""}${middle}${(parseInt(high, 16) | 1).toString(16).padStart(4, "0")}${low}`;

/** Where QEMU is known to be wrong, or to choose otherwise, the table decides. */
function corrected(name: string, lines: readonly string[]): string[] {
  return lines.map((line) => {
    const found = differences.find((d) =>
      d.kernel === name && line.startsWith(`${d.check}:`)
    );
    return found ? `${found.check}:${found.ours}`
      : line.replace(resumed, withResume);
  });
}

const privileged = suite("the small print of protection");

for (const name of kernels)
  privileged(`${name}: as QEMU has it, but for the differences that are listed`,
    () => {
      const ours = onMachine(name),
        theirs = corrected(name, expected.get(name) ?? []);
      assert.equal(ours, theirs);
    });

privileged("every listed difference is one", () => {
  for (const { kernel, check, ours } of differences) {
    const line = expected.get(kernel)?.find((text) =>
      text.startsWith(`${check}:`)
    );
    assert.ok(line, `${kernel}: ${check}`);
    assert.is.not(line, `${check}:${ours}`);
  }
});

privileged("a breakpoint on the handler of breakpoints does not stop the clock",
  () => {
    const m = bootMachine({ name: "astray", bytes: kernelOf("astray") },
      16 << 20, "");
    assert.is(run(m, 100_000), "limit");
    assert.is(retired(m), 100_000);
  });

privileged("alone: what QEMU cannot be asked", () => {
  assert.equal(onMachine("alone"), [
    "reserved bits of cr4: #0d e0000 +0005 c0008 f00010000",
    "PG without PE: #0d e0000 +0005 c0008 f00010000",
    "NW without CD: #0d e0000 +0005 c0008 f00010000",
    "iret to the virtual 8086: #0d e0000 +000c c0008 f00010000",
    "cpuid has DE and PGE, and no PSE: =00002004",
    "a step of hlt: #01 +0007 c0008 f00000100 d4ff0",
    "a jump beyond the limit: #0d e0000 +0007 c00d0 f00010000",
    "a call beyond the limit: #0d e0000 +000c c00d0 f00010000",
    "a model-specific register that is none: #0d e0000 +0005 c0008 f00010000",
    "nor to be written: #0d e0000 +0005 c0008 f00010000",
    "the clock can be set: =000003ea =00000000 =000004c7",
    "the counters count nothing: =00000000 #0d e0000 +000e c0008 f00010000",
  ]);
});

if (
  portion(false, true)
  && version?.startsWith(
    readFileSync(recorded, "utf8").slice(0, "QEMU emulator version 7.2".length),
  )
) {
  for (const name of kernels)
    privileged(`${name}: ${version} still says what was recorded`, () => {
      assert.equal(onQemu(name), expected.get(name));
    });
}

privileged.run();
