// What the drawings promise.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { figures } from "../../build/figures/all.ts";
import { marked } from "../../build/writing/write-drawings.ts";
import { box, crowding, figure, group, line, text } from "../../build/figures/svg.ts";

const drawings = suite("build: the drawings");

drawings("the files are what the code draws (else: npm run figures)", () => {
  for (const [name, draw] of Object.entries(figures)) {
    assert.is(
      readFileSync(join(book.chaptersFolder, "figures", `${name}.svg`), "utf8"),
      marked(draw()),
      name,
    );
  }
  assert.is(readdirSync(join(book.chaptersFolder, "figures")).length, Object.keys(figures).length);
});

drawings("each has a title, takes the ink of its page, and is at home in the dark", () => {
  for (const draw of Object.values(figures)) {
    assert.match(draw(), /<title>.+<\/title>/u);
    assert.match(draw(), /prefers-color-scheme: dark/u);
    assert.match(draw(), /currentColor/u);
    assert.not.match(draw(), /href="http|<image|NaN|undefined/u);
  }
});

drawings("words that overlap, leave the canvas or are crossed by a line are refused", () => {
  assert.equal(crowding(100, 100, text(50, 50, "fits")), []);
  assert.match(
    crowding(100, 100, group([text(50, 50, "one"), text(55, 52, "two")])).join(),
    /overlaps/u,
  );
  assert.match(crowding(100, 100, text(95, 50, "too long a label")).join(), /leaves the canvas/u);
  assert.match(
    crowding(100, 100, group([text(50, 50, "crossed"), line("0,50 100,51")])).join(),
    /crossed/u,
  );
  assert.throws(
    () => figure("small", 100, 100, [box({ x: 10, y: 10, width: 30, height: 20 }, "far too wide")]),
    /crowded/u,
  );
});

drawings.run();
