/** What a reader brings along from the part before: for who comes back after three weeks. */
import type { Chapter } from "../../tangle/book/chapter.ts";
import { roadOf, type Page } from "../structure/outline.ts";
import { linkTo } from "../text/addresses.ts";
import { escapeHtml, withQuotes } from "../text/html-text.ts";
import { glossaryFile } from "../pages/frame.ts";
import { termId, type Glossary } from "./glossary-page.ts";

/** The recap at the top of a chapter, folded; nothing on the first one and on side quests. */
export function recap(page: Page, pages: readonly Page[],
  { entries }: Pick<Glossary, "entries">): string
{
  const road = roadOf(pages), before = road[road.indexOf(page) - 1];
  if (!before) return "";
  const built = filesOf(before.chapter).map(([file, about]) =>
    `<li><code>${escapeHtml(file)}</code> ${escapeHtml(withQuotes(about))}</li>`
  );
  const terms = entries.flatMap(([term, at]) =>
    at.chapter === before.chapter
      ? [
        `<a href="${linkTo(`${glossaryFile}#${termId(term)}`, page.file)}">${escapeHtml(term.name)}</a>`,
      ]
      : []
  );
  const words = terms.length === 0 ? ""
    : `<p>These words have a meaning now: ${terms.join(", ")}.</p>\n`;
  return `<details class="recap"><summary>What you bring along from part ${before.numeral}</summary>
<ul>
${built.join("\n")}
</ul>
${words}</details>
`;
}

/** The files that a chapter opens, with what their first lines say. */
const filesOf = ({ fences }: Chapter): [file: string, about: string][] =>
  fences.flatMap(({ file, lines }) =>
    file === undefined ? [] : [[file, firstWords(lines)]]
  );

/** The comment at the top of a file, without its sign. */
const firstWords = (lines: readonly string[]): string =>
  /^(?:\/\/|;+|#) (.*)$/u.exec(lines[0] ?? "")?.[1] ?? "";
