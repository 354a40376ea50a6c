/** The contents beside a page: every chapter, and what is in the one that is open. */
import { chapterOf } from "../../tangle/book/chapter.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml, withQuotes } from "../text/html-text.ts";
import { questsOf, roadOf, type Page } from "../structure/outline.ts";
import {
  glossaryFile,
  indexFile,
  instructionsFile,
  originalFile,
  placesFile,
} from "./frame.ts";

/** All chapters, with the sections and the side quests of the one that is open. */
export function contents(open: Page, pages: readonly Page[]): string {
  const chapters = roadOf(pages).map((page) => {
    const isOpen = page.chapter.number === chapterOf(open.chapter.number);
    const within = isOpen ? sectionList(page, open) + questList(open, pages)
      : "";
    return `<li>${entry(page, open)}${within}</li>`;
  });
  const others = [["Glossary", glossaryFile], ["Where things live", placesFile],
    ["Beside the original", originalFile], ["Instructions", instructionsFile], [
    "Index",
    indexFile,
  ]].map(([name = "", file = ""]) =>
    `<li>${link(linkTo(file, open.file), "", name)}</li>`
  );
  return `<ol class="contents">\n${[...chapters, ...others].join("\n")}\n</ol>`;
}

const entry = (page: Page, open: Page): string =>
  link(linkTo(page.file, open.file), page.numeral, page.chapter.name,
    page === open);

function link(href: string, numeral: string, name: string,
  isOpen = false): string
{
  const current = isOpen ? " aria-current=\"page\"" : "";
  return `<a href="${href}"${current}><span class="numeral">${numeral}</span> ${escapeHtml(withQuotes(name))}</a>`;
}

/** The sections of the page that is open. */
function sectionList(page: Page, open: Page): string {
  if (page !== open) return "";
  const items = page.sections
    .filter((section) => section.number !== "")
    .map(({ id, number, title }) =>
      `<li>${link(`#${id}`, number, title)}</li>`
    );
  return items.length === 0 ? ""
    : `\n<ol class="sections">\n${items.join("\n")}\n</ol>`;
}

/** The side quests of the chapter that is open, or of the one on which the open side quest hangs. */
function questList(open: Page, pages: readonly Page[]): string {
  const items = questsOf(open, pages).map((quest) => {
    const within = quest === open ? sectionList(quest, open) : "";
    return `<li>${entry(quest, open)}${within}</li>`;
  });
  return items.length === 0 ? ""
    : `\n<p class="kind">Side quests</p>\n<ol class="quests">\n${items.join("\n")}\n</ol>`;
}
