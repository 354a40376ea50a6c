// Copies of the project that may be changed.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const parts = ["README.md", "book.config.ts", "package.json", "tsconfig.json",
  "build", "chapters", "tangle", "tangled", "tests"];

/** A copy of the project, gone when the process ends. It has the packages, but not what is kept beside them. */
export function scratchProject(): string {
  const root = mkdtempSync(join(tmpdir(), "quest-scratch-"));
  process.on("exit", () => rmSync(root, { recursive: true, force: true }));
  for (const part of parts) cpSync(part, join(root, part), { recursive: true });
  mkdirSync(join(root, "node_modules", ".cache", "quest"), { recursive: true });
  for (const name of readdirSync("node_modules"))
    if (name !== ".cache")
      symlinkSync(resolve("node_modules", name),
        join(root, "node_modules", name));
  return root;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => process.exit(130));
