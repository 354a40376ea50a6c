// The info string of a fence: a language, then attributes.
import { wrongPath } from "./paths.ts";

/** What the info string of a fence says. */
export interface Attributes {
  language: string;
  file?: string;
  chunk?: string;
  replaces?: string;
  run: boolean;
  output: boolean;
  /** Whether there is any attribute at all. */
  any: boolean;
  /** Where each attribute begins on the opening line, counted from 1. */
  columns: Record<string, number>;
}

type Complain = (message: string, column?: number) => void;

const named = ["file", "chunk", "replaces"] as const;
const flags = ["run", "output"] as const;
type Named = (typeof named)[number];
type Flag = (typeof flags)[number];

const isNamed = (name: string): name is Named =>
  (named as readonly string[]).includes(name);
const isFlag = (name: string): name is Flag =>
  (flags as readonly string[]).includes(name);
/** So many characters are more than anyone writes on purpose. */
const longest = 1000;

const known = "file=PATH, chunk=\"NAME\", replaces=\"NAME\", run and output";

/**
 * Reads the info string of a fence, which is the end of the `opening` line.
 */
export function readAttributes(info: string, opening: string,
  complain: Complain): Attributes
{
  const result: Attributes = {
    language: "",
    run: false,
    output: false,
    any: false,
    columns: {},
  };
  if (info.length > longest) {
    complain("this line is too long for the opening of a fence: is it code?");
    return result;
  }
  const start = opening.trimEnd().length - info.trim().length;
  for (
    const word of info.trim().matchAll(
      /(?:"(?:[^"\\]|\\.)*"|[^\s"]|"(?![^"]*"))+/gu,
    )
  ) {
    const column = start + word.index + 1;
    if (word.index === 0 && !word[0].includes("="))
      readLanguage(word[0], column, result, complain);
    else readAttribute(word[0], column, result, complain);
  }
  checkTogether(result, complain);
  return result;
}

/** Others write `{.ts file=a.ts}`, `ts:a.ts` or `ts,file=a.ts`. */
function readLanguage(word: string, column: number, result: Attributes,
  complain: Complain): void
{
  result.language = word;
  if (/^[\p{L}\p{N}][\p{L}\p{N}_+#.-]*$/u.test(word)) return;
  complain(`"${word}" is no language: open the fence as in \`\`\`ts file=PATH`,
    column);
}

/** Adds an attribute to the result, or says what is wrong with it. */
function readAttribute(word: string, column: number, result: Attributes,
  complain: Complain): void
{
  const [, name = "", value] = /^([^=]*)(?:=(.*))?$/su.exec(word)!;
  result.any = true;
  if (Object.hasOwn(result.columns, name)) {
    return complain(`${name} is given twice: keep one of them`, column);
  }
  if (isNamed(name) || isFlag(name)) result.columns[name] = column;
  const wrong = isFlag(name) ? readFlag(name, value, result)
    : isNamed(name) ? readNamed(name, value, result)
    : `unknown attribute "${word}": a fence knows ${known}`;
  if (wrong !== undefined) complain(wrong, column);
}

function readFlag(name: Flag, value: string | undefined, result: Attributes):
  | string
  | undefined
{
  result[name] = true;
  if (value === undefined) return undefined;
  return `malformed attribute: ${name} takes no value, write it alone`;
}

function readNamed(name: Named, raw: string | undefined, result: Attributes):
  | string
  | undefined
{
  const value = unquote(raw ?? "");
  const malformed = raw === undefined || value === undefined
    || isQuotedOtherwise(value)
    || (value === "" && name !== "file");
  const wanted = name === "file" ? "file=PATH" : `${name}="NAME"`;
  if (malformed) return `malformed attribute: write ${wanted}`;
  const wrong = name === "file" ? wrongPath(value) : wrongName(value);
  if (wrong === undefined) result[name] = value;
  return wrong;
}

/** The value without its quotes, or undefined when they do not match. */
function unquote(raw: string): string | undefined {
  if (!raw.includes("\"")) return raw;
  const inner = /^"((?:[^"\\]|\\.)*)"$/su.exec(raw)?.[1];
  return inner?.replace(/\\(["\\])/g, "$1").trim();
}

function isQuotedOtherwise(value: string): boolean {
  return /^['`\u2018-\u201e]|['`\u2018-\u201e]$/u.test(value);
}

function wrongName(name: string): string | undefined {
  return /<<|>>/.test(name)
    ? "a chunk name cannot hold << or >>: choose another" : undefined;
}

function checkTogether(result: Attributes, complain: Complain): void {
  const [first, second] = Object.entries(result.columns).sort((a, b) =>
    a[1] - b[1]
  );
  if (result.any && result.language === "") {
    complain(
      "a fence with attributes names its language first, as in ```ts file=PATH",
    );
  }
  if (second) {
    complain(
      `a fence is one thing only: keep either ${first![0]} or ${second[0]}`,
      second[1],
    );
  }
  if (result.run && result.language !== "ts") {
    complain("an experiment is written in ts: open it with ```ts run",
      result.columns["run"]);
  }
}
