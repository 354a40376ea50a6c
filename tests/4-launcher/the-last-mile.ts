// Chapter IV: files that are read, output that is written, and the program itself.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
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
import { drive } from "../../tangled/launcher/session.ts";
import { messageOf } from "../tools.ts";
import { text, bytesOf } from "./stage/files.ts";
import { starts, powersOff, cardboard, launch } from "./stage/cardboard.ts";
import { type Act, describe, OUTPUT, offer } from "./stage/queues.ts";
import { session } from "./stage/session.ts";

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

reading("what is no plain file is not read, and nothing is waited for", () => {
  const special =
    "it is a pipe or a device: put what comes out of it in a file";
  assert.is(complaintAbout("folder", (path) => mkdirSync(path)),
    "it is a folder");
  if (spawnSync("mkfifo", [join(place, "fifo")]).status === 0)
    assert.is(complaintAbout("fifo", () => {}), special);
  if (existsSync("/dev/zero"))
    assert.is(messageOf(() => readNamed("/dev/zero", 4096)),
      `/dev/zero: ${special}`);
});

reading("no memory is spent on a file that is too long", () => {
  const hollow = (path: string) => {
    writeFileSync(path, "");
    truncateSync(path, 2 ** 32);
  };
  assert.is(complaintAbout("hollow", hollow),
    "it has 0x100000000 bytes, and at most 0x1000 can be taken");
});

reading("a file that has less than it promised is told so", () => {
  const promising = "/sys/kernel/uevent_seqnum";
  if (existsSync(promising))
    assert.is(messageOf(() => readNamed(promising, 4096)),
      `${promising}: it was cut while it was read`);
});

reading("each complaint of the system has words", () => {
  assert.is(messageOf(() => readNamed("", 4096)), "a file needs a name");
  assert.is(complaintAbout("nothing", () => {}), "there is no such file");
  assert.is(complaintAbout("ring", (path) => symlinkSync(path, path)),
    "it is a link that leads to itself");
  assert.is(complaintAbout("kernel/more", () => {}),
    "a part of its path is not a folder");
  assert.is(complaintAbout("n".repeat(300), () => {}), "name too long");
});

reading.run();

const sessions = suite("IV: sessions");

/** A stream whose reader takes one write at a time, when told to. */
function slowReader(name: string, got: string[]) {
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1,
    write(bytes: Uint8Array, _encoding, done) {
      got.push(name + text(bytes));
      waiting.push(done);
    },
  });
  return { stream, take: () => waiting.shift()?.() };
}

const soon = () => new Promise(setImmediate);

sessions(
  "what is printed arrives in order, and is enough until all of it is taken",
  async () => {
    const got: string[] = [], out = slowReader("1:", got),
      err = slowReader("2:", got);
    const output = createOutput();
    assert.equal([output.print(out.stream, "a"),
      output.print(out.stream, bytesOf("b"))], [true, true]);
    output.print(err.stream, "c");
    assert.is(output.print(out.stream, "d".repeat(0x10000)), false);
    assert.equal(got, [], "nothing is handed over in the middle of a step");
    let isTaken = false;
    const taken = output.taken().then(() => {
      isTaken = true;
    });
    for (const [reader, count] of [[out, 1], [err, 2], [out, 3]] as const) {
      await soon();
      assert.equal([got.length, isTaken], [count, false]);
      reader.take();
    }
    await taken;
    assert.equal(got, ["1:ab", "2:c", `1:${"d".repeat(0x10000)}`]);
    assert.is(output.print(out.stream, "e"), true);
  },
);

sessions(
  "a Guest stands still while the reader of its output is behind, and lives the same life",
  async () => {
    const acts =
      () => [starts, ...Array.from({ length: 64 }, (_, n): Act => (memory) => {
        memory.copyIn(0x9000, new Uint8Array(4096).fill(0x61));
        describe(memory, OUTPUT, n, { at: 0x9000, length: 4096 });
        return offer(memory, OUTPUT, n);
      }), ...powersOff];
    const freely = cardboard(acts()), host = cardboard(acts());
    await session(freely, launch(freely).launcher);
    const got: string[] = [], reader = slowReader("", got),
      output = createOutput();
    const { launcher } = launch(host, {
      show: (words) => output.print(reader.stream, words),
    });
    const ended = drive(launcher, host.retired, {
      typed: bytesOf.bind(null, ""),
      more: async () => undefined,
      settle: output.taken,
    }, Infinity);
    for (let n = 0, before = -1; n < 4; n++, reader.take()) {
      for (let turn = 0; turn < 9; turn++) await soon();
      assert.equal([got.length, got.at(-1)!.length], [n + 1, 0x10000]);
      assert.ok(host.retired() > before);
      before = host.retired();
      for (let turn = 0; turn < 9; turn++) await soon();
      assert.is(host.retired(), before);
    }
    assert.equal(await ended, { status: 0 });
    assert.equal([host.retired(), got.join("").length], [freely.retired(),
      0x40000]);
  },
);

sessions.run();

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
    assert.equal(lguest("--vebrose"), {
      status: 2,
      stdout: "",
      stderr: "lguest: there is no option --vebrose; did you mean --verbose?\n",
    });
    assert.equal(lguest("16", "no/such/kernel"), {
      status: 1,
      stdout: "",
      stderr: "lguest: no/such/kernel: there is no such file\n",
    });
    assert.equal(lguest("16", "tests"), {
      status: 1,
      stdout: "",
      stderr: "lguest: tests: it is a folder\n",
    });
  });

words.run();
