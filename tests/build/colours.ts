// Colours that were found once are kept, and are those that would be found.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keptLooks, type Run } from "../../build/colours/kept-looks.ts";
import { temporary } from "./small-site.ts";

const colours = suite("build: colours that are kept");

/** Two lines of a language in its colours. */
const looksOf = (language: string): Run[][] => [
  [["let", `#${language}`, "#00f", 2], [" x", "#000", "", 0]],
  [["y", "#000", "", 0]],
];

/** What is looked up anew: languages of the same text, one after the other. */
function found(root: string, settings: unknown,
  ...languages: string[]): string[]
{
  const asked: string[] = [];
  const { of, keep } = keptLooks(settings, root);
  for (const language of languages) {
    const looks = of(language, "let x\ny", () => {
      asked.push(language);
      return looksOf(language);
    });
    assert.equal(looks, looksOf(language));
  }
  keep();
  return asked;
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const packages = "node_modules/.package-lock.json";

colours("each is found once, for its language, settings and packages", () => {
  const root = temporary();
  put(root, packages, "1");
  assert.equal(found(root, "a", "ts", "ts", "asm"), ["ts", "asm"]);
  assert.equal(found(root, "a", "sh", "ts"), ["sh"]);
  assert.equal(found(root, "a", "asm", "sh", "ts"), []);
  assert.equal(found(root, "b", "ts"), ["ts"]);
  put(root, packages, "2");
  assert.equal(found(root, "b", "ts"), ["ts"]);
  assert.equal(found(root, "b", "ts"), []);
});

colours("without a word about the packages, or with spoilt ones, all are found",
  () => {
    const root = temporary();
    for (let n = 0; n < 2; n++)
      assert.equal(found(root, "a", "ts"), ["ts"]);
    put(root, packages, "1");
    put(root, "node_modules/.cache/quest/looks.json", "{\"by\":");
    assert.equal(found(root, "a", "ts"), ["ts"]);
    assert.equal(found(root, "a", "ts"), []);
  });

colours.run();
