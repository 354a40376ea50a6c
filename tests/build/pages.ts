// What the woven pages promise.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { pageFile } from "../../build/structure/outline.ts";
import { contrast } from "../../build/colours/contrast.ts";
import { newLines } from "../../build/structure/changed-lines.ts";
import {
  all,
  brokenLinks,
  css,
  faultsOfMarkup,
  hrefs,
  one,
  page,
  pages,
  real,
  site,
  smallParts,
  two,
} from "./small-site.ts";

const weaving = suite("build: the woven book");

weaving("a book without faults is woven without complaint", () => {
  assert.equal(site.problems, []);
  assert.equal(
    [...site.files.keys()].filter((path) => path.endsWith(".html")).length,
    6 + smallParts.length,
  );
});

weaving("every link leads somewhere, with its fragment", () => {
  assert.equal(brokenLinks(site.files), []);
});

weaving("nothing is asked of anyone else", () => {
  for (const [path, html] of pages) {
    const sources = [
      ...all(html,
        /<(?:link|script|img|iframe|source|use)\b[^>]*\b(?:href|src)="([^"]*)"/gu),
    ];
    assert.equal(sources.filter((source) => /^(?:[a-z]+:)?\/\//u.test(source)),
      [], path);
  }
  assert.not.match(css, /url\("?(?:https?:)?\/\//u);
  assert.not.match(css, /@import/u);
  assert.not.match(String(site.files.get("assets/client.js")),
    /https?:|fetch\(|import\(/u);
});

weaving("the site can be read from file://", () => {
  for (const [path, html] of pages)
    assert.equal(
      hrefs(html).filter((href) =>
        href.startsWith("/") || href.startsWith("file:")
      ),
      [],
      path,
    );
  for (const url of all(css, /url\("([^"]*)"\)/gu))
    assert.ok(site.files.has(`assets/${url}`), url);
  assert.not.match(one, /type="module"/u);
});

weaving("the faces of the book come with their licences", () => {
  const assets = [...site.files.keys()].filter((path) =>
    path.startsWith("assets/")
  );
  assert.is(assets.filter((path) => path.endsWith(".woff2")).length, 3);
  assert.match(
    Buffer.from(
      site.files.get("assets/source-serif-4-licence.txt") as Uint8Array,
    ).toString(),
    /Open Font License/u,
  );
});

weaving(
  "each page has its language, landmarks, a way past the contents, and one main heading",
  () => {
    for (const [path, html] of pages) {
      assert.match(html, /<html lang="en">/u, path);
      assert.match(html, /<a class="skip" href="#page:text">/u, path);
      for (const part of ["<header", "<main id=\"page:text\"", "<nav "])
        assert.ok(html.includes(part), `${path}: ${part}`);
      assert.is(all(html, /<(h1)\b/gu).length, 1, path);
      assert.match(html, /<meta name="viewport"/u, path);
    }
  },
);

weaving("headings go down one level at a time", () => {
  for (const [path, html] of pages) {
    const levels = all(html, /<h(\d)\b/gu).map(Number);
    levels
      .slice(1)
      .forEach((level, index) =>
        assert.ok(level <= (levels[index] ?? 0) + 1,
          `${path}: h${levels[index]} to h${level}`)
      );
  }
});

weaving("sections are numbered, and their ids are those that GitHub gives",
  () => {
    assert.match(one,
      /<h2 id="where-we-stand--why"><a class="anchor" href="#where-we-stand--why">1\.1<\/a> Where we stand &amp; why<\/h2>/u);
    assert.match(one, /<h2 id="growing"><a [^>]*>1\.2<\/a> Growing/u);
  });

weaving("a chapter that a sentence names is a link, but for the page's own",
  () => {
    assert.match(one,
      "chapter I led to chapter <a href=\"2-guest.html\">II</a>, <a href=\"5-host.html\">chapter V</a> to chapters <a href=\"6-switcher.html\">VI</a>\nand <a href=\"7-mastery.html\">VII</a>.");
  });

weaving(
  "each part but the first says what one brings along, and a side quest does not",
  () => {
    const parts = book.chapters.map(({ path }) =>
      String(real.files.get(pageFile(path)))
    );
    assert.equal(
      parts.map((html) => all(html, /What you bring along from part (\w+)/gu)),
      [[], ["I"], ["II"], ["III"], ["IV"], ["V"], ["VI"]],
    );
    assert.match(parts[1],
      "<li><code>machine/running/run.ts</code> The run loop");
    assert.match(parts[4],
      /<a href="glossary\.html#term:eventfd">eventfd<\/a>/u);
  },
);

weaving("the cover has three places to begin, with their times", () => {
  const html = String(real.files.get("index.html"));
  assert.match(html, /All seven parts, about (9|1\d) hours/u);
  assert.match(html,
    /without a keyboard: .*href="5-host\.html#first-landing-[^"]*".*#the-ballad-of-the-switcher.*#farewell/su);
});

weaving(
  "what a section says of the original stands in its margin, and all of it on one page",
  () => {
    const page = String(real.files.get("beside-the-original.html"));
    for (const { path } of book.chapters.slice(1)) {
      const html = String(real.files.get(pageFile(path)));
      const count = html.split("<p class=\"kind\">In lguest</p>").length - 1;
      assert.ok(count > 0, path);
      assert.is(page.split(`<dt><a href="${pageFile(path)}#`).length - 1, count,
        path);
    }
  },
);

weaving("where things live is read off the code that lays them out", () => {
  const html = String(real.files.get("where-things-live.html"));
  for (
    const [at, name] of [["0x2c", "TRAPNUM"], ["0x10", "HOST_SP"], ["0x8",
      "LGUEST_DATA_CR2"], ["0x7000", "CODE"], ["0xffc00000", "CODE"]]
  ) {
    assert.match(html,
      `<tr><td><code>${at}</code></td><td><code>${name}</code></td>`);
  }
  assert.match(html,
    "<td><code>halted</code></td><td>It executed HALT and waits for an interrupt.</td>");
  assert.match(html, "§5.");
});

weaving("each challenge of the road has a hint, folded", () => {
  for (const file of book.chapters.map(({ path }) => pageFile(path))) {
    const html = String(real.files.get(file));
    const challenges = html.slice(html.indexOf("<h2 id=\"challenges\""));
    const count = challenges.split("\n<li>").length - 1;
    assert.ok(count >= 5, file);
    assert.is(
      challenges.split("<details class=\"hint\"><summary>Hint</summary>").length
        - 1,
      count,
      file,
    );
  }
});

weaving("every named block says its name and can be linked to", () => {
  assert.match(one,
    /<figure class="code file" id="file:machine-one-ts">\s*<figcaption>.*machine\/one\.ts/u);
  assert.match(one,
    /<figure class="code chunk" id="chunk:what-comes-next">\s*<figcaption>.*what comes next.*≡.*machine\/one\.ts/u);
  assert.match(one,
    /<figure class="code chunk" id="chunk:what-comes-next-1">\s*<figcaption>.*what comes next.*\+≡/u);
});

weaving(
  "a reference in code is a link to the chunk, and says for which chapter it waits",
  () => {
    assert.match(one,
      /<a class="reference [^"]*" href="[^"]*#chunk:what-comes-next">\/\/ &lt;&lt;what comes next&gt;&gt;<\/a>/u);
    assert.match(one,
      /href="2-guest\.html#chunk:what-a-later-part-adds" data-mark="waits for chapter II" data-short="waits for II">/u);
    assert.match(one,
      /<a href="[^"]*#chunk:what-comes-next"><code[^>]*>&lt;&lt;what comes next&gt;&gt;<\/code><\/a>/u);
  },
);

weaving("captions say where a chunk is used, continued and replaced", () => {
  const relations = all(one, /<p class="relations">(.*?)<\/p>/gu);
  assert.match(relations[0] ?? "",
    /^used <a href="#file:machine-one-ts">above<\/a>.*continued <a href="#chunk:what-comes-next-1">in §1\.2<\/a>$/u);
  assert.match(relations[1] ?? "",
    /continues <a href="#chunk:what-comes-next">§1\.1<\/a>.*replaced <a href="2-guest\.html#chunk:what-comes-next-2">in §2\.1<\/a>/u);
  assert.match(two,
    /replaces <a href="1-preparation\.html#chunk:what-comes-next-1">§1\.2<\/a>/u);
});

weaving("a replaced chunk shows what is new and what stood there before",
  () => {
    assert.is(all(two, /<span class="new">(.*?)<\/span>\n/gu).length, 1);
    assert.match(two, /<details class="former">[\s\S]*more/u);
    assert.equal([...newLines(["a", "b", "c"], ["a", "x", "c", "d"])], [1, 3]);
  });

weaving("an experiment shows what it prints", () => {
  assert.match(one,
    /<figure class="code experiment" id="experiment:1-1">[\s\S]*<samp>it runs &amp; prints<\/samp>/u);
});

weaving("text is escaped, and code is what the chapter says", () => {
  assert.match(one, /&quot;&lt;b&gt;&amp;&quot;/u);
  assert.not.match(one, /<b>/u);
});

weaving("quotes are printed as quotes, but not in code", () => {
  assert.match(one, /Welcome, it’s <em>you<\/em>\./u);
  assert.not.match(all(one, /<pre[^>]*>([\s\S]*?)<\/pre>/gu).join(""),
    /[“”‘’]/u);
});

weaving("an aside is a note in the margin", () => {
  assert.match(one,
    /<div class="note" role="note">\s*<p>A note in the margin\.<\/p>/u);
});

weaving("verse keeps its lines", () => {
  assert.match(one,
    /<p class="verse"><em>In<\/em> .*goes,<\/em><br>\n<em>and out it flows\.<\/em><\/p>/u);
});

weaving("a drawing is part of the page, in its ink, and described", () => {
  const drawing = /<figure class="drawing">[\s\S]*?<\/figure>/u.exec(one)?.[0]
    ?? "";
  assert.match(drawing, /<svg [^>]*role="img" aria-labelledby="figure:rings"/u);
  assert.match(drawing,
    /<figcaption id="figure:rings">Three rings<\/figcaption>/u);
  assert.not.match(drawing, /<style|<title|<img|#[0-9a-f]{6}/u);
});

weaving("chapters lead to one another, and say how to follow along", () => {
  assert.match(two, /rel="prev" href="1-preparation\.html"/u);
  assert.match(two, /rel="next" href="3-drivers\.html"/u);
  assert.match(two, /npm run tangle -- --through Guest\nnpm test/u);
});

weaving("the contents are there twice: beside the text, and folded for phones",
  () => {
    assert.is(all(one, /(class="contents")/gu).length, 2);
    assert.match(one, /<details class="fold"><summary>Contents<\/summary>/u);
  });

weaving("the cover's map leads to every chapter", () => {
  const map = /<svg[\s\S]*?<\/svg>/u.exec(page("index"))?.[0] ?? "";
  assert.equal(all(map, /<a href="([^"]*)"/gu),
    pages.map(([path]) => path).filter((path) => /^\d-/u.test(path)));
});

weaving("the index lists every file and every chunk", () => {
  const index = page("index-of-code");
  assert.match(index,
    /<a href="1-preparation\.html#file:machine-one-ts"><code>machine\/one\.ts/u);
  assert.match(index,
    /#chunk:what-comes-next">what comes next<\/a>.*§1\.1.*§1\.2.*:= §2\.1.*used in/u);
});

weaving(
  "the appendix has a line for each encoding, with its flags and its chunk",
  () => {
    const appendix = String(real.files.get("instructions.html"));
    const lines = all(appendix, /<tr>(.*?)<\/tr>/gu);
    assert.ok(lines.length > 300);
    const line = (start: string): string =>
      lines.find((each) => each.startsWith(`<td><code>${start}</code>`)) ?? "";
    assert.match(line("add rmv, rv"),
      /01 \/r.*CF PF AF ZF SF OF.*1-preparation\.html#chunk:/u);
    assert.match(line("inc ov"), /40\+r<\/code><\/td><td>PF AF ZF SF OF</u);
    assert.match(line("mov rmv, rv"), /89 \/r<\/code><\/td><td><\/td>/u);
    assert.match(line("lgdt m"), /6-switcher\.html#chunk:/u);
  },
);

weaving("what can be scrolled can be reached by the keyboard", () => {
  const boxes = all(one, /<(pre[^>]*)>/gu);
  assert.ok(boxes.some((open) => open.includes("tabindex=\"0\"")));
  for (
    const [open, body] of [...one.matchAll(/<pre([^>]*)>([\s\S]*?)<\/pre>/gu)]
      .map((found) => [found[1] ?? "", found[2] ?? ""] as const)
  ) {
    const longest = Math.max(...body
      .replace(/<[^>]*>/gu, "")
      .split("\n")
      .map((each) => each.length));
    assert.ok(longest <= 60 || open.includes("tabindex=\"0\""), body);
  }
});

weaving("every colour of code can be read on its ground, in either theme",
  () => {
    const whole = String(real.files.get("assets/style.css"));
    const themes = [/^:root \{(.*)\}$/mu,
      /^:root\[data-theme="dark"\] \{(.*)\}$/mu].map((pattern) =>
        pattern.exec(whole)?.[1] ?? ""
      );
    for (const theme of themes) {
      const colours = new Map(
        [...theme.matchAll(/--(\w+): (#\w+)/gu)].map((
          found,
        ) => [found[1] ?? "", found[2] ?? ""]),
      );
      const inks = [...colours].filter(([name]) =>
        /^(?:s\d+|ink|quiet|accent)$/u.test(name)
      );
      assert.ok(inks.length > 8);
      for (const [name, colour] of inks) {
        const grounds = name.startsWith("s") ? ["code"] : ["code", "page"];
        for (const ground of grounds)
          assert.ok(contrast(colour, colours.get(ground) ?? "") >= 4.5,
            `${name} ${colour} on ${ground}`);
      }
    }
  });

weaving("the themes follow the system and the reader's choice", () => {
  assert.match(css,
    /@media \(prefers-color-scheme: dark\) \{ :root:not\(\[data-theme="light"\]\)/u);
  assert.match(css, /:root\[data-theme="dark"\]/u);
});

weaving(
  "the real chapters have no broken link, no id twice and no link in a link",
  () => {
    const { files } = real;
    assert.equal(brokenLinks(files), []);
    assert.equal(faultsOfMarkup(files), []);
  },
);

weaving.run();
