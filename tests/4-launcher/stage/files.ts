// Files by hand.
import type { NamedFile } from "../../../tangled/loader/kernel-file.ts";

export const MB = 0x100000;
export const text = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes);
export const bytesOf = (words: string): Uint8Array =>
  new TextEncoder().encode(words);
export type Patch = readonly [at: number, width: 1 | 2 | 4, value: number];

export function patched(size: number, patches: readonly Patch[],
  name = "kernel"): NamedFile
{
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (const [at, width, value] of patches) {
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return { name, bytes };
}

/** One segment: four bytes of file at 1 MB, with room for 4096. */
export const elf = (...patches: Patch[]): NamedFile =>
  patched(0x58, [
    [0, 4, 0x464c457f],
    [4, 1, 1],
    [5, 1, 1],
    [6, 1, 1],
    [16, 2, 2],
    [18, 2, 3],
    [20, 4, 1],
    [24, 4, MB + 2],
    [28, 4, 0x34],
    [40, 2, 52],
    [42, 2, 32],
    [44, 2, 1],
    [0x34, 4, 1],
    [0x38, 4, 0x54],
    [0x3c, 4, 0xc0100000],
    [0x40, 4, MB],
    [0x44, 4, 4],
    [0x48, 4, 0x1000],
    [0x54, 4, 0xfeeb9090],
    ...patches,
  ], "kernel.elf");
