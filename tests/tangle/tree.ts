// The tree in tangled/, on disk.
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readManifest } from "../../tangle/tree/manifest.ts";
import { findMisfit } from "../../tangle/tree/home.ts";
import {
  age,
  fence,
  folderOf,
  get,
  one,
  put,
  tangleIn,
  treeOf,
} from "./small-books.ts";

const tree = suite("the tree");

tree("only what changed is written", () => {
  const root = folderOf(
    fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"),
  );
  tangleIn(root);
  const [a, b] = [age(root, "tangled/a.ts"), age(root, "tangled/m/b.ts")];
  put(root, one, "words\n\n" + fence("ts file=a.ts", "1;")
    + fence("ts file=m/b.ts", "changed;"));
  const { written } = tangleIn(root);
  assert.equal(written, ["m/b.ts"]);
  assert.is(statSync(join(root, "tangled/a.ts")).mtimeMs, a);
  assert.is.not(statSync(join(root, "tangled/m/b.ts")).mtimeMs, b);
});

tree("a file that no chapter makes any more goes away, with its folder", () => {
  const root = folderOf(
    fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"),
  );
  tangleIn(root);
  put(root, one, fence("ts file=a.ts", "1;"));
  assert.equal(tangleIn(root).removed, ["m/b.ts"]);
  assert.equal(readdirSync(join(root, "tangled")).sort(), [".tangle.json",
    "a.ts"]);
});

tree("a file may become a folder, and a folder a file", () => {
  const root = folderOf(fence("ts file=x", "1;") + fence("ts file=y/z", "2;"));
  tangleIn(root);
  put(root, one, fence("ts file=x/y", "1;") + fence("ts file=y", "2;"));
  assert.equal(tangleIn(root).errors, []);
  assert.equal(treeOf(root), { "tangled/x/y": "1;\n", "tangled/y": "2;\n" });
});

tree("foreign files and folders stay as they are", () => {
  const root = folderOf(fence("ts file=m/a.ts", "1;"));
  tangleIn(root);
  put(root, "tangled/m/notes.txt", "mine");
  mkdirSync(join(root, "tangled/empty/folder"), { recursive: true });
  symlinkSync("m/a.ts", join(root, "tangled/link"));
  const time = age(root, "tangled/m/notes.txt");
  put(root, one, fence("ts file=b.ts", "2;"));
  assert.equal(tangleIn(root).errors, []);
  assert.is(get(root, "tangled/m/notes.txt"), "mine");
  assert.is(statSync(join(root, "tangled/m/notes.txt")).mtimeMs, time);
  assert.equal(readdirSync(join(root, "tangled")).sort(), [
    ".tangle.json",
    "b.ts",
    "empty",
    "link",
    "m",
  ]);
  assert.equal(readdirSync(join(root, "tangled/empty")), ["folder"]);
});

tree("a foreign file in the way is an error, and nothing is touched", () => {
  const obstacles: [string, (root: string) => void][] = [
    ["a.ts", (root) => put(root, "tangled/a.ts", "mine")],
    ["a.ts",
      (root) => mkdirSync(join(root, "tangled/a.ts"), { recursive: true })],
    ["m", (root) => put(root, "tangled/m", "mine")],
    ["m",
      (
        root,
      ) => (put(root, "tangled/x", ""),
        symlinkSync("..", join(root, "tangled/m")))],
  ];
  for (const [path, obstruct] of obstacles) {
    const root = folderOf(
      fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "2;"),
    );
    obstruct(root);
    const before = readdirSync(join(root, "tangled"));
    const { errors: found } = tangleIn(root, { force: true });
    assert.is(found.length, 1, found.join("\n"));
    assert.ok(found[0].startsWith(`tangled/${path} is in the way of tangled/`),
      found[0]);
    assert.equal(readdirSync(join(root, "tangled")), before);
  }
});

tree("tangled/ itself may not be a file or a link", () => {
  const root = folderOf(fence("ts file=a.ts", "1;"));
  symlinkSync(tmpdir(), join(root, "tangled"));
  assert.match(tangleIn(root).errors.join(), "tangled is not a folder");
});

tree("an edited file is neither overwritten nor removed", () => {
  const root = folderOf(
    fence("ts file=a.ts", "1;") + fence("ts file=b.ts", "1;"),
  );
  tangleIn(root);
  put(root, "tangled/a.ts", "edited;\n");
  put(root, "tangled/b.ts", "edited;\n");
  put(root, one, fence("ts file=a.ts", "2;"));
  const { errors: found } = tangleIn(root);
  assert.is(found.length, 2);
  assert.ok(
    found.every((line) =>
      /edited by hand.*npm run untangle.*npm run tangle -- --force/.test(line)
    ),
    found.join("\n"),
  );
  assert.equal(treeOf(root), {
    "tangled/a.ts": "edited;\n",
    "tangled/b.ts": "edited;\n",
  });
});

tree("--force sets the edited files aside", () => {
  const root = folderOf(
    fence("ts file=a.ts", "1;") + fence("ts file=m/b.ts", "1;"),
  );
  tangleIn(root);
  for (const edit of ["first", "second"]) {
    put(root, "tangled/a.ts", edit);
    assert.equal(tangleIn(root, { force: true }).errors, []);
  }
  put(root, "tangled/m/b.ts", "third");
  put(root, one, fence("ts file=a.ts", "1;"));
  assert.equal(tangleIn(root, { force: true }).errors, []);
  assert.equal(treeOf(root), {
    "tangled/a.ts": "1;\n",
    "tangled/a.ts.edited": "first",
    "tangled/a.ts.edited-2": "second",
    "tangled/m/b.ts.edited": "third",
  });
  assert.equal(tangleIn(root).errors, []);
});

tree(
  "an edit that the chapter has made too is no conflict; a deleted file comes back",
  () => {
    const root = folderOf(
      fence("ts file=a.ts", "1;") + fence("ts file=b.ts", "1;"),
    );
    tangleIn(root);
    put(root, "tangled/a.ts", "2;\n");
    rmSync(join(root, "tangled/b.ts"));
    put(root, one, fence("ts file=a.ts", "2;") + fence("ts file=b.ts", "1;"));
    assert.equal(tangleIn(root).errors, []);
    assert.equal(treeOf(root), {
      "tangled/a.ts": "2;\n",
      "tangled/b.ts": "1;\n",
    });
  },
);

tree("a lost manifest costs nothing while the files are what the chapters make",
  () => {
    const root = folderOf(fence("ts file=a.ts", "1;"));
    tangleIn(root);
    put(root, "tangled/.tangle.json", "{ broken");
    assert.equal(tangleIn(root).errors, []);
    assert.equal(Object.keys(readManifest(join(root, "tangled"))!.files), [
      "a.ts",
    ]);
  });

tree(
  "it lies in a folder of its own in the project, whatever book.config.ts says",
  () => {
    for (const name of ["tangled", "Output", "my-tree_2"])
      assert.is(findMisfit(name), undefined);
    const elsewhere = ["", ".", "..", "../x", "a/b", "./tangled", "/tmp/x",
      "tangled/", ".git", ".", "a b", "C:", "a\\b"];
    for (const name of elsewhere)
      assert.match(findMisfit(name)!, /is no plain name in the project/);
    for (
      const name of ["chapters", "Chapters", "tangle", "build", "tests",
        "node_modules", "dist"]
    )
      assert.match(findMisfit(name)!, /is in use for something else/);
  },
);

tree.run();
