// npm run untangle: edits made in tangled/ go back into the chapters.
import { parseArgs } from "node:util";
import { visible } from "./edge.mjs";
import { readManifest } from "./tree/manifest.ts";
import { book as config } from "../book.config.ts";
import { tangle } from "./tangle.ts";
import { untangle } from "./back/untangle.ts";
import { orSay } from "./book/words.ts";

await orSay(main);

function main(): void {
  parseArgs();
  const { errors, files, chapters } = untangle();
  for (const error of errors) console.error(visible(error));
  if (errors.length > 0) {
    console.error("nothing was changed");
    process.exitCode = 1;
  } else if (files.length === 0) {
    console.log(`nothing was edited in ${config.tangled}/`);
  } else {
    refreshMaps();
    console.log(`carried ${files.join(", ")} back into ${chapters.join(", ")}`);
  }
}

/** The files stay as they are, but their lines stand elsewhere in the chapters now. */
function refreshMaps(): void {
  const stage = readManifest(config.tangled)!.stage;
  for (
    const error of tangle({
      through: stage.name,
      road: stage.road,
      draft: true,
    }).errors
  )
    console.error(error);
}
