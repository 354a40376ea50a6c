/** `npm run figures`: draws chapters/figures/*.svg anew. */
import { join } from "node:path";
import { book } from "../book.config.ts";
import { figures } from "./figures/all.ts";
import { writeDrawings } from "./writing/write-drawings.ts";
import { readOptions, runTool } from "./command-line.ts";

await runTool("npm run figures", () => {
  readOptions({});
  const folder = join(book.chaptersFolder, "figures");
  const drawn = Object.entries(figures).map(([name, draw]) => [`${name}.svg`, draw()] as const);
  const written = writeDrawings(folder, new Map(drawn));
  console.log(`${drawn.length} drawings in ${folder}/, ${written.length} of them new or changed`);
});
