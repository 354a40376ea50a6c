/** The frame around every page: head, contents, previous and next. */
import { book } from "../../book.config.ts";
import { escapeHtml, withQuotes } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { numeralOf, type Page } from "../structure/outline.ts";

/** A flag on a pole, so that browsers need not ask for an icon. */
const icon = "data:image/svg+xml,"
  + encodeURIComponent(
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><path d=\"M4 15V2l9 3-9 3\" fill=\"#c96a45\" stroke=\"#a3401f\" stroke-width=\"1.5\"/></svg>",
  );

/** The page that lists every file and chunk. */
export const indexFile = "index-of-code.html";
/** The page that lists every instruction of the machine. */
export const instructionsFile = "instructions.html";

/** A whole HTML document. */
export function document(title: string, kind: string, body: string,
  links: { previous?: string; next?: string } = {}): string
{
  const relation = (name: string, href: string | undefined): string =>
    href === undefined ? "" : `<link rel="${name}" href="${href}">\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escapeHtml(`${book.title}: ${book.subtitle}`)}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="assets/style.css">
${relation("prev", links.previous)}${relation("next", links.next)}<script src="assets/client.js"></script>
</head>
<body class="${kind}">
<a class="skip" href="#${pageIds.text}">Skip to the text</a>
${body}
</body>
</html>
`;
}

/** The bar at the top of each page; the script puts the switch for the theme into its right end. */
export function banner(): string {
  const home = `<a class="book" href="index.html">${escapeHtml(book.title)}</a>`;
  return `<header class="banner">${home}<span id="${pageIds.tools}"></span></header>`;
}

/** The contents: every chapter, and the sections of the one that is open. */
function contents(open: Page, pages: readonly Page[]): string {
  const items = pages.map((page) => {
    const here = page === open;
    const current = here ? " aria-current=\"page\"" : "";
    const name = `<span class="numeral">${page.numeral}</span> ${escapeHtml(page.chapter.name)}`;
    const link = `<a href="${page.file}"${current}>${name}</a>`;
    return `<li>${link}${here ? sectionList(page) : ""}</li>`;
  });
  const index =
    `<li><a href="${indexFile}"><span class="numeral"></span> Index</a></li>`;
  const appendix =
    `<li><a href="${instructionsFile}"><span class="numeral"></span> Instructions</a></li>`;
  return `<ol class="contents">\n${[...items, appendix, index].join("\n")}\n</ol>`;
}

function sectionList({ sections }: Page): string {
  const items = sections
    .filter((section) => section.number !== "")
    .map(({ id, number, title }) =>
      `<li><a href="#${id}"><span class="numeral">${number}</span> ${escapeHtml(withQuotes(title))}</a></li>`
    );
  return items.length === 0 ? ""
    : `\n<ol class="sections">\n${items.join("\n")}\n</ol>`;
}

/** The page of a chapter around its `text`. */
export function chapterPage(page: Page, pages: readonly Page[],
  text: string): string
{
  const at = pages.indexOf(page);
  const [previous, next] = [pages[at - 1], pages[at + 1]];
  const list = contents(page, pages);
  const body = `${banner()}
<div class="spread">
<nav class="sidebar" aria-label="Contents">
${list}
</nav>
<main id="${pageIds.text}" class="text">
<header class="title">
<p class="part">Part ${page.numeral} of ${numeralOf(book.chapters.length)}</p>
<h1${titleId(page)}>${escapeHtml(withQuotes(page.chapter.title))}</h1>
</header>
<details class="fold"><summary>Contents</summary>
<nav aria-label="Contents, folded">
${list}
</nav>
</details>
${text}
${followAlong(page)}
${turnPage(previous, next)}
</main>
</div>`;
  const links = {
    ...(previous ? { previous: previous.file } : { previous: "index.html" }),
    ...(next ? { next: next.file } : {}),
  };
  return document(`${page.numeral}. ${page.chapter.title} · ${book.title}`,
    "chapter", body, links);
}

/** A link may lead to the title of a chapter too. */
function titleId({ sections }: Page): string {
  const title = sections.find(({ level }) => level === 1);
  return title ? ` id="${title.id}"` : "";
}

/** The commands that bring the reader's own machine to where the chapter ends. */
function followAlong({ chapter }: Page): string {
  return `<section class="follow" aria-label="Follow along">
<p>To have the code as it stands here, and to see it keep its promises:</p>
<pre><code>npm run tangle -- --through ${escapeHtml(chapter.name)}
npm test</code></pre>
</section>`;
}

function turnPage(previous: Page | undefined, next: Page | undefined): string {
  const back = previous
    ? turnLink("prev", previous.file, `Back to part ${previous.numeral}`,
      previous.chapter.title)
    : turnLink("prev", "index.html", "Back to", "the map");
  const on = next
    ? turnLink("next", next.file, `On to part ${next.numeral}`,
      next.chapter.title)
    : turnLink("next", "index.html", "The end. Your beer is",
      "where the map begins");
  return `<nav class="turn" aria-label="Previous and next">\n${back}\n${on}\n</nav>`;
}

function turnLink(relation: "prev" | "next", href: string, above: string,
  title: string): string
{
  return `<a class="${relation}" href="${href}"><span>${above}</span> ${escapeHtml(withQuotes(title))}</a>`;
}
