/** The page of a chapter or a side quest: its title, its text, and the ways on and back. */
import { book } from "../../book.config.ts";
import { isQuest, numeralOf } from "../../tangle/book/chapter.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml, withQuotes } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import {
  questsOf,
  roadOf,
  roadPageOf,
  type Page,
} from "../structure/outline.ts";
import { readingTime } from "../structure/reading-time.ts";
import { reasonFor, signpostTo } from "../structure/signposts.ts";
import { openPre } from "./code-figure.ts";
import { contents } from "./contents.ts";
import { coverFile, document } from "./frame.ts";
import { leaning } from "./signpost.ts";

/** The page around the `text` of a chapter or a side quest, and what stands between title and text. */
export function chapterPage(page: Page, pages: readonly Page[], text: string,
  before = ""): string
{
  const { above, below, turn } = isQuest(page.chapter.number)
    ? questFrame(page, pages) : roadFrame(page, pages);
  const list = contents(page, pages);
  const body = `<div class="spread">
<nav class="sidebar" aria-label="Contents">
${list}
</nav>
<main id="${pageIds.text}" class="text">
<header class="title">
${
    above(
      `<h1${titleId(page)}>${escapeHtml(withQuotes(page.chapter.title))}</h1>`,
    )
  }
</header>
<details class="fold"><summary>Contents</summary>
<nav aria-label="Contents, folded">
${list}
</nav>
</details>
${before}${text}
${followAlong(page, pages)}
${below}
</main>
</div>`;
  return document({
    title: `${page.numeral}. ${page.chapter.title} · ${book.title}`,
    kind: "chapter",
    file: page.file,
    ...turn,
  }, body);
}

/** What stands above and below the text, and where the arrow keys lead. */
interface Frame {
  above(title: string): string;
  below: string;
  turn: { previous?: string; next?: string };
}

function roadFrame(page: Page, pages: readonly Page[]): Frame {
  const road = roadOf(pages);
  const at = road.indexOf(page);
  const [previous, next] = [road[at - 1], road[at + 1]];
  const part = `Part ${page.numeral} of ${numeralOf(book.chapters.length)}`;
  return {
    above: (title) => `<p class="part">${part}</p>\n${title}`,
    below: turnPage(previous, next),
    turn: {
      previous: previous?.file ?? coverFile,
      ...(next ? { next: next.file } : {}),
    },
  };
}

/** A side quest begins and ends at its signpost. */
function questFrame(page: Page, pages: readonly Page[]): Frame {
  const road = roadPageOf(page, pages);
  const post = signpostTo(page, pages);
  const back = linkTo(post?.href ?? road?.file ?? coverFile, page.file);
  const numeral = road?.numeral ?? "";
  const where = `part ${numeral}${post ? `, ${post.mark}` : ""}`;
  const costs = [readingTime(page), ...leaning(page, page, pages)];
  return {
    above: (title) =>
      `<p class="part">Side quest of part ${numeral}</p>
${title}
<p class="reason">${escapeHtml(withQuotes(reasonFor(page)))}</p>
<p class="cost"><a href="${back}">You left the road in ${where}</a> · ${costs.join(" · ")}</p>`,
    below: `<nav class="turn" aria-label="Back to the road">
${
      turnLink("next", back, `Back to the road in ${where}`,
        road?.chapter.title ?? "")
    }
</nav>
${neighbours(page, pages)}`,
    turn: { previous: back, next: back },
  };
}

/** The side quests before and after this one on its chapter. */
function neighbours(page: Page, pages: readonly Page[]): string {
  const all = questsOf(page, pages);
  const at = all.indexOf(page);
  const links = [all[at - 1], all[at + 1]].flatMap((other) =>
    other === undefined ? [] : [
      `<a href="${linkTo(other.file, page.file)}">${other.numeral} ${escapeHtml(withQuotes(other.chapter.name))}</a>`,
    ]
  );
  if (links.length === 0) return "";
  return `<nav class="neighbours" aria-label="Other side quests">
<p>Also off the road here: ${links.join(" and ")}.</p>
</nav>`;
}

/** A link may lead to the title of a chapter too. */
function titleId({ sections }: Page): string {
  const title = sections.find(({ level }) => level === 1);
  return title ? ` id="${title.id}"` : "";
}

/** The commands that bring the reader's own machine to where the chapter ends. */
function followAlong(page: Page, pages: readonly Page[]): string {
  const through = `--through ${inShell(page.chapter.name)}`;
  const isBranched = !isQuest(page.chapter.number)
    && questsOf(page, pages).length > 0;
  const road = isBranched
    ? "\n<p>And without the side quests, on the road alone:</p>\n"
      + commands(`npm run tangle -- --road ${through}`)
    : "";
  return `<section class="follow" aria-label="Follow along">
<p>To have the code as it stands here, and to see it keep its promises:</p>
${commands(`npm run tangle -- ${through}`, "npm test")}${road}
</section>`;
}

const commands = (...lines: readonly string[]): string =>
  `${openPre(lines)}<code>${escapeHtml(lines.join("\n"))}</code></pre>`;

/** A name as one word of a shell. */
const inShell = (name: string): string =>
  /^\w+$/u.test(name) ? name : `"${name}"`;

function turnPage(previous: Page | undefined, next: Page | undefined): string {
  const back = previous
    ? turnLink("prev", previous.file, `Back to part ${previous.numeral}`,
      previous.chapter.title)
    : turnLink("prev", coverFile, "Back to", "the map");
  const on = next
    ? turnLink("next", next.file, `On to part ${next.numeral}`,
      next.chapter.title)
    : turnLink("next", coverFile, "The end. Your beer is",
      "where the map begins");
  return `<nav class="turn" aria-label="Previous and next">\n${back}\n${on}\n</nav>`;
}

function turnLink(relation: "prev" | "next", href: string, above: string,
  title: string): string
{
  return `<a class="${relation}" href="${href}"><span>${above}</span> ${escapeHtml(withQuotes(title))}</a>`;
}
