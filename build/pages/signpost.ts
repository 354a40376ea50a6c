/** A signpost in a chapter: a box that leads to a side quest, and to which one comes back. */
import type { Token } from "markdown-it";
import {
  reasonFor,
  signpostsOf,
  wordsOn,
  type Signpost,
} from "../structure/signposts.ts";
import { readingTime } from "../structure/reading-time.ts";
import type { Page } from "../structure/outline.ts";
import { linkTo } from "../text/addresses.ts";
import { capital, escapeHtml, withQuotes } from "../text/html-text.ts";
import type { Loom } from "../loom/loom.ts";

/** A signpost, and the words of its link. */
export interface SignpostWords {
  post: Signpost;
  title: Token[];
}

/** Takes the link out of the words of a signpost, if the block quote that opens at `index` is one. */
export function prepareSignpost(tokens: readonly Token[], index: number,
  { page, pages }: Loom): SignpostWords | undefined
{
  const post = signpostsOf(page, pages).find(({ token }) => token === index);
  const inline = tokens[index + 2];
  if (!post || !inline) return undefined;
  const { title, rest } = wordsOn(inline);
  inline.children = rest;
  if (post.words === "") hideParagraph(tokens, index + 1);
  return { post, title };
}

function hideParagraph(tokens: readonly Token[], index: number): void {
  for (const at of [index, index + 2]) (tokens[at] as Token).hidden = true;
  (tokens[index + 1] as Token).children = [];
}

/** The box with its first line; `title` is HTML. */
export function signpostStart({ post }: SignpostWords, title: string,
  { page }: Loom): string
{
  const { quest, id } = post;
  const kind = `Side quest ${quest.numeral}`;
  const link = `<a href="${linkTo(quest.file, page.file)}">${title}</a>`;
  return `<div class="signpost" id="${id}" role="note" aria-label="${kind}">
<p class="way"><span class="kind">${kind}</span> ${link}</p>
`;
}

/** What the book's description says of the side quest, if its author does not, and what it costs. */
export function signpostEnd({ post: { quest, words } }: SignpostWords,
  { page, pages }: Loom): string
{
  const said = words === ""
    ? `<p>${escapeHtml(withQuotes(reasonFor(quest)))}</p>\n` : "";
  const cost = [capital(readingTime(quest)), ...leaning(quest, page, pages)];
  return `${said}<p class="cost">${cost.join(" · ")}</p>\n</div>\n`;
}

/** The side quests that should be done before this one, if there are any; links from the page `here`. */
export function leaning({ chapter }: Page, here: Page,
  pages: readonly Page[]): string[]
{
  const names = chapter.quest?.leansOn ?? [];
  if (names.length === 0) return [];
  const links = names.map((name) => {
    const page = pages.find((each) => each.chapter.name === name);
    const words = escapeHtml(withQuotes(name));
    return page ? `<a href="${linkTo(page.file, here.file)}">${words}</a>`
      : words;
  });
  return [`leans on ${links.join(" and ")}`];
}
