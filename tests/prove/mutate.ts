// Mutants: the code with one operator, constant or condition changed.
import { resolve } from "node:path";
import {
  isTypeNode,
  SyntaxKind,
  type Node,
  type SourceFile,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** One change: what stands from `start` to `end` of a file becomes `text`. */
export interface Mutant {
  path: string;
  start: number;
  end: number;
  was: string;
  text: string;
}

/** An operator, and what is put in its place. */
const operators: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "+",
  "/": "*",
  "%": "*",
  "<<": ">>",
  ">>": "<<",
  ">>>": ">>",
  "&": "|",
  "|": "&",
  "^": "|",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+=": "-=",
  "-=": "+=",
  "*=": "+=",
  "&=": "|=",
  "|=": "&=",
  "^=": "|=",
  "<<=": ">>=",
  ">>=": "<<=",
  ">>>=": ">>=",
  "++": "--",
  "--": "++",
};

/** All mutants of these files of a project, in the order of their places. */
export function mutantsOf(paths: readonly string[], root = "."): Mutant[] {
  const api = new API({ cwd: resolve(root) });
  try {
    const project = resolve(root, "tsconfig.json");
    const program =
      api.updateSnapshot({ openProjects: [project] }).getProject(project)!
        .program;
    return paths.flatMap((path) => {
      const file = program.getSourceFile(resolve(root, path));
      return file ? mutantsIn(path, file) : [];
    });
  } finally {
    api.close();
  }
}

function mutantsIn(path: string, file: SourceFile): Mutant[] {
  const found: Mutant[] = [];
  const change = (node: Node, text: string): void => {
    const [start, end] = [node.getStart(file), node.getEnd()];
    found.push({ path, start, end, was: file.text.slice(start, end), text });
  };
  const visit = (node: Node): void => {
    if (isTypeNode(node) || isPassive.has(node.kind)) return;
    const text = changed(node, file);
    if (text !== undefined) change(node, text);
    node.forEachChild(visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start);
}

/** What does nothing when the program runs, or says where something comes from. */
const isPassive = new Set([SyntaxKind.ImportDeclaration,
  SyntaxKind.InterfaceDeclaration, SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.ThrowStatement, SyntaxKind.TypeParameter]);

/** What is put in place of a piece of code, if anything. */
function changed(node: Node, file: SourceFile): string | undefined {
  const text = node.getText(file);
  switch (node.kind) {
    case SyntaxKind.NumericLiteral:
      return text === "1" ? "0" : String(Number(text.replaceAll("_", "")) + 1);
    case SyntaxKind.TrueKeyword: return "false";
    case SyntaxKind.FalseKeyword: return "true";
    case SyntaxKind.PrefixUnaryExpression:
      return text.startsWith("!") ? `!!${text.slice(1)}` : undefined;
    case SyntaxKind.ExpressionStatement: return isCall(node) ? ";" : undefined;
    case SyntaxKind.ContinueStatement: return ";";
    default:
      return isOperator(node) ? operators[text]
        : isCondition(node) ? `!(${text})` : undefined;
  }
}

function isCall(statement: Node): boolean {
  const { expression } = statement as Node & { expression?: Node };
  return expression?.kind === SyntaxKind.CallExpression;
}

const isOperator = ({ kind, parent }: Node): boolean =>
  kind !== SyntaxKind.Identifier
  && parent?.kind === SyntaxKind.BinaryExpression;

/** What decides in `if` and `? :`, where no operator has its mutant anyway. */
function isCondition(node: Node): boolean {
  const { parent } = node;
  const decides = parent?.kind === SyntaxKind.IfStatement
    || parent?.kind === SyntaxKind.ConditionalExpression;
  if (!decides || node.kind === SyntaxKind.BinaryExpression) return false;
  return (parent as Node & { expression?: Node; condition?: Node }).expression
      === node
    || (parent as Node & { condition?: Node }).condition === node;
}

/** The file with the mutant's change. */
export const applied = (source: string, { start, end, text }: Mutant): string =>
  source.slice(0, start) + text + source.slice(end);
