/** `npm run figures`: draws chapters/figures/*.svg anew. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { book } from "../book.config.ts";
import { figures } from "./figures/all.ts";

const folder = join(book.chaptersFolder, "figures");
mkdirSync(folder, { recursive: true });
for (const [name, draw] of Object.entries(figures))
  writeFileSync(join(folder, `${name}.svg`), draw());
console.log(`${Object.keys(figures).length} drawings in ${folder}/`);
