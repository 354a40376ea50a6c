// node tangle/run.mjs ENTRY.ts [arguments]: runs a TypeScript module.
//
// The entry is bundled by esbuild and imported. What comes from tangled/ is
// bundled with its map to the chapters, so that stack traces name the book.
// With --tests before the entry, its suites are run when it is loaded, and
// the outcome is sent to the process that asked for it (tests/runner.ts).
// What is thrown becomes one line, or its stack with --trace or QUEST_TRACE=1.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { keptBundle } from "./bundles.mjs";
import { describe, fail, guardOutput } from "./edge.mjs";
import { chapterMaps, inChapter } from "./maps.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tangled = join(root, "tangled");
const cache = join(root, "node_modules", ".cache", "quest");

/**
 * Lets uvu's suites be watched over by suite.ts.
 * @type {import("esbuild").Plugin}
 */
const watchedSuites = {
  name: "watched-suites",
  setup({ onResolve }) {
    const path = join(root, "tangle", "testing", "suite.ts");
    const uvu = { path: "uvu", external: true };
    onResolve({ filter: /^uvu$/ }, ({ importer }) => (importer === path ? uvu : { path }));
  },
};

/**
 * Bundles a TypeScript entry for Node. The text can be written to any place
 * from where node_modules is found.
 * @param {string} entry
 * @param {boolean} [tests] whether it holds suites to be watched over
 * @returns {Promise<string>}
 */
export async function bundle(entry, tests = false) {
  const name = (tests ? "tests of " : "") + relative(root, entry);
  const { text, map } = await keptBundle(root, join(cache, "kept"), name.replace(/\W+/g, "-"),
    () => makeBundle(entry, tests));
  const sourceRoot = `"sourceRoot":${JSON.stringify(`${pathToFileURL(root).href}/`)}`;
  const placed = Buffer.from(map.replace("{", `{${sourceRoot},`)).toString("base64");
  return `${text}//# sourceMappingURL=data:application/json;base64,${placed}\n`;
}

/**
 * esbuild's own start takes longer than many a tool's whole work, so that it
 * is not even loaded when it is not needed.
 * @param {string} entry
 * @param {boolean} tests
 */
async function makeBundle(entry, tests) {
  const { build } = await import("esbuild").catch((error) => {
    throw hasPackages() ? error : new Error("the packages are not there: run `npm ci` first");
  });
  const { outputFiles, metafile } = await build({
    entryPoints: [entry], bundle: true, format: "esm", platform: "node", target: "node20",
    packages: "external", logLevel: "silent", metafile: true,
    plugins: [chapterMaps(root), ...(tests ? [watchedSuites] : [])],
    sourcemap: "external", sourcesContent: false,
    absWorkingDir: root, outfile: join(root, "bundle.mjs"), write: false,
  });
  const [map, text] = outputFiles.map((file) => file.text);
  return { text: text ?? "", map: map ?? "", inputs: Object.keys(metafile.inputs) };
}

const hasPackages = () => existsSync(join(root, "node_modules", "esbuild"));

/**
 * Bundles and imports an entry; the bundle is gone when its module is loaded.
 * @param {string} entry
 * @param {boolean} [tests]
 */
export async function load(entry, tests = false) {
  const text = await bundle(entry, tests);
  mkdirSync(cache, { recursive: true });
  removeLeftBundles();
  const file = join(cache, `${relative(root, entry).replace(/\W+/g, "-")}-${process.pid}.mjs`);
  const remove = () => rmSync(file, { force: true });
  process.once("exit", remove);
  try {
    writeFileSync(file, text);
    process.setSourceMapsEnabled(true);
    return await import(pathToFileURL(file).href);
  } finally {
    remove();
    process.off("exit", remove);
  }
}

/** Removes the bundles of processes that were killed. */
function removeLeftBundles() {
  for (const name of readdirSync(cache)) {
    const pid = Number(/-(\d+)\.mjs$/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(cache, name), { force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * What to print for anything thrown.
 * @param {unknown} error
 * @param {boolean} trace
 */
function explain(error, trace) {
  const { errors } = /** @type {{ errors?: import("esbuild").Message[] }} */ (error ?? {});
  const ofBuild = Array.isArray(errors) && errors[0] && "location" in errors[0];
  if (ofBuild) return errors.map(describeMessage).join("\n");
  return describe(error, root, trace);
}

/** @param {import("esbuild").Message} message */
function describeMessage({ text, location }) {
  if (!location) return text;
  const { file, line, column } = location;
  const place = inChapter(root, file, line, column + 1);
  return `${place ?? `${file}:${line}:${column + 1}`}: ${text}`;
}

/** @param {boolean} tests @param {boolean} trace @param {string[]} words */
async function main(tests, trace, [entry, ...args]) {
  if (entry === undefined) return fail("usage: node tangle/run.mjs [--tests | --trace] ENTRY.ts [arguments]");
  if (!hasFolder()) return fail("the folder that this was started in is gone: change to another one");
  const path = resolve(entry);
  if (!existsSync(path)) return fail(noEntry(path, entry));
  process.argv.splice(1, process.argv.length, path, ...args);
  process.on("uncaughtException", (error) => {
    if (process.listenerCount("uncaughtException") === 1) fail(explain(error, trace));
  });
  await load(path, tests);
  if (tests) await /** @type {{ runSuites?: () => Promise<void> }} */ (globalThis).runSuites?.();
}

/** Whether the working directory is still there. */
function hasFolder() {
  try {
    return Boolean(process.cwd());
  } catch {
    return false;
  }
}

/** @param {string} path @param {string} entry */
function noEntry(path, entry) {
  if (!path.startsWith(tangled)) return `${entry}: there is no such file`;
  const isEmpty = !existsSync(join(tangled, ".tangle.json"));
  if (isEmpty) return "tangled/ is empty: run `npm run tangle` first";
  return `${entry} is not there: run \`npm run tangle\` for the whole book first`;
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  guardOutput();
  const words = process.argv.slice(2), [flag] = words;
  const tests = flag === "--tests", hasFlag = tests || flag === "--trace";
  const trace = hasFlag || Boolean(process.env["QUEST_TRACE"]);
  await main(tests, trace, words.slice(hasFlag ? 1 : 0)).catch((error) => fail(explain(error, trace)));
}
