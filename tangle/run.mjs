// node tangle/run.mjs ENTRY.ts [arguments]: runs a TypeScript module.
//
// The entry is bundled by esbuild and imported. What comes from tangled/ is
// bundled with its map to the chapters, so that stack traces name the book.
// With --tests before entries, their suites are run when they are loaded, and
// the outcome is sent to the process that asked for it (tests/runner.ts). With
// --apart before entries, a line with a NUL says whose output begins.
// What is thrown becomes one line, or its stack with --trace or QUEST_TRACE=1.
import { createHash } from "node:crypto";
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

/** @typedef {"plain" | "tests" | "apart"} Kind what an entry is, or what the entries are */

/**
 * Bundles TypeScript entries for Node. The text can be written to any place
 * from where node_modules is found.
 * @param {string[]} entries
 * @param {Kind} kind
 * @returns {Promise<string>}
 */
async function bundle(entries, kind) {
  const name = nameOf(entries, kind).replace(/\W+/g, "-");
  const { text, map } = await keptBundle(root, join(cache, "kept"), name, () => makeBundle(entries, kind));
  const sourceRoot = `"sourceRoot":${JSON.stringify(`${pathToFileURL(root).href}/`)}`;
  const placed = Buffer.from(map.replace("{", `{${sourceRoot},`)).toString("base64");
  return `${text}//# sourceMappingURL=data:application/json;base64,${placed}\n`;
}

/** @param {string[]} entries @param {Kind} kind */
function nameOf([entry, ...more], kind) {
  const [first, ...others] = [entry ?? "", ...more].map((path) => relative(root, path));
  const and = others.length > 0 ? ` and ${createHash("sha1").update(others.join("\0")).digest("hex")}` : "";
  return `${kind === "plain" ? "" : `${kind} of `}${first}${and}`;
}

/**
 * esbuild's own start takes longer than many a tool's whole work, so that it
 * is not even loaded when it is not needed.
 * @param {string[]} entries
 * @param {Kind} kind
 */
async function makeBundle(entries, kind) {
  const { build } = await import("esbuild").catch((error) => {
    throw hasPackages() ? error : new Error("the packages are not there: run `npm ci` first");
  });
  const { outputFiles, metafile } = await build({
    ...(kind === "plain" ? { entryPoints: entries } : { stdin: oneAfterTheOther(entries, kind) }),
    bundle: true, format: "esm", platform: "node", target: "node20",
    packages: "external", logLevel: "silent", metafile: true,
    plugins: [chapterMaps(root), ...(kind === "tests" ? [watchedSuites] : [])],
    sourcemap: "external", sourcesContent: false,
    absWorkingDir: root, outfile: join(root, "bundle.mjs"), write: false,
  });
  const [map, text] = outputFiles.map((file) => file.text);
  const inputs = Object.keys(metafile.inputs).filter((path) => !path.startsWith("<"));
  return { text: text ?? "", map: map ?? "", inputs };
}

/**
 * A module that loads the entries, and says which of them begins. What several
 * of them import is there once.
 * @param {string[]} entries
 * @param {Kind} kind
 */
function oneAfterTheOther(entries, kind) {
  const lines = entries.map((entry) => {
    const begin = `beginPart(${JSON.stringify(relative(root, entry))})`;
    return `import "data:text/javascript,${encodeURIComponent(begin)}";\nimport ${JSON.stringify(entry)};\n`;
  });
  const contents = (kind === "tests" ? "import \"uvu\";\n" : "") + lines.join("");
  return { contents, resolveDir: root };
}

const hasPackages = () => existsSync(join(root, "node_modules", "esbuild"));

/**
 * Bundles and imports entries; the bundle is gone when its module is loaded.
 * @param {string[]} entries
 * @param {Kind} kind
 */
async function load(entries, kind) {
  const text = await bundle(entries, kind);
  mkdirSync(cache, { recursive: true });
  removeLeftBundles();
  const file = join(cache, `${relative(root, entries[0] ?? "").replace(/\W+/g, "-")}-${process.pid}.mjs`);
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

/** @param {Kind} kind @param {boolean} trace @param {string[]} words */
async function main(kind, trace, words) {
  const [entry, ...args] = words;
  if (entry === undefined) return fail("usage: node tangle/run.mjs [--tests | --apart | --trace] ENTRY.ts [arguments]");
  if (!hasFolder()) return fail("the folder that this was started in is gone: change to another one");
  const entries = (kind === "plain" ? [entry] : words).map((each) => resolve(each));
  const missing = words.find((_, index) => entries[index] && !existsSync(entries[index]));
  if (missing !== undefined) return fail(noEntry(resolve(missing), missing));
  process.argv.splice(1, process.argv.length, resolve(entry), ...(kind === "plain" ? args : []));
  process.on("uncaughtException", (error) => {
    if (process.listenerCount("uncaughtException") === 1) fail(explain(error, trace));
  });
  const globals = /** @type {{ beginPart?: (path: string) => void, runSuites?: () => Promise<void> }} */ (globalThis);
  if (kind === "apart") globals.beginPart = (path) => process.stdout.write(`\0${path}\n`);
  await load(entries, kind);
  if (kind === "tests") await globals.runSuites?.();
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
  const hasFlag = ["--tests", "--apart", "--trace"].includes(flag ?? "");
  const kind = flag === "--tests" ? "tests" : flag === "--apart" ? "apart" : "plain";
  const trace = hasFlag || Boolean(process.env["QUEST_TRACE"]);
  await main(kind, trace, words.slice(hasFlag ? 1 : 0)).catch((error) => fail(explain(error, trace)));
}
