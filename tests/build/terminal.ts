// What the terminal edition promises.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { contrast, legible, midway } from "../../build/colours/contrast.ts";
import { frames } from "../../build/terminal/puppy.ts";
import { columns, columnsOf, wrap } from "../../build/terminal/wrap.ts";
import { fixture, run } from "./small-site.ts";

const terminal = suite("build: the terminal edition");
const chapters = fixture();
const printed = (name: string,
  env: Record<string, string> = {}): SpawnSyncReturns<string> =>
  run("build/terminal.ts", [name], env, chapters);

terminal("a chapter is plain text when nobody can see colours", () => {
  const { stdout, status, stderr } = printed("Preparation!");
  assert.is(status, 0, stderr);
  assert.not.match(stdout, /\x1b/u);
  assert.match(stdout, /^\nThe first part\n═+\n/u);
  assert.match(stdout,
    /── machine\/one\.ts ─+\n {2}const page = "<b>&"; .*\n/u);
  assert.match(stdout, /── what comes next \+≡ ─/u);
  assert.match(stdout, /\(used above · continued in §1\.2\)/u);
  assert.match(stdout, /\n {4}In `eax` it goes,\n {4}and out it flows\.\n/u);
  assert.match(stdout, /\[figure: Three rings\]/u);
  assert.match(stdout, /experiment 1\.1 [^]*│ it runs & prints\n/u);
});

terminal("colours come when they are asked for, and NO_COLOR is heard", () => {
  assert.match(printed("Guest", { FORCE_COLOR: "3" }).stdout,
    /\x1b\[38;2;\d+;\d+;\d+m/u);
  assert.match(printed("Guest", { FORCE_COLOR: "2" }).stdout,
    /\x1b\[38;5;\d+m/u);
  assert.not.match(printed("Guest", { NO_COLOR: "1" }).stdout, /\x1b/u);
});

terminal("Beer is all seven parts, each announced", () => {
  const { stdout } = printed("Beer");
  for (const { name } of book.chapters)
    assert.match(stdout, new RegExp(`Part [IV]+ · ${name}\n═+`, "u"));
});

terminal("an unknown name is one clear line and exit 1", () => {
  const { status, stderr, stdout } = printed("Gest");
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.is(stderr, "there is no chapter \"Gest\"; did you mean \"Guest\"?\n");
});

terminal("a reader that stops early, like head, sees no stack trace", () => {
  const command = `"${process.execPath}" "${resolve("tangle/run.mjs")}" "${resolve("build/terminal.ts")}" Beer | head -n 1`;
  const { stdout, stderr } = spawnSync("sh", ["-c", command], {
    encoding: "utf8",
    cwd: resolve("."),
  });
  assert.is(stdout.split("\n").length, 2);
  assert.is(stderr, "");
});

terminal("nothing in a chapter or a name is obeyed by the terminal", () => {
  const evil = "\x1b[2J\x1b]0;title\x07\x9b31m";
  const root = fixture((source) =>
    ["Growing", "More of it", "1 |", "Three rings", "it runs & prints\n",
      "ebx + 4", "page", "<<what comes next>>", "machine/one.ts"].reduce(
        (text, words) => text.replaceAll(words, `${evil}${words}`),
        source,
      )
  );
  const { stdout } = run("build/terminal.ts", ["Preparation"], {
    FORCE_COLOR: "3",
  }, root);
  assert.match(stdout, /␛\[2J␛\]0;title␇/u);
  assert.not.match(stdout.replace(/\x1b\[[\d;]*m/gu, ""),
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/u);
  const { stderr, status } = printed(`x${evil}\ny`);
  assert.is(status, 1);
  const shown = String.raw`x\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{a}y`;
  assert.ok(stderr.startsWith(`there is no chapter "${shown}"`), stderr);
  assert.is(stderr.indexOf("\n"), stderr.length - 1);
});

terminal("output that cannot be written is an error, in one line", () => {
  const full = openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, [
    resolve("tangle/run.mjs"),
    resolve("build/terminal.ts"),
    "Guest",
  ], { encoding: "utf8", cwd: chapters, stdio: ["ignore", full, "pipe"] });
  closeSync(full);
  assert.is(status, 1);
  assert.match(stderr, /^[^\n]*cannot be written: no space left on device\n$/u);
});

terminal("the puppy holds still when it is not on a terminal", () => {
  assert.is(printed("Puppy").stdout, frames.at(-1));
  assert.is(frames.length, 3);
});

terminal("prose is wrapped, and no colour takes room", () => {
  assert.equal(wrap("one two three", 7), ["one two", "three"]);
  assert.is(columnsOf("\x1b[1mbold\x1b[22m"), 4);
  assert.equal(columns([
    ["a", "long words here"],
    ["b", "x"],
  ], 12), ["a  long", "   words", "   here", "b  x"]);
});

terminal("a colour for an unknown ground can be read on black and on white",
  () => {
    for (
      const colour of ["#f97583", "#032f62", "#e1e4e8", "#000000", "#85e89d"]
    ) {
      for (const ground of ["#000000", "#ffffff"])
        assert.ok(contrast(midway(colour), ground) >= 3.9,
          `${colour} on ${ground}`);
    }
    assert.is(legible("#000000", "#ffffff", "#000000"), "#000000");
  });

terminal.run();
