/** Words into lines. Escape sequences take no room. */

const escapes = /\x1b\[[\d;]*m/gu;

/** Columns that a text takes. */
export function columnsOf(text: string): number {
  return [...text.replace(escapes, "")].length;
}

/** Breaks `text` at spaces into lines of at most `width` columns; a longer word has a line to itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]+/u).filter((each) => each !== "")) {
    if (line !== "" && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** `text` with spaces after it up to `width` columns. */
export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)));
}

/** A table in columns that fit into `width`; the widest column gives way first. */
export function columns(rows: readonly (readonly string[])[],
  width: number): string[]
{
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => columnsOf(row[column] ?? "")))
  );
  const gaps = 2 * (widths.length - 1);
  while (
    widths.reduce((sum, each) => sum + each, gaps) > width
    && Math.max(...widths) > 8
  ) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.flatMap((row) => {
    const cells = widths.map((each, column) => wrap(row[column] ?? "", each));
    const height = Math.max(1, ...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, column) => pad(lines[line] ?? "", widths[column] ?? 0))
        .join("  ")
        .trimEnd());
  });
}
