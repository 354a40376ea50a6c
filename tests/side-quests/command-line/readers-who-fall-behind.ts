// Command-line finery: output that somebody has to take.
import { spawn } from "node:child_process";
import { Writable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createOutput } from "../../../tangled/command-line/process.ts";
import { drive } from "../../../tangled/launcher/session.ts";
import {
  cardboard,
  launch,
  powersOff,
  starts,
} from "../../4-launcher/stage/cardboard.ts";
import { bytesOf, text } from "../../4-launcher/stage/files.ts";
import {
  type Act,
  describe,
  offer,
  OUTPUT,
} from "../../4-launcher/stage/queues.ts";
import { session } from "../../4-launcher/stage/session.ts";

const sessions = suite("Command-line finery: readers who fall behind");

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

/** Runs a program until it prints, sends it a signal, and waits for its end. */
function signalled(words: string[], signal: NodeJS.Signals,
  reads: boolean): Promise<[status: number | null, stdout: string]>
{
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["tangle/run.mjs",
      "tests/side-quests/command-line/stage/shout.ts", ...words]);
    let stdout = "";
    child.stdout.once("data", () => {
      if (!reads) child.stdout.pause();
      child.kill(signal);
    }).on("data", (bytes) => {
      stdout += bytes;
    });
    child.on("exit", (status) => resolve([status, stdout]));
  });
}

sessions("every signal ends what runs for ever, even if its reader is asleep",
  async () => {
    const [asked, hungUp, stuck] = await Promise.all([
      signalled([], "SIGINT", true),
      signalled([], "SIGHUP", true),
      signalled(["on"], "SIGUSR2", false),
    ]);
    assert.equal([asked, hungUp, stuck[0]], [[130, "A"], [129, "A"], 140]);
  });

sessions.run();
