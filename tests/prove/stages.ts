// npm run stages [-- chapters | sections | CHAPTER ...]: tangles, checks and
// tests the book as it stands at the end of each chapter, then tangles and
// runs the tests of each section as it stands at the section's end; in a copy.
// The last line is "N passed, N failed".
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { readBlocks } from "../../tangle/book/book.ts";
import type { Chapter } from "../../tangle/book/chapter.ts";
import { suggestion } from "../../tangle/book/nearest.ts";
import { sectionsOf } from "../../tangle/book/sections.ts";
import { stageThrough } from "../../tangle/book/stage.ts";
import {
  chapterTests,
  sectionOfTest,
} from "../../tangle/testing/chapter-tests.ts";
import { scratchProject } from "./scratch.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const book = readBlocks();
const names = book.chapters.map(({ name }) => name);
const chosen = positionals.length > 0 ? positionals : ["chapters", "sections"];
const unknown = chosen.find((name) =>
  !["chapters", "sections", ...names].includes(name)
);
if (unknown !== undefined) {
  console.error(
    `there are no stages "${unknown}"${suggestion(unknown, ["chapters", "sections", ...names])}`,
  );
  process.exit(2);
}
const root = scratchProject();
let [passed, failed] = [0, 0];
if (chosen.includes("chapters")) {
  for (const name of names)
    prove(name, ["tangle/check.ts"], ["tests/runner.ts"]);
}
for (const chapter of book.chapters)
  if (chosen.includes("sections") || chosen.includes(chapter.name))
    proveSections(chapter);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Runs the tests of each section as the book stands at its end. */
function proveSections(chapter: Chapter): void {
  const tests = chapterTests(".").filter((test) =>
    test.chapter === chapter.number
  );
  for (const section of sectionsOf(chapter)) {
    const own = tests.filter((test) =>
      sectionOfTest(test, book)?.slug === section.slug
    ).map(({ path }) => path);
    if (own.length > 0)
      prove(stageThrough(section, book).name, ["tests/runner.ts", ...own]);
  }
}

/** Tangles the book through a stage and runs the commands, the last of which counts tests. */
function prove(stage: string, ...commands: string[][]): void {
  const outputs = [["tangle/main.ts", "--through", stage], ...commands].map((
    command,
  ) => run(...command));
  const [, tests, wrong] =
    /(\d+) passed, (\d+) failed\s*$/.exec(outputs.at(-1)!.out)
      ?? ["", "0", "1"];
  const isBad = outputs.some(({ status }) => status !== 0);
  if (isBad) { for (const { out } of outputs) console.log(out); }
  console.log(`through ${stage}: ${tests} passed, ${wrong} failed`);
  passed += Number(tests);
  failed += Math.max(Number(wrong), isBad ? 1 : 0);
}

function run(...command: string[]): { status: number | null; out: string } {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    "tangle/run.mjs",
    ...command,
  ], options);
  return { status, out: stdout + stderr };
}
