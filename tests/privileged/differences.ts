/** Faults, whose frames have RF set by the SDM (vol. 3, 17.3.1.1); QEMU before
 *  version 8 pushes it clear. */
export const faults = /^(00|05|06|07|0[a-e]|1[01])$/;

interface Difference {
  kernel: string;
  check: string;
  ours: string;
  why: string;
}

/** The checks where the machine does not do as QEMU does, and why. */
export const differences: readonly Difference[] = [
  ...because(
    "#NP by the SDM (vol. 2, JMP) for code that is not present; #GP in QEMU",
    [
      ["sweeps", "into code by a jump through it from ring 3",
        "ddddddddddddddddddddddddddddbbbbddddddddddddddddddddddddddddbbbbddddddddddddddddddddddddddddbbbbddddddddddddddddddddddddbbbbbbbbdddddddddddddddddddddddddddd....dddddddddddddddddddddddddddd....dddddddddddddddddddddddddddd....dddddddddddddddddddddddd........"],
    ],
  ),
  ...because(
    "#SS by the SDM (vol. 2, INT) for a stack that is not present, or has no room; QEMU has #TS, and does not look",
    [
      ["sweeps", "the stack of ring 1 by int from ring 3",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaccaaccaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..aaccaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
    ],
  ),
  ...because(
    "#SS by the SDM (vol. 2, IRET) for a stack that is not present; #NP in QEMU",
    [
      ["sweeps", "iret from ring 0 to a stack of ring 3",
        "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddccddccdddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd..dd..dddddddd"],
    ],
  ),
  ...because("the task state of the 286 is refused", [
    ["sweeps", "ltr",
      "dddddddddbdddddddddddddddddddddddddddddddbdddddddddddddddddddddddddddddddbdddddddddddddddddddddddddddddddbddddddddddddddddddddddddddddddd.ddddddddddddddddddddddddddddddd.ddddddddddddddddddddddddddddddd.ddddddddddddddddddddddddddddddd.dddddddddddddddddddddd"],
  ]),
  ...because(
    "TCG asks neither for the limit, the type nor the presence of a segment when it is used",
    [
      ["segments", "null into ds, then used",
        " #0d e0000 +0002 c0008 f00010000"],
      ["segments", "selector 3 is null as well",
        " =00000003 #0d e0000 +000b c0008 f00010000"],
      ["segments", "write to read-only data",
        " #0d e0000 +000c c0008 f00010000"],
      ["segments", "write to code", " #0d e0000 +0000 c0008 f00010000"],
      ["segments", "add to code", " #0d e0000 +0000 c0008 f00010000"],
      ["segments", "read code that cannot be read",
        " #0d e0000 +0007 c0070 f00010000"],
      ["segments", "the last byte of a small segment",
        " #0d e0000 +000c c0008 f00010000"],
      ["segments", "the last word", " #0d e0000 +000c c0008 f00010000"],
      ["segments", "a write beyond the limit writes nothing",
        " #0d e0000 +0007 c0008 f00010000"],
      ["segments", "around the end of everything",
        " #0d e0000 +0007 c0008 f00010000"],
      ["segments", "the small stack, beyond its limit",
        " #0c e0000 +0017 c001b f00010000 s00c3 p00000101"],
      ["segments", "the small stack, below zero",
        " #0c e0000 +0011 c001b f00010000 s00c3 p00000002"],
      ["segments", "down from the top: inside",
        " =00000058 #0d e0000 +0015 c0008 f00010000"],
      ["segments", "down from 64 KB", " #0d e0000 +0011 c0008 f00010000"],
      ["segments", "down from 64 KB, too far down",
        " #0d e0000 +0007 c0008 f00010000"],
      ["segments", "far call with no room for it",
        " #0c e0000 +0011 c001b f00010000 s00c3 p00000004"],
      ["segments", "a 16-bit stack wraps around",
        " =abcdfffc =00000002 =00180004 =00180000 #0c e0000 +0034 c001b f00010000 s0053 p00000002"],
    ],
  ),
  ...because("QEMU's far jump does not mark the segment (SDM vol. 3, 3.4.5.1)",
    [
      ["segments", "and code when entered", " =00cf9b00"],
    ]),
  ...because("#GP(0) by the SDM (vol. 2, LTR)", [
    ["segments", "ltr of null", " #0d e0000 +0000 c0008 f00010000"],
  ]),
  ...because("task switches are refused here", [
    ["gates", "a task gate", " #0d e0102 +0014 c0008 f00010000"],
  ]),
  ...because("QEMU leaves EXT clear (SDM vol. 3, 6.13)", [
    ["gates", "the same for a fault tells who knocked",
      " #0b e0091 +0009 c0008 f00010000"],
    ["gates", "a fault while faulting: #NP for #UD is served",
      " #0b e0033 +0007 c0008 f00010000"],
  ]),
  ...because(
    "QEMU does not hold a gate's offset against the limit (SDM vol. 2, INT)",
    [
      ["gates", "a gate beyond the limit of its code",
        " #0d e0000 +0009 c0008 f00010000"],
    ],
  ),
  ...because("#SS by the SDM (vol. 2, INT); #TS in QEMU", [
    ["gates", "the stack of the task is not present",
      " #0c e00f0 +0018 c001b f00010000 s0023 p001b0000"],
  ]),
  ...because("QEMU ends in the ring of the segment, which is an escape", [
    ["gates", "a call gate to conforming code stays in ring 3",
      " =00000043 =0000001b #30 +0023 c0043 f00000000 s0023 p001afff8"],
  ]),
  ...because(
    "QEMU does not hold a gate's offset against the limit (SDM vol. 2, CALL)",
    [
      ["gates", "a call gate beyond its code",
        " #0d e0000 +0009 c0008 f00010000"],
    ],
  ),
  ...because(
    "QEMU does not hold the offset against the limit (SDM vol. 2, IRET)",
    [
      ["gates", "iret beyond the limit", " #0d e0000 +000c c0008 f00010000"],
    ],
  ),
  ...because("#SS by the SDM (vol. 2, IRET); #NP in QEMU", [
    ["gates", "iret outward to a stack that is not present",
      " #0c e0060 +001a c0008 f00010000"],
  ]),
  ...because(
    "QEMU reads first, and marks what it read; the page is looked up once, for writing",
    [
      ["pages", "add to a read-only page does not make it dirty",
        " #0e e0003 +001b c0008 f00010000 @00280000 =00280005"],
    ],
  ),
  ...because(
    "QEMU stores the last word first; the SDM (vol. 2, PUSHAD) the first",
    [
      ["pages", "pushad across, the second missing",
        " #0e e0006 +0018 c001b f00010000 s0023 p00281010 @00280ffc"],
    ],
  ),
  ...because("QEMU reads first; a locked access is a write (SDM vol. 3, 4.7)", [
    ["pages", "xchg with a missing page",
      " #0e e0002 +000e c0008 f00010000 @00280000"],
  ]),
  ...because("QEMU leaves half a frame behind", [
    ["pages", "an inner stack across two pages, the lower missing",
      " #0e e0002 +003a c001b f00010000 s0023 p001b0000 @00280ffc =00005555"],
  ]),
  ...because(
    "QEMU lets sti delay debug traps too; the SDM (vol. 2, STI) speaks of interrupts only",
    [
      ["debug", "sti does not hide one",
        " #01 +0011 c0008 f00000300 d4ff0 #01 +0012 c0008 f00000100 d4ff0"],
    ],
  ),
  ...because("QEMU delays only the step (SDM vol. 3, 6.8.3)", [
    ["debug", "hidden behind mov ss", " #30 +0017 c0008 f00000000"],
  ]),
  ...because(
    "QEMU reads an unaligned word as two aligned ones, and watches both",
    [
      ["debug", "a byte of it", " #01 +001f c0008 f00000000 d0ff2"],
    ],
  ),
  ...because("QEMU stops looking at the first that is touched", [
    ["debug", "two at once", " #01 +0019 c0008 f00000000 d0ff5"],
  ]),
  ...because("QEMU steps into the handler", [
    ["debug", "with a step", " #01 +001b c0008 f00000100 d4ff1"],
  ]),
  ...because("RF is pushed set between two iterations (SDM vol. 3, 17.3.1.1)", [
    ["debug", "by a string", " #01 +001a c0008 f00010000 d0ff1"],
  ]),
  ...because("QEMU does not know GD (SDM vol. 3, 17.2.4)", [
    ["debug", "the guard", " #01 +0008 c0008 f00010000 d2ff0"],
  ]),
  ...because("QEMU 7.2 does not know int1 (SDM vol. 2, INT n)", [
    ["debug", "int1 needs no right",
      " #01 +000d c001b f00000000 s0023 p001b0000 d0ff0"],
  ]),
  ...because(
    "QEMU always writes; the SDM (vol. 2, ARPL), and processors, only what changes",
    [
      ["tail", "arpl that has nothing to change, on such a page",
        " =00000000 #30 +001c c001b f00000000 s0023 p001b0000"],
    ],
  ),
  ...because(
    "QEMU does not ask whether the room can be written (SDM vol. 2, ENTER)",
    [
      ["tail", "enter, with a page missing for the room",
        " #0e e0006 +0019 c001b f00010000 s0023 p00281100 @00280efc"],
    ],
  ),
  ...because("QEMU 7.2 does not check alignment", [
    ["debug", "alignment in ring 3",
      " #11 e0000 +0033 c001b f00050000 s0023 p001b0000"],
    ["debug", "alignment of the stack",
      " #11 e0000 +0018 c001b f00050000 s0023 p001afffe"],
  ]),
];

function because(why: string,
  checks: [string, string, string][]): Difference[]
{
  return checks.map(([kernel, check, ours]) => ({ kernel, check, ours, why }));
}
