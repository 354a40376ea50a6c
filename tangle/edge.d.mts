/** What to print for anything thrown: a line, or its stack. */
export function describe(error: unknown, root: string, trace: boolean): string;
