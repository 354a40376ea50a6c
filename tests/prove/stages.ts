// npm run stages [-- chapters | types | sections | CHAPTER ...] [--road | --all] [--but-whole]
//
// The book as it stands at many places, in copies:
//   chapters   at each chapter's end everything type-checks, and all tests pass
//   types      the code type-checks at the end of each section, and after each
//              side quest without the others
//   sections   at the end of each section its own tests pass, and its experiments
// The name of a chapter or a side quest chooses among the places; alone it means
// types and tests of its sections. Each place is looked at with all side quests
// up to there and on the road, or with --all or --road in only that way. What
// comes to the same code is not done twice; --but-whole leaves the end of the
// book to `npm test`. The last line is "N passed, N failed".
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { readBlocks } from "../../tangle/book/book.ts";
import { isQuest, type Chapter } from "../../tangle/book/chapter.ts";
import { suggestion } from "../../tangle/book/nearest.ts";
import { parseStage } from "../../tangle/book/stage.ts";
import { inParallel } from "../../tangle/testing/pool.ts";
import { scratchProject } from "./scratch.ts";
import {
  allTestsAt,
  endAlone,
  endAt,
  sectionEnds,
  testsOf,
  type End,
  type SectionEnd,
} from "./section-ends.ts";
import { typeErrors } from "./types.ts";

const kinds = ["chapters", "types", "sections"] as const;
type Kind = (typeof kinds)[number];

interface Count {
  passed: number;
  failed: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    road: { type: "boolean" },
    all: { type: "boolean" },
    "but-whole": { type: "boolean" },
  },
});
const book = readBlocks();
const { chosen, chapters } = choose(positionals);
const ways = [...(values.road ? [] : [false]), ...(values.all ? [] : [true])];
const counts: Count[] = [];
/** Tests that have passed or failed already, each with the key of the tree. */
const tested = new Set<string>();
/** How many copies of the project are worked in at once. */
const width = 2;
const roots: string[] = [];

if (chosen.includes("types")) await proveTypes();
if (chosen.includes("chapters")) await proveChapters();
if (chosen.includes("sections")) await proveSections();
const [passed, failed] = (["passed", "failed"] as const).map((what) =>
  counts.reduce((sum, count) => sum + count[what], 0)
);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** What the words of the command line mean. */
function choose(
  words: readonly string[],
): { chosen: readonly Kind[]; chapters: Chapter[] } {
  const known = [...kinds, ...book.chapters.map(({ name }) => name)];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    console.error(
      `there are no stages "${unknown}"${suggestion(unknown, known)}`,
    );
    process.exit(2);
  }
  const named = book.chapters.filter(({ name }) => words.includes(name));
  const said = kinds.filter((kind) => words.includes(kind));
  const usual = kinds.filter((kind) =>
    named.length === 0 || kind !== "chapters"
  );
  return {
    chosen: said.length > 0 ? said : usual,
    chapters: named.length > 0 ? named : book.chapters,
  };
}

/** The ends of the sections of what was chosen, both ways. */
function ends(): SectionEnd[] {
  return ways.flatMap((road) =>
    chapters.flatMap((chapter) => sectionEnds(chapter, book, road))
  );
}

/** Checks the types at the end of each section where the code is not as it was at one before. */
async function proveTypes(): Promise<void> {
  const quests = chapters.filter(({ number }) => isQuest(number));
  const all = [...ends(), ...quests.map((quest) => endAlone(quest, book))];
  const distinct = new Map<string, End>();
  for (const end of all)
    if (!distinct.has(end.key)) distinct.set(end.key, end);
  const places = [...distinct.values()];
  const errors = await typeErrors(places);
  const wrong = places.flatMap(({ name }, index) => {
    const [first, ...more] = errors[index]!;
    const rest = more.length > 0 ? ` (and ${more.length} more)` : "";
    return first === undefined ? [] : [`types at ${name}: ${first}${rest}`];
  });
  for (const line of wrong) console.log(line);
  counts.push({ passed: places.length - wrong.length, failed: wrong.length });
  console.log(`types: ${describe(counts.at(-1)!)}`);
}

function describe(count: Count): string {
  return `${count.passed} passed, ${count.failed} failed`;
}

/** Checks and tests all that is there at the end of each chapter. */
async function proveChapters(): Promise<void> {
  const road = chapters.filter(({ number }) => !isQuest(number));
  const stages = ways.flatMap((way) =>
    road.map(({ name }) => parseStage(name, book, way))
  );
  const distinct = new Map<string, End>();
  for (const end of stages.map((stage) => endAt(stage, book))) {
    for (const test of allTestsAt(end.stage, book)) tested.add(end.key + test);
    const isDone = distinct.has(end.key)
      || (end.stage.whole && values["but-whole"]);
    if (!isDone) distinct.set(end.key, end);
  }
  await proveEach([...distinct.values()].map((end) => ({
    end,
    commands: [["tangle/check.ts"], ["tests/runner.ts"]],
  })));
}

/** Runs the tests of each section as the book stands at its end. */
async function proveSections(): Promise<void> {
  await proveEach(ends().flatMap((end) => {
    const tests = testsOf(end, book).filter((test) =>
      !tested.has(end.key + test)
    );
    for (const test of tests) tested.add(end.key + test);
    return tests.length === 0 ? []
      : [{ end, commands: [["tests/runner.ts", ...tests]] }];
  }));
}

/** A place, and the commands that prove it, the last of which counts tests. */
interface Proof {
  end: End;
  commands: readonly string[][];
}

async function proveEach(proofs: readonly Proof[]): Promise<void> {
  while (roots.length < width && proofs.length > 0)
    roots.push(scratchProject());
  const idle = [...roots];
  await inParallel(proofs, width, async (proof) => {
    const root = idle.pop()!;
    counts.push(await prove(proof, root));
    idle.push(root);
  });
}

async function prove({ end: { name, stage }, commands }: Proof,
  root: string): Promise<Count>
{
  const tangle = ["tangle/main.ts", "--through", stage.name,
    ...(stage.road ? ["--road"] : [])];
  const outputs: Output[] = [];
  for (const command of [tangle, ...commands])
    outputs.push(await run(root, command));
  const [, tests, wrong] =
    /(\d+) passed, (\d+) failed\s*$/.exec(outputs.at(-1)!.out)
      ?? ["", "0", "1"];
  const isBad = outputs.some(({ status }) => status !== 0);
  if (isBad) { for (const { out } of outputs) console.log(out); }
  const count = {
    passed: Number(tests),
    failed: Math.max(Number(wrong), isBad ? 1 : 0),
  };
  console.log(`through ${name}: ${describe(count)}`);
  return count;
}

interface Output {
  status: number | null;
  out: string;
}

function run(root: string, command: readonly string[]): Promise<Output> {
  const child = spawn(process.execPath, ["tangle/run.mjs", ...command], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (out += text));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (status) => done({ status, out }));
  });
}
