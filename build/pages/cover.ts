/** The cover: the invitation, the map, and the seven parts. */
import { book } from "../../book.config.ts";
import { numeralOf } from "../../tangle/book/chapter.ts";
import { inlineDrawing } from "./inline-drawing.ts";
import { questMap } from "../figures/quest-map.ts";
import { capital, escapeHtml, withQuotes } from "../text/html-text.ts";
import { pageIds } from "../text/ids.ts";
import { questsOf, roadOf, type Page } from "../structure/outline.ts";
import { shortTime } from "../structure/reading-time.ts";
import {
  armchair,
  armchairMinutes,
  minutesOf,
  roughly,
} from "../structure/routes.ts";
import { reasonFor } from "../structure/signposts.ts";
import {
  coverFile,
  document,
  glossaryFile,
  indexFile,
  instructionsFile,
} from "./frame.ts";

/** What awaits the hero in each part. */
const mottoes: Readonly<Record<string, string>> = {
  Preparation:
    "in which a computer is built from nothing, so that there is something to quarrel over.",
  Guest:
    "in which a kernel grows up without privileges, and does not let it show.",
  Drivers: "in which the Guest finds its voice, and at once has opinions.",
  Launcher: "in which we are told, at last, where Guests come from.",
  Host:
    "in which the stair is long, every table has a shadow, and the Bit of Despair is crossed.",
  Switcher:
    "in which two worlds share one doorway, and nothing will do but verse.",
  Mastery:
    "in which there is no one left to ask, and the hero writes the next part.",
};

export function coverPage(pages: readonly Page[]): string {
  const body = `<main id="${pageIds.text}" class="cover">
<header>
<h1>${escapeHtml(book.title)}</h1>
<p class="subtitle">${escapeHtml(book.subtitle)}</p>
</header>
<figure class="drawing map">${map(pages)}</figure>
<div class="invitation">
<p>So you are the hero. We had pictured someone with a cape, but you are here, and that settles it.</p>
<p>Before you lies a thing that most programmers take on trust: a <em>hypervisor</em>, which lends one machine to several
kernels and leaves each of them in the belief that it owns the place. It is guarded by page tables, by interrupts that
arrive at the worst possible moment, and by a processor that never throws anything away. No sword will help. Bring some
TypeScript, a little patience, and an evening for each of the seven parts.</p>
<p>Nothing is hidden on the way. Every line that runs stands in these pages, in the order in which one would want to be
told about it, and the pages are what is run. The road was first walked in 2007, when Rusty Russell wrote lguest and
turned its comments into a quest; this is the same journey on foot, from bare memory upwards.</p>
<p>Whoever reaches the end is owed a beer. The debt falls on whoever sent you here.</p>
</div>
<nav aria-label="The seven parts">
<ol class="parts">
${book.chapters.map((chapter, index) => part(chapter, index, pages)).join("\n")}
</ol>
${aboutQuests(pages)}</nav>
${routes(roadOf(pages))}<section class="ways" aria-labelledby="ways">
<h2 id="ways">Three ways to travel</h2>
<dl>
<dt>Read</dt>
<dd>Here, or in the terminal:
<code>npm run Preparation!</code></dd>
<dt>Run</dt>
<dd><code>npm run tangle</code> takes the program out of the book, <code>npm test</code> holds it to its promises, and
<code>npm run lguest</code> boots a Guest.</dd>
<dt>Follow along</dt>
<dd><code>npm run tangle -- --through Guest</code> is the program as it stands when that part ends;
with <code>--road</code>, without its side quests.</dd>
</dl>
<p class="quiet">Whoever has lost a piece of code finds it in the <a href="${indexFile}">index</a>; whoever
has lost an instruction, in the <a href="${instructionsFile}">appendix</a>; and whoever has lost a word, in the
<a href="${glossaryFile}">glossary</a>.</p>
<p class="quiet">It has been remarked that books about page tables contain too few puppies. This one has been corrected:
<code>npm run Puppy</code>, for those who finish. It will know.</p>
</section>
</main>`;
  return document({
    title: book.title,
    kind: "front",
    file: coverFile,
    ...(pages[0] ? { next: pages[0].file } : {}),
  }, body);
}

/** Where one may begin, and how long each way takes. */
function routes(road: readonly Page[]): string {
  const [first, second] = road;
  if (!first || !second) return "";
  const stops = armchair(road);
  const links = stops.map(({ page, id, title }) =>
    `<a href="${page.file}${id === undefined ? "" : `#${id}`}">${escapeHtml(withQuotes(title))}</a>`
  );
  const rest = roughly(minutesOf(road.slice(1)));
  return `<section class="ways" aria-labelledby="routes">
<h2 id="routes">Three places to begin</h2>
<dl>
<dt>At the beginning</dt>
<dd>All seven parts, ${roughly(minutesOf(road))}: <a href="${first.file}">part I</a>.</dd>
<dt>At part II</dt>
<dd>You know what an x86 is, and want to see it deceived: <a href="${second.file}">part II</a> and what follows, ${rest}.
What part I has built is to be taken as given; the list stands folded under the title.</dd>
<dt>In an armchair</dt>
<dd>How each part opens, the seven landings of the Host’s long stair, the ballad and the farewell, ${roughly(armchairMinutes(stops))} without a keyboard: ${links.join(", ")}.</dd>
</dl>
</section>
`;
}

/** The map with a link at every chapter that there is, and a side path for its side quests. */
function map(pages: readonly Page[]): string {
  const places = book.chapters.map(({ path }) =>
    pages.find((page) => page.chapter.path === path)
  );
  const counts = places.map((page) => page ? questsOf(page, pages).length : 0);
  const drawing = questMap(places.map((page) => page?.file), counts);
  return inlineDrawing(drawing, `aria-label="${describe(counts)}"`)
    .replace("role=\"img\"", "role=\"group\"");
}

/** What the map shows, for those who cannot see it. */
function describe(counts: readonly number[]): string {
  const branches = counts.flatMap((count, index) =>
    count === 0 ? [] : [`${count} at ${book.chapters[index]?.name}`]
  );
  const aside = branches.length === 0 ? ""
    : `, and side paths with the stops of the side quests: ${branches.join(", ")}`;
  return `The map of the quest: seven places along one path${aside}`;
}

function part({ name, path }: { name: string; path: string }, index: number,
  pages: readonly Page[]): string
{
  const page = pages.find(({ chapter }) => chapter.path === path);
  const title = page ? `<a href="${page.file}">${escapeHtml(name)}</a>`
    : escapeHtml(name);
  const numeral = `<span class="numeral">${numeralOf(index + 1)}</span>`;
  const quests = page ? questList(questsOf(page, pages)) : "";
  return `<li>${numeral} <div><strong>${title}</strong>, ${escapeHtml(mottoes[name] ?? "")}${quests}</div></li>`;
}

/** The side quests of a part, with what one gets there and what it costs. */
function questList(quests: readonly Page[]): string {
  if (quests.length === 0) return "";
  const items = quests.map((quest) => {
    const name = escapeHtml(withQuotes(quest.chapter.name));
    const link = `<a href="${quest.file}">${name}</a>`;
    const reason = escapeHtml(withQuotes(reasonFor(quest)));
    return `<li>${link}. ${reason} <span class="cost">${capital(shortTime(quest))}.</span></li>`;
  });
  return `\n<ul class="quests" aria-label="Side quests">\n${items.join("\n")}\n</ul>\n`;
}

/** What a side quest is, if there are any. */
function aboutQuests(pages: readonly Page[]): string {
  if (pages.length === roadOf(pages).length) return "";
  return `<p class="quiet">Whoever walks the seven parts builds a machine and a hypervisor that work. What hangs below a part
is a side quest: it leaves the road at a signpost, comes back to it, and the road needs nothing of what lies there.</p>
`;
}
