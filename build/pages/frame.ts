/** The frame around every page: its head, and the bar at its top. */
import { book } from "../../book.config.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";

/** A flag on a pole, so that browsers need not ask for an icon. */
const icon = "data:image/svg+xml,"
  + encodeURIComponent(
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><path d=\"M4 15V2l9 3-9 3\" fill=\"#c96a45\" stroke=\"#a3401f\" stroke-width=\"1.5\"/></svg>",
  );

/** The cover. */
export const coverFile = "index.html";
/** The page that lists every file and chunk. */
export const indexFile = "index-of-code.html";
/** The page that lists every instruction of the machine. */
export const instructionsFile = "instructions.html";

/** The page that says what the terms mean. */
export const glossaryFile = "glossary.html";

/** The page that says where things live. */
export const placesFile = "where-things-live.html";

/** The page that sets the road beside the original. */
export const originalFile = "beside-the-original.html";

/** What the head of a page says. */
export interface Head {
  title: string;
  /** The class of its body. */
  kind: "front" | "chapter";
  /** Its path in the site. */
  file: string;
  /** Where the arrow keys lead: links from this page. */
  previous?: string;
  next?: string;
}

/** A whole HTML document. */
export function document({ title, kind, file, previous, next }: Head,
  body: string): string
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
<link rel="stylesheet" href="${linkTo("assets/style.css", file)}">
${relation("prev", previous)}${relation("next", next)}<script src="${linkTo("assets/client.js", file)}"></script>
</head>
<body class="${kind}">
<a class="skip" href="#${pageIds.text}">Skip to the text</a>
${banner(file)}
${body}
</body>
</html>
`;
}

/** The bar at the top of each page; the script puts the switch for the theme into its right end. */
function banner(file: string): string {
  const home = `<a class="book" href="${linkTo(coverFile, file)}">${escapeHtml(book.title)}</a>`;
  return `<header class="banner">${home}<span id="${pageIds.tools}"></span></header>`;
}
