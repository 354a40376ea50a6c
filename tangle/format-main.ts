// npm run format: lays out all TypeScript, that of the chapters included.
//
//   --check          change nothing; say what is laid out otherwise
//   --chapters       only the chapters
//   --files          only the tools and the tests
import { parseArgs } from "node:util";
import { orSay } from "./book/words.ts";
import { formatChapters, strayLines } from "./format/chapters.ts";
import { formatFiles, strayFiles } from "./format/files.ts";

await orSay(main);

function main(): void {
  const { values } = parseArgs({
    options: {
      check: { type: "boolean" },
      chapters: { type: "boolean" },
      files: { type: "boolean" },
    },
  });
  const problems: string[] = [];
  if (!values.files)
    problems.push(...(values.check ? strayLines() : formatChapters()));
  if (!values.chapters)
    problems.push(...(values.check ? strayFiles() : formatFiles()));
  for (const line of problems) console.error(line);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(
      values.check ? "everything is laid out" : "laid everything out",
    );
}
