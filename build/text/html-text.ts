/** Words for HTML: what means something to it escaped, and with printer's quotes. */

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
