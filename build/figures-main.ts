/** `npm run figures`: draws chapters/figures/*.svg anew. */
import { join } from "node:path";
import { book } from "../book.config.ts";
import { readBlocks } from "../tangle/book/book.ts";
import { drawAll } from "./figures/all.ts";
import { writeDrawings } from "./writing/write-drawings.ts";
import { readOptions, runTool } from "./command-line.ts";

await runTool("npm run figures", async () => {
  readOptions({});
  const folder = join(book.chaptersFolder, "figures");
  const drawn = await drawAll(readBlocks());
  const written = writeDrawings(folder, drawn);
  console.log(
    `${drawn.size} drawings in ${folder}/, ${written.length} of them new or changed`,
  );
});
