// Small kernels as ELF files, for the chapters that boot more than one.
import { assemble } from "../tangled/assembler/assemble.ts";

/** Where their code expects to be. */
export const MB = 0x100000;

/** An ELF file with these lines of code, to be loaded at `address`. */
export function elfOf(source: string, address = MB): Uint8Array {
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
  return bytes;
}
