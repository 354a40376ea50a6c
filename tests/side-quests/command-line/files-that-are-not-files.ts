// Command-line finery: what is named on the command line and is no file.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readNamed } from "../../../tangled/command-line/read-file.ts";
import { messageOf } from "../../tools.ts";

const reading = suite("Command-line finery: reading files");

const place = mkdtempSync(join(tmpdir(), "quest-files-"));

reading.after(() => rmSync(place, { recursive: true }));

/** What readNamed says of a file in our folder that may have 4096 bytes. */
function complaintAbout(name: string, make: (path: string) => void): string {
  const path = join(place, name);
  make(path);
  return messageOf(() => readNamed(path, 4096)).replace(`${path}: `, "");
}

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
  writeFileSync(join(place, "kernel"), "");
  assert.is(complaintAbout("kernel/more", () => {}),
    "a part of its path is not a folder");
  assert.is(complaintAbout("n".repeat(300), () => {}), "name too long");
});

reading.run();
