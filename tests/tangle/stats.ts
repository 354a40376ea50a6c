// What the road costs, measured on small books.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { holesOf } from "../../tangle/road/holes.ts";
import {
  brokenPromises,
  roadInWords,
  roadOf,
  saysRoad,
  statsOf,
  sumOf,
  type Budget,
} from "../../tangle/road/stats.ts";
import {
  bookWith,
  experiment,
  fence,
  first,
  one,
  second,
  two,
} from "./small-books.ts";

const stats = suite("stats");

const chapter = "# Two words\n\n" // lines 1 and 2
  + fence("ts file=a.ts", "// a comment", "", "one();", "// <<more>>") // 3 to 8
  + "\nThree *more* words, and - `code`.\n" // 10
  + "\n![A drawing](figures/a.svg)\n\nfour\n\n" // 12, 14
  + experiment("a();", "1") // 16 to 18, 19 to 21
  + fence("ts", "illustration();") + fence("ts chunk=more", "two();")
  + "| five | six |\n";

const aside = {
  on: 1,
  name: "Aside",
  text: "# Aside\n\nGo on.\n"
    + fence("ts chunk=more", "three();", "// <<never>>", "four();"),
};

stats("words, lines of code, chunks and stretches are counted", () => {
  const [road, quest] = statsOf(bookWith([chapter], aside));
  const { words, lines, chunks, minutes } = road;
  assert.equal({ words, lines, chunks }, {
    words: 2 + 5 + 2 + 1 + 2,
    lines: 2 + 1,
    chunks: 2,
  });
  assert.is(minutes.toFixed(3), (12 / 200 + 3 / 20).toFixed(3));
  assert.is(road.firstRun, 16);
  assert.is(road.withoutExperiment, 16);
  assert.is(road.withoutDrawing, 7);
  assert.equal([quest.words, quest.lines, quest.chunks], [3, 2, 1]);
  assert.is(quest.holes, undefined);
  assert.is(quest.withoutExperiment, 8, "all of it");
});

stats("the sums are those of the road, and of all", () => {
  const all = statsOf(bookWith([chapter, "# Two\n"], aside));
  assert.equal(roadOf(all).map(({ name }) => name), [first, second]);
  assert.is(sumOf(roadOf(all)).lines, 3);
  assert.is(sumOf(all).lines, 5);
});

stats("a hole waits until the road fills it, or drops it", () => {
  const file = fence("ts file=a.ts", "// <<x>>", "// <<y>>", "// <<y>>");
  const book = bookWith([file + fence("ts chunk=x", "// <<z>>")
    + fence("ts chunk=y", "1;"), fence("ts replaces=x", "2;")], {
    on: 1,
    name: "Aside",
    text: fence("ts chunk=z", "3;"),
  });
  const [onOne, onTwo] = [...holesOf(book).values()];
  assert.equal(onOne.most, { waiting: ["x", "y"], aside: [], line: 1 });
  assert.equal(onOne.atEnd, { waiting: [], aside: ["z"], line: 9 },
    "a side quest fills none");
  assert.equal(onTwo.most, { waiting: [], aside: ["z"], line: 1 },
    "at its beginning");
  assert.equal(onTwo.atEnd, { waiting: [], aside: [], line: 1 });
});

const budget: Budget = {
  code: 100,
  words: 100,
  chapters: { [first]: 100 },
  holes: 1,
  firstRun: 16,
};

stats("a promise that is kept is not told of, and one that is broken is",
  () => {
    const broken = (change: Partial<Budget>): string[] => {
      const book = bookWith([chapter,
        fence("ts file=b.ts", "// <<b>>", "// <<c>>")
        + fence("ts chunk=b", "1;")], aside);
      return brokenPromises(statsOf(book), { ...budget, ...change });
    };
    assert.equal(broken({}), []);
    assert.equal(broken({ code: 3 }), [
      "the road has 4 lines of code, 1 more than 3",
    ]);
    assert.equal(broken({ words: 11 }), [
      "the road has 12 words, 1 more than 11",
    ]);
    assert.equal(broken({ chapters: { [first]: 1 } }), [
      `${first} has 3 lines of code, 2 more than 1`,
    ]);
    assert.equal(broken({ firstRun: 15 }), [
      `${one}:16: nothing runs in ${first} before this line, and something should by line 15`,
    ]);
    assert.equal(broken({ holes: 0 }), [
      `${one}:3: 1 holes wait here for what comes later, 1 more than 0`,
      `${two}:1: 1 holes wait here for what comes later, 1 more than 0`,
    ]);
  });

stats("what is said of the road may be a twentieth off", () => {
  const all = statsOf(bookWith(["word ".repeat(12_345) + "\n\n"
    + fence("ts file=a.ts", ...Array<string>(2000).fill("1;"))], {
    on: 1,
    name: "Aside",
    text: "word ".repeat(678),
  }));
  const words =
    "The road is 12,300 words and 2,000 lines of code, about 1 evenings "
    + "of two hours; the side quests are 680 words and 0 lines more.";
  assert.is(roadInWords(all), words);
  const says = (text: string): boolean => saysRoad(text, all);
  assert.ok(says(`Well. ${words.replace("lines of", "lines\nof")} So.`));
  assert.ok(says(words.replace("12,300", "11,800")));
  assert.not(says(words.replace("12,300", "11,500")));
  assert.not(says(words.replace("680", "600")));
  assert.ok(says(words.replace("about 1 ", "about 2 ")));
  assert.not(says(words.replace("about 1 ", "about 3 ")));
  assert.not(says("The road is long."));
});

stats.run();
