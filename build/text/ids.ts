/** Ids: what a link to a place on a page ends in. */
import GithubSlugger from "github-slugger";

/**
 * Makes ids for one kind of thing, each another one: "chunk:push-and-pop", "chunk:push-and-pop-1". An id with a colon
 * is that of no heading.
 */
export function createIds(
  kind: "file" | "chunk" | "experiment" | "figure" | "side-quest",
): (name: string) => string {
  const slugger = new GithubSlugger();
  return (name) => `${kind}:${slugger.slug(name)}`;
}

/**
 * Makes the ids of the headings of one chapter: those that GitHub gives them, so that one link works there and in the
 * woven book. A heading without a letter has none on GitHub, and here the number of its line.
 */
export function createHeadingIds(): (words: string, line: number) => string {
  const slugger = new GithubSlugger();
  return (words, line) => slugger.slug(words) || `line:${line}`;
}

/** The parts of a page that have an id of their own. */
export const pageIds = { text: "page:text", tools: "page:tools" } as const;
