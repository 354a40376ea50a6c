// Side quests: the road does without them, and each with what it leans on.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parts } from "../../tangle/book/book.ts";
import { format } from "../../tangle/book/chapter.ts";
import { signpostsOf } from "../../tangle/road/signposts.ts";
import { verify } from "../../tangle/rules/verify.ts";
import {
  bookWith,
  entriesWith,
  fence,
  first,
  one,
  projectWith,
  questPath,
  tool,
  two,
  type SmallQuest,
} from "./small-books.ts";
import { messageOf } from "../tools.ts";

const quests = suite("side quests");

/** The road's file with a hole in it. */
const road = "# One\n" + fence("ts file=a.ts", "one();", "// <<more>>");

/** Signposts to side quests of these names. */
const signs = (...names: string[]): string =>
  names.map((name) =>
    `\n> **Side quest:** [${name}](side-quests/${name.toLowerCase()}.md). Go.\n`
  ).join("");

/** A side quest on the first chapter; a chapter that has it needs a signpost. */
const quest = (name: string, text: string,
  ...leansOn: string[]): SmallQuest => ({ on: 1, name, text, leansOn });

function complains(texts: readonly string[], some: readonly SmallQuest[],
  ...expected: string[]): void
{
  const [chapter, ...rest] = texts;
  const names = some.filter(({ on }) => on === 1).map(({ name }) => name);
  const signed = [chapter + signs(...names), ...rest];
  const book = bookWith(signed, ...some);
  const found = verify(book).map(format);
  assert.is(found.length, expected.length, found.join("\n") || "no errors");
  for (const [index, start] of expected.entries())
    assert.ok(found[index].startsWith(start),
      `${found[index]}\nshould start with\n${start}`);
}

const [a, b] = ["A", "B"].map(questPath) as [string, string];

quests("a hole on the road may wait for side quests, and be filled by several",
  () => {
    complains([road], [quest("A", fence("ts chunk=more", "a();")),
      quest("B", fence("ts chunk=more", "b();"))]);
  });

quests("what one adds to a chunk, somebody refers to whom it leans on", () => {
  const file = fence("ts file=b.ts", "// <<x>>");
  const adding = fence("ts chunk=x", "1;"), again = fence("ts chunk=x", "2;");
  const only =
    "1:7: only the side quest A refers to the chunk \"x\": let B lean on it in book.config.ts";
  complains(["# One\n"], [quest("A", file + adding), quest("B", again)],
    `${b}:${only}`);
  complains(["# One\n"], [quest("A", file + adding), quest("B", again + again)],
    `${b}:${only}`);
  complains(["# One\n"], [quest("A", file + adding), quest("B", again, "A")]);
  complains(["# One\n"], [quest("A", file + adding), quest("B", "# B\n", "A"),
    quest("C", again, "B")]);
});

quests("one refers to chunks of those alone that it leans on", () => {
  const made = fence("ts file=b.ts", "// <<x>>") + fence("ts chunk=x", "1;");
  const using = fence("ts file=c.ts", "  // <<x>>");
  complains(["# One\n"], [quest("A", made), quest("B", using)],
    `${b}:2:6: only the side quest A defines the chunk "x": let B lean on it`);
  complains(["# One\n"], [quest("A", made), quest("B", using, "A")]);
  complains(["# One\n" + made], [quest("B", using)]);
});

quests("one may keep a place for those that lean on it", () => {
  const keeping = fence("ts file=b.ts", "// <<x>>");
  const filling = fence("ts chunk=x", "1;");
  complains(["# One\n"], [quest("A", keeping), quest("B", filling, "A")]);
});

quests("the road defines no chunk that side quests alone refer to", () => {
  const text = "# One\n" + fence("ts chunk=x", "1;")
    + fence("ts chunk=x", "2;");
  complains([text], [quest("A", fence("ts file=a.ts", "// <<x>>"))],
    `${one}:2:7: only the side quest A refers to the chunk "x", which the road does without`);
});

quests("what one has replaced, nobody extends who does not know of it", () => {
  const text = road + fence("ts chunk=more", "old();");
  const replacing = quest("A", fence("ts replaces=more", "a();"));
  const said = `the side quest A has replaced the chunk "more" at ${a}:1:1, `
    + "and this is made for the old one: ";
  complains([text, fence("ts chunk=more", "two();")], [replacing],
    `${two}:1:7: ${said}the road does without it`);
  complains([text, fence("ts replaces=more", "two();")], [replacing],
    `${two}:1:7: ${said}`,
    `${two}:1:7: this takes away what the side quest A adds to "more" at ${a}:1:1`);
  complains([text], [replacing, quest("B", fence("ts chunk=more", "b();"))],
    `${b}:1:7: ${said}let B lean on it`);
  complains([text], [replacing, quest("B", fence("ts chunk=more", "b();"), "A"),
    quest("C", "# C\n")]);
});

quests("nobody replaces what one adds without knowing of it", () => {
  const text = road + fence("ts chunk=more", "old();");
  const adding = quest("A", "# A\n" + fence("ts chunk=more", "a();"));
  const lost =
    `this takes away what the side quest A adds to "more" at ${a}:2:1: `;
  complains([text], [adding, quest("B", fence("ts replaces=more", "b();"))],
    `${b}:1:10: ${lost}`.replace(":10:", ":7:") + "let B lean on it");
  complains([text, fence("ts replaces=more", "b();")], [adding],
    `${two}:1:7: ${lost}the road does without it`);
  complains([road, fence("ts replaces=more", "b();")], [adding],
    `${two}:1:7: without the side quest A there is no chunk "more" to replace`);
});

quests("names that one exports are used by those alone that lean on it", () => {
  const chapter = "# One\n"
    + fence("ts file=a.ts", "export const a = 1;", "// <<more>>");
  const exporting = quest("A", fence("ts file=b.ts", "export const deep = 2;")
    + fence("ts chunk=more", "export function far(): void {}"));
  const using = (name: string): string =>
    fence("ts file=c.ts", "// deep and far", `export const c = a + ${name};`);
  const only = (name: string): string => `only the side quest A has ${name}: `;
  complains([chapter + using("deep")], [exporting],
    `${one}:8:22: ${only("deep")}the road does without it`);
  complains([chapter, using("far")], [exporting],
    `${two}:3:22: ${only("far")}the road does without it`);
  complains([chapter], [exporting, quest("B", using("deep"))],
    `${b}:3:22: ${only("deep")}let B lean on it`);
  complains([chapter], [exporting, quest("B", using("deep"), "A")]);
  complains([chapter], [exporting,
    quest("B", using("deep") + fence("ts file=d.ts", "deep;"))], `${b}:3:22: `,
    `${b}:6:1: `);
});

quests("a name is nobody's fault that is declared, or comes from elsewhere",
  () => {
    const exporting = quest("A",
      fence("ts file=b/b.ts", "export const x = 1;"));
    const use = fence("ts file=c.ts", "export const c = x;");
    complains(["# One\n" + use + fence("ts file=d.ts", "export const x = 3;")],
      [exporting]);
    complains([
      "# One\n" + fence("ts file=c.ts", "const f = (x: number) => x;"),
    ], [exporting]);
    complains([
      "# One\n" + fence("ts file=c.ts", "// <<x>>", "export const y = x;")
      + fence("ts chunk=x", "const x = 2;"),
    ], [exporting]);
    complains(["# One\n" + fence("ts file=c.ts", "const c = { x: 1 }.x;")], [
      exporting,
    ]);
  });

quests("a name that one adds to a file of the road is its own to use", () => {
  complains([road], [quest("A", fence("ts file=b.ts", "export const x = 1;")
    + fence("ts chunk=more", "x;"))]);
});

quests("files of one are imported by hand by those alone that lean on it",
  () => {
    const having = quest("A", fence("ts file=m/b.ts", "export const x = 1;"));
    const using = fence("ts file=m/c.ts", "import * as b from \"./b.ts\";");
    complains(["# One\n" + using], [having],
      `${one}:3:21: only the side quest A has m/b.ts: the road does without it`);
    complains(["# One\n"], [having, quest("B", using)], `${b}:2:21: only`);
    complains(["# One\n"], [having, quest("B", using, "A")]);
  });

quests("a cycle that only a side quest's replacement breaks is one on the road",
  () => {
    const text = "# One\n" + fence("ts file=a.ts", "// <<x>>")
      + fence("ts chunk=x", "// <<y>>");
    complains([text, fence("ts chunk=y", "// <<x>>")], [
      quest("A", fence("ts replaces=x", "1;")),
    ], `${two}:2:4: the chunk "x" contains itself`);
  });

quests("it leans on side quests before it, and on nothing else", () => {
  const texts = ["# One\n"], here = "1:1: book.config.ts: leansOn: ";
  const plain = (name: string, ...leansOn: string[]): SmallQuest =>
    quest(name, `# ${name}\n`, ...leansOn);
  complains(texts, [plain("A", "B"), plain("B")],
    `${a}:${here}B comes later: list A behind it`);
  complains(texts, [plain("A", "A")], `${a}:${here}A cannot lean on itself`);
  complains(texts, [plain("Apple"), plain("B", "Aple")],
    `${b}:${here}there is no side quest "Aple"; did you mean "Apple"?`);
  complains(texts, [plain("A", first)],
    `${a}:${here}${first} is a chapter: a side quest leans on its own`);
});

quests("each has one signpost, in its chapter", () => {
  const at = (text: string, ...some: string[]): string[] =>
    verify(bookWith([text, "# Two\n" + some.join("")], quest("Apple", "# A\n")))
      .map(format);
  const sign = signs("Apple"),
    example = "> **Side quest:** [Title](side-quests/SLUG.md).";
  assert.equal(at("# One\n" + sign), []);
  assert.equal(at("# One\n"), [
    `${questPath("Apple")}:1:1: no signpost leads here: write one in ${first}, as in ${example}`,
  ]);
  assert.equal(at("# One\n" + sign + sign), [
    `${one}:5:27: Apple has a signpost already, at ${one}:3:27: keep one of them`,
  ]);
  assert.equal(at("# One\n" + sign, sign), [
    `${two}:3:27: Apple has a signpost already, at ${one}:3:27: keep one of them`,
  ]);
  assert.equal(at("# One\n", sign), [
    `${two}:3:27: Apple hangs on ${first}: put its signpost there`,
  ]);
  assert.equal(at("# One\n" + sign + signs("Aple")), [
    `${one}:5:26: book.config.ts names no side quest ${questPath("Aple")}; did you mean "side-quests/apple.md"?`,
  ]);
});

quests("what looks like a signpost is one, or an error", () => {
  for (
    const text of [
      "> **Side quest**: [Apple](side-quests/apple.md). Go.",
      "> Side quest: [Apple](side-quests/apple.md)",
      "> **Side quest:** go to Apple!",
      "> **Side quest:** [Apple](side-quests/apple.md). Go.\n>\n> And come back.",
      "> **Side quests:** [Apple](side-quests/apple.md)",
    ]
  ) {
    const found = verify(
      bookWith([`# One\n\n${signs("Apple")}\n\n${text}\n`],
        quest("Apple", "# A\n")),
    ).map(format);
    assert.is(found.length, 1, text);
    assert.ok(found[0].startsWith(`${one}:7:3: this looks like a signpost`),
      found[0]);
  }
  const calm =
    "# One\n\n> A side quest is a thing.\n\n- > **Side quest:** no\n";
  complains([calm], [quest("A", "# A\n")]);
});

quests("a signpost has a title, words and lines", () => {
  const text = "# One\n\nwords\n\n> **Side quest:** [The *small*\n"
    + "> print](side-quests/small.md). Who asks why\n>  should go.\nLazily.\n";
  assert.equal(signpostsOf(bookWith([text]).chapters[0]), [{
    path: questPath("small"),
    title: "The *small*\nprint",
    words: "Who asks why should go. Lazily.",
    place: { path: one, line: 6, column: 10 },
    from: 5,
    to: 8,
  }]);
  const bare = bookWith(["> **Side quest:** [A](side-quests/a.md)\n"]);
  assert.is(signpostsOf(bare.chapters[0])[0].words, "");
});

quests("one whose file is not there is missing, and its signpost is no error",
  () => {
    const root = projectWith(["# One\n" + signs("A")], quest("A", "# A\n"));
    assert.is(tool(root, "tangle/main.ts").status, 0);
    rmSync(join(root, a));
    const { status, out } = tool(root, "tangle/main.ts");
    assert.equal({ status, out }, {
      status: 1,
      out:
        `${a}:1:1: this chapter is missing: write it, or take it out of book.config.ts\n`,
    });
    assert.is(tool(root, "tangle/main.ts", "--draft").status, 0);
  });

quests("one without code adds nothing", () => {
  const root = projectWith([road + signs("A")], quest("A", "Words.\n"));
  assert.match(tool(root, "tangle/main.ts", "--draft").out, "1 written");
  assert.match(tool(root, "tangle/main.ts", "--draft", "--road").out,
    `tangled the road, through ${first}: 1 files, nothing changed`);
});

quests("what book.config.ts cannot mean is told in one line", () => {
  const wrong: [string, ...SmallQuest[]][] = [
    ["two parts are called a: choose another name for one", quest("A", ""),
      quest("a", "")],
    [`two parts are called ${first}`, quest(first, "")],
    ["A b and a-B both lie in a file a-b.md", quest("A b", ""),
      quest("a-B", "")],
    ["A has no reason: say in a line who should go there", {
      ...quest("A", ""),
      reason: " ",
    }],
    ["\"A: b\" is no name", quest("A: b", "")],
    ["\"A!\" is no name", quest("A!", "")],
    ["\" A\" is no name", quest(" A", "")],
    ["\"\" is no name", quest("", "")],
    ["\"1.2\" means something else to `npm test`", quest("1.2", "")],
    ["\"Experiments\" means something else", quest("Experiments", "")],
    ["A0 is one of more than nine side quests of a chapter",
      ...Array.from({ length: 10 }, (_, n) => quest(`A${n}`, ""))],
  ];
  for (const [message, ...some] of wrong) {
    const said = messageOf(() => parts(entriesWith(["# One\n"], ...some)));
    assert.ok(said.startsWith(`book.config.ts: ${message}`), said);
    assert.is(said.split("\n").length, 1, said);
  }
  const { status, out } = tool(projectWith(["# One\n"], quest("", "")),
    "tangle/main.ts");
  assert.is(status, 1);
  assert.match(out, /^book\.config\.ts: "" is no name[^\n]*\n$/);
});

quests.run();
