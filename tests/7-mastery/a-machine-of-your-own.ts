// Chapter VII: kernels that know nothing of hypervisors.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { copyFromPhys, readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { bootMachine } from "../../tangled/loader/multiboot.ts";
import { MB } from "../elf.ts";

const bare = suite("VII: a machine of one's own");

const V = 0xc0100000;
type Piece = readonly [virtual: number, physical: number, bytes: number[],
  memory?: number, type?: number];

/** A header, with five more words if there are some, and code that prints a letter and leaves. */
function header(letter: string, flags = 0, ...more: number[]): number[] {
  const source = `dd 0x1badb002, ${[flags, -0x1badb002 - flags, ...more].join(", ")}
    mov al, "${letter}"\nout 0xe9, al\nout 0xf4, al\nhlt`;
  return [...assemble(source).bytes];
}

/** An ELF file of these segments. */
function elfOf(entry: number, ...pieces: Piece[]): number[] {
  const start = 52 + 32 * pieces.length;
  const at = (n: number) =>
    pieces.slice(0, n).reduce((sum, [, , bytes]) => sum + bytes.length, start);
  const table = pieces.map((
    [virtual, physical, bytes, memory = bytes.length, type = 1],
    n,
  ) =>
    `dd ${type}, ${at(n)}, ${virtual}, ${physical}, ${bytes.length}, ${memory}, 7, 16`
  );
  const head = assemble(
    `db 0x7f, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0\ndw 2, 3\ndd 1, ${entry}, 52, 0, 0
    dw 52, 32, ${pieces.length}, 0, 0, 0\n${table.join("\n")}`,
  );
  return [...head.bytes, ...pieces.flatMap(([, , bytes]) => bytes)];
}

/** The letter that a kernel prints in 16 MB, or why it is not begun. */
function letterOf(bytes: number[]): string {
  let said = "";
  try {
    const m = bootMachine({ name: "k", bytes: Uint8Array.from(bytes) }, 16 * MB,
      "");
    m.ports.out = (port, _width, value) => {
      if (port === 0xe9) said += String.fromCharCode(value & 255);
    };
    return run(m, 1000) === "halt" ? said : "astray";
  } catch (error) {
    return (error as Error).message;
  }
}

const none = "k: it has no multiboot header in its first 8192 bytes";
const another = "k: its multiboot header describes another file";

bare("an entry is a virtual address, and its segment says where that is",
  () => {
    const second: Piece = [0x300000, 0x200000, header("S")];
    const told: readonly [bytes: number[], answer: string][] = [
      [elfOf(V + 12, [V, MB, header("A")]), "A"],
      [elfOf(0x30000c, [V, MB, header("A")], second), "S"],
      [elfOf(0x20000c, [0x200000, MB, header("A")], second), "A"],
      [elfOf(0x20000c, second, [0x200000, MB, header("A")]), "A"],
      [elfOf(MB + 12, [V, MB, header("A")]), "A"],
      // QEMU starts where nothing is; GRUB refuses.
      [elfOf(0x500000, [V, MB, header("A")]),
        "k: it wants to start at 0x500000, but loads nothing there"],
      [elfOf(MB + 12, [V, MB, header("A"), 0x1000, 4]),
        "k: it wants to start at 0x10000c, but loads nothing there"],
      // QEMU loads it at 0.
      [elfOf(V + 12, [V, 0, header("A")]),
        "k: segment 0 wants 0x0 to 0x13, but the boot parameters own what lies below 0x2000"],
      [elfOf(V + 12, [V, MB, header("A"), 4]),
        "k: segment 0 holds 0x13 bytes, but makes room for only 0x4"],
      [elfOf(V + 12, [V, MB, header("A")]).slice(0, -1),
        "k: segment 0 is cut short: it ends at 0x67 of the file, which has only 0x66 bytes"],
      // QEMU leaves it out.
      [elfOf(V + 12, [V, MB, header("A")], [0, 16 * MB, header("B")]),
        "k: segment 1 wants 0x1000000 to 0x1000013, but there are only 16 MB (0x1000000)"],
    ];
    for (const [bytes, answer] of told) assert.is(letterOf(bytes), answer);
  });

bare(
  "a multiboot header is aligned, near the beginning, adds up, and demands no more than there is",
  () => {
    const shifted = (by: number, letter: string, flags = 0) =>
      letterOf(
        elfOf(V + by + 12, [V, MB, [...Array<number>(by).fill(0),
          ...header(letter, flags)]]),
      );
    assert.equal([shifted(0, "A", 3), shifted(4, "B"), shifted(2, "C"),
      shifted(8192 - 84, "D")], ["A", "B", none, none]);
    // QEMU wants room for all words a header can have.
    assert.equal([shifted(8192 - 84 - 12, "E"), shifted(8192 - 84 - 8, "F")], [
      "E",
      none,
    ]);
    assert.is(letterOf(elfOf(V + 12, [V, MB, header("A").with(8, 1)])), none);
    // QEMU begins it all the same.
    assert.match(shifted(0, "A", 8),
      /^k: it demands multiboot features 0x8, which/);
  },
);

bare("a header can say where the file lies, with or without ELF", () => {
  const flat = (head: number, from: number, loadEnd: number, end: number,
    entry: number, before = 0) =>
    letterOf([...Array<number>(before).fill(0),
      ...header("K", 1 << 16, head, from, loadEnd, end, entry)]);
  assert.is(flat(MB, MB, 0, 0, MB + 32), "K");
  assert.is(flat(MB, MB, MB + 39, MB + 0x1000, MB + 32), "K");
  assert.is(flat(MB, MB, 0, 0, MB + 32, 64), "K");
  assert.is(flat(MB + 64, MB, 0, 0, MB + 96, 64), "K");
  for (
    const odd of [flat(MB, MB + 64, 0, 0, MB + 32),
      flat(MB + 64, MB, 0, 0, MB + 32), flat(MB, MB, MB + 0x2000, 0, MB + 32),
      flat(MB, MB, MB - 1, 0, MB + 32)]
  ) assert.is(odd, another);
  assert.is(flat(MB, MB, 0, 0, MB + 0x1000),
    "k: it wants to start at 0x101000, outside itself");
  assert.is(flat(16 * MB, 16 * MB, 0, 0, 16 * MB + 32),
    "k: the kernel wants 0x1000000 to 0x1000027, but there are only 16 MB (0x1000000)");
  assert.match(flat(0, 0, 0, 0, 32),
    /^k: the kernel wants 0x0 to 0x27, but the boot parameters own/);
  assert.is(letterOf([...header("K"), ...Array<number>(52).fill(0)]),
    "k: it is not an ELF file");
  assert.is(
    letterOf(
      elfOf(V + 32, [V, MB,
        header("K", 1 << 16, 2 * MB, 2 * MB, 0, 0, 2 * MB + 32)]),
    ),
    "K",
  );
  assert.match(letterOf(header("K", 1 << 16).slice(0, 12)),
    /^k: the kernel wants 0x0 to 0xc, but/);
});

bare("it finds the state that multiboot promises, and its words", () => {
  const bytes = Uint8Array.from(elfOf(V + 12, [V, MB, header("A")]));
  const m = bootMachine({ name: "k", bytes }, 16 * MB, "Hello, kernel");
  assert.equal([Cpu.EIP, Cpu.EAX, Cpu.CPL].map((r) => m.cpu[r] >>> 0), [MB + 12,
    0x2badb002, 0]);
  const info = m.cpu[Cpu.EBX];
  const field = (n: number) => readPhys32(m, info + 4 * n) >>> 0;
  assert.equal([field(0), field(1), field(2)], [0x45, 639, 15 * 1024]);
  const text = copyFromPhys(m, field(4), 14);
  assert.is(new TextDecoder().decode(text), "Hello, kernel\0");
});

bare.run();
