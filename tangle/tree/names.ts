// Which names a TypeScript file exports, declares and uses, as far as its
// words tell. It need not be right about every program that there is: where
// it errs, the type checker says so, and an import by hand settles it.

/** The names in one file. */
export interface Names {
  /** Its exports, and whether each is only a type. */
  exported: ReadonlyMap<string, "type" | "value">;
  /** Names that mean something of its own: declarations, parameters, imports. */
  declared: ReadonlySet<string>;
  /** Names that stand where a value or a type is meant. */
  used: ReadonlySet<string>;
}

interface Token {
  text: string;
  isWord: boolean;
  /** For a bracket: the index of its partner. */
  partner: number;
  /** The bracket that it stands in: "(", "[", "{" or "". */
  within: string;
}

/** What was read already: the same text comes again at many stages of the book. */
const known = new Map<string, Names>();
/** So many texts are more than a book has, at all its stages. */
const mostKnown = 5000;

/** The names in a source. */
export function namesIn(source: string): Names {
  const before = known.get(source);
  if (before) return before;
  if (known.size >= mostKnown) known.clear();
  const names = readNames(source);
  known.set(source, names);
  return names;
}

function readNames(source: string): Names {
  const tokens = pairBrackets(scan(source));
  const names = {
    exported: new Map<string, "type" | "value">(),
    declared: new Set<string>(),
    used: new Set<string>(),
  };
  for (const [at, token] of tokens.entries()) {
    if (declarers.has(token.text)) declareAfter(tokens, at, names);
    if (token.text === "(" && isParameterList(tokens, at))
      declarePattern(tokens, at, names);
    if (isName(token) && isLoneParameter(tokens, at))
      names.declared.add(token.text);
    if (isName(token) && isUse(tokens, at)) names.used.add(token.text);
  }
  return names;
}

const keywords = new Set(
  ("abstract any as asserts async await boolean break case catch class const continue declare "
    + "default delete do else enum export extends false finally for from function if "
    + "implements import in infer instanceof interface is keyof let namespace never new null "
    + "number object of override private protected public readonly return satisfies static "
    + "string super switch symbol this throw true try type typeof undefined unique unknown var "
    + "void while with yield").split(" "),
);

const space = /(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/y;
const word = /[\w$\x80-\uffff]+/y;
const literal = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const expression = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const template = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const sign = /\.\.\.|\?\.(?!\d)|=>|[^]/y;

/** The words and signs of a source, without comments and literals. */
function scan(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each open brace whether it stands in a template. */
  const braces: boolean[] = [];
  let at = 0;
  const take = (form: RegExp): string => {
    form.lastIndex = at;
    const start = at;
    if (form.test(source)) at = form.lastIndex;
    return source.slice(start, at);
  };
  const add = (text: string, isWord: boolean): void => {
    tokens.push({ text, isWord, partner: -1, within: "" });
  };
  for (take(space); at < source.length; take(space)) {
    const first = source[at];
    if (
      first === "/" && mayBeginExpression(tokens.at(-1))
      && take(expression) !== ""
    ) continue;
    const text = take(word)
      || take(first === "\"" || first === "'" ? literal : sign) || take(sign);
    if (text === "`" || (text === "}" && braces.pop() === true)) {
      if (take(template).endsWith("{")) braces.push(true);
      continue;
    }
    if (text === "{") braces.push(false);
    add(text, isLetter(text.charCodeAt(0)));
  }
  return tokens;
}

/** Whether a word that begins so is a name, and not a number. */
const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
  || code === 36
  || code > 127;

/** Whether a slash after this token begins a regular expression. */
function mayBeginExpression(before: Token | undefined): boolean {
  if (!before) return true;
  if (before.isWord)
    return ["return", "typeof", "case", "of", "in"].includes(before.text);
  return !/^[\w)\]}"']/.test(before.text);
}

function pairBrackets(tokens: Token[]): Token[] {
  const open: number[] = [];
  tokens.forEach((token, at) => {
    if (isOneOf(token, ")", "]", "}") && open.length > 0) {
      token.partner = open.pop()!;
      tokens[token.partner].partner = at;
    }
    token.within = tokens[open.at(-1) ?? -1]?.text ?? "";
    if (isOneOf(token, "(", "[", "{")) open.push(at);
  });
  return tokens;
}

interface Found {
  exported: Map<string, "type" | "value">;
  declared: Set<string>;
}

const declarers = new Set(["const", "let", "var", "function", "class",
  "interface", "enum", "type", "import"]);

const isName = (token: Token | undefined): boolean =>
  token !== undefined && token.isWord && !keywords.has(token.text);

function isOneOf(token: Token | undefined, ...texts: string[]): boolean {
  return token !== undefined && texts.includes(token.text);
}

/** Notes what the declaration that begins with this word declares. */
function declareAfter(tokens: Token[], at: number, found: Found): void {
  const kind = tokens[at].text;
  const name = isOneOf(tokens[at + 1], "*") ? at + 2 : at + 1;
  if (kind === "import") return declareImports(tokens, at, found);
  if (kind === "const" && isOneOf(tokens[name], "enum")) return;
  if (["const", "let", "var"].includes(kind))
    return declareVariables(tokens, at, found);
  if (!isName(tokens[name])) return;
  if (kind === "type" && !isOneOf(tokens[name + 1], "=", "<")) return;
  declare(tokens, at, tokens[name].text, found);
  if (kind === "enum") declarePattern(tokens, name + 1, found);
}

/** Declares a name, and exports it if the statement of this word does. */
function declare(tokens: Token[], at: number, name: string,
  { exported, declared }: Found): void
{
  declared.add(name);
  let first = at;
  while (isOneOf(tokens[first - 1], "const", "async", "abstract", "declare"))
    first--;
  const isType = isOneOf(tokens[at], "type", "interface");
  if (isOneOf(tokens[first - 1], "export"))
    exported.set(name, isType ? "type" : "value");
}

function declareImports(tokens: Token[], at: number,
  { declared }: Found): void
{
  for (
    let next = at + 1;
    next < tokens.length && !/^["'(.]/.test(tokens[next].text);
    next++
  ) {
    if (isName(tokens[next])) declared.add(tokens[next].text);
  }
}

/** Declares `a` and `b` of `const a = 1, { b } = c;`. */
function declareVariables(tokens: Token[], at: number, found: Found): void {
  for (
    let next = at + 1, begins = true, inType = false;
    next < tokens.length;
    next++
  ) {
    const token = tokens[next];
    const end: number = Math.max(token.partner, next);
    inType = begins ? isOneOf(tokens[end + 1], ":")
      : inType && !isOneOf(token, "=");
    if (
      isOneOf(token, ";", ")", "}", "]")
      || (token.isWord && isOneOf(token, "of", "in"))
    ) return;
    const ends = next === at + 1 || isOneOf(tokens[next + 1], "=", ":", ";");
    if (begins && ends && isName(token)) declare(tokens, at, token.text, found);
    if (begins && token.partner > next) declarePattern(tokens, next, found);
    begins = token.text === "," && !inType;
    next = end;
  }
}

/** Declares the names of the parameters, the pattern or the enum in these brackets. */
function declarePattern(tokens: Token[], at: number, found: Found): void {
  const { partner } = tokens[at];
  for (let next = at + 1; next < partner; next++) {
    const [before, token, after] = [tokens[next - 1], tokens[next],
      tokens[next + 1]];
    const begins = next === at + 1 || isOneOf(before, ",", "...");
    const isRenamed = isOneOf(tokens[at], "{") && isOneOf(before, ":");
    const isKey = isOneOf(tokens[at], "{") && isOneOf(after, ":");
    const ends = !isKey && isOneOf(after, ",", ")", "}", "]", ":", "?", "=");
    if (isName(token) && (begins || isRenamed) && ends)
      found.declared.add(token.text);
    if (token.partner <= next) continue;
    if (begins || isRenamed) declarePattern(tokens, next, found);
    next = token.partner;
  }
}

/** Whether this round bracket opens the parameters of a function. */
function isParameterList(tokens: Token[], at: number): boolean {
  const [before, after] = [tokens[at - 1], tokens[tokens[at].partner + 1]];
  if (isOneOf(after, "=>")) return true;
  if (isOneOf(before, "catch")) return true;
  if (isOneOf(after, "{"))
    return isName(before) || isOneOf(before, ">", "function", "*");
  if (isName(before)) {
    return isOneOf(tokens[at - 2], "function", "*")
      || (isOneOf(after, ":") && isMember(tokens, at - 1));
  }
  return isOneOf(after, ":")
    && isOneOf(before, "=", "(", ",", "=>", "return", ":", ">", "async");
}

/** Whether this word stands where a member of an object or interface is named. */
function isMember(tokens: Token[], at: number): boolean {
  const begins = ["{", ",", ";", "}", "readonly", "async", "get", "set",
    "static", "*"];
  return tokens[at].within === "{" && isOneOf(tokens[at - 1], ...begins);
}

/** The `x` of `x => x + 1`, but not the result type in `(): X => ...`. */
function isLoneParameter(tokens: Token[], at: number): boolean {
  if (!isOneOf(tokens[at + 1], "=>")) return false;
  const before = tokens[at - 1];
  if (isOneOf(before, ":")) return !isOneOf(tokens[at - 2], ")");
  return !isOneOf(before, "is", "|", "&", "extends", ".");
}

/** Whether a name is used here, rather than the key or the name of a member. */
function isUse(tokens: Token[], at: number): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  if (isOneOf(before, ".", "?.", "break", "continue")) return false;
  const isTyped = isOneOf(after, ":")
    || (isOneOf(after, "?") && isOneOf(tokens[at + 2], ":"));
  if (isTyped && !before) return false;
  if (
    isTyped
    && (token.within === "(" ? isOneOf(before, "(", ",", "...")
      : isMember(tokens, at))
  )
    return false;
  if (!isOneOf(after, "(") || !isMember(tokens, at)) return true;
  return !isOneOf(tokens[tokens[at + 1].partner + 1], "{", ":");
}
