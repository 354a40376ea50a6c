// What is wrong with a chapter is said with its place.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { weave } from "../../build/site/weave.ts";
import { writeSite } from "../../build/writing/write-site.ts";
import { fixture, run } from "./small-site.ts";

const faults = suite("build: what is wrong with a chapter");

/** The problems of the fixture after an edit of its first chapter, as "line:column: message". */
async function problemsAfter(from: string, to: string): Promise<string[]> {
  const { problems } = await weave(
    fixture((source) => source.replace(from, to)),
  );
  return problems.map(({ place, message }) =>
    `${place.path}:${place.line}:${place.column}: ${message}`
  );
}

const cases: readonly (readonly [
  what: string,
  from: string,
  to: string,
  place: string,
  message: RegExp,
])[] = [
  [
    "a link to a section that is not there",
    "7-mastery.md#the-end",
    "7-mastery.md#no-end",
    "9:15",
    /broken.*no section "#no-end"/u,
  ],
  [
    "a link to a chapter that is not there",
    "(2-guest.md)",
    "(8-more.md)",
    "9:78",
    /no chapter is chapters\/8-more\.md/u,
  ],
  [
    "a link that works only on one machine",
    "(2-guest.md)",
    "(/tmp/x)",
    "9:78",
    /relative address/u,
  ],
  ["a chapter that there is not", "chapter II", "chapter IX", "31:38",
    /there is no chapter IX/u],
  ["a link that is no text", "(2-guest.md)", "(2-guest.md#%E0)", "9:78",
    /% in it stands for no/u],
  [
    "a link to a section that is not there, in letters that are written as they are",
    "(2-guest.md)",
    "(2-guest.md#भूल)",
    "9:78",
    /has no section/u,
  ],
  [
    "a drawing in a link",
    "![Three rings](figures/rings.svg)",
    "[![Three rings](figures/rings.svg)](2-guest.md)",
    "5:17",
    /paragraph of its own/u,
  ],
  [
    "a drawing that is not there",
    "figures/rings.svg",
    "figures/wings.svg",
    "5:16",
    /no drawing chapters\/figures\/wings\.svg/u,
  ],
  ["a drawing without a description", "![Three rings]", "![]", "5:5",
    /no description/u],
  ["a second title", "## Growing", "# Growing", "29:1", /second title/u],
  ["HTML in a chapter", "Welcome", "Welcome <b>hero</b>", "3:9",
    /HTML is not woven/u],
  [
    "a reference to a chunk that nobody defines",
    "<<what a later part adds>>",
    "<<what nobody adds>>",
    "25:6",
    /no chapter defines the chunk/u,
  ],
  [
    "a language that the book does not colour",
    "```asm",
    "```cobol",
    "51:1",
    /does not know the language "cobol"/u,
  ],
];

for (const [what, from, to, place, message] of cases) {
  faults(`${what} is an error with its place`, async () => {
    const found = await problemsAfter(from, to);
    const match = found.find((each) => message.test(each));
    assert.ok(match, found.join("\n") || "no problem at all");
    assert.is(match.split(": ")[0], `${book.chapters[0].path}:${place}`);
  });
}

faults("after an error the command exits with 1 and leaves dist as it was",
  () => {
    const root = fixture((source) => source.replace("#the-end", "#no-end"));
    const target = join(root, "dist");
    writeSite(target, new Map([["index.html", "as it was"]]));
    const { status, stderr } = run("build/main.ts", ["--from", root, "--to",
      target]);
    assert.is(status, 1);
    assert.match(stderr, /^chapters\/1-preparation\.md:9:15: the link/u);
    assert.is(readFileSync(join(target, "index.html"), "utf8"), "as it was");
    assert.equal(readdirSync(target), [".weave.json", "index.html"]);
  });

faults.run();
