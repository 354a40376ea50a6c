// What the tangler knows about the tree that it wrote: tangled/.tangle.json.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TangledFile } from "./tangled-file.ts";
import { mapFile, type SourceMap } from "./sourcemap.ts";
import type { Stage } from "../book/stage.ts";

/** The tree that was written last. */
export interface Manifest {
  version: 1;
  stage: Stage;
  /** By path below tangled/. */
  files: Record<string, { hash: string; map: SourceMap }>;
}

/** Its path below tangled/. */
export const manifestName = ".tangle.json";

/** Where the next manifest waits, and what marks a folder as the tangler's before it has one. */
export const markName = `${manifestName}.next`;

/** The manifest of a tree, or undefined when there is none that can be read. */
export function readManifest(tangled: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(
      readFileSync(join(tangled, manifestName), "utf8"),
    ) as Manifest;
    if (manifest.version !== 1) return undefined;
    // Older ones come from before there was anything beside the road.
    const { road = false } = manifest.stage as Partial<Stage>;
    return { ...manifest, stage: { ...manifest.stage, road } };
  } catch {
    return undefined;
  }
}

/** The manifest of the tree that these files make up. */
export function makeManifest(stage: Stage, files: readonly TangledFile[],
  tangled: string): Manifest
{
  const entries = files.map((file) =>
    [file.path, {
      hash: hashOf(file.text),
      map: mapFile(file, tangled),
    }] as const
  );
  return { version: 1, stage, files: Object.fromEntries(entries) };
}

/** Tells whether a file is still as it was written. */
export function hashOf(text: string | Buffer): string {
  return createHash("sha1").update(text).digest("hex");
}
