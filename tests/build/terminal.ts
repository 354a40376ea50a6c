// What the terminal edition promises.
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { contrast, legible, midway } from "../../build/colours/contrast.ts";
import { outline } from "../../build/structure/outline.ts";
import { choose } from "../../build/terminal/choose.ts";
import { frames } from "../../build/terminal/puppy.ts";
import { columns, columnsOf, wrap } from "../../build/terminal/wrap.ts";
import { chapterOf } from "../../tangle/book/chapter.ts";
import {
  all,
  fixture,
  run,
  smallBook,
  smallParts,
  temporary,
} from "./small-site.ts";

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

/** A project whose book is the small one, with its side quests. */
function smallProject(): string {
  const root = temporary();
  for (const folder of ["build", "tangle"])
    cpSync(folder, join(root, folder), { recursive: true });
  symlinkSync(resolve("node_modules"), join(root, "node_modules"));
  for (const { path, text } of smallParts) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const described = book.chapters.map(({ name, path }, index) => ({
    name,
    path,
    sideQuests: smallParts.filter(({ number, quest }) =>
      quest && chapterOf(number) === index + 1
    ).map((part) => ({ name: part.name, path: part.path, ...part.quest })),
  }));
  const config = JSON.stringify({ ...book, chapters: described });
  writeFileSync(join(root, "book.config.ts"),
    `export const book = ${config} as const;\n`);
  writeFileSync(join(root, "package.json"), "{ \"type\": \"module\" }");
  return root;
}

const small = smallProject();

/** What a script prints in the small book, given what stands behind its name. */
function printedSmall(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ["tangle/run.mjs", "build/terminal.ts",
    ...args], { encoding: "utf8", cwd: small });
}

terminal("a chapter shows its signposts, with the time and the command", () => {
  const { stdout, stderr } = printedSmall("Preparation");
  assert.is(stderr, "");
  assert.match(stdout, new RegExp([
    "┌ Side quest 1a: The `small` print",
    "│ What is written small\\. Clerks should go\\.",
    "│ About 5 minutes: \\d+ words, 2 lines of code\\.",
    "└ npm run Preparation -- 'Small print'",
    "",
    "Or this one:",
    "",
    "┌ Side quest 1b: Sixteen bits",
    "│ Who has \"old\" programs\\.",
    "│ About 5 minutes: \\d+ words, 2 lines of code\\.",
    "└ npm run Preparation -- 'Sixteen bits'\n",
  ].join("\n"), "u"));
  assert.match(stdout,
    /<<what only a side quest adds>> {2}\(waits for side quest Small print\)\n/u);
  assert.match(stdout,
    /<<what a later part adds>> {2}\(waits for chapter II\)\n/u);
});

terminal("any part of its name prints a side quest", () => {
  const { stdout, stderr, status } = printedSmall("Preparation!", "SMALL",
    "Print");
  assert.is(status, 0, stderr);
  assert.match(stdout,
    /^\nSide quest of part I, Preparation\. You left the road in §1\.3\. About\s5\sminutes:/u);
  assert.match(stdout, /\nThe small print, in full\n═+\n/u);
  assert.match(stdout, /\n1a\.1 What it says\n/u);
  assert.match(stdout,
    /\(Back to the road, in §1\.3: npm run Preparation\)\n$/u);
  const pages = outline(smallBook());
  for (const words of ["small print", "in full"])
    assert.equal(choose("Preparation!", words, pages, []), {
      pages: [pages[1]],
    });
  assert.match(printedSmall("Guest", "turn").stdout, /leans on Small print/u);
});

/** Why nothing is printed for these words. */
function faultOf(script: string, ...words: string[]): string {
  const names = [...book.chapters.map(({ name }) => name), "Beer", "Puppy"];
  const choice = choose(script, words.join(" "), outline(smallBook()), names);
  return "fault" in choice ? choice.fault : "there is none";
}

terminal("several side quests, or none, are one line that lists them", () => {
  for (
    const [script, words, message] of [
      ["Preparation", "s",
        "\"s\" may be \"Small print\" or \"Sixteen bits\": say more of the name"],
      ["Preparation", "",
        "\"\" may be \"Small print\" or \"Sixteen bits\": say more of the name"],
      ["Preparation", "zzzzzzzz",
        "Preparation has no side quest \"zzzzzzzz\" (there are \"Small print\", \"Sixteen bits\")"],
      ["Preparation", "smal prit",
        "Preparation has no side quest \"smal prit\"; did you mean \"Small print\"?"],
      ["Preparation", "turn",
        "Preparation has no side quest \"turn\"; did you mean `npm run Guest -- Turning`?"],
      ["Drivers", "zzz", "Drivers has no side quest \"zzz\": it has none"],
      ["Beer", "turn", "Beer is all of the book: it goes without \"turn\""],
    ] as const
  ) assert.is(faultOf(script, words), message);
});

terminal("that line is all there is, and exit 1", () => {
  for (
    const [args, message] of [
      [["Preparation", ""], faultOf("Preparation", "")],
      [["Puppy", "turn"], "the puppy does not know \"turn\""],
      [["Guest", "--turn"],
        "npm run Guest: Unknown option '--turn' (there are none)"],
    ] as const
  ) {
    const { stdout, stderr, status } = printedSmall(...args);
    assert.is(stderr, `${message}\n`);
    assert.is(stdout, "");
    assert.is(status, 1);
  }
});

terminal("Beer has each side quest after its chapter", () => {
  const { stdout } = printedSmall("Beer");
  assert.equal(all(stdout, /\n {2}((?:Part|Side quest) .*)\n═/gu).slice(0, 6), [
    "Part I · Preparation",
    "Side quest 1a · Small print",
    "Side quest 1b · Sixteen bits",
    "Part II · Guest",
    "Side quest 2a · Turning",
    "Part III · Drivers",
  ]);
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
