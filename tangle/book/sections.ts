// The sections of a chapter: what stands under a heading, to the next one
// that is no smaller.
import GithubSlugger from "github-slugger";
import type { Chapter, Fence } from "./chapter.ts";

/** What stands under a heading of level 2 or 3. */
export interface Section {
  title: string;
  /** The title as a file's name: "fourth-landing-hypercalls". */
  slug: string;
  /** The number of its chapter. */
  chapter: number;
  /** Its first line, with the heading, and its last one. */
  from: number;
  to: number;
}

/** The sections of a chapter, in order. One of level 2 holds those of level 3 in it. */
export function sectionsOf(chapter: Chapter): Section[] {
  const slugger = new GithubSlugger();
  const headings = headingsOf(chapter);
  const end = chapter.source.split(/\r\n|\n|\r/).length;
  return headings.flatMap(({ title, level, line }, index) => {
    const next = headings.slice(index + 1).find((other) =>
      other.level <= level
    );
    const to = (next?.line ?? end + 1) - 1;
    const named = { title, slug: slugger.slug(title), chapter: chapter.number };
    return level === 2 || level === 3 ? [{ ...named, from: line, to }] : [];
  });
}

function headingsOf(
  { tokens }: Chapter,
): { title: string; level: number; line: number }[] {
  return tokens.flatMap((token, index) => {
    if (token.type !== "heading_open" || token.level > 0) return [];
    return [{
      title: tokens[index + 1].content,
      level: Number(token.tag.slice(1)),
      line: token.map![0] + 1,
    }];
  });
}

/** The section of this title, however it is capitalized, or of this slug. */
export function findSection(name: string, sections: readonly Section[]): Section
  | undefined
{
  const wanted = name.trim().toLowerCase();
  return sections.find(({ title }) => title.toLowerCase() === wanted)
    ?? sections.find(({ slug }) => slug === wanted);
}

/** The section that a fence stands in, the smallest one. */
export function sectionWith({ place: { line } }: Fence,
  sections: readonly Section[]): Section | undefined
{
  return sections.findLast(({ from, to }) => from <= line && line <= to);
}
