// The test runner, which must not let anything pass unseen.
import { existsSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { selectTests } from "../../tangle/testing/select-tests.ts";
import { boundedText, excess, type Limits } from "../../tangle/testing/processes.ts";
import { runTestFile } from "../../tangle/testing/test-file.ts";
import { applied, mutantsOf } from "../prove/mutate.ts";
import { proofs } from "../prove/proofs.ts";
import {
  experiment,
  first,
  folderOf,
  one,
  projectOf,
  put,
  stageTexts,
  tangleProject,
  third,
  tool,
} from "./small-books.ts";

const runner = suite("the test runner");

/** Runs these test files in a project without code. */
function runTests(
  files: Record<string, string>,
  ...args: string[]
): { status: number | null; out: string; last: string } {
  const root = projectOf("# T\n" + experiment("console.log(1);", "1"));
  tangleProject(root);
  const imports =
    'import { suite, test as alone } from "uvu"; import * as assert from "uvu/assert";\n' +
    'void assert; void alone; const test = suite("s");\n';
  for (const [path, text] of Object.entries(files)) put(root, path, imports + text);
  const { status, out } = tool(root, "tests/runner.ts", ...args);
  return { status, out, last: out.trimEnd().split("\n").at(-1)! };
}

runner("tests and experiments are counted, in one last line", () => {
  const { status, out, last } = runTests({
    "tests/1-a.ts":
      'test("a", () => {}); test("b", async () => {}); test.run();' +
      'alone("c", () => {}); alone.run();',
    "tests/tangle.ts": 'test("a", () => assert.is(1, 1)); test.run();',
  });
  assert.is(last, "5 passed, 0 failed", out);
  assert.match(out, `ok   experiment 1.1: ${one}:2`);
  assert.is(status, 0);
});

runner("whatever goes wrong is a failure", () => {
  const wrong: [string, string][] = [
    [
      'test("a", () => { throw "words"; }); test("b", () => { throw undefined; }); test.run();',
      "thrown: undefined",
    ],
    [
      'test("a", () => Promise.reject(Object.create(null))); test.run();',
      "thrown: [Object: null prototype] {}",
    ],
    ['test("a", () => {});', "s: run() is not called, 1 tests wait for it"],
    ['test("a", () => new Promise(() => {})); test.run();', "it waits, and nothing is left that could happen"],
    [
      'test("a", () => { void Promise.reject(new Error("nobody waits"));' +
        "return new Promise((done) => setTimeout(done, 20)); }); test.run();",
      "nobody waits",
    ],
    [
      'test("a", () => process.exit(0)); test.run();',
      'it ended (exit code 0) in "s: a" before all tests had run',
    ],
    [
      'test("a", () => {}); test.run(); process.exit(0);',
      "it ended (exit code 0) before all tests had run",
    ],
    [
      'test.before(() => { throw new Error("hook"); }); test("a", () => {}); test.run();',
      "a hook fails: hook",
    ],
    ['test("a", () => {}); test.run(); throw new Error("top level");', "top level"],
    ['test.only("a", () => {}); test("b", () => {}); test.run();', "only() leaves 1 tests out"],
    [
      'test("a", () => { setTimeout(() => { throw new Error("late"); }, 30); }); test.run();',
      "something failed after its tests",
    ],
    ["const x: = 1;", 'Unexpected "="'],
    ["test.run();", "there are no tests in this file"],
  ];
  const files = wrong.map(([text], index): [string, string] => [
    `tests/1-${String.fromCharCode(97 + index)}.ts`,
    text,
  ]);
  const { status, out, last } = runTests(Object.fromEntries(files), first);
  assert.is(status, 1);
  for (const [, message] of wrong) assert.match(out, message);
  for (const [path] of files) assert.match(out, new RegExp(`${path}: (\\d+ passed, )?\\d failed`));
  assert.match(last, /^\d+ passed, \d+ failed$/);
});

/** What becomes of a file with this one test. */
function runTest(body: string, limits: Limits): ReturnType<typeof runTestFile> {
  const root = projectOf("# T\n");
  const imports = 'import { suite } from "uvu"; import { spawnSync } from "node:child_process";';
  const text = `${imports} void spawnSync; const test = suite("s"); test("t", ${body}); test.run();`;
  put(root, "tests/1-a.ts", text);
  return runTestFile("tests/1-a.ts", limits, root);
}

runner("a test that works without end is ended, and named", async () => {
  const loops = ["() => { for (;;); }", '() => { spawnSync(process.execPath, ["-e", "for (;;);"]); }'];
  const results = await Promise.all(loops.map((body) => runTest(body, { cpu: 0.3, wall: 600 })));
  for (const { failed, output } of results) {
    assert.is(failed, 1);
    assert.match(output, 'it hangs in "s: t": it uses the processor for more than 0.3 seconds');
  }
});

runner("a test that waits without end is ended, and named", async () => {
  const body = "() => new Promise(() => setInterval(() => {}, 1000))";
  const { failed, output } = await runTest(body, { cpu: 60, wall: 0.3 });
  assert.is(failed, 1);
  assert.match(output, 'it hangs in "s: t": it does not end within 0.3 seconds');
});

runner("of what is printed without end so much is kept as one can read", () => {
  const { add, text } = boundedText(10);
  add("12345678");
  assert.is(text(), "12345678");
  for (let n = 0; n < 1000; n++) add("1234");
  assert.is(text(), "1234567812\n(and 3998 characters more)\n");
});

runner("the processor's time counts, not the time that goes by meanwhile", () => {
  assert.is(excess({ cpu: 60, wall: 600 }, 59, 599), undefined);
  assert.match(excess({ cpu: 60, wall: 600 }, 61, 61)!, "more than 60 seconds");
  assert.match(excess({ cpu: 60, wall: 600 }, 0, 601)!, "does not end within 600 seconds");
});

runner("arguments choose chapters, files and experiments", () => {
  const root = projectOf("# T\n" + experiment("1;", "1"), "# U\n" + experiment("2;", "2"));
  for (const path of [
    "tests/1-a.ts",
    "tests/1-b.ts",
    "tests/2-a.ts",
    "tests/tangle.ts",
    "tests/build.ts",
  ])
    put(root, path, "");
  assert.throws(() => selectTests([], root), "tangled/ is empty: run `npm run tangle` first");
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
    "tests/1-a.ts",
    "tests/1-b.ts",
    "tests/2-a.ts",
    "tests/tangle.ts",
    "tests/build.ts",
    "1.1",
    "2.1",
  ]);
  assert.equal(chosen(first), ["tests/1-a.ts", "tests/1-b.ts", "1.1"]);
  assert.equal(chosen("experiments", "1-a"), ["tests/1-a.ts", "1.1", "2.1"]);
  assert.throws(
    () => chosen("tests/tangel.ts"),
    'there are no tests "tests/tangel.ts"; did you mean "tests/tangle.ts"?',
  );
});

runner("at an early stage only the tests of the finished chapters are chosen", () => {
  const root = projectOf(...stageTexts);
  for (const name of ["1-a", "2-b", "3-c"]) put(root, `tests/${name}.ts`, "");
  tangleProject(root, { through: `${third}: more` });
  assert.equal(selectTests([], root).files, ["tests/1-a.ts", "tests/2-b.ts"]);
  assert.equal(selectTests([third], root).files, ["tests/3-c.ts"]);
  tangleProject(root, { through: first });
  assert.throws(
    () => selectTests([third], root),
    `${third} is not there yet: tangled/ ends with ${first}`,
  );
});

runner("a name that is unknown is a failure", () => {
  const { status, out } = runTests({}, "nothing");
  assert.is(status, 1);
  assert.match(out, "0 passed, 1 failed\n");
  assert.match(out, 'there are no tests "nothing"');
});

runner("every long proof has a name of its own, and a command that is there", () => {
  const names = proofs.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  for (const { name, command } of proofs) {
    const [entry, ...words] = command({ seed: 3, of: (usual) => `${usual}` });
    assert.ok(existsSync(entry!), name);
    assert.not(words.join(" ").includes("undefined"), name);
  }
});

runner("mutants change one thing each, and no type, import or message", () => {
  const source = 'import { x } from "x";\ntype T = 1 | 2;\n' +
    'export const f = (a: number): T => {\n  if (x(a)) throw new Error("1 + 1");\n  return a < 16 ? 1 : 2;\n};\n';
  const root = folderOf();
  put(root, "a.ts", source);
  put(root, "tsconfig.json", '{ "include": ["a.ts"] }');
  const mutants = mutantsOf(["a.ts"], root);
  assert.equal(mutants.map(({ was, text }) => [was, text]),
    [["x(a)", "!(x(a))"], ["<", "<="], ["16", "17"], ["1", "0"], ["2", "3"]]);
  assert.is(applied(source, mutants[1]), source.replace("<", "<="));
});

runner.run();
