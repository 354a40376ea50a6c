/** The page of the glossary: what each term means, and the section that introduces it. */
import { book as config } from "../../book.config.ts";
import type { Book, Problem } from "../../tangle/book/chapter.ts";
import {
  introductionOf,
  parseGlossary,
  type Introduction,
  type Term,
} from "../../tangle/road/terms.ts";
import { sectionAt, type Page } from "../structure/outline.ts";
import { capital, escapeHtml, inHtml, withQuotes } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { document, glossaryFile } from "../pages/frame.ts";

/** The terms, each with its introduction. */
export interface Glossary {
  entries: readonly (readonly [Term, Introduction])[];
  problems: readonly Problem[];
}

/** Reads the glossary of a book, which need not have one; a term that nobody introduces is a problem. */
export function readGlossary(book: Book, text: string | undefined): Glossary {
  const { terms, problems } = parseGlossary(text ?? "", config.glossary);
  const found = terms.map((term) =>
    [term, introductionOf(term, book)] as const
  );
  const entries = found.flatMap(([term, at]) =>
    at ? [[term, at] as const] : []
  );
  const missing = found.flatMap(([{ name, chapter, place }, at]) => {
    const where = chapter === undefined ? "the book" : `chapter ${chapter}`;
    const message = `${where} never says *${name}* in italics: introduce it`;
    return at ? [] : [{ place, message }];
  });
  return { entries, problems: [...problems, ...missing] };
}

export function glossaryPage({ entries }: Glossary,
  pages: readonly Page[]): string
{
  const inOrder = entries.toSorted(([a], [b]) =>
    a.name.toLowerCase().localeCompare(b.name.toLowerCase(), "en")
  );
  const body = `<main id="${pageIds.text}" class="cover register">
<header>
<h1>Glossary</h1>
<p class="subtitle">What the words mean here, and where they are introduced</p>
</header>
<nav aria-label="Terms">
<dl class="glossary">
${inOrder.map(([term, at]) => line(term, at, pages)).join("\n")}
</dl>
</nav>
</main>`;
  return document({
    title: `Glossary · ${config.title}`,
    kind: "front",
    file: glossaryFile,
  }, body);
}

function line(term: Term, at: Introduction, pages: readonly Page[]): string {
  const { name, about, meaning } = term;
  const of = about === "" ? ""
    : ` <span class="quiet">${escapeHtml(about)}</span>`;
  return `<dt id="${termId(term)}">${escapeHtml(name)}${of}</dt>\n<dd>${inHtml(capital(meaning))} ${link(at, pages)}</dd>`;
}

/** The id of a term's entry. */
export const termId = ({ name, chapter = "" }: Term): string =>
  `term:${`${name} ${chapter}`.trim().toLowerCase().replace(/[^a-z0-9]+/gu, "-")}`;

/** "2.3 Gates": the section that introduces a term. */
function link({ chapter, line }: Introduction, pages: readonly Page[]): string {
  const page = pages.find((each) => each.chapter === chapter);
  if (!page) return "";
  const section = sectionAt(page, line);
  const href = section ? `${page.file}#${section.id}` : page.file;
  const title = section ? `${section.number} ${section.title}`
    : `${page.numeral} ${page.chapter.name}`;
  return `<a href="${href}">${escapeHtml(withQuotes(title))}</a>`;
}
