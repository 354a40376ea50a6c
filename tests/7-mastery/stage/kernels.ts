// Kernels in files.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { elfOf, MB } from "../../elf.ts";

export const folder = mkdtempSync(join(tmpdir(), "lguest-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The path of a new file. */
export function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A kernel with these few lines of code, to be loaded at `address`. */
export function kernel(name: string, source: string, address = MB): string {
  return file(name, elfOf(source, address));
}

export const hello =
  "mov dword [0x256c], 0x80\nmov eax, 1\nmov ebx, 0x2000\nint 0x1f\n";
