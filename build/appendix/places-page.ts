/** The page that says where things live. */
import { book } from "../../book.config.ts";
import type { Spot, Structure } from "../machine/places.ts";
import type { ChunkIndex } from "../structure/chunks.ts";
import { inHtml } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { document, placesFile } from "../pages/frame.ts";
import { marks } from "./index-of-code.ts";
import { inlineDrawing } from "../pages/inline-drawing.ts";

/** `drawing` is that of the machine's whole block, if there is one. */
export function placesPage(structures: readonly Structure[],
  drawing: string | undefined, index: ChunkIndex): string
{
  const block = drawing === undefined ? ""
    : `<h2 id="block">The machine’s block of memory</h2>
<figure class="drawing"><div class="scroll" tabindex="0" role="group" aria-label="drawing">${inlineDrawing(drawing, "aria-label=\"The machine’s block of memory\"")}</div></figure>
`;
  const body = `<main id="${pageIds.text}" class="cover register">
<header>
<h1>Where things live</h1>
<p class="subtitle">Every structure of the quest, read off the code that lays it out</p>
</header>
<nav aria-label="Structures">
${structures.map((each) => section(each, index)).join("\n")}
</nav>
${block}</main>`;
  return document({
    title: `Where things live · ${book.title}`,
    kind: "front",
    file: placesFile,
  }, body);
}

function section({ title, about, numbers, places, fence }: Structure,
  index: ChunkIndex): string
{
  const block = fence && index.blocks.get(fence);
  const isSaid = places.some((spot) => spot.about !== "");
  const head = numbers === undefined ? "" : `<th>${numbers}</th>`;
  const id = title.toLowerCase().replace(/[^a-z]+/gu, "-");
  return `<h2 id="${id}">${title}</h2>
<p>${about} ${block ? marks([block]) : ""}</p>
<div class="table" tabindex="0" role="region" aria-label="${title}">
<table>
<thead><tr>${head}<th>name</th>${isSaid ? "<th>what</th>" : ""}</tr></thead>
<tbody>
${places.map((spot) => row(spot, isSaid)).join("\n")}
</tbody>
</table>
</div>`;
}

function row({ name, at, about }: Spot, isSaid: boolean): string {
  const number = at === undefined ? ""
    : `<td><code>0x${at.toString(16)}</code></td>`;
  return `<tr>${number}<td><code>${name}</code></td>${isSaid ? `<td>${inHtml(about)}</td>` : ""}</tr>`;
}
