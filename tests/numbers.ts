// Options that are whole numbers, for the proofs that one starts by hand.
import { parseArgs, type ParseArgsConfig } from "node:util";

/** The numbers given as --name N, else their defaults, and whether each of
 *  `switches` was given. Anything else on the command line is an error. */
export function readNumbers<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  switches: readonly string[] = [],
): Record<Name, number> & { given: ReadonlySet<string> } {
  const names = Object.keys(defaults) as Name[];
  const options: ParseArgsConfig["options"] = {};
  for (const name of names) options[name] = { type: "string" };
  for (const name of switches) options[name] = { type: "boolean" };
  const values: Readonly<Record<string, unknown>> =
    parseArgs({ options }).values;
  const numbers = names.map((
    name,
  ) => [name, toNumber(name, values[name], defaults[name])]);
  const given = new Set(switches.filter((name) => values[name]));
  return { ...(Object.fromEntries(numbers) as Record<Name, number>), given };
}

/** The number that was given as --name N, if one was. */
export function toNumber(name: string, text: unknown,
  otherwise: number): number
{
  if (text === undefined) return otherwise;
  if (typeof text === "string" && /^\d{1,15}$/.test(text)) return Number(text);
  console.error(`--${name} wants a whole number, not "${text}"`);
  return process.exit(2);
}
