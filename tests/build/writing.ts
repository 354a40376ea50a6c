// The weaver and the drawings never lose what they did not write.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  isDrawn,
  marked,
  writeDrawings,
} from "../../build/writing/write-drawings.ts";
import { checkSource, targetOf } from "../../build/writing/target.ts";
import { readOptions, reasonOf } from "../../build/command-line.ts";
import { writeSite } from "../../build/writing/write-site.ts";
import type { OnStep } from "../../tangle/tree/write.ts";
import { fixture, run, temporary } from "./small-site.ts";

const writing = suite("build: nothing is lost");

const oldSite = new Map([
  ["index.html", "old"],
  ["old/page.html", "old page"],
]);
const newSite = new Map<string, string | Uint8Array>([
  ["index.html", "new"],
  ["assets/face.woff2", Uint8Array.of(1, 2, 3)],
]);

/** A project with an old site in dist/. */
function withSite(): { root: string; dist: string } {
  const root = temporary();
  const dist = join(root, "dist");
  writeSite(dist, oldSite);
  return { root, dist };
}

/** Path and content of everything in a folder, links as they are, lists left out. */
function treeOf(folder: string, below = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(join(folder, below))) {
    const path = join(below, name);
    const found = lstatSync(join(folder, path));
    if (found.isDirectory())
      Object.assign(tree, { [`${path}/`]: "" }, treeOf(folder, path));
    else if (found.isSymbolicLink()) tree[path] = "link";
    else if (name !== ".weave.json")
      tree[path] = readFileSync(join(folder, path), "latin1");
  }
  return tree;
}

const text = (content: string | Uint8Array): string =>
  Buffer.from(content).toString("latin1");
const holds = (folder: string,
  files: ReadonlyMap<string, string | Uint8Array>): boolean =>
{
  const found = Object.entries(treeOf(folder)).filter(([path]) =>
    !path.endsWith("/")
  );
  return found.length === files.size
    && found.every(([path, content]) =>
      text(files.get(path) ?? "-") === content
    );
};

/** What is thrown, in the words that the user sees. */
function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return reasonOf(error) ?? `a fault of the program: ${error}`;
  }
  return "nothing was thrown";
}

writing(
  "a site takes the place of another one, with its mode, and leaves nothing beside it",
  () => {
    const { root, dist } = withSite();
    chmodSync(dist, 0o750);
    writeSite(dist, newSite);
    assert.ok(holds(dist, newSite));
    assert.is(statSync(dist).mode & 0o777, 0o750);
    assert.equal(readdirSync(root), ["dist"]);
    mkdirSync(join(root, "empty"));
    writeSite(join(root, "empty"), newSite);
    writeSite(join(root, "some/where/new"), newSite);
    assert.ok(holds(join(root, "empty"), newSite)
      && holds(join(root, "some/where/new"), newSite));
  },
);

const strangers:
  readonly (readonly [what: string, add: (dist: string) => void,
    named: RegExp])[] = [
    ["a file", (dist) => writeFileSync(join(dist, "notes.txt"), "mine"),
      /: notes\.txt;/u],
    ["a file in a folder of the site",
      (dist) => writeFileSync(join(dist, "old/x"), "mine"), /: old\/x;/u],
    ["an edited page",
      (dist) => writeFileSync(join(dist, "index.html"), "mine"),
      /: index\.html \(edited\);/u],
    ["a file by a name that the weaver uses",
      (dist) => writeFileSync(join(dist, ".weave-part"), "mine"),
      /: \.weave-part;/u],
    ["an empty folder", (dist) => mkdirSync(join(dist, "mine")), /: mine\/;/u],
    [
      "a link in the place of a page",
      (dist) => {
        rmSync(join(dist, "index.html"));
        symlinkSync("old/page.html", join(dist, "index.html"));
      },
      /: index\.html;/u,
    ],
    [
      "more than can be told",
      (dist) =>
        ["d", "c", "b", "a"].forEach((name) =>
          writeFileSync(join(dist, name), "mine")
        ),
      /: a, b, c and more;/u,
    ],
    ["a site without its list", (dist) => rmSync(join(dist, ".weave.json")),
      /if it is an old site, delete it/u],
    ["a site with a broken list",
      (dist) => writeFileSync(join(dist, ".weave.json"), "{"),
      /no list in \.weave\.json/u],
    [
      "a list that leads elsewhere",
      (dist) =>
        writeFileSync(join(dist, ".weave.json"),
          "{ \"version\": 1, \"files\": { \"../mine\": \"\" } }"),
      /no list in \.weave\.json/u,
    ],
  ];

for (const [what, add, named] of strangers) {
  writing(`a folder with ${what} stays as it is`, () => {
    const { root, dist } = withSite();
    add(dist);
    const before = treeOf(root);
    assert.match(messageOf(() => writeSite(dist, newSite, { name: "dist" })),
      named);
    assert.equal(treeOf(root), before);
  });
}

writing("what lies in the way is no folder: it stays", () => {
  const root = temporary();
  writeFileSync(join(root, "file"), "mine");
  assert.match(messageOf(() => writeSite(join(root, "file"), newSite)),
    /is not a folder/u);
  assert.match(messageOf(() => writeSite(join(root, "file/x"), newSite)),
    /not a directory|file already exists/u);
  assert.equal(treeOf(root), { file: "mine" });
});

writing("a page that is edited while the new site is made is not lost", () => {
  const { root, dist } = withSite();
  const onStep: OnStep = (step) => {
    if (step === "move the old site away")
      writeFileSync(join(dist, "index.html"), "mine");
  };
  assert.match(messageOf(() => writeSite(dist, newSite, { onStep })),
    /index\.html \(edited\)/u);
  assert.is(readFileSync(join(dist, "index.html"), "utf8"), "mine");
  assert.equal(readdirSync(root), ["dist"]);
});

/** How many steps there are, from a run in which all of them are taken. */
function stepsOf(work: (onStep: OnStep) => void): string[] {
  const steps: string[] = [];
  work((step) => steps.push(step));
  return steps;
}

/** The whole old site, the whole new one, or (after a crash) the old one beside its place. */
function isWhole(root: string): boolean {
  const [dist, aside] = [join(root, "dist"), join(root, ".dist.weave-old")];
  if (!existsSync(dist)) return holds(aside, oldSite);
  return holds(dist, oldSite) || holds(dist, newSite);
}

const replacing = stepsOf((onStep) =>
  writeSite(withSite().dist, newSite, { onStep })
);

writing(
  "a crash at any step leaves the old site or the new one, and the next run makes it good",
  () => {
    assert.ok(replacing.length > 10, replacing.join());
    for (const [at, step] of replacing.entries()) {
      const { root, dist } = withSite();
      let left = at;
      const onStep: OnStep = () => {
        if (left-- <= 0) throw new Error("crash");
      };
      assert.is(messageOf(() => writeSite(dist, newSite, { onStep })), "crash");
      assert.ok(isWhole(root), `${step}: ${JSON.stringify(treeOf(root))}`);
      writeSite(dist, newSite);
      assert.ok(holds(dist, newSite), step);
      assert.equal(readdirSync(root), ["dist"], step);
    }
  },
);

writing(
  "after a step that fails, as on a full disk, nothing is left beside the site",
  () => {
    for (const [at, step] of replacing.entries()) {
      const { root, dist } = withSite();
      let left = at;
      const onStep: OnStep = () => {
        const full = { code: "ENOSPC", errno: -28 };
        if (left-- === 0) throw Object.assign(new Error("ENOSPC: raw"), full);
      };
      const message = messageOf(() => writeSite(dist, newSite, { onStep }));
      assert.match(message, /^(\S*dist: )?no space left on device$/u);
      assert.ok(existsSync(dist) && isWhole(root), step);
      if (holds(dist, oldSite)) assert.equal(readdirSync(root), ["dist"], step);
    }
  },
);

writing("what a crash left is cleared away only if all of it is the weaver's",
  () => {
    for (const left of [".dist.weave-next", ".dist.weave-old"]) {
      const { root, dist } = withSite();
      mkdirSync(join(root, left));
      writeFileSync(join(root, left, "mine"), "mine");
      const before = treeOf(root);
      assert.match(messageOf(() => writeSite(dist, newSite)),
        /\.dist\.weave-\w+ holds mine/u);
      assert.equal(treeOf(root), before);
    }
  });

writing(
  "a new folder of the user's in the place of a site that a crash took away is not touched",
  () => {
    const { root, dist } = withSite();
    renameSync(dist, join(root, ".dist.weave-old"));
    mkdirSync(dist);
    writeFileSync(join(dist, "mine"), "mine");
    const before = treeOf(root);
    assert.match(messageOf(() => writeSite(dist, newSite)), /holds mine/u);
    assert.equal(treeOf(root), before);
  },
);

writing("one weaver at a time: while it writes there is a lock", () => {
  const { root, dist } = withSite();
  let locked = true;
  writeSite(dist, newSite, {
    onStep: () => (locked &&= readdirSync(root).includes(".dist.weave-lock")),
  });
  assert.ok(locked);
  assert.equal(readdirSync(root), ["dist"]);
});

/** A project with a folder, a site, and links to them and to what lies outside. */
function project(): string {
  const root = fixture();
  for (const folder of ["tangled", ".git", "node_modules", "other"])
    mkdirSync(join(root, folder));
  symlinkSync("chapters", join(root, "to-chapters"));
  symlinkSync(".", join(root, "to-project"));
  symlinkSync("..", join(root, "to-above"));
  symlinkSync(temporary(), join(root, "to-outside"));
  symlinkSync("nowhere", join(root, "to-nowhere"));
  symlinkSync("other", join(root, "to-other"));
  return root;
}

writing(
  "no site lands on the project, above it, in its parts or outside, however that is spelled",
  () => {
    const root = project();
    const bounds = { roots: [root], outside: false };
    const refused = (path: string, outside = false): string =>
      messageOf(() => targetOf(path, { ...bounds, outside }));
    for (
      const path of ["", "/.", "/other/..", "/to-project", "/..", "/to-above",
        "/to-project/to-above", "/../..//"]
    )
      for (const outside of [false, true])
        assert.match(refused(root + path, outside), /is or holds the project/u,
          path);
    const parts = ["chapters", "chapters/", "chapters/figures/new", "tangled/x",
      ".git/x", ".ci", "node_modules/x"];
    for (
      const path of [...parts, "CHAPTERS/x", "Chapters", "to-chapters",
        "to-chapters/x", "build", "tests/x", "tangle"]
    )
      assert.match(refused(join(root, path), true), /not the weaver's/u, path);
    for (const path of ["../beside", "to-outside", "to-outside/x"])
      assert.match(refused(`${root}/${path}`),
        /outside the project.*--outside/u, path);
    assert.match(refused(""), /names no folder/u);
    assert.match(refused(`${root}/to-nowhere`), /leads nowhere/u);
  },
);

writing(
  "a site lands where it may: in a new folder, through a link, and outside when told twice",
  () => {
    const root = project();
    const bounds = { roots: [root], outside: false };
    for (
      const path of ["dist", "other", "other/new/", "to-project/dist",
        "chapters-of-mine"]
    )
      assert.ok(targetOf(join(root, path), bounds).startsWith(root), path);
    assert.is(targetOf(`${root}/../beside`, { roots: [root], outside: true }),
      join(dirname(root), "beside"));
    writeSite(targetOf(join(root, "to-other"), bounds), newSite);
    assert.ok(lstatSync(join(root, "to-other")).isSymbolicLink());
    assert.ok(holds(join(root, "other"), newSite));
  },
);

writing("the command says so in one line, and exits with 1", () => {
  const root = fixture();
  const before = treeOf(root);
  const { status, stdout, stderr } = run("build/main.ts", ["--from", root,
    "--to", join(root, "chapters")]);
  assert.is(status, 1);
  assert.is(stdout, "");
  assert.match(stderr,
    /^npm run build: \S+ is in chapters, which is not the weaver's[^\n]*\n$/u);
  assert.equal(treeOf(root), before);
});

writing(
  "what a command cannot understand is told in one line, with what may have been meant",
  () => {
    const read = (...args: string[]): string =>
      messageOf(() =>
        readOptions({ from: { type: "string" }, draft: { type: "boolean" } },
          args)
      );
    assert.is(read("--form", "x"),
      `Unknown option '--form'; did you mean "--from"?`);
    assert.is(read("-x"), "Unknown option '-x' (there are --from, --draft)");
    assert.match(read("--from"), /^Option '--from <value>' argument missing$/u);
    assert.match(read("stray"), /^Unexpected argument 'stray'/u);
    assert.is(messageOf(() => readOptions({}, ["--all"])),
      "Unknown option '--all' (there are none)");
    for (const from of ["", "/nowhere", "package.json"])
      assert.match(messageOf(() => checkSource(from)),
        /^--from: there is no folder/u);
  },
);

writing("a fault of the program is not taken for a wish that cannot be granted",
  () => {
    assert.is(reasonOf(new TypeError("x is not a function")), undefined);
    assert.is(reasonOf(new Error("no such port")), "no such port");
  });

writing("the command weaves a good book, and says where", () => {
  const root = fixture();
  const target = join(root, "dist");
  const { status, stdout, stderr } = run("build/main.ts", ["--from", root,
    "--to", target]);
  assert.is(status, 0, stderr);
  assert.match(stdout, /woven in/u);
  assert.is(statSync(target).mode & 0o055, 0o055);
  assert.equal(readdirSync(root).sort(), ["chapters", "dist"]);
});

const svg = (name: string): string => `<svg>${name}</svg>\n`;
const drawings = new Map([
  ["a.svg", svg("a")],
  ["b.svg", svg("b")],
]);

/** A folder of drawings as the tool left them, but for one of them. */
function drawn(name: string, content: string): string {
  const folder = join(temporary(), "figures");
  writeDrawings(folder,
    new Map([...drawings].map(([each]) => [each, svg("before")])));
  writeFileSync(join(folder, name), content);
  return folder;
}

writing("drawings are drawn anew, and known again by their mark", () => {
  const folder = drawn("own.svg", "mine");
  assert.equal(writeDrawings(folder, drawings), ["a.svg", "b.svg"]);
  assert.equal(treeOf(dirname(folder)), {
    "figures/": "",
    "figures/a.svg": marked(svg("a")),
    "figures/b.svg": marked(svg("b")),
    "figures/own.svg": "mine",
  });
  assert.equal(writeDrawings(folder, drawings), []);
  assert.ok(isDrawn(marked(svg("a")).replaceAll("\n", "\r\n")));
});

writing(
  "a drawing that was edited, or made by someone else, is not drawn over; nor is any other then",
  () => {
    for (
      const content of ["mine", svg("b") + " ",
        marked(svg("a")).replace("<svg>", "<svg> "), ""]
    ) {
      const folder = drawn("b.svg", content);
      const before = treeOf(folder);
      assert.match(messageOf(() => writeDrawings(folder, drawings)),
        /b\.svg was not drawn by this command/u);
      assert.equal(treeOf(folder), before);
      assert.equal(readdirSync(dirname(folder)), ["figures"]);
    }
    const folder = drawn("b.svg", svg("b"));
    assert.equal(writeDrawings(folder, drawings), ["a.svg", "b.svg"]);
  },
);

writing(
  "a crash at any step leaves every drawing whole, and the next run makes it good",
  () => {
    const steps = stepsOf((onStep) =>
      writeDrawings(drawn("own.svg", "mine"), drawings, onStep)
    );
    for (let at = 0; at < steps.length; at++) {
      const folder = drawn("own.svg", "mine");
      let left = at;
      const onStep: OnStep = () => {
        if (left-- <= 0) throw new Error("crash");
      };
      assert.is(messageOf(() => writeDrawings(folder, drawings, onStep)),
        "crash");
      for (const name of drawings.keys())
        assert.ok(isDrawn(readFileSync(join(folder, name), "utf8")));
      writeDrawings(folder, drawings);
      assert.equal(readdirSync(folder), ["a.svg", "b.svg", "own.svg"]);
      if (at < steps.length - 4)
        assert.equal(readdirSync(dirname(folder)), ["figures"],
          steps[at] ?? "");
    }
  },
);

writing.run();
