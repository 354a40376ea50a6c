/** Puts a site in its place, whole or not at all. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
  existsSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Writes the files beside `folder`; once all are there they take its place. */
export function writeSite(folder: string, files: ReadonlyMap<string, string | Uint8Array>): void {
  const target = resolve(folder);
  mkdirSync(dirname(target), { recursive: true });
  const fresh = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    chmodSync(fresh, 0o755);
    for (const [path, content] of files) writeFile(join(fresh, path), content);
    swap(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function writeFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function swap(fresh: string, target: string): void {
  const old = `${fresh}-old`;
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}
