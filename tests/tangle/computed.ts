// What the tangler itself writes into a file: where it comes from, and its imports.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { namesIn } from "../../tangle/tree/names.ts";
import { untangle } from "../../tangle/back/untangle.ts";
import {
  fence,
  folderOf,
  get,
  one,
  own,
  put,
  tangleIn,
} from "./small-books.ts";

const computed = suite("computed lines");

/** The text, computed lines and all, that one file of a book becomes. */
function whole(path: string, text: string): string {
  const root = folderOf(text);
  assert.equal(tangleIn(root).errors, []);
  return get(root, `tangled/${path}`);
}

const from = (section: string, comment = "//"): string =>
  `${comment} From ${one}, "${section}": edit it there, or here and then \`npm run untangle\`.\n`;

computed(
  "a file says in which section it was opened, after the words that open it",
  () => {
    const book = "# T\n\n## Here\n"
      + fence("ts file=a.ts", "// Counts.", "", "one();")
      + "## There\n" + fence("asm file=b.asm", "nop")
      + fence("text file=c.txt", "plain");
    assert.is(whole("a.ts", book), `// Counts.\n${from("Here")}\none();\n`);
    assert.is(whole("b.asm", book), `${from("There", ";")}nop\n`);
    assert.is(whole("c.txt", book), "plain\n", "no comments, no such line");
  },
);

const library = "# T\n"
  + fence("ts file=x/b.ts", "export interface Cat { age: number }",
    "export const feed = () => 1;")
  + fence("ts file=x/c.ts",
    "export const stroke = (cat: Cat) => feed() + cat.age;");

computed("imports are computed from use", () => {
  const text = whole("x/c.ts", library);
  assert.is(text, `${from("T")}import { type Cat, feed } from "./b.ts";\n`
    + "export const stroke = (cat: Cat) => feed() + cat.age;\n");
  const user = fence("ts file=y/d.ts", "export type Cats = Cat[];");
  assert.match(whole("y/d.ts", library + user),
    "import type { Cat } from \"../x/b.ts\";\nexport");
});

computed("a name of one's own, and one that two folders know, are not imported",
  () => {
    const texts = ["const feed = 2; feed;", "const f = (feed: number) => feed;",
      "x.feed; ({ feed: 1 });"];
    for (const text of texts) {
      assert.is(whole("y/d.ts", library + fence("ts file=y/d.ts", text)),
        `${from("T")}${text}\n`);
    }
    const twin = fence("ts file=z/e.ts", "export const feed = 3;");
    const user = (path: string) => fence(`ts file=${path}`, "feed();");
    assert.is(whole("y/d.ts", library + twin + user("y/d.ts")),
      `${from("T")}feed();\n`);
    assert.match(whole("z/d.ts", library + twin + user("z/d.ts")),
      "import { feed } from \"./e.ts\";");
  });

computed("many names stand one on a line", () => {
  const names = Array.from({ length: 9 }, (_, n) => `aRatherLongName${n}`);
  const book =
    fence("ts file=a.ts", ...names.map((name) => `export const ${name} = 1;`))
    + fence("ts file=b.ts", `export const all = [${names.join(", ")}];`);
  const text = whole("b.ts", book);
  assert.match(text, `import {\n  aRatherLongName0,\n`);
  assert.match(text, `  aRatherLongName8,\n} from "./a.ts";\nexport const all`);
});

computed(
  "whatever happens to them, an edit comes back, and nobody's work is set aside",
  () => {
    const edits: ((text: string) => string)[] = [
      (text) => text.replace("() + cat", "() * cat"),
      (text) => text.replace("() + cat", "() * cat").replace(/import .*\n/, ""),
      (text) =>
        text.replace("() + cat", "() * cat").replace(/import .*/,
          "import { feed } from \"./b.ts\";"),
      (text) =>
        text.replace("() + cat", "() * cat").replace(/.*From.*\nimport .*\n/,
          ""),
    ];
    for (const edit of edits) {
      const root = folderOf(library);
      tangleIn(root);
      put(root, "tangled/x/c.ts", edit(get(root, "tangled/x/c.ts")));
      assert.equal(untangle(root).errors, []);
      assert.is(get(root, one), library.replace("() + cat", "() * cat"));
      assert.equal(tangleIn(root).errors, []);
      assert.is(own(root, "tangled/x/c.ts"),
        "export const stroke = (cat: Cat) => feed() * cat.age;\n");
      assert.match(get(root, "tangled/x/c.ts"),
        "import { type Cat, feed } from \"./b.ts\";");
    }
  },
);

const parts = "# T\n"
  + fence("ts file=a.ts", "one();", "// <<two>>", "// <<three>>")
  + fence("ts chunk=\"two\"", "function two() {", "  // <<inside>>", "}")
  + fence("ts chunk=\"two\"", "const a = 1;")
  + fence("ts chunk=\"three\"", "const b = 2;")
  + fence("ts chunk=\"inside\"", "a();") + fence("ts chunk=\"inside\"", "b();");

computed(
  "an empty line sets off a declaration of several lines from what another fence has",
  () => {
    const text =
      "one();\n\nfunction two() {\n  a();\n  b();\n}\n\nconst a = 1;\nconst b = 2;\n";
    assert.is(whole("a.ts", parts), from("T") + text);
  },
);

computed(
  "what is written before such a line ends a fence, and after it begins one",
  () => {
    const edits: [from: string, to: string, chapter: string,
      inChapter: string][] = [
        ["}\n\n", "}\n\nfunction c() {\n}\n\n", "const a",
          "function c() {\n}\n\nconst a"],
        ["\n\nconst a", "\n\nc();\nconst a", "const a", "c();\nconst a"],
        ["}\n\nconst a = 1", "} // end\n\nconst a = 3", "}\n", "} // end\n"],
      ];
    for (const [old, edited, chapter, inChapter] of edits) {
      const root = folderOf(parts);
      tangleIn(root);
      put(root, "tangled/a.ts", get(root, "tangled/a.ts").replace(old, edited));
      assert.equal(untangle(root).errors, []);
      const wanted = parts.replace(chapter, inChapter);
      assert.is(get(root, one),
        edited.includes("3") ? wanted.replace("a = 1", "a = 3") : wanted);
      assert.equal(tangleIn(root).errors, []);
    }
  },
);

const uses = (source: string): string => {
  const { used, declared } = namesIn(source);
  return [...used].filter((name) => !declared.has(name)).sort().join(" ");
};

computed("a name is used where a value or a type is meant, and nowhere else",
  () => {
    const cases: [source: string, names: string][] = [
      ["f(a, b.c, `x ${d} {e} ${`${g}`}`, /h\\/[/]i/, 'j', \"k\") // l",
        "a b d f g"],
      ["a / b / c; return /d/.e;", "a b c"],
      ["const { a, b: c, ...d } = e; [f] = [a, b, c, d];", "b e f"],
      ["const x = new Map<K, V>(), y = 1; x; y;", "K Map V"],
      ["function f(a: A, { b }: B, c = C): D { return a + b + c; }", "A B C D"],
      ["x.map((a, b) => a + b).map(c => c).map(async (d): Promise<E> => d);",
        "E Promise x"],
      ["interface I { a: A; b?: B; readonly c: C; d(e: E): F }", "A B C E F"],
      ["const o = { a: x, b, c(d) { return d; }, 'e': f };", "b f x"],
      ["const y = a ? b : c, z = a ? f(b) : g(c);", "a b c f g"],
      ["outer: for (const a of b) { if (a) continue outer; else break outer; }",
        "b"],
      ["enum E { A, B = 1 } E.A; switch (s) { case T.U: case V: }", "T V s"],
      ["try { t(); } catch (e) { u(e); }", "t u"],
      ["import { p, type q as r } from 'm'; p(r); import * as s from 'n'; s;",
        ""],
      ["type T<X> = X extends Y ? (a: Z) => a is W : never;", "W X Y Z"],
    ];
    for (const [source, names] of cases) assert.is(uses(source), names, source);
  });

computed("exports are types or values", () => {
  const source =
    "export type A = 1; export interface B {} export class C {} export enum D {} "
    + "export const enum E {} export async function f() {} export const g: M<A, h> = 1, i = 2; let j;";
  const kinds = [...namesIn(source).exported].map(([name, kind]) =>
    `${name} ${kind}`
  );
  assert.is(kinds.join(", "),
    "A type, B type, C value, D value, E value, f value, g value, i value");
});

computed.run();
