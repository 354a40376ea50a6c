// What the glossary promises.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../../book.config.ts";
import { readGlossary } from "../../build/appendix/glossary-page.ts";
import { readBook } from "../../tangle/book/book.ts";
import { parseGlossary, tooEarly } from "../../tangle/road/terms.ts";
import { real, smallBook } from "./small-site.ts";

const glossary = suite("build: the glossary");

/** Words that a sentence may use before they become terms, or that come with the promise of their chapter. */
const everyday = new Set(["exceptions", "features", "interrupt", "kernel",
  "limit", "page", "page table", "record", "reset", "word"]);

glossary("every term is introduced in italics, and not used before", () => {
  const text = readFileSync(config.glossary, "utf8");
  const { terms, problems } = parseGlossary(text, config.glossary);
  assert.equal(problems, []);
  assert.ok(terms.length > 100);
  const book = readBook();
  const early = terms.filter(({ name }) => !everyday.has(name)).flatMap(
    (term) => {
      const at = tooEarly(term, book);
      return at ? [`${term.name}: ${at.chapter.path}:${at.line}`] : [];
    },
  );
  assert.equal(early, []);
});

glossary("a term leads to the section that introduces it", () => {
  const page = String(real.files.get("glossary.html"));
  assert.match(page,
    /<dt id="term:gates">gates<\/dt>\n<dd>[^<]+ <a href="2-guest\.html#gates">2\.\d+ Gates<\/a><\/dd>/u);
  assert.match(page,
    /<dt id="term:frame-ii">frame <span class="quiet">on a stack<\/span><\/dt>/u);
  assert.match(page,
    /<dt id="term:frames-v">frames <span class="quiet">of memory<\/span><\/dt>/u);
});

glossary("what is no entry, or is introduced nowhere, is told with its place",
  () => {
    const { entries, problems } = readGlossary(smallBook(), "# Glossary\n\n"
      + "- **you**: the reader.\n- **wing**: what birds have.\n- ring\n");
    assert.equal(entries.map(([{ name }, { line }]) => [name, line]), [["you",
      3]]);
    assert.equal(
      problems.map(({ place, message }) =>
        `${place.path}:${place.line}: ${message}`
      ),
      [
        "chapters/glossary.md:5: this is no entry of the glossary: write - **term**: meaning",
        "chapters/glossary.md:4: the book never says *wing* in italics: introduce it",
      ],
    );
  });

glossary.run();
