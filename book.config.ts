/** The one description of the book that the tangler and the weaver read. */
export const book = {
  title: "The lguest Quest",
  subtitle: "A hypervisor and the machine beneath it, in seven parts",
  chaptersFolder: "chapters",
  /** Each with its side quests, in the order of tangling; tangle/book/chapter.ts says what one is. */
  chapters: [
    {
      name: "Preparation",
      path: "chapters/1-preparation.md",
      sideQuests: [
        {
          name: "The rest of the toolbox",
          path: "chapters/side-quests/toolbox.md",
          reason: "For those who want the machine to be the real one.",
        },
        {
          name: "Sixteen bits",
          path: "chapters/side-quests/sixteen-bits.md",
          reason:
            "For archaeologists: what the chip was like when it was young.",
        },
        {
          name: "The finer points of the assembler",
          path: "chapters/side-quests/finer-points.md",
          reason: "For those who want every byte that NASM can write.",
          leansOn: ["The rest of the toolbox", "Sixteen bits"],
        },
      ],
    },
    {
      name: "Guest",
      path: "chapters/2-guest.md",
      sideQuests: [
        {
          name: "Debug registers and single step",
          path: "chapters/side-quests/single-step.md",
          reason: "For those who want to know how a debugger does it.",
        },
        {
          name: "The small print of protection",
          path: "chapters/side-quests/small-print.md",
          reason: "For those whose kernels read the footnotes.",
          leansOn: ["The rest of the toolbox"],
        },
        {
          name: "Making it fast",
          path: "chapters/side-quests/making-it-fast.md",
          reason: "The same machine, several times as fast.",
          leansOn: [
            "The rest of the toolbox",
            "Sixteen bits",
            "The small print of protection",
            "Debug registers and single step",
          ],
        },
        {
          name: "The usual way",
          path: "chapters/side-quests/usual-way.md",
          reason: "For those who want to see a kernel run fast.",
          leansOn: [
            "Making it fast",
            "Debug registers and single step",
            "The small print of protection",
          ],
        },
      ],
    },
    { name: "Drivers", path: "chapters/3-drivers.md" },
    {
      name: "Launcher",
      path: "chapters/4-launcher.md",
      sideQuests: [
        {
          name: "Other kernels",
          path: "chapters/side-quests/other-kernels.md",
          reason: "For those who have a Linux kernel at hand.",
        },
        {
          name: "Command-line finery",
          path: "chapters/side-quests/command-line.md",
          reason: "For those whose programs are used by others.",
        },
      ],
    },
    { name: "Host", path: "chapters/5-host.md" },
    {
      name: "Switcher",
      path: "chapters/6-switcher.md",
      sideQuests: [
        {
          name: "Call gates, local tables and global pages",
          path: "chapters/side-quests/call-gates.md",
          reason: "For those with a kernel that asks for a whole processor.",
          leansOn: [
            "The rest of the toolbox",
            "The small print of protection",
          ],
        },
      ],
    },
    {
      name: "Mastery",
      path: "chapters/7-mastery.md",
      sideQuests: [
        {
          name: "Reading it back",
          path: "chapters/side-quests/reading-it-back.md",
          reason: "For those whose kernel has just jumped into a string.",
          leansOn: ["Sixteen bits", "The finer points of the assembler"],
        },
        {
          name: "A kernel at your command",
          path: "chapters/side-quests/kernel-at-your-command.md",
          reason: "For those who have a multiboot kernel.",
          leansOn: ["Reading it back"],
        },
        {
          name: "Numbers with a point",
          path: "chapters/side-quests/numbers.md",
          reason: "For those who do not trust 0.1 + 0.2.",
        },
        {
          name: "A stack of numbers",
          path: "chapters/side-quests/stack-of-numbers.md",
          reason: "A whole floating-point unit, and a Host that lends it.",
          leansOn: ["The rest of the toolbox",
            "The finer points of the assembler", "Numbers with a point"],
        },
        {
          name: "Sines and logarithms",
          path: "chapters/side-quests/sines.md",
          reason: "For those who like a series that ends.",
          leansOn: ["Numbers with a point", "A stack of numbers"],
        },
        {
          name: "In a hurry",
          path: "chapters/side-quests/in-a-hurry.md",
          reason: "The floating-point unit, three times as fast.",
          leansOn: ["Making it fast", "Numbers with a point",
            "A stack of numbers"],
        },
      ],
    },
  ],
  /** What the road may cost: lines of code and words, holes open at once, lines before something runs. */
  budget: {
    code: 8000,
    words: 60_000,
    chapters: {
      Preparation: 2250,
      Guest: 1750,
      Drivers: 520,
      Launcher: 1270,
      Host: 1270,
      Switcher: 570,
      Mastery: 370,
    },
    holes: 12,
    firstRun: 600,
  },
  /** Where the tangler writes; made anew at will, never edited by it elsewhere. */
  tangled: "tangled",
  /** Where the weaver writes. */
  site: "dist",
  themes: { light: "github-light", dark: "github-dark" },
  languages: ["ts", "asm", "text", "sh"],
} as const;
