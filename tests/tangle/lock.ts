// One tangler at a time, on any file system.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withLock } from "../../tangle/tree/lock.ts";
import { messageOf } from "../tools.ts";

const locks = suite("the lock");

/** Calls with the path of a lock in a new folder. */
function inFolder(work: (lock: string, folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "lock-test-"));
  try {
    work(join(folder, "lock"), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A lock as a process leaves it that is killed. */
function leave(lock: string, pid: number): void {
  mkdirSync(lock);
  writeFileSync(join(lock, String(pid)), "");
}

const nobody = 999_999_999;

locks(
  "it holds its owner's number from the beginning to the end, and then is gone",
  () => {
    inFolder((lock, folder) => {
      assert.is(withLock(lock, () => readdirSync(lock)[0]),
        String(process.pid));
      assert.throws(() =>
        withLock(lock, () => {
          throw new Error("x");
        }), "x");
      assert.equal(readdirSync(folder), []);
    });
  },
);

locks("it needs no links of any kind, which not all file systems have", () => {
  const source = readFileSync("tangle/tree/lock.ts", "utf8");
  assert.not.match(source, /\b(?:sym)?linkSync|\breadlinkSync/);
});

locks("one that a dead process left is taken over, its name aside too", () => {
  inFolder((lock, folder) => {
    leave(lock, nobody);
    leave(`${lock}.${process.pid}`, process.pid);
    assert.equal(withLock(lock, () => readdirSync(lock)), [
      String(process.pid),
    ]);
    assert.equal(readdirSync(folder), []);
  });
});

locks("one that is not the tangler's is not removed", () => {
  const waiting = { patience: 0 };
  inFolder((lock) => {
    for (
      const put of [() => writeFileSync(lock, "mine"), () => mkdirSync(lock)]
    ) {
      put();
      const said = messageOf(() => withLock(lock, () => "done", waiting));
      assert.match(said,
        /^process unknown is writing; if that is over, delete .*lock$/);
      rmSync(lock, { recursive: true });
    }
    leave(lock, process.ppid);
    assert.match(messageOf(() => withLock(lock, () => "done", waiting)),
      `process ${process.ppid} is`);
    assert.equal(readdirSync(lock), [String(process.ppid)]);
  });
});

locks("a lock that was deleted and taken by another is not given back", () => {
  inFolder((lock) => {
    withLock(lock, () => {
      rmSync(lock, { recursive: true });
      leave(lock, process.ppid);
    });
    assert.equal(readdirSync(lock), [String(process.ppid)]);
  });
});

locks.run();
