/** From a chapter's Markdown to the HTML of its page. */
import MarkdownIt, { type Token } from "markdown-it";
import { posix } from "node:path";
import type { Fence } from "../../tangle/book/chapter.ts";
import { codeFigure } from "./code-figure.ts";
import { placeIn, type Loom } from "../loom/loom.ts";
import { inlineDrawing, withOwnIds } from "./inline-drawing.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml, withQuotes } from "../text/html-text.ts";
import { createIds } from "../text/ids.ts";
import { linkChapters } from "../loom/chapter-links.ts";
import { decoded, resolveLink } from "../loom/links.ts";
import {
  prepareSignpost,
  signpostEnd,
  signpostStart,
  type SignpostWords,
} from "./signpost.ts";
import { definitionFor } from "../structure/relations.ts";
import { isVerse, plainText, type Section } from "../structure/outline.ts";

/**
 * The tangler's dialect with printer's quotes. Both see the same tokens in the same order, so that the number of a
 * fence's token means the same to both. HTML is recognised only to be refused.
 */
const markdown = new MarkdownIt({ html: true, typographer: true }).disable(
  "replacements",
);

type Rule = NonNullable<(typeof markdown.renderer.rules)[string]>;

/** What is known of single tokens before any is rendered. */
interface Findings {
  loom: Loom;
  sections: Map<Token, Section>;
  fences: Map<Token, Fence>;
  /** The opening and closing tokens of margin notes. */
  asides: Set<Token>;
  /** Those of hints. */
  hints: Set<Token>;
  /** The opening tokens of notes on the original. */
  originals: Set<Token>;
  /** Those of signposts. */
  signposts: Map<Token, SignpostWords>;
  /** Each drawing that is there, with the id of its description. */
  drawings: Map<Token, { svg: string; id: string }>;
  /** Code within the words of a link. */
  linked: Set<Token>;
  /** Makes the ids of drawings. */
  idOf: (name: string) => string;
}

/** The HTML of the chapter, without its title. */
export function renderChapter(loom: Loom): string {
  const { chapter, sections } = loom.page;
  const tokens = markdown.parse(chapter.source, {});
  const headings = tokens.filter((token) => token.type === "heading_open");
  const findings: Findings = {
    loom,
    asides: new Set(),
    hints: new Set(),
    originals: new Set(),
    signposts: new Map(),
    drawings: new Map(),
    linked: new Set(),
    idOf: createIds("figure"),
    sections: pair(headings, sections),
    fences: pair(chapter.fences.map((fence) => tokens[fence.token] as Token),
      chapter.fences),
  };
  tokens.forEach((token, index) => prepare(tokens, token, index, findings));
  return markdown.renderer.render(withoutTitle(tokens), markdown.options, {
    findings,
  });
}

function pair<V>(tokens: readonly Token[],
  values: readonly V[]): Map<Token, V>
{
  return new Map(tokens.map((token, index) => [token, values[index] as V]));
}

/** Leaves out the first heading of level 1: the page shows it itself. */
function withoutTitle(tokens: readonly Token[]): Token[] {
  const at = tokens.findIndex((token) =>
    token.type === "heading_open" && token.tag === "h1"
  );
  return tokens.filter((_, index) => at < 0 || index < at || index > at + 2);
}

function prepare(tokens: readonly Token[], token: Token, index: number,
  findings: Findings): void
{
  if (token.type === "blockquote_open") {
    prepareAside(tokens, index, findings);
    openSignpost(tokens, index, findings);
  }
  if (token.type === "html_block" && !isComment(token.content))
    complainOfHtml(token, token.content, findings.loom);
  if (token.type === "heading_open")
    checkHeading(tokens, token, index, findings.loom);
  if (token.type === "inline") prepareInline(tokens, token, index, findings);
}

/** A page has one title, so that its headings make an outline. */
function checkHeading(tokens: readonly Token[], token: Token, index: number,
  loom: Loom): void
{
  const isSecond = token.tag === "h1"
    && tokens.slice(0, index).some((each) => each.tag === "h1");
  if (!isSecond) return;
  const message =
    "a chapter cannot have a second title: begin the section with ##";
  loom.complain({ place: placeIn(loom.page, token, "#"), message });
}

const isComment = (html: string): boolean =>
  /^\s*<!--[\s\S]*-->\s*$/u.test(html);

function complainOfHtml(token: Token, html: string,
  { page, complain }: Loom): void
{
  const first = html.trim().split("\n")[0] ?? "";
  complain({
    place: placeIn(page, token, first),
    message: `HTML is not woven: write "${first}" in Markdown`,
  });
}

/**
 * A quotation that begins with **Aside.** becomes a note in the margin; with **Original.**, one that says what lguest
 * has in this place; with **Hint.**, one that is folded.
 */
function prepareAside(tokens: readonly Token[], index: number,
  { asides, hints, originals }: Findings): void
{
  const inline = tokens[index + 2];
  const opening = tokens[index] as Token;
  const kind = /^\*\*(Aside|Hint|Original)\.\*\*/u.exec(inline?.content ?? "")
    ?.[1];
  if (kind === undefined || !inline?.children) return;
  (kind === "Hint" ? hints : asides).add(opening).add(closing(tokens, index));
  const end = inline.children.findIndex((child) =>
    child.type === "strong_close"
  );
  inline.children = inline.children.slice(end + 1);
  if (kind === "Original") originals.add(opening);
  const first = inline.children[0];
  if (first?.type === "text") first.content = first.content.trimStart();
}

/** The token that closes the block quote that the one at `index` opens. */
const closing = (tokens: readonly Token[], index: number): Token =>
  tokens.slice(index).find(({ type, level }) =>
    type === "blockquote_close" && level === tokens[index]?.level
  ) as Token;

function openSignpost(tokens: readonly Token[], index: number,
  { loom, linked, signposts }: Findings): void
{
  const words = prepareSignpost(tokens, index, loom);
  if (!words) return;
  for (const child of words.title) linked.add(child);
  signposts.set(tokens[index] as Token, words)
    .set(closing(tokens, index), words);
}

function prepareInline(tokens: readonly Token[], token: Token, index: number,
  findings: Findings): void
{
  const { loom } = findings;
  const children = token.children ?? [];
  let isInLink = false;
  for (const child of children) {
    if (child.type === "html_inline" && !isComment(child.content))
      complainOfHtml(token, child.content, loom);
    if (child.type.startsWith("link_")) isInLink = child.type === "link_open";
    if (isInLink) findings.linked.add(child);
    if (child.type === "link_open") prepareLink(token, child, loom);
    if (child.type === "image") prepareImage(token, child, findings);
  }
  if (isVerse(token)) prepareVerse(tokens[index - 1], children);
  if (tokens[index - 1]?.type !== "heading_open")
    token.children = linkChapters(token, children, loom);
  const images = children.filter((child) => child.type === "image");
  const alone = images.length === 1
    && children.every(({ type, content }) =>
      type === "image" || (type === "text" && content.trim() === "")
    );
  if (!alone || tokens[index - 1]?.type !== "paragraph_open") {
    for (const image of images) complainOfImage(token, image, loom);
    return;
  }
  (tokens[index - 1] as Token).hidden = true;
  (tokens[index + 1] as Token).hidden = true;
}

/** The lines of verse stay as they are. */
function prepareVerse(paragraph: Token | undefined,
  children: readonly Token[]): void
{
  paragraph?.attrSet("class", "verse");
  for (const child of children)
    if (child.type === "softbreak") child.type = "hardbreak";
}

function complainOfImage(token: Token, image: Token,
  { page, complain }: Loom): void
{
  const source = String(image.attrGet("src"));
  complain({
    place: placeIn(page, token, source),
    message:
      `the drawing ${source} stands inside a sentence or a link: give it a paragraph of its own`,
  });
}

function prepareLink(token: Token, link: Token, loom: Loom): void {
  const href = String(link.attrGet("href"));
  const resolved = resolveLink(href, loom);
  if ("href" in resolved) link.attrSet("href", resolved.href);
  else {
    const place = placeIn(loom.page, token, href, decoded(href) ?? href);
    loom.complain({ place, message: resolved.fault });
  }
}

function prepareImage(token: Token, image: Token, findings: Findings): void {
  const { page, complain, readDrawing } = findings.loom;
  const source = String(image.attrGet("src"));
  const place = placeIn(page, token, source, decoded(source) ?? source);
  const path = posix.normalize(
    posix.join(posix.dirname(page.chapter.path), source),
  );
  const svg = source.endsWith(".svg") ? readDrawing(path) : undefined;
  const id = findings.idOf(posix.basename(source, ".svg"));
  if (svg !== undefined) findings.drawings.set(image, { svg, id });
  else {
    const message =
      `there is no drawing ${path}: draw it in build/figures/ and run \`npm run figures\``;
    complain({ place, message });
  }
  if (image.content.trim() === "") {
    const message =
      `the drawing ${source} has no description: write ![what it shows](${source})`;
    complain({ place, message });
  }
}

const rule =
  (render: (token: Token, findings: Findings) => string): Rule =>
  (tokens, index, _options, env) =>
    render(tokens[index] as Token, env?.["findings"] as Findings);

const renderImage = rule((image, { drawings }) => {
  const found = drawings.get(image);
  if (!found) return "";
  const drawing = inlineDrawing(withOwnIds(found.svg, found.id),
    `aria-labelledby="${found.id}"`);
  const words = escapeHtml(withQuotes(plainText(image)));
  const box =
    `<div class="scroll" tabindex="0" role="group" aria-label="drawing">${drawing}</div>`;
  const caption = `<figcaption id="${found.id}">${words}</figcaption>`;
  return `<figure class="drawing">${box}${caption}</figure>\n`;
});

/** Code in a sentence is not broken into lines up to this length, which any telephone has room for. */
const unbroken = 24;

/** A name such as `<<push and pop>>` in a sentence leads to the chunk, when there is one; in a link it is words. */
const renderInlineCode = rule((token, { loom, linked }) => {
  const { index, page } = loom;
  const { content } = token;
  const name = linked.has(token) ? undefined : /<<(.+)>>$/u.exec(content)?.[1];
  const target = name === undefined ? undefined
    : definitionFor(page, name, index);
  const code = `<code${content.length <= unbroken ? " class=\"short\"" : ""}>${escapeHtml(content)}</code>`;
  return target ? `<a href="${linkTo(target.href, page.file)}">${code}</a>`
    : code;
});

const openHeading = rule((token, { sections }) => {
  const { number, id } = sections.get(token) as Section;
  return `<${token.tag} id="${id}"><a class="anchor" href="#${id}">${number === "" ? "#" : number}</a> `;
});

const renderWords = (words: Token[], findings: Findings): string =>
  markdown.renderer.renderInline(words, markdown.options, { findings });

Object.assign(markdown.renderer.rules, {
  image: renderImage,
  code_inline: renderInlineCode,
  heading_open: openHeading,
  html_block: rule(() => ""),
  html_inline: rule(() => ""),
  fence: rule((token, { fences, loom }) =>
    codeFigure(fences.get(token) as Fence, loom)
  ),
  blockquote_open: rule((token, findings) => {
    const { asides, hints, originals, signposts, loom } = findings;
    const post = signposts.get(token);
    if (post)
      return signpostStart(post, renderWords(post.title, findings), loom);
    if (hints.has(token))
      return "<details class=\"hint\"><summary>Hint</summary>\n";
    if (originals.has(token))
      return "<div class=\"note original\" role=\"note\">\n<p class=\"kind\">In lguest</p>\n";
    return asides.has(token) ? "<div class=\"note\" role=\"note\">\n"
      : "<blockquote>\n";
  }),
  blockquote_close: rule((token, { asides, hints, signposts, loom }) => {
    const post = signposts.get(token);
    if (post) return signpostEnd(post, loom);
    if (hints.has(token)) return "</details>\n";
    return asides.has(token) ? "</div>\n" : "</blockquote>\n";
  }),
  table_open: rule(() =>
    "<div class=\"table scroll\" tabindex=\"0\" role=\"group\" aria-label=\"table\">\n<table>\n"
  ),
  table_close: rule(() => "</table>\n</div>\n"),
} satisfies Record<string, Rule>);
