/** The page of the appendix: one line for each encoding of the machine. */
import { book } from "../../book.config.ts";
import type { ChunkIndex } from "../structure/chunks.ts";
import { escapeHtml } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import type { Instruction } from "../machine/instructions.ts";
import { document, instructionsFile } from "../pages/frame.ts";
import { marks } from "./index-of-code.ts";

export function instructionsPage(all: readonly Instruction[],
  index: ChunkIndex): string
{
  const names = new Set(all.flatMap((instruction) => instruction.names));
  const body = `<main id="${pageIds.text}" class="cover register">
<header>
<h1>Appendix: the instructions</h1>
<p class="subtitle">All ${all.length} encodings of ${names.size} instructions, read off the machine’s table</p>
</header>
<p>Encodings and operands are in the shorthand of chapter I. Under changes stand the flags that each
instruction was seen to change in a hundred runs with random operands, made while this page was
woven; system and floating-point instructions were not put to that test.</p>
<nav aria-label="Instructions">
<div class="table" tabindex="0" role="region" aria-label="The instructions">
<table>
<thead><tr><th>Instruction</th><th>Encoding</th><th>Changes</th><th>Row</th></tr></thead>
<tbody>
${all.map((instruction) => line(instruction, index)).join("\n")}
</tbody>
</table>
</div>
</nav>
</main>`;
  return document({
    title: `Instructions · ${book.title}`,
    kind: "front",
    file: instructionsFile,
  }, body);
}

function line({ names, operands, encoding, flags, fence }: Instruction,
  index: ChunkIndex): string
{
  const block = fence && index.blocks.get(fence);
  const link = block ? marks([block]) : "";
  const [first = "", ...others] = names;
  const also = others.length > 0
    ? ` <span class="quiet">${others.map(escapeHtml).join(", ")}</span>` : "";
  const text = escapeHtml([first, operands.join(", ")].join(" ").trim());
  return `<tr><td><code>${text}</code>${also}</td><td><code>${escapeHtml(encoding)}</code></td><td>${flags}</td><td>${link}</td></tr>`;
}
