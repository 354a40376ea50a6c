// The literate notation.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { experimentsOf } from "../../tangle/tree/expand.ts";
import { references } from "../../tangle/book/references.ts";
import {
  bookOf,
  fence,
  folderOf,
  one,
  problemsOf,
  tangleIn,
  textOf,
  treeOf,
} from "./small-books.ts";

const notation = suite("notation");

notation("a file holds its chunks, each line indented as the reference is",
  () => {
    const text = fence("ts file=a.ts", "function f() {", "  // <<body>>", "}")
      + fence("ts chunk=\"body\"", "if (x) {", "", "  y();", "}");
    assert.is(textOf("a.ts", text),
      "function f() {\n  if (x) {\n\n    y();\n  }\n}\n");
  });

notation("a chunk that is defined again grows", () => {
  const text = fence("ts file=a.ts", "// <<list>>")
    + fence("ts chunk=\"list\"", "one();")
    + fence("ts chunk=\"list\"", "two();");
  assert.is(textOf("a.ts", text), "one();\ntwo();\n");
});

notation(
  "replaces takes the place of all that was there, and can be appended to",
  () => {
    const first = fence("ts file=a.ts", "// <<x>>")
      + fence("ts chunk=\"x\"", "1;") + fence("ts chunk=\"x\"", "2;");
    const second = fence("ts replaces=\"x\"", "3;")
      + fence("ts chunk=\"x\"", "4;");
    assert.is(textOf("a.ts", first, second), "3;\n4;\n");
    assert.is(textOf("a.ts", first), "1;\n2;\n");
  },
);

notation("indentations add up, tabs stay tabs", () => {
  const text = fence("ts file=a.ts", "\t// <<outer>>")
    + fence("ts chunk=\"outer\"", "{", "  // <<inner>>", "}")
    + fence("ts chunk=\"inner\"", "x;");
  assert.is(textOf("a.ts", text), "\t{\n\t  x;\n\t}\n");
});

notation("a reference stands in any common form of comment", () => {
  const forms = [
    "// <<x>>",
    "# <<x>>",
    "; <<x>>",
    ";; <<x>>",
    "-- <<x>>",
    "/* <<x>> */",
    "<!-- <<x>> -->",
    "  //<<x>>  ",
  ];
  const text = fence("anything file=a.txt", ...forms)
    + fence("text chunk=\"x\"", "X");
  assert.is(textOf("a.txt", text), "X\n".repeat(7) + "  X\n");
});

notation("code that looks a little like a reference stays code", () => {
  const lines = [
    "a << b >> c;",
    "const m: Map<string, Array<number>> = f<<T>(x: T) => T>(y);",
    "// <<open",
    "// <<a>> and <<b>>",
    "x(); // <<x>>",
    "\"// <<x>>\"",
    "// <<>>",
    "// << >>",
  ];
  assert.is(textOf("a.ts", fence("ts file=a.ts", ...lines)),
    lines.join("\n") + "\n");
});

notation("names may hold quotes, punctuation and any script", () => {
  const names = ["say \"hi\"", "don't: f(x) = [1, 2]", "シャドウ・ページ",
    "a=b", "back\\slash"];
  const uses = names.map((name) => `// <<${name}>>`);
  const chunks = names.map((name, index) =>
    fence(`ts chunk=${JSON.stringify(name)}`, `${index};`)
  );
  assert.is(textOf("a.ts", fence("ts file=a.ts", ...uses) + chunks.join("")),
    "0;\n1;\n2;\n3;\n4;\n");
});

notation("a name of one word needs no quotes", () => {
  assert.is(
    textOf("a.ts",
      fence("ts file=a.ts", "// <<x>>") + fence("ts chunk=x", "1;")),
    "1;\n",
  );
});

notation(
  "empty chunks, empty files and lines of white space are kept as they are",
  () => {
    const text = fence("ts file=a.ts", "// <<nothing>>", "  ", "x")
      + fence("ts chunk=\"nothing\"")
      + fence("ts file=b.ts");
    const root = folderOf(text);
    tangleIn(root);
    assert.equal(treeOf(root), {
      "tangled/a.ts": "  \nx\n",
      "tangled/b.ts": "",
    });
  },
);

notation("tildes, long fences, CR LF and a byte order mark are all Markdown",
  () => {
    const tildes = ["~~~ts file=a.ts", "```", "// <<x>>", "~~~"];
    const long = ["`````ts chunk=x", "````", "x", "``````", ""];
    const text = ["\uFEFF# Title", "", ...tildes, "", ...long].join("\r\n");
    assert.is(textOf("a.ts", text), "```\n````\nx\n");
    assert.is(bookOf(text).chapters[0].title, "Title");
  });

notation("fences without attributes are illustrations, wherever they stand",
  () => {
    const inList = `- list\n\n  ${fence("ts", "x").replaceAll("\n", "\n  ")}`;
    const quoted = "> ~~~\n> quoted\n> ~~~\n";
    const text = [fence("ts", "// <<unknown>>"), inList, quoted, fence("")]
      .join("\n");
    assert.equal(problemsOf(text), []);
    assert.is(bookOf(text).chapters[0].fences.length, 4);
  });

notation("an experiment is tangled below experiments/, with its number", () => {
  const experiment = fence("ts run", "console.log(1);")
    + fence("text output", "1");
  const root = folderOf("# A\n" + experiment,
    "# B\n" + experiment + "\n" + experiment);
  tangleIn(root);
  assert.equal(Object.keys(treeOf(root)), [
    "tangled/experiments/1-1.ts",
    "tangled/experiments/2-1.ts",
    "tangled/experiments/2-2.ts",
  ]);
  assert.equal(
    experimentsOf(bookOf("", experiment + experiment)).map(({ name }) => name),
    ["2.1", "2.2"],
  );
});

notation("fences and references know their places", () => {
  const book = bookOf("# T\n\n" + fence("ts  file=a.ts", "f();", "  // <<x>>"));
  const [found] = book.chapters[0].fences;
  assert.equal(found!.place, { path: one, line: 3, column: 1 });
  assert.is(found!.firstLine, 4);
  assert.is(found!.columns["file"], 8);
  assert.is(book.chapters[0].tokens[found!.token].type, "fence");
  assert.equal(references(found!), [{
    name: "x",
    line: 5,
    column: 6,
    indent: "  ",
  }]);
});

notation.run();
