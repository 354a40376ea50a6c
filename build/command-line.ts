/** What the commands of this folder have in common: their options, and how they fail. */
import { parseArgs, type ParseArgsConfig } from "node:util";
import { visible, wordsFor } from "../tangle/edge.mjs";
import { suggestion } from "../tangle/book/nearest.ts";

/** Runs a command named `name`. What it throws on purpose becomes one line and exit 1. */
export async function runTool(name: string,
  work: () => void | Promise<void>): Promise<void>
{
  try {
    await work();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    complain(`${name}: ${reason}`);
    process.exitCode = 1;
  }
}

/** One line for the user. */
export function complain(line: string): void {
  console.error(visible(line.trim()));
}

/** Why the user's wish was not granted; undefined for a fault of the program. */
export function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || "errors" in error) return undefined;
  const reason = wordsFor(error);
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  if (reason !== undefined)
    return [dest ?? path, reason].filter((part) => part).join(": ");
  return error.constructor === Error ? error.message : undefined;
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The options on the command line, all of which must be among `options`. */
export function readOptions<const O extends Options>(options: O,
  args = process.argv.slice(2))
{
  try {
    return parseArgs({ options, args }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS") !== true) throw error;
    throw new Error(
      `${message.replace(/\. To specify .*/su, "")}${hint(message, Object.keys(options))}`,
    );
  }
}

/** What the user may have meant, or what there is. */
function hint(message: string, names: readonly string[]): string {
  const unknown = /^Unknown option '(-.*?)'/u.exec(message)?.[1];
  if (unknown === undefined) return "";
  const flags = names.map((name) => `--${name}`);
  const all = flags.length === 0 ? " (there are none)"
    : ` (there are ${flags.join(", ")})`;
  return suggestion(unknown, flags) || all;
}
