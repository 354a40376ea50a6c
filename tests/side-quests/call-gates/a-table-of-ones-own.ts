// Call gates, local tables and global pages: who may load a task or a local table.
import { suite } from "uvu";
import { leadTo } from "../../6-switcher/stage/attempts.ts";

const tables = suite("A table of one's own");

tables("is not even asked for by those who may not load it", () => {
  for (const ring of [1, 3] as const)
    leadTo(ring,
      ["ltr", "lldt", "lmsw"].map((
        name,
      ) => [`${name} [0xfffffff0]`, "13 (0)"]));
});

tables.run();
