// Every tool knows of side quests.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifest } from "../../tangle/tree/manifest.ts";
import {
  experiment,
  fence,
  first,
  get,
  one,
  own,
  projectWith,
  put,
  questPath,
  second,
  start,
  tangleProject,
  tool,
} from "./small-books.ts";

const tools = suite("tools and side quests");

const a = questPath("Long way");
const main = "tangle/main.ts";

/** A road of two chapters, a side quest on the first, and tests of all three. */
function project(): string {
  const root = projectWith([
    "# One\n\n## Start\n"
    + fence("ts file=a.ts", "export const a = 1;", "// <<more>>")
    + experiment("console.log(a);", "1")
    + "\n> **Side quest:** [Long](side-quests/long-way.md)\n",
    "# Two\n\n## End\n" + fence("ts file=b.ts", "export const b = a;"),
  ], {
    on: 1,
    name: "Long way",
    text: "# Long\n\n## Up\n"
      + fence("ts chunk=more", "export const up = 2;")
      + experiment("console.log(up);", "2") + "\n## Down\n"
      + experiment("console.log(-up);", "-2"),
  });
  const test = (name: string): string =>
    `import { test } from "uvu"; test("${name}", () => {}); test.run();\n`;
  put(root, "tests/1-one/start.ts", test("start"));
  put(root, "tests/2-two/end.ts", test("end"));
  put(root, "tests/side-quests/long-way/up.ts", test("up"));
  put(root, "tests/side-quests/long-way/down.again.ts", test("down"));
  return root;
}

/** A test file or an experiment in short. */
const inShort = (name: string): string =>
  name.replace(/^tests\/(.*)\.ts$/, "$1");

/** The names of the test files and experiments that run, and what is said in the end. */
function tested(root: string, ...names: string[]): string[] {
  const { out } = tool(root, "tests/runner.ts", ...names);
  const ran = [
    ...out.matchAll(/^(tests\/.*\.ts): 1 passed|^ok +experiment (\S+):/gm),
  ];
  return [...ran.map(([, file, name]) => inShort(file ?? name!)).sort(),
    out.trim().split("\n").at(-1)!];
}

/**
 * What `npm test` would run of a project, given each of these names ("" is
 * none); or why it would not.
 */
function chosen(root: string, ...names: string[]): (string[] | string)[] {
  put(root, "chosen.ts",
    `import { selectTests } from "./tangle/testing/select-tests.ts";
const chosen = (name: string) => {
  try {
    const { files, experiments } = selectTests(name === "" ? [] : [name]);
    return [...files, ...experiments.map((each) => each.name)];
  } catch (error) {
    return (error as Error).message;
  }
};
console.log(JSON.stringify(process.argv.slice(2).map(chosen)));`);
  const all = JSON.parse(tool(root, "chosen.ts", ...names).out) as (
    string[] | string
  )[];
  return all.map((each) =>
    typeof each === "string" ? each : each.map(inShort).sort()
  );
}

tools("tests and experiments of one are chosen by its name", () => {
  const root = project();
  tangleProject(root);
  const ups = ["1a.1", "side-quests/long-way/up"];
  const all = ["1a.1", "1a.2", "side-quests/long-way/down.again",
    "side-quests/long-way/up"];
  const road = ["1-one/start", "1.1"];
  assert.equal(
    chosen(root, "Long way", `${first}: long way`, "Long way: Up", first, "",
      "Long wya"),
    [all, all, ups, road, [...road, ...all, "2-two/end"].sort(),
      "there are no tests \"Long wya\"; did you mean \"Long way\"?"],
  );
  assert.equal(tested(root, "Long way"), [...all, "4 passed, 0 failed"]);
});

tools("on the road its tests and experiments are not there", () => {
  const root = project();
  tangleProject(root, { road: true });
  const none = (name: string): string =>
    `${name} is not there yet: tangled/ ends with ${second}, and has no side quests`;
  assert.equal(chosen(root, "", "Long way", "Long way: Up"), [
    ["1-one/start", "1.1", "2-two/end"],
    none("Long way"),
    none("Long way: Up"),
  ]);
  assert.match(tool(root, main, "--road", "--through", "Long way").out,
    "--through: Long way is a side quest, which --road leaves out");
});

tools("one can stop at it, and in it", () => {
  const root = project();
  for (const through of ["Long way", `${first}: Long way`])
    assert.is(tangleProject(root, { through }).stage.name, "Long way");
  const { out } = tool(root, main, "--through", "long way: up");
  assert.match(out, "tangled through Long way: Up");
  assert.equal(chosen(root, ""), [["1-one/start", "1.1", "1a.1",
    "side-quests/long-way/up"]]);
  assert.match(tool(root, main, "--through", `${first}: Logn way`).out,
    "did you mean \"Long way\"?");
});

tools("the type checker names it, and the road as well", () => {
  const root = project();
  const check = (): string => tool(root, "tangle/check.ts").out;
  put(root, a, get(root, a).replace("const up = 2", "const up: string = 2"));
  tangleProject(root);
  assert.match(check(), `${a}:5:14: error TS2322`);
  tangleProject(root, { road: true });
  assert.is(check(), `no type errors on the road through ${second}\n`);
});

tools("what it prints goes into it, and edits go back into it", () => {
  const root = project();
  put(root, a, get(root, a).replace("up = 2;", "up = 3;"));
  tangleProject(root);
  const update = tool(root, "tangle/experiments-main.ts", "--update").out;
  assert.match(update, `updated experiment 1a.1: ${a}:7\n`);
  assert.match(get(root, a), "```text output\n-3\n```");
  put(root, "tangled/a.ts",
    get(root, "tangled/a.ts").replace("up = 3", "up = 4").replace("= 1",
      "= 7"));
  const said = tool(root, "tangle/untangle-main.ts").out;
  assert.is(said, `carried a.ts back into ${one}, ${a}\n`);
  assert.match(get(root, a), "export const up = 4;");
});

tools("on the road edits leave it alone", () => {
  const root = project(), before = get(root, a);
  tangleProject(root, { road: true });
  put(root, "tangled/a.ts", get(root, "tangled/a.ts").replace("= 1", "= 8"));
  assert.is(tool(root, "tangle/untangle-main.ts").out,
    `carried a.ts back into ${one}\n`);
  assert.is(get(root, a), before);
  assert.is(own(root, "tangled/a.ts"), "export const a = 8;\n");
  assert.match(tool(root, main).out, "a.ts");
});

tools("its code is laid out as all other", () => {
  const root = project();
  const path = "tangle/format-main.ts";
  const neat = get(root, a);
  put(root, a, neat.replace("up = 2", "up=2").replace("(-up)", "( -up )"));
  const { status, out } = tool(root, path, "--check", "--chapters");
  assert.is(status, 1);
  assert.match(out, `${a}:5:1`);
  assert.is(tool(root, path, "--chapters").status, 0);
  assert.is(get(root, a), neat);
});

tools("--watch looks after it", async () => {
  const root = project();
  const { child, out, ended } = start(root, main, "--watch");
  const until = async (text: string): Promise<void> => {
    while (!out().includes(text))
      await new Promise((done) => setTimeout(done, 20));
  };
  await until("watching");
  put(root, a, get(root, a).replace("up = 2", "up = 22"));
  await until("1 written (a.ts)");
  child.kill();
  await ended;
});

tools("a tree from before there were any is one with all of them", () => {
  const root = project(), path = "tangled/.tangle.json";
  tangleProject(root);
  const manifest = JSON.parse(get(root, path)) as { stage: { road?: boolean } };
  delete manifest.stage.road;
  put(root, path, JSON.stringify(manifest));
  assert.is(readManifest(join(root, "tangled"))?.stage.road, false);
  assert.is(chosen(root, "Long way")[0]!.length, 4);
  assert.match(tool(root, "tangle/untangle-main.ts").out, "nothing was edited");
  rmSync(join(root, "tangled"), { recursive: true });
  assert.is(readManifest(join(root, "tangled")), undefined);
});

tools.run();
