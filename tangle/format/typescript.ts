// TypeScript as dprint lays it out, but for tables: enums stay as they were
// written, and so does an array with a remark beside each line; a short case
// stands on one line.
import { readFileSync } from "node:fs";
import { createFromBuffer } from "@dprint/formatter";
import { getPath } from "@dprint/typescript";

/** Columns of a line of code. */
const WIDTH = 80;

const formatter = createFromBuffer(readFileSync(getPath()));
formatter.setConfig({
  lineWidth: WIDTH,
  indentWidth: 2,
  useTabs: false,
  newLineKind: "lf",
}, {
  "parameters.preferHanging": "always",
  "parameters.preferSingleLine": true,
  "arguments.preferHanging": "always",
  "arguments.preferSingleLine": true,
  "arrayPattern.preferHanging": true,
  "objectPattern.preferHanging": true,
  "objectPattern.preferSingleLine": true,
  "arrayExpression.preferHanging": "always",
  "tupleType.preferHanging": "always",
  "typeParameters.preferHanging": "always",
  "unionAndIntersectionType.preferHanging": true,
  "unionAndIntersectionType.preferSingleLine": true,
  "variableStatement.preferHanging": true,
  "conditionalExpression.linePerExpression": false,
  "ifStatement.useBraces": "maintain",
  "forStatement.useBraces": "maintain",
  "forOfStatement.useBraces": "maintain",
  "forInStatement.useBraces": "maintain",
  "whileStatement.useBraces": "maintain",
  "module.sortImportDeclarations": "maintain",
  "importDeclaration.sortNamedImports": "maintain",
  "exportDeclaration.sortNamedExports": "maintain",
});

/**
 * The text as it should be laid out: laying it out again would not change it.
 * @throws Error, with line and column, if it is no TypeScript
 */
export function formatTypeScript(path: string, text: string): string {
  for (let turn = 0; turn < 9; turn++) {
    const better = layOut(path, text);
    if (better === text) return text;
    text = better;
  }
  return text;
}

function layOut(filePath: string, text: string): string {
  const fileText = text.replace(tables, `$1${IGNORE}\n$&`);
  const laidOut = formatter.formatText({ filePath, fileText });
  return joinCases(laidOut.replace(ignored, "").replace(inTemplate, "${$1}"));
}

/** An expression within a template, which dprint puts on a line of its own. */
const inTemplate = /\$\{\n\s+([^\n]*)\n\s*\}/g;

const IGNORE = "// dprint-ignore: a table";
const ignored = new RegExp(`^ *${IGNORE}\\n`, "gm");

/** The lines with which tables begin, and their indentation. */
const tables =
  /^( *)(?:(?:export )?(?:const )?enum .*|\S.*\[\n(?=(?: +\S.*, *\/\/ .*\n)+ *\]))/gm;

/** Fills lines with labels that stand together, and puts what is short beside its label. */
function joinCases(text: string): string {
  const result: string[] = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length;) {
    if (!isLabel(lines[at])) {
      result.push(lines[at++]);
      continue;
    }
    const indent = indentOf(lines[at]), start = at;
    while (isLabel(lines[at]) && indentOf(lines[at]) === indent) at++;
    const labels = lines.slice(start, at).map((line) => line.trim());
    const short = shortBody(lines, at, indent);
    const single = indent + [...labels, ...short].join(" ");
    if (single.length > WIDTH) {
      result.push(...fill(labels, indent));
      continue;
    }
    result.push(single);
    at += short.length;
  }
  return result.join("\n");
}

/** Words in lines of at most WIDTH columns. */
function fill(words: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && longer.length <= WIDTH)
      lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines;
}

const indentOf = (line: string): string => /^ */.exec(line)![0];

const isLabel = (line: string): boolean =>
  /^ *(case [^;{}]*|default):$/.test(line);

/** The one statement that a case has, or the two of which one leaves it, if these are short. */
function shortBody(lines: readonly string[], at: number,
  indent: string): string[]
{
  const inside = new RegExp(`^${indent}  [^ /].*;$`);
  const count = [1, 2].find((n) =>
    endsCase(lines[at + n] ?? "", indent)
    && lines.slice(at, at + n).every((line) => inside.test(line))
  );
  const body = lines.slice(at, at + (count ?? 0)).map((line) => line.trim());
  return body.length < 2 || /^(break|return|continue)\b/.test(body[1]) ? body
    : [];
}

const endsCase = (line: string, indent: string): boolean =>
  [`${indent}case `, `${indent}default:`].some((start) =>
    line.startsWith(start)
  )
  || line === `${indent.slice(2)}}`;
