/** Who defines, continues, replaces and uses each chunk: what the captions of the book say. */
import { experimentsOf } from "../../tangle/tree/expand.ts";
import { type Book, type Fence } from "../../tangle/book/chapter.ts";
import { references } from "../../tangle/book/references.ts";
import { chunkOf } from "../../tangle/book/stage.ts";
import { createIds } from "../text/ids.ts";
import { sectionMark, type Page } from "./outline.ts";

/** A fence that carries a name, where a link can lead. */
export interface Block {
  fence: Fence;
  kind: "file" | "chunk" | "replaces" | "experiment";
  /** A path, the name of a chunk, or the number of an experiment. */
  name: string;
  id: string;
  /** Address of the block from any page of the site. */
  href: string;
  /** The section it stands in: "§1.3". */
  mark: string;
  /** What an experiment prints. */
  output?: Fence;
}

export interface ChunkIndex {
  /** The named block that a fence is. */
  blocks: ReadonlyMap<Fence, Block>;
  /** The parts of a chunk, in order. */
  parts: ReadonlyMap<string, readonly Block[]>;
  /** The blocks that refer to a chunk, in order. */
  uses: ReadonlyMap<string, readonly Block[]>;
  /** The first files that a chunk ends up in; none for an experiment's own chunks. */
  files: ReadonlyMap<string, readonly string[]>;
}

export function indexChunks(book: Book, pages: readonly Page[]): ChunkIndex {
  const named = namedFences(book);
  const idOf = {
    file: createIds("file"),
    chunk: createIds("chunk"),
    experiment: createIds("experiment"),
  };
  const blocks = pages.flatMap((page) =>
    page.chapter.fences.flatMap((fence) => {
      const found = named.get(fence);
      if (!found) return [];
      const id = idOf[found.kind === "replaces" ? "chunk" : found.kind](
        found.name.replace(/[/.]/g, "-"),
      );
      return [
        {
          fence,
          ...found,
          id,
          href: `${page.file}#${id}`,
          mark: sectionMark(page, fence.place.line),
        },
      ];
    })
  );
  const parts = groupBy(blocks, (block) => chunkOf(block.fence) ?? []);
  return {
    blocks: new Map(blocks.map((block) => [block.fence, block])),
    parts,
    uses: groupBy(blocks,
      (block) => [...new Set(references(block.fence).map((use) => use.name))]),
    files: filesByChunk(blocks, parts),
  };
}

type Name = Pick<Block, "kind" | "name" | "output">;

/** Kind and name of every fence that has one. */
function namedFences(book: Book): Map<Fence, Name> {
  const named = new Map<Fence, Name>();
  for (const fence of book.chapters.flatMap((chapter) => chapter.fences)) {
    if (fence.file !== undefined)
      named.set(fence, { kind: "file", name: fence.file });
    if (fence.chunk !== undefined)
      named.set(fence, { kind: "chunk", name: fence.chunk });
    if (fence.replaces !== undefined)
      named.set(fence, { kind: "replaces", name: fence.replaces });
  }
  for (const { fence, name, output } of experimentsOf(book))
    named.set(fence, { kind: "experiment", name, output });
  return named;
}

function groupBy(blocks: readonly Block[],
  keysOf: (block: Block) => string | readonly string[]): Map<string, Block[]>
{
  const groups = new Map<string, Block[]>();
  for (const block of blocks) {
    for (const key of [keysOf(block)].flat()) {
      const group = groups.get(key);
      if (group) group.push(block);
      else groups.set(key, [block]);
    }
  }
  return groups;
}

/** As many files as are told of a chunk, and one more. */
const mostFiles = 3;

/**
 * The first files that each chunk ends up in. What a chunk refers to ends up wherever it does, so a chunk with enough
 * files needs no second look: however the references run, each is followed a few times only.
 */
function filesByChunk(blocks: readonly Block[],
  parts: ChunkIndex["parts"]): Map<string, string[]>
{
  const files = new Map<string, string[]>();
  for (const file of blocks.filter(({ kind }) => kind === "file")) {
    const open = [file];
    for (let block = open.pop(); block; block = open.pop()) {
      for (const { name } of references(block.fence)) {
        const known = files.get(name) ?? [];
        if (known.length === mostFiles || known.includes(file.name)) continue;
        files.set(name, [...known, file.name]);
        for (const part of parts.get(name) ?? []) open.push(part);
      }
    }
  }
  return files;
}

/** Something to say about a block: words, and the blocks that they lead to. */
export interface Relation {
  words: string;
  blocks: readonly RelatedBlock[];
}

/** A block as seen from another one: "above", "below", "in §5.2". */
export interface RelatedBlock {
  block: Block;
  where: string;
}

/** What a block of a chunk continues or replaces, and where it is used, continued, replaced. */
export function relationsOf(block: Block,
  { parts, uses }: ChunkIndex): Relation[]
{
  const all = parts.get(block.name) ?? [];
  const at = all.indexOf(block);
  if (at < 0) return [];
  const [previous, next] = [all.slice(Math.max(0, at - 1), at),
    all.slice(at + 1, at + 2)];
  const relations = [
    relation(block, block.kind === "replaces" ? "replaces" : "continues",
      previous, "the one "),
    relation(block, "used", uses.get(block.name) ?? []),
    relation(block, next[0]?.kind === "replaces" ? "replaced" : "continued",
      next),
  ];
  return relations.filter(({ blocks }) => blocks.length > 0);
}

/** "used above", "used in §5.2"; with `noun`, "continues the one above", "continues §5.2". */
function relation(block: Block, words: string, others: readonly Block[],
  noun?: string): Relation
{
  const where = (other: Block): string => {
    if (other.mark !== block.mark)
      return noun === undefined ? `in ${other.mark}` : other.mark;
    return (noun ?? "")
      + (isBefore(other.fence, block.fence) ? "above" : "below");
  };
  return {
    words,
    blocks: others.map((other) => ({ block: other, where: where(other) })),
  };
}

const isBefore = (one: Fence, other: Fence): boolean =>
  one.chapter < other.chapter
  || (one.chapter === other.chapter && one.token < other.token);

/** "used in §1.2, in §5.4" */
export function relationWords({ words, blocks }: Relation): string {
  return `${words} ${blocks.map(({ where }) => where).join(", ")}`;
}

/** The sign between the name of a chunk and its code, and how to say it. */
export function definitionSign(block: Block,
  { parts }: ChunkIndex): readonly [sign: string, meaning: string]
{
  if (parts.get(block.name)?.[0] === block) return ["≡", "is"];
  return block.kind === "replaces" ? [":=", "is now"] : ["+≡", "is also"];
}
