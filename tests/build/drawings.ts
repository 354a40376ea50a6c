// What the drawings promise.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book } from "../../book.config.ts";
import { drawAll } from "../../build/figures/all.ts";
import { readBlocks } from "../../tangle/book/book.ts";
import { marked } from "../../build/writing/write-drawings.ts";
import {
  box,
  crowding,
  figure,
  group,
  line,
  text,
} from "../../build/figures/svg.ts";

const drawn = await drawAll(readBlocks());
const drawings = suite("build: the drawings");

drawings("the files are what the code draws (else: npm run figures)", () => {
  for (const [name, svg] of drawn)
    assert.is(readFileSync(join(book.chaptersFolder, "figures", name), "utf8"),
      marked(svg), name);
  assert.is(readdirSync(join(book.chaptersFolder, "figures")).length,
    drawn.size);
});

drawings(
  "each has a title, takes the ink of its page, and is at home in the dark",
  () => {
    for (const svg of drawn.values()) {
      assert.match(svg, /<title>.+<\/title>/u);
      assert.match(svg, /prefers-color-scheme: dark/u);
      assert.match(svg, /currentColor/u);
      assert.not.match(svg, /href="http|<image|NaN|undefined/u);
    }
  },
);

drawings(
  "words that overlap, leave the canvas or are crossed by a line are refused",
  () => {
    assert.equal(crowding(100, 100, text(50, 50, "fits")), []);
    assert.match(
      crowding(100, 100, group([text(50, 50, "one"), text(55, 52, "two")]))
        .join(),
      /overlaps/u,
    );
    assert.match(crowding(100, 100, text(95, 50, "too long a label")).join(),
      /leaves the canvas/u);
    assert.match(
      crowding(100, 100, group([text(50, 50, "crossed"), line("0,50 100,51")]))
        .join(),
      /crossed/u,
    );
    assert.throws(() =>
      figure("small", 100, 100, [
        box({ x: 10, y: 10, width: 30, height: 20 }, "far too wide"),
      ]), /crowded/u);
  },
);

drawings.run();
