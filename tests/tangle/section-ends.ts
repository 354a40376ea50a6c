// The ends of sections, where the book can be stopped, and what holds there.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Book, Chapter } from "../../tangle/book/chapter.ts";
import { isReached, parseStage } from "../../tangle/book/stage.ts";
import { companionsOf, stageAlone } from "../../tangle/road/quests.ts";
import { expandChapters } from "../../tangle/tree/expand.ts";
import { endAt, sectionEnds, testsOf } from "../prove/section-ends.ts";
import { knownVerdicts, typeErrors } from "../prove/types.ts";
import {
  bookWith,
  experiment,
  fence,
  first,
  one,
  projectWith,
  questPath,
  second,
  tool,
  type SmallQuest,
} from "./small-books.ts";

const ends = suite("ends of sections");

const chapterNamed = (name: string, book: Book): Chapter =>
  book.chapters.find((chapter) => chapter.name === name)!;

/** Two chapters and three side quests, each of which adds a line. */
const texts = ["# One\n" + fence("ts file=a.ts", "one();", "// <<more>>"),
  "# Two\n" + fence("ts chunk=more", "two();")];

const adding = (name: string, ...leansOn: string[]): SmallQuest => ({
  on: 1,
  name,
  text: `# ${name}\n` + fence("ts chunk=more", `${name.toLowerCase()}();`),
  leansOn,
});

ends(
  "a side quest is alone with its chapter and what it leans on, directly or not",
  () => {
    const book = bookWith(texts, adding("A"), adding("B"), adding("C", "B"),
      adding("D", "C"));
    const namesOf = (name: string): string[] =>
      companionsOf(chapterNamed(name, book), book).map((each) => each.name);
    assert.equal(namesOf("A"), []);
    assert.equal(namesOf("D"), ["C", "B"]);
    const textFor = (name: string): string =>
      expandChapters(book, stageAlone(chapterNamed(name, book), book))[0].text;
    assert.is(textFor("A"), "one();\na();\n");
    assert.is(textFor("D"), "one();\nb();\nc();\nd();\n");
  },
);

ends("a circle of side quests ends", () => {
  const book = bookWith(texts, adding("A", "B"), adding("B", "A"));
  assert.equal(
    companionsOf(chapterNamed("A", book), book).map((each) => each.name),
    ["B"],
  );
});

ends("the road has none of their fences", () => {
  const book = bookWith(texts, adding("A"));
  const numbers = (road: boolean): number[] =>
    book.chapters.flatMap(({ fences }) => fences).filter((each) =>
      isReached(each, parseStage(second, book, road))
    ).map(({ chapter }) => chapter);
  assert.equal(numbers(true), [1, 2]);
  assert.equal(numbers(false), [1, 1.1, 2]);
});

ends("types are checked at each section's end, and named by the chapter",
  async () => {
    const book = bookWith([
      "# One\n\n## First\n"
      + fence("ts file=a.ts", "// <<more>>", "export const a: number = b;")
      + "## Then\n" + fence("ts chunk=more", "const b = 1;"),
    ], {
      on: 1,
      name: "Aside",
      text: "# Aside\n\n## Within\n"
        + fence("ts file=b.ts", "export function f(): string {",
          "  // <<what f does>>", "}")
        + fence("ts chunk=\"what f does\"", "return a;"),
    });
    const places = book.chapters.flatMap((chapter) =>
      sectionEnds(chapter, book, false)
    );
    assert.equal(places.map(({ name }) => name), [`${first}: First`,
      `${first}: Then`, "Aside: Within"]);
    assert.equal(await typeErrors(places), [
      [`${one}:6:26: error TS2304: Cannot find name 'b'.`],
      [],
      [`${questPath("Aside")}:10:1: error TS2322: Type 'number' is not assignable to type 'string'.`],
    ]);
    assert.equal(sectionEnds(chapterNamed("Aside", book), book, true), []);
    const known = knownVerdicts();
    assert.equal(places.map(({ key }) => known(key)), [false, true, false]);
    assert.is(known("another"), undefined);
  });

ends("the same code has the same key, however one comes there", () => {
  const book = bookWith(texts, adding("A"));
  const key = (name: string, road: boolean): string =>
    endAt(parseStage(name, book, road), book).key;
  assert.is(key("A", false), key(first, false));
  assert.is.not(key(first, false), key(first, true));
});

ends("a section's own experiments run at its end, by name", () => {
  const text = "# One\n\n## First\n" + experiment("console.log(1);", "1")
    + "### Within\n" + experiment("console.log(2);", "2");
  const aside = "# Aside\n\n## Way\n" + experiment("console.log(3);", "3");
  const root = projectWith([text], { on: 1, name: "Aside", text: aside });
  const book = bookWith([text], { on: 1, name: "Aside", text: aside });
  const places = book.chapters.flatMap((each) =>
    sectionEnds(each, book, false)
  );
  assert.equal(places.map((end) => testsOf(end, book)), [["1.1"], ["1.2"], [
    "1a.1",
  ]]);
  assert.is(tool(root, "tangle/main.ts", "--draft").status, 0);
  const { out } = tool(root, "tests/runner.ts", "1a.1", "1.2");
  assert.match(out, `ok   experiment 1a.1: ${questPath("Aside")}:4`);
  assert.match(out, "2 passed, 0 failed");
  assert.match(tool(root, "tests/runner.ts", "1a.3").out,
    "there is no experiment 1a.3 in tangled/; did you mean \"1a.1\"?");
});

ends.run();
