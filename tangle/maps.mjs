// From places in tangled/ to places in the chapters. Plain JavaScript,
// because run.mjs needs it before there is a bundle.
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

/** @typedef {import("./maps.d.mts").ChapterMap} ChapterMap */

/**
 * The maps of all tangled files, by path below tangled/.
 * @param {string} root
 * @returns {Record<string, { map: ChapterMap }>}
 */
export function readMaps(root) {
  const manifest = join(root, "tangled", ".tangle.json");
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).files : {};
}

/**
 * An esbuild plugin that gives every tangled file its map to the chapters.
 * @param {string} [root]
 * @returns {import("esbuild").Plugin}
 */
export function chapterMaps(root = ".") {
  return {
    name: "chapter-maps",
    setup({ onLoad }) {
      const maps = readMaps(root);
      onLoad({ filter: /[\\/]tangled[\\/].*\.ts$/ }, ({ path }) => {
        const file = maps[pathBelowTangled(root, path)];
        if (!file) return undefined;
        const map = Buffer.from(JSON.stringify(file.map)).toString("base64");
        const comment = `//# sourceMappingURL=data:application/json;base64,${map}`;
        return { contents: `${readFileSync(path, "utf8")}\n${comment}\n`, loader: "ts" };
      });
    },
  };
}

/** @param {string} root @param {string} path */
function pathBelowTangled(root, path) {
  return relative(join(resolve(root), "tangled"), resolve(root, path)).replaceAll("\\", "/");
}

/**
 * The place in a chapter, `chapters/5-host.md:412:7`, that a place in a
 * tangled file comes from; line and column count from 1.
 * @param {string} root
 * @param {string} file
 * @param {number} line
 * @param {number} column
 * @param {ReturnType<typeof readMaps>} [maps]
 */
export function inChapter(root, file, line, column, maps = readMaps(root)) {
  const map = maps[pathBelowTangled(root, file)]?.map;
  if (!map) return undefined;
  const reader = new SourceMap({ ...map, sourcesContent: [], sourceRoot: "" });
  const found = reader.findEntry(line - 1, column - 1);
  if (!("originalLine" in found) || found.generatedLine !== line - 1) return undefined;
  const source = resolve(dirname(resolve(root, file)), found.originalSource);
  const path = relative(resolve(root), source).replaceAll("\\", "/");
  const further = column - 1 - found.generatedColumn;
  return `${path}:${found.originalLine + 1}:${found.originalColumn + 1 + further}`;
}
