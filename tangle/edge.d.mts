/** What to print for anything thrown: a line, or its stack. */
export function describe(error: unknown, root: string, trace: boolean): string;

/** What the system means by an error's number; undefined if it has none. */
export function wordsFor(error: Error): string | undefined;

/** Text with what a terminal would obey written out, as \u{1b}. */
export function visible(text: string, hasLines?: boolean): string;
