// Crashes in the middle of writing, and several processes at once.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../../book.config.ts";
import { readManifest } from "../../tangle/tree/manifest.ts";
import { untangle } from "../../tangle/back/untangle.ts";
import {
  age,
  fence,
  folderOf,
  get,
  one,
  own,
  projectOf,
  put,
  start,
  tangleIn,
  tool,
  treeOf,
} from "./small-books.ts";

const crashes = suite("crashes");
const before = fence("ts file=stays.ts", "0;")
  + fence("ts file=m/changes.ts", "1;")
  + fence("ts file=goes.ts", "1;");
const after = fence("ts file=stays.ts", "0;")
  + fence("ts file=m/changes.ts", "2;")
  + fence("ts file=n/comes.ts", "2;");
const foreign = { "tangled/m/foreign.txt": "mine" };
const oldTree = {
  "tangled/goes.ts": "1;\n",
  "tangled/m/changes.ts": "1;\n",
  ...foreign,
  "tangled/stays.ts": "0;\n",
};
const newTree = {
  "tangled/m/changes.ts": "2;\n",
  ...foreign,
  "tangled/n/comes.ts": "2;\n",
  "tangled/stays.ts": "0;\n",
};

/** A folder with the old tree, and the chapter for the new one. */
function prepareCrash(make: (...texts: string[]) => string): string {
  const root = make(before);
  tangleIn(root);
  put(root, "tangled/m/foreign.txt", "mine");
  age(root, "tangled/stays.ts");
  age(root, "tangled/m/foreign.txt");
  put(root, one, after);
  return root;
}

/** The whole old tree, the whole new one, or none for the moment. */
function isWhole(root: string): boolean {
  if (!existsSync(join(root, "tangled")))
    return existsSync(join(root, ".tangle-old"));
  return [oldTree, newTree].some((expected) =>
    JSON.stringify(sorted(treeOf(root))) === JSON.stringify(sorted(expected))
  );
}

const sorted = (record: Record<string, string>): [string, string][] =>
  Object.entries(record).sort();

function checkRecovered(root: string): void {
  assert.equal(tangleIn(root).errors, []);
  assert.equal(sorted(treeOf(root)), sorted(newTree));
  assert.equal(
    readdirSync(root).filter((name) =>
      name.includes("tangle-") || name === "tangled"
    ),
    ["tangled"],
  );
  for (const path of ["tangled/stays.ts", "tangled/m/foreign.txt"])
    assert.is(statSync(join(root, path)).mtimeMs, 1e9);
}

crashes(
  "at any step: the old tree or the new one, and the next run makes it good",
  () => {
    let crashed = true;
    for (let step = 0; crashed; step++) {
      const root = prepareCrash(folderOf);
      let left = step;
      crashed = false;
      try {
        tangleIn(root, {
          onStep: () => {
            if (left-- === 0) throw new Error("crash");
          },
        });
      } catch {
        crashed = true;
      }
      assert.ok(isWhole(root),
        `after step ${step}: ${JSON.stringify(existsSync(join(root, "tangled")) && treeOf(root))}`);
      checkRecovered(root);
      if (step > 100) throw new Error("it never gets done");
    }
  },
);

crashes(
  "an interrupted write comes to its end even if the chapters are broken now",
  () => {
    const root = prepareCrash(folderOf);
    try {
      tangleIn(root, {
        onStep: (step) => {
          if (step === "move the new tree into its place")
            throw new Error("crash");
        },
      });
    } catch {
      put(root, one, "```ts file=a.ts");
    }
    assert.not(existsSync(join(root, "tangled")));
    assert.is(tangleIn(root).errors.length, 1);
    assert.equal(sorted(treeOf(root)), sorted(newTree));
  },
);

crashes("an edit in the very moment of the exchange is set aside", () => {
  const root = prepareCrash(folderOf);
  tangleIn(root, {
    onStep: (step) => {
      if (step === "move the old tree away")
        put(root, "tangled/m/changes.ts", "edited");
    },
  });
  assert.is(own(root, "tangled/m/changes.ts"), "2;\n");
  assert.is(get(root, "tangled/m/changes.ts.edited"), "edited");
});

crashes("kill -9 leaves a lock that the next run takes over", () => {
  const root = prepareCrash(projectOf);
  put(root, "kill.ts", `import { tangle } from "./tangle/tangle.ts";
    const last = "move the new tree into its place";
    tangle({ onStep: (step) => void (step === last && process.kill(process.pid, "SIGKILL")) });`);
  const { status } = tool(root, "kill.ts");
  assert.is(status, null);
  assert.ok(readdirSync(root).includes(".tangle-lock"));
  assert.ok(isWhole(root));
  const { out } = tool(root, "tangle/main.ts");
  assert.match(out, "tangled through Preparation");
  checkRecovered(root);
});

crashes("tanglers at the same time wait for one another", async () => {
  const root = projectOf(...[1, 2].map((number) =>
    "# T\n"
    + Array.from({ length: 20 },
      (_, index) => fence(`ts file=${number}/${index}.ts`, "1;")).join("")
  ));
  const runs = Array.from({ length: 3 },
    (_, index) =>
      start(root, "tangle/main.ts",
        ...(index % 2 ? ["--through", config.chapters[0].name] : [])));
  const ended = await Promise.all(runs.map((run) => run.ended));
  assert.equal(ended.map(({ code }) => code), [0, 0, 0],
    ended.map(({ out }) => out).join(""));
  const files = Object.keys(readManifest(join(root, "tangled"))!.files);
  assert.equal(Object.keys(treeOf(root)).sort(),
    files.map((path) => `tangled/${path}`).sort());
  assert.equal(
    readdirSync(root).filter((name) =>
      name.includes("tangle-") || name === "tangled"
    ),
    ["tangled"],
  );
});

crashes("a lock left by a process that is gone is no obstacle", () => {
  const root = folderOf(fence("ts file=a.ts", "1;"));
  put(root, ".tangle-lock/999999999", "");
  assert.equal(tangleIn(root).errors, []);
  assert.not(readdirSync(root).includes(".tangle-lock"));
});

crashes("folders with the tangler's names that it did not make are left alone",
  () => {
    const obstacles: ((path: string) => void)[] = [
      (path) => mkdirSync(join(path, "mine"), { recursive: true }),
      (path) => writeFileSync(path, "mine"),
      (path) => symlinkSync("chapters", path),
    ];
    for (const name of [".tangle-next", ".tangle-old"]) {
      for (const put of obstacles) {
        const root = prepareCrash(folderOf);
        const before = treeOf(root);
        put(join(root, name));
        const chapter = get(root, one);
        const message =
          `${name} is in the way, and was not written by the tangler: move it away`;
        assert.equal(tangleIn(root).errors, [message]);
        assert.equal(untangle(root).errors, [message]);
        assert.equal([treeOf(root), get(root, one)], [before, chapter]);
        assert.ok(lstatSync(join(root, name)));
      }
    }
  });

crashes("nothing is written through a link in the manifest's place", () => {
  for (const name of [".tangle.json", ".tangle.json.next"]) {
    const root = folderOf(fence("ts file=a.ts", "1;"));
    tangleIn(root);
    put(root, "mine", "mine");
    rmSync(join(root, "tangled", name), { force: true });
    symlinkSync("../mine", join(root, "tangled", name));
    put(root, one, "\n" + fence("ts file=a.ts", "1;"));
    assert.equal(tangleIn(root).errors, []);
    assert.is(get(root, "mine"), "mine");
    assert.ok(readManifest(join(root, "tangled")));
  }
});

crashes(
  "the first tree is marked before it is moved, and a crash then brings it back",
  () => {
    const root = folderOf(fence("ts file=a.ts", "1;"));
    put(root, "tangled/notes.txt", "mine");
    try {
      tangleIn(root, {
        onStep: (step) => {
          if (step.startsWith("move the new tree")) throw new Error("crash");
        },
      });
    } catch {
      assert.not(existsSync(join(root, "tangled")));
    }
    assert.equal(tangleIn(root).errors, []);
    assert.equal(treeOf(root), {
      "tangled/a.ts": "1;\n",
      "tangled/notes.txt": "mine",
    });
    assert.equal(readdirSync(root).sort(), ["chapters", "tangled"]);
  },
);

crashes.run();
