// npm run tangle: Markdown in, source tree out.
//
//   --through Guest                  the code as it stands when that chapter ends
//   --through "Host: demand paging"  as it stands after the last fence in that
//                                    chapter which adds to that chunk, or at the
//                                    end of the section of that name
//   --road                           the seven chapters alone, without side quests
//   --watch                          again after every change to a chapter
//   --draft                          forgive missing chapters, unknown and unused chunks
//   --force                          set edited files aside, as .edited beside them
import { parseArgs } from "node:util";
import { summarize, tangle, type TangleOptions } from "./tangle.ts";
import { watch } from "./watch.ts";
import { orSay } from "./book/words.ts";

const { values } = readArguments();
const { watch: watching, ...options } = values;
await orSay(() => {
  if (!run(options) && !watching) process.exitCode = 1;
});
if (watching) watch(() => run(options));

function readArguments() {
  try {
    return parseArgs({
      options: {
        through: { type: "string" },
        road: { type: "boolean" },
        watch: { type: "boolean" },
        draft: { type: "boolean" },
        force: { type: "boolean" },
      },
    });
  } catch (error) {
    console.error(`tangle: ${(error as Error).message}`);
    process.exit(1);
  }
}

/** Tangles once and says what came of it; false after an error. */
function run(options: TangleOptions): boolean {
  const result = tangle(options);
  for (const line of result.warnings)
    console.error(`${line} (forgiven in a draft)`);
  for (const line of result.errors) console.error(line);
  if (result.errors.length === 0) console.log(summarize(result));
  return result.errors.length === 0;
}
