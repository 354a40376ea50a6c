// The code as it stands at the end of a chapter.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifest } from "../../tangle/tree/manifest.ts";
import {
  fence,
  first,
  folderOf,
  second,
  stageTexts,
  tangleIn,
  third,
  treeOf,
} from "./small-books.ts";

const stages = suite("stages");

function treeThrough(through: string): Record<string, string> {
  const root = folderOf(...stageTexts);
  assert.equal(tangleIn(root, { through }).errors, []);
  return treeOf(root);
}

stages("--through a chapter gives the code as it stands at its end", () => {
  assert.equal(treeThrough(first), { "tangled/a.ts": "one();\nfirst();\n" });
  assert.equal(treeThrough(`${second}!`), {
    "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\nthird();\n",
  });
  assert.equal(treeThrough(third), {
    "tangled/a.ts": "one();\nlater();\nnew();\n",
    "tangled/b.ts": "b();\n",
  });
});

stages("--through a chunk stops after its last fence in that chapter", () => {
  assert.equal(treeThrough(`${second}: later`), {
    "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\n",
  });
  assert.equal(treeThrough(`${second}:more`), {
    "tangled/a.ts": "one();\nlater();\nfirst();\nsecond();\nthird();\n",
  });
  assert.equal(treeThrough(`${third}: more`), {
    "tangled/a.ts": "one();\nlater();\nnew();\n",
  });
});

stages("--through a section stops at its end, with all sections in it", () => {
  const root = folderOf("# One\n\n## A start: why\n"
    + fence("ts file=a.ts", "one();", "// <<more>>")
    + "### Within\n" + fence("ts chunk=more", "in();")
    + "## The end\n" + fence("ts chunk=more", "end();"));
  for (
    const [section, lines] of [
      ["A start: why", "one();\nin();\n"],
      ["a-start-why", "one();\nin();\n"],
      ["within", "one();\nin();\n"],
      ["THE END", "one();\nin();\nend();\n"],
    ]
  ) {
    const { errors, stage } = tangleIn(root, {
      through: `${first}: ${section}`,
    });
    assert.equal(errors, []);
    assert.equal(treeOf(root), { "tangled/a.ts": lines }, section);
    assert.equal(tangleIn(root, { through: stage.name }).stage, stage,
      "its name says the same again");
  }
});

stages("an unknown chapter or chunk: an error with the nearest name", () => {
  const root = folderOf(...stageTexts);
  assert.match(tangleIn(root, { through: "Gest" }).errors.join(),
    "there is no chapter \"Gest\"; did you mean \"Guest\"?");
  assert.match(tangleIn(root, { through: `${second}: lated` }).errors.join(),
    `chapter ${second} defines no chunk "lated"; did you mean "later"?`);
  assert.match(tangleIn(root, { through: `${first}: later` }).errors.join(),
    `no section has that name, and chapter ${first} defines no chunk "later"`);
  assert.not(existsSync(join(root, "tangled")));
});

stages("the manifest tells the stage", () => {
  const root = folderOf(...stageTexts);
  tangleIn(root, { through: second });
  assert.equal(readManifest(join(root, "tangled"))!.stage, {
    name: second,
    chapter: 2,
    complete: true,
    whole: false,
    road: false,
  });
});

stages.run();
