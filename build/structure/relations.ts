/** What the captions of the book say of a block: where its chunk is used, continued and replaced. */
import { isQuest, type Fence } from "../../tangle/book/chapter.ts";
import type { Block, ChunkIndex } from "./chunks.ts";
import type { Page } from "./outline.ts";

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
export function relationsOf(block: Block, index: ChunkIndex): Relation[] {
  const all = index.parts.get(block.name) ?? [];
  if (!all.includes(block)) return [];
  const next = all.filter((other) =>
    partsBefore(other, index).at(-1) === block
  );
  const [replacing, continuing] = [true, false].map((isReplacing) =>
    next.filter(({ kind }) => (kind === "replaces") === isReplacing)
  );
  const relations = [
    relation(block, block.kind === "replaces" ? "replaces" : "continues",
      partsBefore(block, index).slice(-1), "the one "),
    relation(block, "used", index.uses.get(block.name) ?? []),
    relation(block, "continued", continuing ?? []),
    relation(block, "replaced", replacing ?? []),
  ];
  return relations.filter(({ blocks }) => blocks.length > 0);
}

/**
 * The parts of its chunk that a block adds to, in order: those that whoever has come to it has seen. If there are
 * none, as when two side quests fill the same gap, those of all that is tangled before it.
 */
export function partsBefore(block: Block,
  { parts, sight }: ChunkIndex): Block[]
{
  const all = parts.get(block.name) ?? [];
  const before = all.slice(0, all.indexOf(block));
  const seen = before.filter(({ page }) =>
    sight(block.page.chapter.number, page.chapter.number)
  );
  return seen.length > 0 ? seen : before;
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

/** Where a chunk is defined for the reader of a page: on the road, unless side quests alone define it. */
export function definitionFor({ chapter }: Page, name: string,
  { parts }: ChunkIndex): Block | undefined
{
  const all = parts.get(name) ?? [];
  const onRoad = all.find((part) => !isQuest(part.page.chapter.number));
  return isQuest(chapter.number) ? all[0] : onRoad ?? all[0];
}

/** What a reference says of a chunk that is defined elsewhere. */
export interface Whereabouts {
  /** Its section, or for what the reference waits: "waits for side quest Sixteen bits". */
  words: string;
  /** The same where there is little room: "waits for 1b". */
  short: string;
}

/** What to say at `from` of a chunk that `to` defines, unless that is near. */
export function whereabouts(from: Block, { page, mark }: Block): Whereabouts
  | undefined
{
  const { number, name } = page.chapter;
  if (number <= from.page.chapter.number)
    return mark === from.mark ? undefined : { words: mark, short: mark };
  return isQuest(number)
    ? {
      words: `waits for side quest ${name}`,
      short: `waits for ${page.number}`,
    }
    : {
      words: `waits for chapter ${page.numeral}`,
      short: `waits for ${page.numeral}`,
    };
}

/** The sign between the name of a chunk and its code, and how to say it. */
export function definitionSign(block: Block,
  { parts }: ChunkIndex): readonly [sign: string, meaning: string]
{
  if (parts.get(block.name)?.[0] === block) return ["≡", "is"];
  return block.kind === "replaces" ? [":=", "is now"] : ["+≡", "is also"];
}
