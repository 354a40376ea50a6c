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
      sideQuests: [{
        name: "Finer points",
        path: "chapters/side-quests/finer-points.md",
        reason:
          "for who wants every byte that NASM could write, and to read it back",
      }],
    },
    { name: "Guest", path: "chapters/2-guest.md", sideQuests: [] },
    { name: "Drivers", path: "chapters/3-drivers.md" },
    { name: "Launcher", path: "chapters/4-launcher.md", sideQuests: [] },
    { name: "Host", path: "chapters/5-host.md" },
    { name: "Switcher", path: "chapters/6-switcher.md", sideQuests: [] },
    { name: "Mastery", path: "chapters/7-mastery.md", sideQuests: [] },
  ],
  /** Where the tangler writes; made anew at will, never edited by it elsewhere. */
  tangled: "tangled",
  /** Where the weaver writes. */
  site: "dist",
  themes: { light: "github-light", dark: "github-dark" },
  languages: ["ts", "asm", "text", "sh"],
} as const;
