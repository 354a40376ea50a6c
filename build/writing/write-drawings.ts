/** Drawings into their files, but never over what somebody else has drawn. */
import { mkdirSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../../tangle/tree/manifest.ts";
import { look } from "../../tangle/tree/plan.ts";
import type { OnStep } from "../../tangle/tree/write.ts";
import { withStage } from "./write-site.ts";

/** The drawing with a mark at its end, by which it is known again as long as nobody edits it. */
export function marked(svg: string): string {
  return `${svg}<!-- drawn by npm run figures: ${hashOf(svg)} -->\n`;
}

/** Whether a drawing is as it was drawn; the ends of its lines may be those of another system. */
export function isDrawn(text: string): boolean {
  const [, svg = "", hash] =
    /^(.*)<!-- drawn by npm run figures: (\w+) -->\n$/su.exec(
      text.replaceAll("\r\n", "\n"),
    ) ?? [];
  return hashOf(svg) === hash;
}

/** Writes drawings by their name: all, or none if one would be lost. Returns the names of those that change. */
export function writeDrawings(folder: string,
  drawings: ReadonlyMap<string, string>, onStep: OnStep = () => {}): string[]
{
  mkdirSync(folder, { recursive: true });
  const real = realpathSync(folder);
  const changed = [...drawings].filter(([name, svg]) =>
    !isAsDrawn(join(real, name), svg)
  );
  const names = changed.map(([name]) => name);
  if (names.length === 0) return [];
  const check = ([name, svg]: (typeof changed)[number]): void =>
    checkDrawing(join(real, name), svg, `${folder}/${name}`);
  withStage(real, new Map(changed.map(([name, svg]) => [name, marked(svg)])),
    onStep, {
    before: () => changed.forEach(check),
    use: (next) => {
      changed.forEach(check);
      for (const name of names) {
        onStep(`replace ${name}`);
        renameSync(join(next, name), join(real, name));
      }
    },
  });
  return names;
}

const isAsDrawn = (path: string, svg: string): boolean =>
  look(path) === "file" && readFileSync(path, "utf8") === marked(svg);

/** Throws an Error if there is something else than a drawing of ours, or this one without its mark. */
function checkDrawing(path: string, svg: string, shown: string): void {
  const found = look(path);
  if (found === "nothing") return;
  if (found !== "file") throw new Error(`${shown} is no file: move it away`);
  const text = readFileSync(path, "utf8");
  if (isDrawn(text) || text === svg) return;
  throw new Error(
    `${shown} was not drawn by this command, or was edited since: make the change in build/figures/, `
      + "or give your drawing another name; then delete it to have it drawn anew",
  );
}
