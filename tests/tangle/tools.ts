// The tools around the tangler: --watch, run.mjs, experiments; and its speed.
import { spawnSync } from "node:child_process";
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keptBundle } from "../../tangle/bundles.mjs";
import { describe } from "../../tangle/edge.mjs";
import { expandBook } from "../../tangle/tree/expand.ts";
import { experimentsOf } from "../../tangle/tree/expand.ts";
import { runExperiment } from "../../tangle/testing/experiments.ts";
import { makeManifest } from "../../tangle/tree/manifest.ts";
import { type Book } from "../../tangle/book/chapter.ts";
import { blocksOnly, parseBook } from "../../tangle/book/parse.ts";
import { wholeBook } from "../../tangle/book/stage.ts";
import { verify } from "../../tangle/rules/verify.ts";
import {
  age,
  bookOf,
  experiment,
  fence,
  get,
  one,
  own,
  projectOf,
  put,
  start,
  tangleProject,
  tool,
  treeOf,
} from "./small-books.ts";

const watching = suite("--watch");

watching("tangles after each save, and survives a half-written draft",
  async () => {
    const root = projectOf(fence("ts file=a.ts", "1;"));
    const { child, ended, out } = start(root, "tangle/main.ts", "--watch");
    try {
      await seen(out, "watching the chapters");
      put(root, one, fence("ts file=a.ts", "2;") + fence("ts file=b.ts", "2;"));
      await seen(out,
        "tangled through Preparation: 2 files, 2 written (a.ts, b.ts)");
      put(root, one, "```ts file=a.ts\n3;");
      await seen(out, "1:1: this fence is never closed");
      assert.is(own(root, "tangled/a.ts"), "2;\n");
      rmSync(join(root, one));
      await seen(out, "this chapter is missing");
      put(root, one, fence("ts file=a.ts", "3;"));
      await seen(out,
        "tangled through Preparation: 1 files, 1 written (a.ts), 1 removed (b.ts)");
      assert.equal(treeOf(root), { "tangled/a.ts": "3;\n" });
    } finally {
      child.kill();
      await ended;
    }
  });

/** Waits until a text has been printed: five minutes are for a busy computer. */
async function seen(out: () => string, text: string): Promise<void> {
  for (let waited = 0; !out().includes(text); waited += 20) {
    if (waited > 300_000) throw new Error(`"${text}" is not in\n${out()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

watching.run();

const running = suite("run.mjs");

running("arguments, exit codes and a module's own top level arrive as usual",
  () => {
    const root = projectOf("# T\n");
    put(root, "entry.ts", `enum Color { Red = 7 }
    const two: number = await Promise.resolve(2);
    console.log(process.argv.slice(2), Color.Red, two);
    process.exitCode = 3;`);
    assert.equal(tool(root, "entry.ts", "a", "--b", "c d"), {
      status: 3,
      out: "[ 'a', '--b', 'c d' ] 7 2\n",
    });
  });

running("says what to do when there is nothing to run", async () => {
  const root = projectOf("# T\n");
  const entries = ["tangled/command-line/lguest.ts", "nowhere.ts"];
  const ended = await Promise.all(
    entries.map((entry) => start(root, entry).ended),
  );
  assert.equal(ended, [
    { code: 1, out: "tangled/ is empty: run `npm run tangle` first\n" },
    { code: 1, out: "nowhere.ts: there is no such file\n" },
  ]);
  tangleProject(root);
  assert.match(tool(root, "tangled/command-line/lguest.ts").out,
    "tangled/command-line/lguest.ts is not there");
});

running(
  "what is thrown, whenever, is one line; or, with --trace, its places in the sources",
  async () => {
    const root = projectOf("# T\n");
    const failures: readonly [line: string, text: string, told: RegExp][] = [
      ["0.ts", "throw new Error('x');", /^x \(QUEST_TRACE=1 shows where\)\n$/],
      ["1.ts", "setTimeout(() => {\n throw new TypeError('x');\n}, 1);",
        /^a fault in this program: TypeError: x at 1.ts:4:8 \(QUEST.*\)\n$/],
      ["--trace 2.ts", "void Promise.reject(new Error('x'));",
        /^Error: x\n    at .*\b2.ts:3:\d+/],
    ];
    await Promise.all(failures.map(async ([line, text, told], n) => {
      const [entry, ...rest] = line.split(" ");
      put(root, `${n}.ts`, `const type: string = "x";\nvoid type;\n${text}\n`);
      const { code, out } = await start(root, entry!, ...rest).ended;
      assert.is(code, 1);
      assert.match(out, told);
    }));
  },
);

running("nothing that is thrown brings codes, controls or more lines", () => {
  const thrown = (act: () => void): unknown => {
    try {
      return act();
    } catch (error) {
      return error;
    }
  };
  const said = (error: unknown) =>
    describe(error, resolve("."), false).replace(" (QUEST_TRACE=1 shows where)",
      "");
  assert.is(said(new Error("a\x1b[2J\u2028\nb")), "a\\u{1b}[2J\\u{2028}\nb");
  assert.match(said(thrown(() => readFileSync("no\n\x1b"))),
    /^no\\u\{a\}\\u\{1b\}: no such file or directory at tests\//);
  assert.match(said(new RangeError("a\nb")),
    /^a fault in this program: RangeError: a at tests\/tangle\/tools.ts:\d+:\d+$/);
  assert.is(said(undefined), "a fault in this program: undefined was thrown");
  assert.match(said({ a: "\x1b".repeat(99) }),
    /^a fault in this program: \{[^\n\x1b]+\} was thrown$/);
  assert.is(said(thrown(() => parseArgs({ args: ["--\x07"] }))),
    "Unknown option '--\\u{7}'");
  assert.is(describe(Object.assign(new Error("a"), {
    stack: "Error: a\n    at /book/x.ts:1:2",
  }), "/book", true), "Error: a\n    at x.ts:1:2");
});

running(
  "output that cannot be written is an error; a reader that leaves is none",
  async () => {
    const root = projectOf("# T\n");
    put(root, "line.ts", "console.log('a line');");
    put(root, "lines.ts", "setInterval(() => console.log('a line'), 1);");
    const full = openSync("/dev/full", "w"),
      unwritable = openSync(join(root, "line.ts"), "r");
    const reasons = {
      [full]: "no space left on device",
      [unwritable]: "bad file descriptor",
    };
    for (const [fd, reason] of Object.entries(reasons)) {
      const { status, stderr } = spawnSync(process.execPath, ["tangle/run.mjs",
        "line.ts"], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", Number(fd), "pipe"],
      });
      assert.equal([status, stderr], [1,
        `standard output cannot be written: ${reason}\n`]);
      closeSync(Number(fd));
    }
    const { child, ended, out } = start(root, "lines.ts");
    child.stdout.once("data", () => child.stdout.destroy());
    assert.is((await ended).code, 141);
    assert.match(out(), /^(a line\n)+$/);
  },
);

running("leaves no bundles behind, even if it is killed", () => {
  const root = projectOf("# T\n");
  put(root, "kill.ts", "process.kill(process.pid, 'SIGKILL');");
  put(root, "fine.ts", "console.log(process.pid);");
  tool(root, "kill.ts");
  const pid = tool(root, "fine.ts").out.trim();
  const left = readdirSync(join(root, "node_modules/.cache/quest"));
  assert.not(
    left.some((name) => name.startsWith("kill-") || name.includes(pid)),
    left.join(),
  );
});

running("several at once do not get into each other's way", async () => {
  const root = projectOf("# T\n");
  put(root, "fine.ts", "console.log('fine');");
  const ended = await Promise.all(
    Array.from({ length: 2 }, () => start(root, "fine.ts").ended),
  );
  assert.equal(ended.map(({ out }) => out), ["fine\n", "fine\n"]);
});

running("a bundle is kept until something that it was made of changes",
  async () => {
    const root = projectOf("# T\n");
    let made = 0;
    const bundle = async (): Promise<string> => {
      const make = () =>
        Promise.resolve({
          text: `${++made}`,
          map: "{}",
          inputs: ["a.ts", "b.ts"],
        });
      return (await keptBundle(root, join(root, "kept"), "a", make)).text;
    };
    for (const path of ["a.ts", "b.ts"]) put(root, path, ""), age(root, path);
    assert.equal([await bundle(), await bundle()], ["1", "1"]);
    for (const path of ["b.ts", "tsconfig.json", "tangle/run.mjs"]) {
      const text = get(root, path);
      put(root, path, text + " "), age(root, path);
      const now = `${made + 1}`;
      assert.equal([await bundle(), await bundle()], [now, now], path);
    }
    put(root, "a.ts", "it may have changed while the bundle was made");
    assert.equal([await bundle(), await bundle()], ["5", "6"]);
    rmSync(join(root, "b.ts"));
    assert.equal([await bundle(), await bundle()], ["7", "8"]);
  });

running.run();

const experiments = suite("experiments");

experiments(
  "what is printed must be what the book says; --update makes the book say it",
  () => {
    const text = "# T\n\n"
      + experiment("console.log(1); console.log(2);", "1", "2")
      + "\nwords\n\n"
      + experiment("console.log('a\\n\\nb\\n');", "a", "c")
      + "\nend\n";
    const root = projectOf(text);
    tangleProject(root);
    const wrong = tool(root, "tangle/experiments-main.ts");
    assert.is(wrong.status, 1);
    assert.match(wrong.out,
      `${one}:18:1: experiment 1.2 prints something else`);
    assert.match(wrong.out, "    - c\n    + \n    + b\n    +\n");
    assert.equal(get(root, one), text);
    assert.is(tool(root, "tangle/experiments-main.ts", "--update").status, 0);
    assert.is(get(root, one), text.replace("a\nc\n", "a\n\nb\n\n"));
    assert.equal(tool(root, "tangle/experiments-main.ts"), {
      status: 0,
      out: "2 experiments as in the book, 0 updated, 0 failed\n",
    });
  },
);

experiments(
  "one that throws, prints nothing, or would break its fence fails, and is not updated",
  () => {
    const text = experiment("throw new Error('oh');", "1")
      + experiment("", "1")
      + experiment("console.log('```');", "1");
    const root = projectOf(text);
    tangleProject(root);
    const { status, out } = tool(root, "tangle/experiments-main.ts",
      "--update");
    assert.is(status, 1);
    assert.match(out, `${one}:1:1: experiment 1.1: it fails (exit code 1)\n`
      + `    Error: oh\n        at <anonymous> (${one}:2:7)`);
    assert.match(out, "experiment 1.2: it prints nothing");
    assert.match(out, "experiment 1.3 prints something else");
    assert.is(get(root, one), text);
  },
);

experiments("one that hangs fails after its time", async () => {
  const root = projectOf(
    experiment("console.log(1); setInterval(() => {}, 1000);", "1"),
  );
  tangleProject(root);
  const [found] = experimentsOf(bookOf(get(root, one)));
  const waits = await runExperiment(found!, root, { cpu: 30, wall: 0.5 });
  assert.match(waits.problem!, "it does not end within 0.5 seconds");
  const works = await runExperiment(found!, root, { cpu: 0, wall: 600 });
  assert.match(works.problem!, "it uses the processor for more than 0 seconds");
});

experiments.run();

const speed = suite("speed");

/** A book of so many lines of code, in chunks of ten. */
function largeBook(lines: number): Book {
  const words =
    "The Guest asks, and the Host `answers` when it *can*, in [time](#time).\n";
  const code = Array.from({ length: 10 },
    (_, index) => `const x${index} = f(a, 1 + b.c);`);
  const fences = Array.from({ length: lines / 10 }, (_, index) => [
    fence(`ts file=f${index}.ts`, `  // <<chunk ${index}>>`),
    fence(`ts chunk="chunk ${index}"`, ...code),
  ]);
  const source = fences.flat().join(`\n${words.repeat(10)}\n`);
  return parseBook([{ name: "A", path: "a.md", source }], blocksOnly);
}

speed("ten times the text takes about ten times as long", () => {
  const time = (lines: number): number => {
    const { user } = process.cpuUsage();
    const book = largeBook(lines);
    assert.equal(verify(book), []);
    makeManifest(wholeBook(book), expandBook(book, wholeBook(book)), "tangled");
    return process.cpuUsage().user - user;
  };
  const best = (lines: number): number => Math.min(time(lines), time(lines));
  time(2000);
  const [single, tenfold] = [best(2000), best(20_000)];
  assert.ok(tenfold < 25 * single,
    `${single} us, ${tenfold} us of the processor's time`);
});

speed.run();
