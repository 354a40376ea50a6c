// What the woven book makes of side quests: signposts, pages, and the links between road and quests.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { questMap } from "../../build/figures/quest-map.ts";
import { readingTime, shortTime } from "../../build/structure/reading-time.ts";
import { outline, roadOf } from "../../build/structure/outline.ts";
import { signpostTo } from "../../build/structure/signposts.ts";
import { linkTo } from "../../build/text/addresses.ts";
import { readBook } from "../../tangle/book/book.ts";
import { format } from "../../tangle/book/chapter.ts";
import {
  all,
  fence,
  hrefs,
  one,
  page,
  quest,
  real,
  smallBook,
  two,
  weaveSmall,
} from "./small-site.ts";

const quests = suite("build: side quests");
const [bits, turning] = ["sixteen-bits", "turning"].map((name) =>
  page(`side-quests/${name}`)
) as [string, string];

/** The block of this id, up to its end. */
const block = (html: string, id: string): string =>
  new RegExp(`<figure [^>]*id="${id}">[^]*?</figure>`, "u").exec(html)?.[0]
    ?? "";

const relations = (html: string, id: string): string =>
  all(block(html, id), /<p class="relations">(.*?)<\/p>/gu).join();

/** Text without markup. */
const plain = (html: string): string => html.replace(/<[^>]*>/gu, "");

quests("a link leads from any folder of the site to any other", () => {
  for (
    const [address, here, link] of [
      ["a.html", "b.html", "a.html"],
      ["a.html#x", "a.html", "#x"],
      ["q/a.html#x", "b.html", "q/a.html#x"],
      ["b.html#x", "q/a.html", "../b.html#x"],
      ["q/b.html", "q/a.html", "b.html"],
      ["assets/style.css", "q/a.html", "../assets/style.css"],
    ] as const
  ) assert.is(linkTo(address, here), link, `${address} from ${here}`);
});

quests(
  "a side quest has a page that says whose it is, why one goes, and what it costs",
  () => {
    assert.match(quest,
      /<p class="part">Side quest of part I<\/p>\s*<h1[^>]*>The small print, in full</u);
    assert.match(quest, /<p class="reason">Clerks “go”\.<\/p>/u);
    assert.match(quest, /<title>1a\. The small print, in full/u);
    assert.match(plain(quest),
      /You left the road in part I, §1\.3 · about 5 minutes: \d+ words, 2 lines of code\n/u);
    assert.match(plain(turning),
      /about 5 minutes: .* · leans on Small print\n/u);
    assert.match(turning, /leans on <a href="small-print\.html">/u);
  },
);

quests("its sections and experiments have numbers that no chapter has", () => {
  assert.equal(all(quest, /class="anchor"[^>]*>([^<]*)<\/a>/gu), ["1a.1",
    "1a.2"]);
  assert.equal(all(bits, /class="anchor"[^>]*>([^<]*)<\/a>/gu), ["1b.1"]);
  assert.match(quest, /id="experiment:1a-1">[^]*>1a\.1<\/a>/u);
  assert.match(one, /class="anchor"[^>]*>1\.3<\/a> Leaving/u);
});

quests("a signpost is a box with the way, the author's words and the time",
  () => {
    const box =
      /<div class="signpost" id="side-quest:small-print"[^]*?<\/div>/u.exec(one)
        ?.[0] ?? "";
    assert.match(box, /role="note" aria-label="Side quest 1a"/u);
    assert.match(box,
      /<span class="kind">Side quest 1a<\/span> <a href="side-quests\/small-print\.html">The <code[^>]*>small<\/code> print<\/a>/u);
    assert.match(box,
      /<p>What is written small\. <em>Clerks<\/em> should go\.<\/p>/u);
    assert.match(box,
      /<p class="cost">About 5 minutes: \d+ words, 2 lines of code<\/p>/u);
    assert.not.match(box, /Clerks “go”|Side quest:/u);
  });

quests("where the author says nothing, the book's description does", () => {
  const box =
    /<div class="signpost" id="side-quest:sixteen-bits"[^]*?<\/div>/u.exec(one)
      ?.[0] ?? "";
  assert.match(box, /<p>Who has “old” programs\.<\/p>/u);
  assert.is(all(box, /(<p)\b/gu).length, 3);
});

quests(
  "one comes back to the signpost, from the top, from the end and by the arrow keys",
  () => {
    const back = "../1-preparation.html#side-quest:small-print";
    const links = hrefs(quest).filter((href) => href === back);
    assert.is(links.length, 4);
    assert.match(quest,
      /<link rel="prev" href="[^"]*#side-quest:small-print">\n<link rel="next"/u);
    assert.match(quest,
      /<nav class="turn"[^]*Back to the road in part I, §1\.3/u);
  },
);

quests("a side quest names its neighbours, and the road passes it by", () => {
  const near = (html: string): string[] =>
    hrefs(/<nav class="neighbours"[^]*?<\/nav>/u.exec(html)?.[0] ?? "");
  assert.equal(near(quest), ["sixteen-bits.html"]);
  assert.equal(near(bits), ["small-print.html"]);
  assert.equal(near(turning), []);
  assert.match(one, /rel="next" href="2-guest\.html"/u);
  assert.match(page("3-drivers"), /rel="prev" href="2-guest\.html"/u);
});

quests("each says how to have its code, and a chapter how to do without",
  () => {
    assert.match(quest,
      /npm run tangle -- --through &quot;Small print&quot;\nnpm test/u);
    assert.match(one, /npm run tangle -- --road --through Preparation</u);
    assert.not.match(page("3-drivers"), /--road/u);
  });

quests(
  "a long command can be reached by the keyboard, since it may be scrolled",
  () => {
    assert.match(quest,
      /<pre tabindex="0"[^>]*><code>npm run tangle -- --through &quot;/u);
    assert.match(page("3-drivers"),
      /<pre tabindex="0"[^>]*><code>npm run tangle -- --through Drivers/u);
  },
);

quests("the contents have the side quests of the chapter that is open", () => {
  const entries = (html: string): string[] =>
    all(/<ol class="contents">[^]*?<\/nav>/u.exec(html)?.[0] ?? "",
      /<a href="([^"]*)"/gu);
  assert.ok(entries(one).includes("side-quests/sixteen-bits.html"));
  assert.not(entries(one).includes("side-quests/turning.html"));
  assert.ok(entries(quest).includes("#proof"));
  assert.ok(entries(quest).includes("../index-of-code.html"));
  assert.not(entries(quest).includes("#growing"));
  assert.match(quest,
    /<a href="small-print\.html" aria-current="page"><span class="numeral">1a<\/span> Small print<\/a>/u);
});

quests("the cover lists them under their part", () => {
  const cover = page("index");
  const lists = all(cover, /<ul class="quests"[^>]*>([^]*?)<\/ul>/gu);
  assert.equal(lists.map((list) => hrefs(list)), [
    ["side-quests/small-print.html", "side-quests/sixteen-bits.html"],
    ["side-quests/turning.html"],
  ]);
  assert.match(plain(lists[0] ?? ""),
    /Small print\. Clerks “go”\. About 5 minutes\./u);
});

quests("the map has a stop for each, and says so", () => {
  const map = /<svg[^]*?<\/svg>/u.exec(page("index"))?.[0] ?? "";
  assert.match(map,
    /aria-label="[^"]*side paths with the stops of the side quests: 2 at Preparation, 1 at Guest"/u);
  assert.equal(all(map, /<g class="side-path">(.*?)<\/g>/gu)
    .map((path) => all(path, /(<circle)/gu).length), [2, 1]);
});

quests("the map has room for nine on every chapter", () => {
  const map = questMap([], book.chapters.map(() => 9));
  const stops = [...map.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/gu)];
  assert.is(stops.length, 9 * book.chapters.length);
  for (const [, x, y] of stops)
    assert.ok(Number(x) > 15 && Number(x) < 625 && Number(y) > 15
      && Number(y) < 409, `${x} ${y}`);
});

quests(
  "captions lead from the road to every quest, and back to what one has seen",
  () => {
    assert.is(relations(one, "chunk:what-grows"),
      "used <a href=\"#file:machine-two-ts\">above</a> · continued "
        + "<a href=\"side-quests/small-print.html#chunk:what-grows-1\">in §1a.1</a>, "
        + "<a href=\"side-quests/sixteen-bits.html#chunk:what-grows-2\">in §1b.1</a>, "
        + "<a href=\"2-guest.html#chunk:what-grows-3\">in §2.1</a>");
    assert.match(relations(quest, "chunk:what-grows-1"),
      /^continues <a href="\.\.\/1-preparation\.html#chunk:what-grows">§1\.3<\/a> · used /u);
    assert.match(relations(bits, "chunk:what-grows-2"), />§1\.3<\/a>/u);
    assert.match(relations(two, "chunk:what-grows-3"),
      /^continues <a href="1-preparation\.html#chunk:what-grows">§1\.3<.*continued <a href="side-quests\/turning/u);
    assert.match(block(two, "chunk:what-grows-3"), /\+≡/u);
    assert.match(relations(turning, "chunk:what-grows-4"),
      />§2\.1<\/a> · used/u);
  },
);

quests("a reference that only side quests answer says for which it waits",
  () => {
    assert.match(block(one, "file:machine-two-ts"),
      /<a class="reference [^"]*" href="side-quests\/small-print\.html#chunk:what-only-a-side-quest-adds" data-mark="waits for side quest Small print" data-short="waits for 1a">/u);
    assert.match(quest,
      /<a href="\.\.\/1-preparation\.html#chunk:what-turns"><code/u);
  });

quests("what a side quest replaces shows what is new, and is told on the road",
  () => {
    const after = block(turning, "chunk:what-turns-1");
    assert.equal(
      all(after, /<span class="new">((?:(?!<\/code>).)*)/gu).map(plain),
      ["turn(3);"],
    );
    assert.match(after, /<details class="former">[^]*turn[^]*2/u);
    assert.match(relations(one, "chunk:what-turns"),
      /replaced <a href="side-quests\/turning\.html#/u);
  });

quests("the index has their code, and marks it", () => {
  const index = page("index-of-code");
  const line = (words: string): string =>
    all(index, /<li>(.*?)<\/li>/gu).find((each) => each.includes(words)) ?? "";
  assert.is(plain(line("machine/bits.ts")), "machine/bits.ts side quest §1b.1");
  assert.equal(hrefs(line("machine/bits.ts")),
    Array(2).fill("side-quests/sixteen-bits.html#file:machine-bits-ts"));
  assert.is(plain(line(">what grows<")),
    "what grows §1.3, §2.1 side quest §1a.1, §1b.1, §2a.1 used in §1.3");
  assert.is(plain(line(">what turns<")),
    "what turns §1.3 side quest := §2a.1 used in §1.3");
});

quests("the appendix marks the instructions that only side quests have", () => {
  const lines = all(String(real.files.get("instructions.html")),
    /<tr>(.*?)<\/tr>/gu);
  const aside = lines.filter((line) => line.includes("href=\"side-quests/"));
  assert.ok(aside.length > 0);
  assert.equal(lines.filter((line) => line.includes(">side quest</span> <a ")),
    aside);
});

quests("a signpost that leads nowhere is an error with its place", async () => {
  const { problems } = await weaveSmall((source) =>
    source.replace("(side-quests/turning.md)", "(side-quests/burning.md)")
  );
  assert.match(problems.map(format).join("\n"),
    /^chapters\/2-guest\.md:22:\d+: book\.config\.ts names no side quest chapters\/side-quests\/burning\.md/mu);
});

quests("a broken link in a side quest, or to one, is an error with its place",
  async () => {
    for (
      const [from, to, place, message] of [
        ["preparation.md#leaving-the-road", "preparation.md#staying",
          "chapters/side-quests/small-print.md:3:17", /no section "#staying"/u],
        ["sixteen-bits.md#more", "sixteen-bits.md#less",
          "chapters/side-quests/small-print.md:26:22", /no section "#less"/u],
        ["../figures/rings", "figures/rings",
          "chapters/side-quests/small-print.md:5:16",
          /no drawing chapters\/side-quests\/figures\/rings/u],
        ["7-mastery.md#the-end", "side-quests/none.md",
          "chapters/1-preparation.md:9:15",
          /no chapter is chapters\/side-quests\/none\.md/u],
      ] as const
    ) {
      const { problems } = await weaveSmall((source) =>
        source.replace(from, to)
      );
      const found = problems.find((each) => message.test(each.message));
      assert.ok(found, problems.map((each) => each.message).join("\n"));
      assert.is(`${found.place.path}:${found.place.line}:${found.place.column}`,
        place);
    }
  });

quests("time is counted in words and lines of code, in steps of five minutes",
  () => {
    const words = (count: number): string => "word ".repeat(count);
    const code = fence("ts file=a.ts",
      ...Array.from({ length: 1200 }, () => "x;"), "", "// <<b>>");
    const timeOf = (text: string): string[] => {
      const [small] = outline(
        smallBook((source) =>
          source.startsWith("# The first part") ? text : source
        ),
      );
      return [readingTime(small!), shortTime(small!)];
    };
    assert.equal(timeOf(`# A\n\n${words(2103)}\n\n${code}\n`), [
      "about 70 minutes: 2,100 words, 1,200 lines of code",
      "about 70 minutes",
    ]);
    assert.equal(timeOf(`# A\n\n${words(36)}\n\n${fence("ts", "x;")}\n`)[0],
      "about 5 minutes: 40 words");
  });

quests("each side quest of the real book has its signpost, and its page",
  () => {
    const pages = outline(readBook());
    for (
      const each of pages.filter((every) => !roadOf(pages).includes(every))
    ) {
      const post = signpostTo(each, pages);
      assert.ok(post, `no signpost leads to ${each.chapter.path}`);
      const html = String(real.files.get(each.file));
      assert.ok(hrefs(html).includes(linkTo(post.href, each.file)), each.file);
    }
  });

quests.run();
