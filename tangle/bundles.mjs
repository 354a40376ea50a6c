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

/** So many are kept. */
const MOST = 300;
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
  const list = join(folder, `${name}.json`);
  try {
    const file = join(folder, `${name}-${fingerprint(root, JSON.parse(readFileSync(list, "utf8")))}`);
    return { text: readFileSync(`${file}.js`, "utf8"), map: readFileSync(`${file}.map`, "utf8") };
  } catch {} // there is none
  const start = Date.now();
  const made = await make();
  try {
    if (unchangedSince(start, root, made.inputs)) keep(root, folder, name, made);
  } catch {} // it is there all the same, only not for the next time
  return made;
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
  put(join(folder, `${name}.json`), JSON.stringify(inputs));
  removeOldest(folder);
}

/** Written beside and renamed: what is there is whole. @param {string} path @param {string} text */
function put(path, text) {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

/** @param {string} folder */
function removeOldest(folder) {
  const names = readdirSync(folder).filter((name) => !name.endsWith(".json"));
  if (names.length <= 2 * MOST) return;
  const dated = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
  dated.sort((a, b) => a.time - b.time);
  for (const { path } of dated.slice(0, MOST / 2)) rmSync(path, { force: true });
}
