/** `npm run build`: weaves the book into dist/. With --draft, what is not written yet is forgiven. */
import { parseArgs } from "node:util";
import { book } from "../book.config.ts";
import { format } from "../tangle/verify.ts";
import { weave } from "./weave.ts";
import { writeSite } from "./write.ts";

const { values } = parseArgs({
  options: { draft: { type: "boolean" }, from: { type: "string" }, to: { type: "string" } },
});
const started = performance.now();
const { files, problems } = await weave(values.from);
for (const problem of problems) console.error(format(problem));
if (problems.some((problem) => !(values.draft && problem.draft))) process.exit(1);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const folder = values.to ?? book.site;
writeSite(folder, files);
console.log(`${folder}/index.html and ${files.size - 1} more files, woven in ${seconds} s`);
