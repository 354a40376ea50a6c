/** The index: every file and every chunk, and where the book speaks of them. */
import { book } from "../../book.config.ts";
import { isQuest } from "../../tangle/book/chapter.ts";
import type { Block, ChunkIndex } from "../structure/chunks.ts";
import { escapeHtml } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { document, indexFile } from "../pages/frame.ts";

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
  const html = `<a href="${block.href}"><code>${escapeHtml(block.name)}</code></a> ${marks([block])}`;
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

/** The sections of some blocks: those on the road, then those that only side quests have. */
export function marks(blocks: readonly Block[]): string {
  const [road, quests] = [false, true].map((isAside) =>
    links(blocks.filter(({ page }) => isQuest(page.chapter.number) === isAside))
  ) as [string, string];
  const aside = quests === "" ? []
    : [`<span class="of-quest">side quest</span> ${quests}`];
  return [...(road === "" ? [] : [road]), ...aside].join(" ");
}

/** Each section once and as a link; one that replaces its chunk says so. */
function links(blocks: readonly Block[]): string {
  const found = new Map<string, string>();
  for (const { kind, href, mark } of blocks) {
    const words = kind === "replaces" ? `:= ${mark}` : mark;
    if (!found.has(words)) found.set(words, `<a href="${href}">${words}</a>`);
  }
  return [...found.values()].join(", ");
}
