/** Small helpers for writing HTML. */

/** Text with the characters that mean something to HTML taken care of; also safe inside double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** The fragment that GitHub gives to a heading of this text, so that one link works there and in the woven book. */
export function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/gu, "-");
}

/** Gives every name a different id: the second `x` becomes `x-1`, as GitHub does it. */
export function distinctIds(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  };
}

/** Printer's quotes for a line of words without markup. */
export function withQuotes(words: string): string {
  return words
    .replace(/(^|[\s(])"/gu, "$1“")
    .replaceAll('"', "”")
    .replace(/(^|[\s(])'/gu, "$1‘")
    .replaceAll("'", "’");
}
