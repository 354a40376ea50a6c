// The house: nobody imports in a circle, and an arrow only ever points to the left.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { book as config } from "../book.config.ts";
import { readBlock } from "../build/machine/block.ts";
import { readList } from "../build/writing/manifest.ts";
import { targetOf } from "../build/writing/target.ts";
import { parts, readBlocks } from "../tangle/book/book.ts";
import { isQuest, type Book } from "../tangle/book/chapter.ts";
import { sectionsOf, type Section } from "../tangle/book/sections.ts";
import {
  parseStage,
  stageThrough,
  wholeBook,
  type Stage,
} from "../tangle/book/stage.ts";
import { questsOf, stageAlone } from "../tangle/road/quests.ts";
import { expandBook, expandChapters } from "../tangle/tree/expand.ts";
import { findMisfit, projectFolders } from "../tangle/tree/home.ts";
import { namesIn } from "../tangle/tree/names.ts";
import {
  chapterTests,
  sectionOfTest,
} from "../tangle/testing/chapter-tests.ts";

/** Of each file the files that it imports. */
type Arrows = ReadonlyMap<string, readonly string[]>;

const importing = /^(?:import|export)\b(?:[^;]*?\bfrom)? "(\.[^"]*)";/gm;

function arrowsOf(texts: ReadonlyMap<string, string>): Arrows {
  return new Map([...texts].map(([path, text]) => {
    const specifiers = [...text.matchAll(importing)].map(([, specifier]) =>
      specifier!
    );
    return [path, specifiers.map((to) => posix.join(posix.dirname(path), to))];
  }));
}

/** The arrows between the folders that `roomOf` gives for files. */
function between(arrows: Arrows, roomOf: (path: string) => string): Arrows {
  const rooms = new Map<string, Set<string>>();
  for (const [from, targets] of arrows) {
    const room = roomOf(from);
    const known = rooms.get(room) ?? new Set();
    for (const to of targets.map(roomOf)) if (to !== room) known.add(to);
    rooms.set(room, known);
  }
  return new Map([...rooms].map(([room, targets]) => [room, [...targets]]));
}

/** A way that leads back to where it began, if there is one. */
function circleIn(arrows: Arrows): string[] | undefined {
  const done = new Set<string>();
  const walk = (path: string, way: string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const to of arrows.get(path) ?? []) {
      const found = walk(to, [...way, path]);
      if (found) return found;
    }
    done.add(path);
    return undefined;
  };
  for (const path of arrows.keys()) {
    const found = walk(path, []);
    if (found) return found;
  }
  return undefined;
}

const noCircle = (arrows: Arrows, where: string): void =>
  assert.is(circleIn(arrows)?.join(" -> "), undefined, where);

/** The folders of tangled/, and whom each may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  machine: [],
  assembler: ["machine"],
  abi: ["machine"],
  guest: ["machine", "assembler", "abi"],
  loader: ["machine", "abi"],
  switcher: ["machine", "assembler", "abi"],
  host: ["machine", "abi", "switcher"],
  // It knows the Host through the door alone: abi/dev-lguest.ts.
  launcher: ["machine", "abi", "loader"],
  mastery: ["machine", "assembler", "abi", "loader", "host", "launcher"],
};

/** These stand above all others. */
const roofs = ["command-line", "experiments"];

/** The rooms of the machine, from the ground to the roof. */
const floors = ["ground", "rows", "memory", "protection", "x87", "meaning",
  "running", ""];

/** The rooms of the weaver, from the ground to the roof: each leans only on those before it. */
const floorsOfWeaver = ["text", "colours", "machine", "writing", "client",
  "figures", "structure", "loom", "terminal", "pages", "appendix", "site", ""];

/** A room of the tangler; what lies in tangle/ itself is its roof, but for the plain JavaScript beneath it all. */
const roomOfTangler = (
  path: string,
): string => (path.endsWith(".mjs") ? "*.mjs" : posix.dirname(path));

const folderOf = (path: string): string => path.split("/")[0];
const roomOf = (path: string): string => path.split("/").slice(1, -1).join("/");

/** Neither of two files may stand in a room that is not among these, nor the second above the first. */
function checkFloors(order: readonly string[], from: string, to: string): void {
  const [upper, lower] = [from, to].map((path) => order.indexOf(roomOf(path)));
  assert.ok(upper >= 0 && lower >= 0,
    `${from} and ${to} stand in rooms that are known`);
  assert.ok(upper >= lower, `${from} imports ${to}, which stands above it`);
}

const house = suite("The house");

/** The book at the end of each chapter and side quest, on the road too, and with each side quest alone. */
function stagesOf(book: Book): Stage[] {
  const road = book.chapters.filter(({ number }) => !isQuest(number));
  return [...book.chapters.map(({ name }) => parseStage(name, book)),
    ...road.map(({ name }) => parseStage(name, book, true)),
    ...questsOf(book).map((quest) => stageAlone(quest, book))];
}

const inWords = ({ name, road }: Stage): string =>
  `through ${name}${road ? ", on the road" : ""}`;

house(
  "no two files of the book import each other in a circle, at the end of any chapter or side quest",
  () => {
    const book = readBlocks();
    for (const stage of stagesOf(book)) {
      const files = expandBook(book, stage).filter(({ path }) =>
        path.endsWith(".ts")
      );
      const arrows = arrowsOf(
        new Map(files.map(({ path, text }) => [path, text])),
      );
      noCircle(arrows, inWords(stage));
      for (const [from, targets] of arrows) {
        for (const to of targets) {
          assert.ok(arrows.has(to),
            `${from} imports ${to}, which is not there ${inWords(stage)}`);
          checkArrow(from, to);
        }
      }
    }
  },
);

function checkArrow(from: string, to: string): void {
  const [room, other] = [folderOf(from), folderOf(to)];
  if (room !== other && !roofs.includes(room))
    assert.ok(mayImport[room]?.includes(other), `${from} imports ${to}`);
  if (room === "machine" && other === "machine") checkFloors(floors, from, to);
}

/** The files of code in a folder, by path. */
function codeIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map((name) =>
    String(name).replaceAll("\\", "/")
  );
  return names.filter((name) =>
    /\.m?ts$/.test(name) && !name.endsWith(".d.mts")
  ).map((name) => `${folder}/${name}`);
}

house(
  "nor do the tools and the tests; the weaver leans on the tangler, and never the reverse",
  () => {
    const paths = ["tangle", "build", "tests"].flatMap(codeIn);
    const arrows = arrowsOf(
      new Map(paths.map((path) => [path, readFileSync(path, "utf8")])),
    );
    noCircle(arrows, "the files");
    const order = ["tangled", "book.config.ts", "tangle", "build", "tests"];
    for (const [from, targets] of arrows) {
      const outside = targets.filter((to) =>
        order.indexOf(folderOf(to)) > order.indexOf(folderOf(from))
      );
      assert.equal(outside, [], from);
      if (folderOf(from) === "tangle" || folderOf(from) === "build")
        assert.not(targets.some((to) => folderOf(to) === "tangled"),
          `${from} knows the book's code`);
    }
    const ofTangler = new Map(
      [...arrows].filter(([path]) => folderOf(path) === "tangle"),
    );
    noCircle(between(ofTangler, roomOfTangler), "the tangler's rooms");
    for (const [from, targets] of arrows)
      for (const to of targets)
        if (
          folderOf(from) === "build" && folderOf(to) === "build"
          && arrows.has(to)
        ) checkFloors(floorsOfWeaver, from, to);
  },
);

house("no room has more than a dozen files", () => {
  const book = readBlocks();
  const tangled = expandBook(book, wholeBook(book)).map(({ path }) => path);
  const counts = new Map<string, number>();
  for (
    const room of [...tangled, ...codeIn("tangle"), ...codeIn("build")].map(
      posix.dirname,
    )
  )
    if (!roofs.includes(room)) counts.set(room, (counts.get(room) ?? 0) + 1);
  assert.equal([...counts].filter(([, count]) => count > 12), []);
});

house(
  "every folder of the project is known to both tools, so that neither writes over one",
  () => {
    const folders = readdirSync(".", { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .filter((name) =>
        name !== config.tangled && name !== config.site && !isWoven(name)
      );
    assert.equal(folders.filter((name) => !projectFolders.includes(name)), [],
      "tangle/tree/home.ts lacks these");
    assert.match(findMisfit(config.site) ?? "", /in use/,
      "the tree does not go where the site is");
    for (const name of projectFolders) {
      assert.match(findMisfit(name) ?? "", /in use/, name);
      assert.throws(() => targetOf(name, { roots: ["."], outside: true }),
        /not the weaver's/, name);
    }
  },
);

house(
  "each file of a chapter's tests is named after a section of it, and is not too long",
  () => {
    const book = readBlocks();
    for (const test of chapterTests(".")) {
      const { name } = parts().find(({ number }) => number === test.chapter)!;
      assert.ok(sectionOfTest(test, book),
        `${test.path}: ${name} has no section "${test.slug}"`);
      const lines = readFileSync(test.path, "utf8").split("\n").length;
      assert.ok(lines <= 800, `${test.path} has ${lines} lines`);
    }
  },
);

house("each folder of a side quest's tests is named after its file", () => {
  const folder = "tests/side-quests";
  const names = questsOf(readBlocks()).map(({ path }) =>
    posix.basename(path, ".md")
  );
  const found = existsSync(folder) ? readdirSync(folder) : [];
  assert.equal(found.filter((name) => !names.includes(name)), [], folder);
});

house("each section of a chapter can be named, and its name leads to its end",
  () => {
    const book = readBlocks();
    for (const chapter of book.chapters)
      for (const section of sectionsOf(chapter)) {
        for (const road of isQuest(chapter.number) ? [false] : [false, true]) {
          const stage = stageThrough(section, book, road);
          assert.equal(parseStage(stage.name, book, road), stage,
            `a chunk is named like ${stage.name}`);
        }
      }
  });

house(
  "the tests of a section import what is tangled at its end, on the road too, and nothing else",
  () => {
    const book = readBlocks();
    const wrong: string[] = [];
    const namesAt = new Map<string, ReturnType<typeof namesAtEndOf>>();
    for (const test of chapterTests(".")) {
      const section = sectionOfTest(test, book)!;
      for (const road of isQuest(test.chapter) ? [false] : [false, true]) {
        const key = `${section.chapter} ${section.slug} ${road}`;
        const there = namesAt.get(key) ?? namesAtEndOf(section, book, road);
        namesAt.set(key, there);
        for (const { from, file, name } of importsFromBook(test.path)) {
          const names = there(file);
          if (names && (name.startsWith("*") || names.has(name))) continue;
          wrong.push(
            `${test.path}: ${from} imports ${name} from ${file}, which does not have it yet`
              + (road ? " on the road" : ""),
          );
        }
      }
    }
    assert.is(wrong.join("\n"), "");
  },
);

/** The names that each file of the book exports at the end of a section. */
function namesAtEndOf(section: Section, book: Book,
  road: boolean): (path: string) => ReadonlyMap<string, unknown> | undefined
{
  const files = expandChapters(book, stageThrough(section, book, road));
  const texts = new Map(
    files.map(({ path, text }) => [`${config.tangled}/${path}`, text]),
  );
  return (
    path,
  ) => (texts.has(path) ? namesIn(texts.get(path)!).exported : undefined);
}

/** A name that a test, or a helper that it imports, wants from the book. */
interface Wanted {
  from: string;
  file: string;
  name: string;
}

function importsFromBook(path: string, seen = new Set<string>()): Wanted[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const statements = readFileSync(path, "utf8").matchAll(
    /^import (?:type )?([^";]*?) from "(\.[^"]*)";/gm,
  );
  return [...statements].flatMap(([, clause, specifier]) => {
    const file = posix.join(posix.dirname(path), specifier!);
    if (folderOf(file) === "tests") return importsFromBook(file, seen);
    const words = clause!.replace(/[{}]/g, "").split(",").map((word) =>
      word.trim()
    ).filter((word) => word !== "");
    const names = words.map((word) =>
      word.replace(/^type /, "").split(" as ")[0]!
    );
    return folderOf(file) === config.tangled
      ? names.map((name) => ({ from: path, file, name })) : [];
  });
}

/** Whether a folder is a site that was woven elsewhere than into dist/. */
const isWoven = (folder: string): boolean => readList(folder) !== undefined;

house("in the machine's block of memory everything has a place of its own",
  async () => {
    const book = readBlocks();
    for (const stage of stagesOf(book)) {
      const { parts, ram } = await readBlock(book, stage);
      for (const [n, { id, from, size }] of parts.entries()) {
        assert.ok(size > 0 && Number.isInteger(from),
          `${id} ${inWords(stage)}`);
        const next = parts[n + 1] ?? { id: "At.RAM", from: ram };
        assert.ok(from + size <= next.from,
          `${id} ends at ${from + size}, behind the beginning of ${next.id} at ${next.from}, ${inWords(stage)}`);
      }
    }
  });

house.run();
