/**
 * `npm run build`: weaves the book into dist/.
 *
 *   --draft     forgive what is not written yet
 *   --from DIR  weave the chapters of another project
 *   --to DIR    weave into another folder
 *   --outside   even if that folder lies outside the project
 */
import { book } from "../book.config.ts";
import { visible } from "../tangle/edge.mjs";
import { format } from "../tangle/book/chapter.ts";
import { checkSource, targetOf } from "./writing/target.ts";
import { complain, readOptions, runTool } from "./command-line.ts";
import { weave } from "./site/weave.ts";
import { checkOurs } from "./writing/manifest.ts";
import { writeSite } from "./writing/write-site.ts";

await runTool("npm run build", async () => {
  const values = readOptions({
    draft: { type: "boolean" },
    from: { type: "string" },
    to: { type: "string" },
    outside: { type: "boolean" },
  });
  const { draft = false, from = ".", to = book.site, outside = false } = values;
  const started = performance.now();
  checkSource(from);
  const target = targetOf(to, { roots: [".", from], outside });
  checkOurs(target, to);
  const { files, problems } = await weave(from);
  for (const problem of problems) complain(format(problem));
  if (problems.some((problem) => !(draft && problem.draft)))
    return void (process.exitCode = 1);
  writeSite(target, files, { name: to });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `${visible(to)}/index.html and ${files.size - 1} more files, woven in ${seconds} s`,
  );
});
