/** Runs code beside the tangled sources, none of which need be on disk. */
import { build, type Plugin } from "esbuild";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";

/** The texts of tangled files by their paths below tangled/. */
export type Sources = ReadonlyMap<string, string>;

/** What the module `probe` exports; it imports from the sources as a file at the top of tangled/ would. */
export async function runFromMemory(sources: Sources,
  probe: string): Promise<unknown>
{
  const { outputFiles } = await build({
    stdin: { contents: probe, loader: "ts", sourcefile: "probe.ts" },
    bundle: true,
    format: "esm",
    write: false,
    plugins: [fromMemory(sources)],
  });
  const folder = mkdtempSync(join(tmpdir(), "quest-probe-"));
  try {
    writeFileSync(join(folder, "probe.mjs"), outputFiles[0]?.text ?? "");
    return await import(pathToFileURL(join(folder, "probe.mjs")).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fromMemory(sources: Sources): Plugin {
  return {
    name: "tangled sources",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, importer }) => ({
        path: posix.join(posix.dirname(importer), path),
        namespace: "tangled",
      }));
      onLoad({ filter: /./, namespace: "tangled" }, ({ path }) => ({
        contents: sources.get(path) ?? "",
        loader: "ts",
      }));
    },
  };
}
