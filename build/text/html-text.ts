/** Words for readers: what means something to HTML escaped, printer's quotes, the beginnings of sentences. */

/** Text with the characters that mean something to HTML taken care of; also safe inside double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\"", "&quot;");
}

/** Printer's quotes for a line of words without markup. */
export function withQuotes(words: string): string {
  return words
    .replace(/(^|[\s(])"/gu, "$1“")
    .replaceAll("\"", "”")
    .replace(/(^|[\s(])'/gu, "$1‘")
    .replaceAll("'", "’");
}

/** Words as Markdown has them, with printer's quotes and with code: no other markup is known. */
export const inHtml = (words: string): string =>
  withQuotes(escapeHtml(words)).replace(/`([^`]+)`/gu, "<code>$1</code>");

/** Words as the beginning of a sentence. */
export const capital = (words: string): string =>
  words.slice(0, 1).toUpperCase() + words.slice(1);
