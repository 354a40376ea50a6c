// A chapter is the author's property: what is written to one, and what is read as one.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parts, readBook, readSources } from "../../tangle/book/book.ts";
import { editText, writeChapters } from "../../tangle/back/edit-chapter.ts";
import { unreadable } from "../../tangle/book/parse.ts";
import { decode, largest, readText } from "../../tangle/book/text-file.ts";
import { untangle } from "../../tangle/back/untangle.ts";
import {
  experiment,
  fence,
  folderOf,
  get,
  one,
  projectOf,
  put,
  tangleIn,
  tangleProject,
  tool,
  two,
} from "./small-books.ts";
import { messageOf } from "../tools.ts";

const chapters = suite("chapters");
const code = fence("ts file=a.ts", "x;", "y;");

/** Tangles chapters, then changes y to z in tangled/a.ts. */
function edited(...texts: string[]): string {
  const root = folderOf(...texts);
  assert.equal(tangleIn(root).errors, []);
  put(root, "tangled/a.ts", get(root, "tangled/a.ts").replace("y;", "z;"));
  return root;
}

const names = (root: string): string[] =>
  readdirSync(join(root, dirname(one))).sort();

function refuses(root: string, message: RegExp): void {
  const before = readFileSync(join(root, one));
  const { errors } = untangle(root);
  assert.is(errors.length, 1, errors.join("\n"));
  assert.match(errors[0], message);
  assert.ok(readFileSync(join(root, one)).equals(before),
    "the chapter is as it was");
}

chapters("an edit changes its own lines, and not one byte else", () => {
  const odd =
    "\u00e9 e\u0301 \u{1f600} \ufffd \ufeff \u2028 \u0085 \u001b \u200b";
  const texts = [
    `\ufeff# T\r\n\r\n${odd}\n\r${code.replaceAll("\n", "\r\n")}${odd} \t`,
    `# T\r\r${code.replaceAll("\n", "\r")}\r\n\n${odd}`,
    `\ufeff${code.replace("x;\ny;\n", "x;\r\ny;\r")}\n\n`,
    `${code}\ufeff`,
  ];
  for (const text of texts) {
    const root = edited(text);
    assert.equal(untangle(root), {
      errors: [],
      files: ["a.ts"],
      chapters: [one],
    });
    assert.is(get(root, one), text.replace("y;", "z;"));
  }
});

chapters(
  "lines end as those did whose place they take, new ones as the one before",
  () => {
    const edit = (count: number,
      ...lines: string[]) => [{ path: one, line: 2, count, lines }];
    assert.is(editText("a\nb\r\nc\rd", edit(2, "B", "C")), "a\nB\r\nC\rd");
    assert.is(editText("a\nb\r\nc\rd", edit(2, "B")), "a\nB\r\nd");
    assert.is(editText("a\nb\r\nc\rd", edit(1, "B", "new")),
      "a\nB\r\nnew\r\nc\rd");
    assert.is(editText("a\r\nb\nc\rd", edit(0, "new")), "a\r\nnew\r\nb\nc\rd");
    assert.is(editText("a\nb\rc", [...edit(1), {
      path: one,
      line: 3,
      count: 1,
      lines: ["C"],
    }]), "a\nC");
  },
);

chapters("a byte that is not UTF-8 has a place", () => {
  const places: [string, string][] = [
    ["e9", "1:1"],
    ["efbbbf e9", "1:1"],
    ["61 0a 62 0d 63 0d0a 64 c3a4 e9", "4:3"],
    ["efbfbd efbfbd 0a efbfbd 61 efbf", "2:3"],
    ["61 c080", "1:2"],
    ["61 eda080", "1:2"],
    ["f09f9880 f5808080", "1:3"],
    ["61 80", "1:2"],
    ["61 0a 00", "2:1"],
  ];
  for (const [hex, place] of places) {
    const found = decode(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    if (typeof found === "string") throw new Error(`${hex} is UTF-8`);
    assert.is(`${found.line}:${found.column}`, place, hex);
    assert.match(found.message, /UTF-8/);
  }
  assert.is(decode(Buffer.from("\ufeff\ufffd\u{10ffff}")),
    "\ufeff\ufffd\u{10ffff}");
});

chapters(
  "what is not UTF-8 is refused by every tool, before anything is written",
  () => {
    const root = edited(`# T\n\n${code}`);
    const latin = Buffer.from(`# T\n\n${code}na\u00efve\n`, "latin1");
    writeFileSync(join(root, one), latin);
    const message =
      `${one}:7:3: this byte is not UTF-8: save the file as UTF-8`;
    assert.equal(untangle(root).errors, [message]);
    assert.equal(tangleIn(root).errors, [message]);
    assert.is(unreadable(readBook(root))[0], message);
    assert.ok(readFileSync(join(root, one)).equals(latin));
    for (
      const [encoding, mark] of [["utf16le", "\ufeff"], ["utf16le",
        ""]] as const
    ) {
      const text = Buffer.from(mark + "# T\n", encoding);
      for (const bytes of [text, Buffer.from(text).swap16()]) {
        writeFileSync(join(root, one), bytes);
        assert.match(tangleIn(root).errors.join(),
          /:1:\d: .*UTF-16.* save it as UTF-8/);
      }
    }
  },
);

chapters(
  "one that cannot be read is the only error, whatever the others miss from it",
  () => {
    const root = folderOf(fence("ts chunk=x", "1;"),
      fence("ts file=a.ts", "// <<x>>"));
    writeFileSync(join(root, one), Buffer.from([0xe9]));
    const result = tangleIn(root);
    assert.equal(result.errors, [
      `${one}:1:1: this byte is not UTF-8: save the file as UTF-8`,
    ]);
    assert.not.match(result.warnings.join("\n"), /chunk/);
  },
);

chapters(
  "an edited file that is not UTF-8, has a byte order mark or is a link is refused",
  () => {
    const root = edited(code);
    writeFileSync(join(root, "tangled/a.ts"),
      Buffer.from("x;\n\u00ef;\n", "latin1"));
    refuses(root, /^tangled\/a.ts:2:1: this byte is not UTF-8/);
    put(root, "tangled/a.ts", "\ufeffx;\nz;\n");
    refuses(root, /^tangled\/a.ts: it begins with a byte order mark/);
    renameSync(join(root, "tangled/a.ts"), join(root, "mine.ts"));
    symlinkSync("../mine.ts", join(root, "tangled/a.ts"));
    refuses(root, /^tangled\/a.ts: this is a link/);
    renameSync(join(root, "tangled"), join(root, "elsewhere"));
    symlinkSync("elsewhere", join(root, "tangled"));
    refuses(root, /^tangled is not a folder/);
  },
);

chapters("the mode stays, and a link is written through", () => {
  const root = edited(code);
  const real = join(root, "texts/real.md");
  mkdirSync(dirname(real));
  renameSync(join(root, one), real);
  chmodSync(real, 0o4640);
  symlinkSync("real.md", join(root, "texts/link.md"));
  symlinkSync("../texts/link.md", join(root, one));
  assert.equal(untangle(root).errors, []);
  assert.ok(lstatSync(join(root, one)).isSymbolicLink());
  assert.is(readFileSync(real, "utf8"), code.replace("y;", "z;"));
  assert.is(statSync(real).mode & 0o7777, 0o4640);
  assert.equal(readdirSync(dirname(real)).sort(), ["link.md", "real.md"]);
});

chapters(
  "one that is read-only, or has a second name, is refused, and no other is changed",
  () => {
    const root = edited(code.replace("y;", "// <<y>>"),
      fence("ts chunk=y", "y;"), "# Three\n");
    put(root, "tangled/a.ts", "w;\nz;\n");
    chmodSync(join(root, two), 0o444);
    refuses(root,
      new RegExp(`^${two}: the chapter is read-only: make it writable first`));
    chmodSync(join(root, two), 0o644);
    linkSync(join(root, two), join(root, "second-name.md"));
    refuses(root,
      new RegExp(`^${two}: this file has 2 names \\(hard links\\)`));
    assert.is(get(root, "second-name.md"), fence("ts chunk=y", "y;"));
    rmSync(join(root, "second-name.md"));
    assert.equal(untangle(root).chapters, [one, two]);
  },
);

chapters("files beside a chapter are left alone, whatever their names", () => {
  const root = edited(code);
  put(root, `${one}.next`, "mine");
  const next = join(dirname(one),
    `.tangle-next-${process.pid}-${one.split("/").at(-1)}`);
  put(root, next, "mine");
  assert.match(messageOf(() => untangle(root)), /file already exists/);
  assert.equal([get(root, `${one}.next`), get(root, next)], ["mine", "mine"]);
  assert.is(get(root, one), code);
  rmSync(join(root, next));
  assert.equal(untangle(root).errors, []);
  assert.is(get(root, `${one}.next`), "mine");
  assert.is(get(root, one), code.replace("y;", "z;"));
});

chapters("a crash at any step leaves each chapter whole, and nothing beside it",
  () => {
    const old = [code.replace("y;", "// <<y>>"),
      fence("ts chunk=y", "y;")] as const;
    const after = old.map((text) =>
      text.replace("x;", "w;").replace("y;", "z;")
    );
    let crashed = true;
    for (let step = 0; crashed; step++) {
      const root = edited(...old);
      put(root, "tangled/a.ts", "w;\nz;\n");
      const before = names(root);
      let left = step;
      crashed = false;
      try {
        untangle(root, () => {
          if (left-- === 0) throw new Error("crash");
        });
      } catch {
        crashed = true;
      }
      for (const [index, path] of [one, two].entries()) {
        const isDone = !crashed || step - 2 > index;
        assert.is(get(root, path), isDone ? after[index] : old[index]);
      }
      assert.equal(names(root), before);
      assert.not(existsSync(join(root, ".tangle-lock")));
    }
  });

chapters("kill -9 in the middle leaves each chapter whole", () => {
  const root = projectOf(code);
  put(root, "kill.ts",
    `import { writeChapters } from "./tangle/back/edit-chapter.ts";
    import { readSources } from "./tangle/book/book.ts";
    const [source] = readSources();
    const kill = (step: string) => step.startsWith("replace") && process.kill(process.pid, "SIGKILL");
    writeChapters(".", [source!], new Map([[source!.path, "new"]]), kill);`);
  assert.is(tool(root, "kill.ts").status, null);
  assert.is(get(root, one), code);
});

chapters("what the author saves in the very moment of an edit is kept", () => {
  const root = edited(code);
  const { errors } = untangle(root, (step) => {
    if (step.startsWith("write")) put(root, one, "mine");
  });
  assert.equal(errors, [
    `${one}: it was changed in this very moment: try again`,
  ]);
  assert.is(get(root, one), "mine");
  assert.equal(writeChapters(root, readSources(root), new Map([[one, "new"]])),
    []);
  assert.is(get(root, one), "new");
});

chapters("whatever stands in the place of a chapter gets one line", () => {
  const root = folderOf(code);
  const path = join(root, one);
  const stands = (put: () => void, message: RegExp): void => {
    rmSync(path, { recursive: true, force: true });
    put();
    const errors = tangleIn(root).errors;
    assert.is(errors.length, 1, errors.join("\n"));
    assert.ok(errors[0].startsWith(`${one}:1:1: `), errors[0]);
    assert.match(errors[0], message);
  };
  stands(() => mkdirSync(path), /this is a folder: put a file here/);
  stands(() => execFileSync("mkfifo", [path]), /this is a device or a pipe/);
  stands(() => symlinkSync("/dev/zero", path), /this is a device or a pipe/);
  stands(() => symlinkSync("nowhere.md", path), /a link that leads nowhere/);
  stands(() => symlinkSync("1-preparation.md", path),
    /cannot be read: too many symbolic links/);
  stands(() => {
    writeFileSync(path, "");
    truncateSync(path, largest + 1);
  }, /larger than 16 MB/);
  rmSync(path);
  assert.is(readText(path), undefined);
  if (existsSync("/proc/version"))
    assert.match(String(readText("/proc/version")), /^Linux/);
  assert.is(unreadable(readBook(root)).length, 0,
    "missing chapters are another thing");
  assert.is(readBook(root).problems.length, parts().length);
});

chapters(
  "experiments --update keeps all other bytes, and refuses what it could spoil",
  () => {
    const text = `\ufeff# T\r\n\r\n${experiment("console.log('a\\nb\\nc')", "a", "B", "c")}`
      .replace("a\nB\nc\n", "a\r\nB\nc\r\n");
    const root = projectOf(text);
    tangleProject(root);
    chmodSync(join(root, one), 0o600);
    assert.match(tool(root, "tangle/experiments-main.ts", "--update").out,
      /1 updated, 0 failed\n$/);
    assert.is(get(root, one), text.replace("B", "b"));
    assert.is(statSync(join(root, one)).mode & 0o777, 0o600);
    put(root, one,
      experiment("console.log('new')", "n") + text.replace("B", "C"));
    const stale = get(root, one);
    assert.equal(tool(root, "tangle/experiments-main.ts", "--update"), {
      status: 1,
      out:
        "tangled/ is not what the chapters say now: run `npm run tangle` first\n",
    });
    assert.is(get(root, one), stale);
  },
);

chapters.run();
