// The test runner, which must not let anything pass unseen.
import { existsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { selectTests } from "../../tangle/testing/select-tests.ts";
import {
  boundedText,
  excess,
  type Limits,
} from "../../tangle/testing/processes.ts";
import { runTogether } from "../../tangle/testing/experiments.ts";
import { runTestFile, runTestFiles } from "../../tangle/testing/test-file.ts";
import { applied, mutantsOf } from "../prove/mutate.ts";
import { proofs } from "../prove/proofs.ts";
import {
  experiment,
  fence,
  first,
  folderOf,
  one,
  projectOf,
  put,
  second,
  stageTexts,
  tangleProject,
  third,
  tool,
} from "./small-books.ts";

const runner = suite("the test runner");

/** Runs these test files in a project without code. */
function runTests(files: Record<string, string>,
  ...args: string[]): { status: number | null; out: string; last: string }
{
  const root = projectOf("# T\n" + experiment("console.log(1);", "1"));
  tangleProject(root);
  const imports =
    "import { suite, test as alone } from \"uvu\"; import * as assert from \"uvu/assert\";\n"
    + "void assert; void alone; const test = suite(\"s\");\n";
  for (const [path, text] of Object.entries(files))
    put(root, path, imports + text);
  const { status, out } = tool(root, "tests/runner.ts", ...args);
  return { status, out, last: out.trimEnd().split("\n").at(-1)! };
}

runner("tests and experiments are counted, in one last line", () => {
  const { status, out, last } = runTests({
    "tests/1-t/a.ts":
      "test(\"a\", () => {}); test(\"b\", async () => {}); test.run();"
      + "alone(\"c\", () => {}); alone.run();",
    "tests/tangle.ts": "test(\"a\", () => assert.is(1, 1)); test.run();",
  });
  assert.is(last, "5 passed, 0 failed", out);
  assert.match(out, `ok   experiment 1.1: ${one}:2`);
  assert.is(status, 0);
});

runner("whatever goes wrong is a failure", () => {
  const wrong: [string, string][] = [
    [
      "test(\"a\", () => { throw \"words\"; }); test(\"b\", () => { throw undefined; }); test.run();",
      "thrown: undefined",
    ],
    [
      "test(\"a\", () => Promise.reject(Object.create(null))); test.run();",
      "thrown: [Object: null prototype] {}",
    ],
    ["test(\"a\", () => {});", "s: run() is not called, 1 tests wait for it"],
    ["test(\"a\", () => new Promise(() => {})); test.run();",
      "it waits, and nothing is left that could happen"],
    [
      "test(\"a\", () => { void Promise.reject(new Error(\"nobody waits\"));"
      + "return new Promise((done) => setTimeout(done, 20)); }); test.run();",
      "nobody waits",
    ],
    [
      "test(\"a\", () => process.exit(0)); test.run();",
      "it ended (exit code 0) in \"s: a\" before all tests had run",
    ],
    [
      "test(\"a\", () => {}); test.run(); process.exit(0);",
      "it ended (exit code 0) before all tests had run",
    ],
    [
      "test.before(() => { throw new Error(\"hook\"); }); test(\"a\", () => {}); test.run();",
      "a hook fails: hook",
    ],
    ["test(\"a\", () => {}); test.run(); throw new Error(\"top level\");",
      "top level"],
    ["test.only(\"a\", () => {}); test(\"b\", () => {}); test.run();",
      "only() leaves 1 tests out"],
    [
      "test(\"a\", () => { setTimeout(() => { throw new Error(\"late\"); }, 30); }); test.run();",
      "something failed after its tests",
    ],
    ["const x: = 1;", "Unexpected \"=\""],
    ["test.run();", "there are no tests in this file"],
  ];
  const files = wrong.map(([text], index): [string, string] => [
    `tests/1-t/${String.fromCharCode(97 + index)}.ts`,
    text,
  ]);
  const { status, out, last } = runTests(Object.fromEntries(files), first);
  assert.is(status, 1);
  for (const [, message] of wrong) assert.match(out, message);
  for (const [path] of files)
    assert.match(out, new RegExp(`${path}: (\\d+ passed, )?\\d failed`));
  assert.match(last, /^\d+ passed, \d+ failed$/);
});

const alone = "each is run alone now";

runner("the files of a chapter share a process, and are told apart", () => {
  const rest =
    "test.skip(\"b\"); alone(\"c\", () => {}); alone.run(); test.run();";
  const { out, last } = runTests({
    "tests/1-t/a.ts":
      `globalThis.pid = process.pid; test("a", () => {}); ${rest}`,
    "tests/1-t/b.ts":
      `test("b", () => assert.is(globalThis.pid, process.pid)); ${rest}`,
  }, first);
  for (const name of ["a", "b"])
    assert.match(out, `tests/1-t/${name}.ts: 2 passed, 1 skipped (`);
  assert.not(out.includes(alone), out);
  assert.is(last, "5 passed, 0 failed", out);
});

runner("where they disturb each other, what each does alone counts", () => {
  const { out, last, status } = runTests({
    "tests/1-t/a.ts":
      "globalThis.name = \"a\"; test(\"a\", () => {}); test.run();",
    "tests/1-t/b.ts":
      "test(\"b\", () => assert.is(globalThis.name, undefined)); test.run();",
  }, first);
  assert.match(out, alone);
  assert.is(last, "3 passed, 0 failed", out);
  assert.is(status, 0);
});

runner("a file that fails among good ones is named, alone", () => {
  const good = "test(\"good\", () => {}); test.run();";
  const { out, last } = runTests({
    "tests/1-t/a.ts": good,
    "tests/1-t/b.ts": "test(\"bad\", () => assert.is(1, 2)); test.run();",
    "tests/1-t/c.ts": good,
  }, first);
  const said = [...out.matchAll(/^tests\/1-t\/(.*) \(/gm)].map(([, line]) =>
    line
  );
  assert.equal(said.toSorted(), ["a.ts: 1 passed", "b.ts: 1 failed",
    "c.ts: 1 passed"]);
  assert.is(last, "3 passed, 1 failed", out);
});

runner("nothing goes wrong unseen in a process that is shared", async () => {
  const root = projectOf("# T\n");
  const imports = "import { suite, test as nameless } from \"uvu\";"
    + "void nameless; const test = suite(\"s\");\n";
  const good =
    "test(\"good\", () => {}); nameless(\"good\", () => {}); test.run(); nameless.run();";
  const wrong: readonly [text: string, message: string][] = [
    ["test(\"t\", () => { for (;;); }); test.run();", "it hangs in \"s: t\""],
    ["nameless(\"t\", () => {});", "the nameless suite: run() is not called"],
    ["test(\"t\", () => {}); test.run(); process.exit(0);",
      "it ended (exit code 0) before"],
    ["test(\"t\", () => process.exit(0)); test.run();",
      "it ended (exit code 0) in \"s: t\""],
    [
      "test(\"t\", () => { setTimeout(() => { throw new Error(\"late\"); }, 30); }); test.run();",
      "late",
    ],
    ["test(\"t\", () => { process.exitCode = 1; }); test.run();",
      "something failed after its tests"],
    ["", "there are no tests in this file"],
  ];
  put(root, "tests/1-t/b.ts", imports + good);
  const all = wrong.map(async ([text, message], index) => {
    const path = `tests/1-t/a${index}.ts`;
    put(root, path, imports + text);
    const results = await runTestFiles([path, "tests/1-t/b.ts"], {
      cpu: 0.3,
      wall: 600,
    }, root);
    assert.ok(results.some(({ failed }) => failed > 0), message);
    assert.match(results.map(({ output }) => output).join(""), message);
  });
  await Promise.all(all);
});

/** A project with these experiments, each of which is to print 1. */
function experimentsOf(...texts: string[]): string {
  const root = projectOf(
    "# T\n" + texts.map((text) => experiment(text, "1")).join("\n"),
  );
  tangleProject(root);
  return root;
}

runner("experiments share a process, or run alone if not all is well", () => {
  const pid = "console.log((globalThis.pid ??= process.pid) && 1);";
  const late = "setTimeout(() => console.log(1), 20);";
  for (
    const [text, isTogether] of [[`globalThis.pid.toFixed(); ${pid}`, true], [
      late,
      false,
    ]] as const
  ) {
    const { out } = tool(experimentsOf(pid, text, pid), "tests/runner.ts",
      "experiments");
    assert.is(out.includes(alone), !isTogether, out);
    assert.match(out, "\n3 passed, 0 failed\n");
  }
});

runner("no experiment goes wrong unseen in a process that is shared",
  async () => {
    const good = "console.log(1);";
    const root = experimentsOf(good, "throw new Error(\"no\");",
      "process.exit(0);", "", "console.log(\"1\\0\");",
      `${good} void Promise.reject(1);`, `${good} setInterval(() => {}, 1000);`,
      `${good} process.exitCode = 1;`, "console.log(2);", good);
    const [one, ...others] = selectTests(["experiments"], root).experiments;
    const limits = { cpu: 30, wall: 5 };
    const both = await Promise.all(
      others.map((other) => runTogether([other, one], root, limits)),
    );
    assert.equal(both.map((outcomes) => outcomes?.length), [
      ...Array<undefined>(8),
      2,
    ]);
  });

/** What becomes of a file with this one test. */
function runTest(body: string, limits: Limits): ReturnType<typeof runTestFile> {
  const root = projectOf("# T\n");
  const imports =
    "import { suite } from \"uvu\"; import { spawnSync } from \"node:child_process\";";
  const text =
    `${imports} void spawnSync; const test = suite("s"); test("t", ${body}); test.run();`;
  put(root, "tests/1-t/a.ts", text);
  return runTestFile("tests/1-t/a.ts", limits, root);
}

runner("a test that works without end is ended, and named", async () => {
  const loops = ["() => { for (;;); }",
    "() => { spawnSync(process.execPath, [\"-e\", \"for (;;);\"]); }"];
  const results = await Promise.all(
    loops.map((body) => runTest(body, { cpu: 0.3, wall: 600 })),
  );
  for (const { failed, output } of results) {
    assert.is(failed, 1);
    assert.match(output,
      "it hangs in \"s: t\": it uses the processor for more than 0.3 seconds");
  }
});

runner("a test that waits without end is ended, and named", async () => {
  const body = "() => new Promise(() => setInterval(() => {}, 1000))";
  const { failed, output } = await runTest(body, { cpu: 60, wall: 0.3 });
  assert.is(failed, 1);
  assert.match(output,
    "it hangs in \"s: t\": it does not end within 0.3 seconds");
});

runner("of what is printed without end so much is kept as one can read", () => {
  const { add, text } = boundedText(10);
  add("12345678");
  assert.is(text(), "12345678");
  for (let n = 0; n < 1000; n++) add("1234");
  assert.is(text(), "1234567812\n(and 3998 characters more)\n");
});

runner("the processor's time counts, not the time that goes by meanwhile",
  () => {
    assert.is(excess({ cpu: 60, wall: 600 }, 59, 599), undefined);
    assert.match(excess({ cpu: 60, wall: 600 }, 61, 61)!,
      "more than 60 seconds");
    assert.match(excess({ cpu: 60, wall: 600 }, 0, 601)!,
      "does not end within 600 seconds");
  });

runner("arguments choose chapters, files and experiments", () => {
  const root = projectOf("# T\n" + experiment("1;", "1"),
    "# U\n" + experiment("2;", "2"));
  for (
    const path of [
      "tests/1-t/a.ts",
      "tests/1-t/b.ts",
      "tests/2-u/a.ts",
      "tests/tangle.ts",
      "tests/build.ts",
    ]
  )
    put(root, path, "");
  assert.throws(() => selectTests([], root),
    "tangled/ is empty: run `npm run tangle` first");
  assert.equal(selectTests(["tests/tangle.ts", "build"], root), {
    files: ["tests/tangle.ts", "tests/build.ts"],
    experiments: [],
  });
  tangleProject(root);
  const chosen = (...names: string[]): string[] => {
    const { files, experiments: found } = selectTests(names, root);
    return [...files, ...found.map(({ name }) => name)];
  };
  assert.equal(chosen(), [
    "tests/1-t/a.ts",
    "tests/1-t/b.ts",
    "tests/2-u/a.ts",
    "tests/tangle.ts",
    "tests/build.ts",
    "1.1",
    "2.1",
  ]);
  assert.equal(chosen(first), ["tests/1-t/a.ts", "tests/1-t/b.ts", "1.1"]);
  assert.equal(chosen("experiments", "1-t/a"), ["tests/1-t/a.ts", "1.1",
    "2.1"]);
  assert.throws(() => chosen("tests/tangel.ts"),
    "there are no tests \"tests/tangel.ts\"; did you mean \"tests/tangle.ts\"?");
});

runner("at an early stage only the tests of the finished chapters are chosen",
  () => {
    const root = projectOf(...stageTexts);
    for (const name of ["1-one/a", "2-two/b", "3-three/c"])
      put(root, `tests/${name}.ts`, "");
    tangleProject(root, { through: `${third}: more` });
    assert.equal(selectTests([], root).files, ["tests/1-one/a.ts",
      "tests/2-two/b.ts"]);
    assert.equal(selectTests([third], root).files, []);
    tangleProject(root, { through: first });
    assert.throws(() => selectTests([third], root),
      `${third} is not there yet: tangled/ ends with ${first}`);
  });

/** A chapter of three sections, one of which has another in it, and tests of two. */
function sectionedProject(): string {
  const root = projectOf(
    "# One\n" + fence("ts file=a.ts", "one();", "// <<more>>"),
    "# Two\n\n## The first: a start\n" + fence("ts chunk=more", "start();")
      + experiment("1;", "1")
      + "## The way back\n" + fence("ts chunk=more", "back();")
      + "### Within it\n" + fence("ts chunk=within", "in();")
      + experiment("2;", "2")
      + "## What is next\n" + fence("ts chunk=more", "end();", "// <<within>>")
      + "## Words\n",
  );
  for (
    const name of ["the-first-a-start", "the-first-a-start.again", "within-it",
      "what-is-next", "stage/all"]
  )
    put(root, `tests/2-two/${name}.ts`, "");
  put(root, "tests/1-one/words.ts", "");
  return root;
}

runner("a chapter's name with a section's chooses the tests of that section",
  () => {
    const root = sectionedProject();
    tangleProject(root);
    const chosen = (name: string): string[] => {
      const { files, experiments: found } = selectTests([name], root);
      return [...files.map((path) => path.replace("tests/2-two/", "")),
        ...found.map((each) => each.name)];
    };
    const start = ["the-first-a-start.again.ts", "the-first-a-start.ts", "2.1"];
    assert.equal(chosen(`${second}: The first: a start`), start);
    assert.equal(chosen(`${second.toUpperCase()}:the FIRST: a start`), start);
    assert.equal(chosen(`${second}: the-first-a-start`), start);
    assert.equal(chosen(`${second}: The way back`), ["within-it.ts", "2.2"],
      "with those in it");
    assert.equal(chosen(`${second}: within`), ["within-it.ts", "2.2"],
      "where that chunk ends");
    assert.equal(chosen(second), [...start.slice(0, 2), "within-it.ts",
      "what-is-next.ts", "2.1", "2.2"]);
  });

runner("a section that is none, or has no tests, is told of in one line",
  () => {
    const root = sectionedProject();
    tangleProject(root);
    const told: readonly [name: string, message: string][] = [
      [`${second}: The way bakc`,
        `chapter ${second} has no section "The way bakc"; did you mean "The way back"?`],
      [`${second}: next`,
        `chapter ${second} has no section "next"; did you mean "What is next"?`],
      [`${second}:`,
        `chapter ${second} has no section "": its sections are "The first: a start", "The way back", `
        + `"Within it", "What is next", "Words"`],
      [`${second}: Words`,
        `${second}: Words has no tests of its own; before it comes "What is next"`],
      [`${second.slice(1)}: Words`,
        `there is no chapter "${second.slice(1)}"; did you mean "${second}"?`],
      [": Words",
        `there is no chapter "": the chapters are ${first}, ${second}`],
    ];
    for (const [name, message] of told)
      assert.throws(() => selectTests([name], root), message);
  });

runner(
  "within a chapter the tests of those sections run that are there to their end",
  () => {
    const root = sectionedProject();
    const at = (part: string): string[] => {
      tangleProject(root, { through: `${second}: ${part}` });
      return selectTests([], root).files.map((path) =>
        path.replace("tests/2-two/", "")
      );
    };
    const early = ["tests/1-one/words.ts", "the-first-a-start.again.ts",
      "the-first-a-start.ts"];
    assert.equal(at("The first: a start"), early);
    assert.equal(at("within"), [...early, "within-it.ts"]);
    assert.equal(at("The way back"), [...early, "within-it.ts"]);
    assert.equal(at("more"), [...early, "within-it.ts", "what-is-next.ts"]);
    tangleProject(root, { through: `${second}: The first: a start` });
    assert.throws(() => selectTests([`${second}: Within it`], root),
      `${second}: Within it is not there yet: tangled/ ends with ${second}: The first: a start`);
  },
);

runner("a name that is unknown is a failure", () => {
  const { status, out } = runTests({}, "nothing");
  assert.is(status, 1);
  assert.match(out, "0 passed, 1 failed\n");
  assert.match(out, "there are no tests \"nothing\"");
});

runner("every long proof has a name of its own, and a command that is there",
  () => {
    const names = proofs.map(({ name }) => name);
    assert.is(new Set(names).size, names.length);
    for (const { name, command } of proofs) {
      const [entry, ...words] = command({ seed: 3, of: (usual) => `${usual}` });
      assert.ok(existsSync(entry!), name);
      assert.not(words.join(" ").includes("undefined"), name);
    }
  });

runner("mutants change one thing each, and no type, import or message", () => {
  const source = "import { x } from \"x\";\ntype T = 1 | 2;\n"
    + "export const f = (a: number): T => {\n  if (x(a)) throw new Error(\"1 + 1\");\n  return a < 16 ? 1 : 2;\n};\n";
  const root = folderOf();
  put(root, "a.ts", source);
  put(root, "tsconfig.json", "{ \"include\": [\"a.ts\"] }");
  const mutants = mutantsOf(["a.ts"], root);
  assert.equal(mutants.map(({ was, text }) => [was, text]), [["x(a)",
    "!(x(a))"], ["<", "<="], ["16", "17"], ["1", "0"], ["2", "3"]]);
  assert.is(applied(source, mutants[1]), source.replace("<", "<="));
});

runner.run();
