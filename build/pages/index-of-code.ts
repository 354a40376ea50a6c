/** The index: every file and every chunk, and where the book speaks of them. */
import { book } from "../../book.config.ts";
import { isQuest } from "../../tangle/book/chapter.ts";
import type { Block, ChunkIndex } from "../structure/chunks.ts";
import { escapeHtml } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { document, indexFile } from "./frame.ts";

export function indexPage(index: ChunkIndex): string {
  const files = [...index.blocks.values()].filter((block) =>
    block.kind === "file"
  );
  const body = `<main id="${pageIds.text}" class="cover register">
<header>
<h1>Index of the code</h1>
<p class="subtitle">Where each file begins, where each chunk is defined, and where it is used</p>
</header>
<nav aria-labelledby="files">
<h2 id="files">Files</h2>
<ul>
${sorted(files.map(fileEntry)).join("\n")}
</ul>
</nav>
<nav aria-labelledby="chunks">
<h2 id="chunks">Chunks</h2>
<ul>
${
    sorted(
      [...index.parts].map(([name, parts]) => chunkEntry(name, parts, index)),
    ).join("\n")
  }
</ul>
</nav>
</main>`;
  return document({
    title: `Index · ${book.title}`,
    kind: "front",
    file: indexFile,
  }, body);
}

interface Entry {
  name: string;
  html: string;
}

const sorted = (entries: readonly Entry[]): string[] =>
  [...entries]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ html }) => `<li>${html}</li>`);

function fileEntry(block: Block): Entry {
  const html = `<a href="${block.href}"><code>${escapeHtml(block.name)}</code></a> ${block.mark}${ofQuest(block)}`;
  return { name: block.name, html };
}

/** "push and pop §1.4, §5.2 (used in §1.3)" */
function chunkEntry(name: string, parts: readonly Block[],
  { uses }: ChunkIndex): Entry
{
  const users = uses.get(name) ?? [];
  const used = users.length === 0 ? ""
    : ` <span class="quiet">used in ${marks(users)}</span>`;
  const first = parts[0]?.href ?? "";
  return {
    name,
    html: `<a href="${first}">${escapeHtml(name)}</a> ${marks(parts)}${used}`,
  };
}

/** The sections of some blocks, each once and as a link; one that replaces its chunk says so. */
function marks(blocks: readonly Block[]): string {
  const links = new Map<string, string>();
  for (const block of blocks) {
    const { kind, href, mark } = block;
    const words = kind === "replaces" ? `:= ${mark}` : mark;
    if (!links.has(words))
      links.set(words, `<a href="${href}">${words}</a>${ofQuest(block)}`);
  }
  return [...links.values()].join(", ");
}

/** What is said beside the section of a block that no one on the road has to read. */
export const ofQuest = ({ page }: Block): string =>
  isQuest(page.chapter.number)
    ? " <span class=\"of-quest\">side quest</span>" : "";
