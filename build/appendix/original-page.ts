/** Two journeys side by side: the sections of the road, and what the original has there. */
import { book } from "../../book.config.ts";
import { roadOf, type Page } from "../structure/outline.ts";
import { escapeHtml, inHtml, withQuotes } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { document, originalFile } from "../pages/frame.ts";

/** What a section says of the original. */
interface Note {
  /** "2.11 A contract, in numbers", and its address. */
  title: string;
  href: string;
  words: string;
}

const opening = "**Original.** ";

export function originalPage(pages: readonly Page[]): string {
  const parts = roadOf(pages).flatMap((page) => {
    const notes = notesOf(page);
    return notes.length === 0 ? [] : [part(page, notes)];
  });
  const body = `<main id="${pageIds.text}" class="cover register">
<header>
<h1>Beside the original</h1>
<p class="subtitle">Which file and function of lguest each section tells again, and what differs</p>
</header>
<p>The names are those of Linux 3.11, where the original lies in <code>drivers/lguest</code>,
<code>arch/x86/lguest</code> and <code>tools/lguest</code>.</p>
<nav aria-label="Sections and their originals">
${parts.join("\n")}
</nav>
</main>`;
  return document({
    title: `Beside the original · ${book.title}`,
    kind: "front",
    file: originalFile,
  }, body);
}

function part({ numeral, chapter }: Page, notes: readonly Note[]): string {
  const rows = notes.map(({ title, href, words }) =>
    `<dt><a href="${href}">${escapeHtml(withQuotes(title))}</a></dt>\n<dd>${inHtml(words)}</dd>`
  );
  return `<h2 id="part-${numeral}">${numeral} ${escapeHtml(withQuotes(chapter.title))}</h2>
<dl class="glossary">
${rows.join("\n")}
</dl>`;
}

function notesOf({ chapter, sections, file }: Page): Note[] {
  return chapter.tokens.flatMap(({ type, content, map }) => {
    if (type !== "inline" || !content.startsWith(opening)) return [];
    const line = (map?.[0] ?? 0) + 1;
    const section = sections.findLast((each) =>
      each.level > 1 && each.line <= line
    );
    const words = content.slice(opening.length).replace(/\s+/gu, " ");
    return [{
      title: section ? `${section.number} ${section.title}`.trim()
        : chapter.title,
      href: section ? `${file}#${section.id}` : file,
      words,
    }];
  });
}
