// The lines that the tangler itself gives to a file: one that says where the
// file comes from, and in TypeScript its imports. They stand after the words
// that open the file, and have no place in a chapter.
import { posix } from "node:path";
import type { Origin, Preamble, TangledFile } from "./tangled-file.ts";
import { namesIn, type Names } from "./names.ts";
import type { Book, Chapter, Fence } from "../book/chapter.ts";

/** How a line of comment begins, in the languages that have computed lines. */
const comments: Readonly<Record<string, string>> = { ts: "//", asm: ";" };

/** The files with their computed lines. */
export function addPreambles(files: readonly TangledFile[],
  book: Book): TangledFile[]
{
  const names = new Map(
    files.filter(isTypeScript).map((file) => [file.path, namesIn(file.text)]),
  );
  const exporters = findExporters(names);
  return files.map((file) => {
    const comment = comments[file.fence.language];
    if (comment === undefined) return file;
    const own = names.get(file.path);
    const imports = own ? importsOf(file.path, own, exporters) : [];
    const lines = [`${comment} ${sourceOf(file.fence, book)}`, ...imports];
    return insert(file, comment, lines);
  });
}

const isTypeScript = ({ fence }: TangledFile): boolean =>
  fence.language === "ts";

/** `From chapters/5-host.md, "The loop": ...`. */
function sourceOf({ chapter, place, token }: Fence, book: Book): string {
  const section = sectionAt(
    book.chapters.find((each) => each.number === chapter)!,
    token,
  );
  return `From ${place.path}, "${section}": edit it there, or here and then \`npm run untangle\`.`;
}

/** The heading under which a token of the chapter stands. */
function sectionAt({ tokens, title }: Chapter, token: number): string {
  const heading = tokens.slice(0, token).findLastIndex(({ type }) =>
    type === "heading_open"
  );
  return heading < 0 ? title : tokens[heading + 1].content;
}

/** Puts computed lines after the comment that opens the file. */
function insert(file: TangledFile, comment: string,
  lines: string[]): TangledFile
{
  const { fence, origins } = file;
  const texts = file.text.split("\n");
  let start = 0;
  while (origins[start]?.fence === fence && texts[start].startsWith(comment))
    start++;
  const computed = lines.map((text): Origin => ({
    fence,
    index: -1,
    indent: "",
    expansion: -1,
    computed: text,
  }));
  return {
    ...file,
    text: [...texts.slice(0, start), ...lines, ...texts.slice(start)].join(
      "\n",
    ),
    origins: [...origins.slice(0, start), ...computed, ...origins.slice(start)],
    preamble: { start, count: lines.length },
  };
}

/** The file as its chapters alone have it. */
export function withoutPreamble(file: TangledFile): TangledFile {
  const { start, count } = file.preamble;
  const origins = file.origins.toSpliced(start, count);
  return { ...file, origins, text: ownText(file.text) };
}

/** Whether this is the line that says where a file comes from. */
export const isComputed = (line: string): boolean =>
  /^(?:\/\/|;) From \S.*: edit it there, or here /.test(line);

/** A text without its computed lines, however these were edited. */
export function ownText(text: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex(isComputed);
  if (start < 0) return text;
  return [...lines.slice(0, start),
    ...lines.slice(endOfImports(lines, start + 1))].join("\n");
}

/** The index after the import statements that begin at a line and look computed. */
function endOfImports(lines: readonly string[], start: number): number {
  for (let at = start; /^import (?:type )?\{/.test(lines[at] ?? "");) {
    const end = lines.findIndex((line, index) =>
      index >= at && line.endsWith(";")
    );
    const text = lines.slice(at, end + 1).join(" ");
    if (!/^import [^;]*\} from "\.\.?\/[^"]*";$/.test(text)) return at;
    at = start = end + 1;
  }
  return start;
}

/** The number, from 1, that a line of the file without its computed lines has with them. */
export function lineWith({ start, count }: Preamble, index: number): number {
  return index < start ? index + 1 : index + count + 1;
}

interface Exporter {
  path: string;
  kind: "type" | "value";
}

type Exporters = ReadonlyMap<string, readonly Exporter[]>;

/** The files that export each name. */
function findExporters(names: ReadonlyMap<string, Names>): Exporters {
  const exporters = new Map<string, Exporter[]>();
  for (const [path, { exported }] of names) {
    for (const [name, kind] of exported) {
      exporters.set(name, [...(exporters.get(name) ?? []), { path, kind }]);
    }
  }
  return exporters;
}

/** The one exporter; of several the one with most folders in common, if there is one. */
function nearest(all: readonly Exporter[], path: string): Exporter | undefined {
  if (all.length < 2) return all[0];
  const most = Math.max(...all.map((each) => foldersInCommon(each.path, path)));
  const near = all.filter((each) => foldersInCommon(each.path, path) === most);
  return most > 0 && near.length === 1 ? near[0] : undefined;
}

function foldersInCommon(a: string, b: string): number {
  const [left, right] = [a.split("/").slice(0, -1), b.split("/").slice(0, -1)];
  const differ = left.findIndex((folder, index) => folder !== right[index]);
  return differ < 0 ? left.length : differ;
}

/**
 * The import statements of a file: for each name that it uses and does not
 * declare, and that one other file exports, or one file nearer than others.
 */
function importsOf(path: string, { used, declared }: Names,
  exporters: Exporters): string[]
{
  const wanted = new Map<string, { name: string; kind: "type" | "value" }[]>();
  for (const name of [...used].filter((each) => !declared.has(each))) {
    const only = nearest(exporters.get(name) ?? [], path);
    if (!only) continue;
    wanted.set(only.path, [...(wanted.get(only.path) ?? []), {
      name,
      kind: only.kind,
    }]);
  }
  const folder = posix.dirname(path);
  return [...wanted].map(([from, names]) => {
    const specifier = posix.relative(folder, from);
    const source = specifier.startsWith(".") ? specifier : `./${specifier}`;
    const sorted = names.sort((a, b) => (a.name < b.name ? -1 : 1));
    const onlyTypes = sorted.every(({ kind }) => kind === "type");
    const words = sorted.map((
      { name, kind },
    ) => (kind === "type" && !onlyTypes ? `type ${name}` : name));
    return {
      source,
      text: statement(onlyTypes ? "import type" : "import", words, source),
    };
  }).sort((a, b) => (a.source < b.source ? -1 : 1)).flatMap(({ text }) => text);
}

/** On one line if it fits. */
function statement(word: string, names: readonly string[],
  source: string): string[]
{
  const line = `${word} { ${names.join(", ")} } from "${source}";`;
  if (line.length <= 80) return [line];
  return [`${word} {`, ...names.map((name) => `  ${name},`),
    `} from "${source}";`];
}
