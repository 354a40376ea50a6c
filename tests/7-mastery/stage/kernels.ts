// Kernels in files.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assemble } from "../../../tangled/assembler/assemble.ts";

export const MB = 0x100000;
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
  const { bytes: code } = assemble(`bits 32\n${source}`, { origin: MB });
  const bytes = new Uint8Array(0x54 + code.length),
    view = new DataView(bytes.buffer);
  for (
    const [at, value] of [
      [0, 0x464c457f],
      [4, 0x00010101],
      [16, 0x00030002],
      [20, 1],
      [24, address],
      [28, 0x34],
      [40, 52 | 32 << 16],
      [44, 1],
      [0x34, 1],
      [0x38, 0x54],
      [0x3c, address],
      [0x40, address],
      [0x44, code.length],
      [0x48, 0x1000],
    ] as const
  ) view.setUint32(at, value, true);
  bytes.set(code, 0x54);
  return file(name, bytes);
}

export const hello =
  "mov dword [0x256c], 0x80\nmov eax, 1\nmov ebx, 0x2000\nint 0x1f\n";
