// Bundles that were made before, kept below node_modules: esbuild is asked
// only when something that it read has changed. Plain JavaScript, because
// run.mjs needs it before there is a bundle.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Bundle
 * @property {string} text
 * @property {string} map its source map, with places relative to the project
 * @property {string[]} inputs what it was made of, relative to the project
 */

/** So many are kept, and so many lists of what those of one name were made of. */
const MOST = 500, LISTS = 8;
/** What also decides how a bundle comes out. */
const always = ["tangle/run.mjs", "tangle/maps.mjs", "tangle/bundles.mjs", "tsconfig.json",
  "package.json", "node_modules/esbuild/package.json"];

/**
 * The bundle of this name, as it was made from the same texts before, or as
 * it is made now.
 * @param {string} root
 * @param {string} folder where bundles are kept
 * @param {string} name
 * @param {() => Promise<Bundle>} make
 * @returns {Promise<{ text: string, map: string }>}
 */
export async function keptBundle(root, folder, name, make) {
  for (const inputs of knownInputs(folder, name)) {
    try {
      const file = join(folder, `${name}-${fingerprint(root, inputs)}`);
      return { text: readFileSync(`${file}.js`, "utf8"), map: readFileSync(`${file}.map`, "utf8") };
    } catch {} // there is none
  }
  const start = Date.now();
  const made = await make();
  try {
    if (unchangedSince(start, root, made.inputs)) keep(root, folder, name, made);
  } catch {} // it is there all the same, only not for the next time
  return made;
}

/**
 * What bundles of this name were made of, the last one first. There are
 * several where several projects share a folder of packages.
 * @param {string} folder
 * @param {string} name
 * @returns {string[][]}
 */
function knownInputs(folder, name) {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.lists`), "utf8"));
  } catch {
    return [];
  }
}

/**
 * The same for the same texts. Throws when one of them is not there.
 * @param {string} root
 * @param {string[]} inputs
 */
function fingerprint(root, inputs) {
  const hash = createHash("sha1");
  const maps = inputs.some((path) => path.startsWith("tangled/")) ? ["tangled/.tangle.json"] : [];
  for (const path of [...always, ...maps, ...inputs]) {
    const text = readFileSync(join(root, path));
    hash.update(`${path}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}

/**
 * Whether esbuild must have seen what is there now. The clock of a file
 * system may lag behind.
 * @param {number} time
 * @param {string} root
 * @param {string[]} inputs
 */
function unchangedSince(time, root, inputs) {
  return inputs.every((path) => statSync(join(root, path)).mtimeMs < time - 20);
}

/** @param {string} root @param {string} folder @param {string} name @param {Bundle} bundle */
function keep(root, folder, name, { text, map, inputs }) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}-${fingerprint(root, inputs)}`);
  put(`${file}.map`, map);
  put(`${file}.js`, text);
  const others = knownInputs(folder, name).filter((other) => other.join("\0") !== inputs.join("\0"));
  put(join(folder, `${name}.lists`), JSON.stringify([inputs, ...others].slice(0, LISTS)));
  removeOldest(folder);
}

/** Written beside and renamed: what is there is whole. @param {string} path @param {string} text */
function put(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

/** @param {string} folder */
function removeOldest(folder) {
  const names = readdirSync(folder).filter((name) => /\.(js|map)$/.test(name));
  if (names.length <= 2 * MOST) return;
  const dated = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  dated.sort((a, b) => a.time - b.time);
  for (const { path } of dated.slice(0, MOST / 2)) rmSync(path, { force: true });
}
