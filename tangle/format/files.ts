// The TypeScript that stands in files of its own: the tools and the tests.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstDifference } from "../back/diff.ts";
import { formatTypeScript } from "./typescript.ts";

const folders = ["tangle", "build", "tests"];

/** A line for each file that is laid out otherwise. */
export function strayFiles(root = "."): string[] {
  return strays(root).map(({ path, line }) =>
    `${path}:${line}:1: this is laid out otherwise: \`npm run format\``
  );
}

/** Lays out all files; there is never anything left to do. */
export function formatFiles(root = "."): string[] {
  for (const { path, text } of strays(root))
    writeFileSync(join(root, path), text);
  return [];
}

function strays(root: string): { path: string; text: string; line: number }[] {
  return ["book.config.ts",
    ...folders.flatMap((folder) => filesIn(root, folder))].flatMap((path) => {
      const before = readFileSync(join(root, path), "utf8");
      const text = formatTypeScript(path, before);
      if (text === before) return [];
      return [{ path, text, line: firstDifference(before, text) }];
    });
}

function filesIn(root: string, folder: string): string[] {
  const names = readdirSync(join(root, folder), {
    recursive: true,
    encoding: "utf8",
  });
  return names.filter((name) => name.endsWith(".ts")).sort().map((name) =>
    join(folder, name)
  );
}
