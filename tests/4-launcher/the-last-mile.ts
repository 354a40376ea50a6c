// Chapter IV: files that are read, output that is written, and the program itself.
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explain } from "../../tangled/command-line/options.ts";
import { createOutput } from "../../tangled/command-line/process.ts";
import { readNamed } from "../../tangled/command-line/read-file.ts";
import { messageOf } from "../tools.ts";

const reading = suite("IV: reading files");

const place = mkdtempSync(join(tmpdir(), "quest-files-"));

reading.after(() => rmSync(place, { recursive: true }));

/** What readNamed says of a file in our folder that may have 4096 bytes. */
function complaintAbout(name: string, make: (path: string) => void): string {
  const path = join(place, name);
  make(path);
  return messageOf(() => readNamed(path, 4096)).replace(`${path}: `, "");
}

reading("a plain file is read up to its bound, by its name", () => {
  const path = join(place, "kernel");
  writeFileSync(path, new Uint8Array(4096).fill(7));
  assert.equal(readNamed(path, 4096), {
    name: path,
    bytes: new Uint8Array(4096).fill(7),
  });
  assert.is(messageOf(() => readNamed(path, 4095)),
    `${path}: it has 0x1000 bytes, and at most 0xfff can be taken`);
});

reading("no memory is spent on a file that is too long", () => {
  const hollow = (path: string) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 32);
  };
  assert.is(complaintAbout("hollow", hollow),
    "it has 0x100000000 bytes, and at most 0x1000 can be taken");
});

reading("what is no file is not read", () => {
  assert.is(complaintAbout("nothing", () => {}), "there is no such file");
  assert.match(complaintAbout("folder", (path) => mkdirSync(path)), /^it is /);
});

reading.run();

const output = suite("IV: output");

output("what is printed is waited for, until its reader has taken it",
  async () => {
    const waiting: (() => void)[] = [], { print, taken } = createOutput();
    const reader = new Writable({
      highWaterMark: 1,
      write: (_bytes, _encoding, done) => void waiting.push(done),
    });
    assert.is(print(reader, "Hello"), true);
    let isTaken = false;
    const done = taken().then(() => {
      isTaken = true;
    });
    await new Promise(setImmediate);
    assert.is(isTaken, false);
    waiting.shift()!();
    await done;
    assert.is(isTaken, true);
  });

output("at some time it is enough", () => {
  const stuck = new Writable({ write: () => {} }), { print } = createOutput();
  let count = 0;
  while (print(stuck, "x".repeat(4096))) count++;
  assert.ok(count >= 8 && count < 64, `${count} pieces`);
});

output.run();

const words = suite("IV: the command line");

/** Runs `npm run lguest -- ...` as a reader would. */
function lguest(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "tangle/run.mjs",
    "tangled/command-line/lguest.ts",
    ...args,
  ], {
    encoding: "utf8",
    input: "",
    env: { ...process.env, INIT_CWD: undefined },
  });
  return { status, stdout, stderr };
}

words("the program itself prints one line and says the same by its status",
  () => {
    assert.equal(lguest("--help"), {
      status: 0,
      stdout: `${explain()}\n`,
      stderr: "",
    });
    const wrong = lguest("--vebrose");
    assert.equal([wrong.status, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr,
      /^lguest: there is no option --vebrose; [^\n]+\n$/);
    assert.equal(lguest("16", "no/such/kernel"), {
      status: 1,
      stdout: "",
      stderr: "lguest: no/such/kernel: there is no such file\n",
    });
  });

words.run();
