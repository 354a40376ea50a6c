// One string of bytes before two decoders.
import { disassemble } from "../../tangled/assembler/disassemble.ts";
import { parse, type Instruction } from "../../tangled/machine/rows/decode.ts";
import { judge, ROOM, type Verdict } from "./judge.ts";
import { reasonAgainst } from "./declined.ts";

/** What the decoders disagree about. */
export interface Difference {
  bytes: string;
  ours: string;
  theirs: string;
  /** The same for differences of one kind. */
  kind: string;
}

/** Begins the kind of what is no instruction to us. */
export const MISSING = "missing ";

/** What differs for strings of bytes that stand ROOM bytes apart. */
export function* differences(bytes: Uint8Array,
  count: number): Generator<Difference>
{
  const ask = judge(bytes);
  for (let k = 0; k < count; k++) {
    const code = bytes.subarray(k * ROOM, (k + 1) * ROOM);
    const found = compare(code, ask(k));
    if (found) yield { ...found, bytes: Buffer.from(code).toString("hex") };
  }
}

function compare(code: Uint8Array, verdict: Verdict | undefined) {
  const i = parse((at) => code[at] ?? 0);
  if (!i)
    return verdict && !reasonAgainst(verdict) ? lacking(verdict) : undefined;
  const reason = verdict && reasonAgainst(verdict);
  if (reason)
    return {
      ours: "an instruction",
      theirs: `declined: ${reason}`,
      kind: `known by now: ${verdict.mnemonic}`,
    };
  const read = disassemble(code);
  if (verdict && agree(read, verdict, i)) return undefined;
  const ours = describe(read, i);
  const theirs = verdict ? describeTheirs(verdict, i) : "no instruction";
  if (ours === theirs) return undefined;
  return {
    ours,
    theirs,
    kind: [i.row.encoding, i.row.name, ...i.row.operands].join(" "),
  };
}

const lacking = ({ text, mnemonic, features }: Verdict) => ({
  ours: "no instruction",
  theirs: text,
  kind: `${MISSING}${mnemonic} (${features.join(" ")})`,
});

/** Whether they use the same words: that needs no second look. */
function agree({ text, length }: Reading, verdict: Verdict,
  i: Instruction): boolean
{
  const size = memorySize(i);
  return text === verdict.text && length === verdict.length
    && (size === "" || size === ` ${verdict.size}`);
}

type Reading = ReturnType<typeof disassemble>;

/** "length instruction size", the size that of its operand in memory. */
function describe({ text, length }: Reading, i: Instruction): string {
  return `${length} ${canonical(text, i)}${memorySize(i)}`;
}

function describeTheirs({ text, length, size }: Verdict,
  i: Instruction): string
{
  return `${length} ${canonical(text, i)}${memorySize(i) === "" ? "" : ` ${size}`}`;
}

/** The bytes of the operand in memory, as a word; "" if none is told. */
function memorySize(i: Instruction): string {
  if (i.mod === 3 || !i.row.modrm) return "";
  const slot = i.row.slots.find(({ place }) => place === "rm" || place === "m");
  if (!slot?.size) return "";
  return ` ${slot.size < 0 ? i.width / 8 : slot.size}`;
}

/** What iced calls otherwise than the table's first row does. */
const synonyms = new Map([
  ["pusha", "pushad"],
  ["popa", "popad"],
  ["pushf", "pushfd"],
  ["popf", "popfd"],
  ["sal", "shl"],
  ["nop", "xchg ax, ax"],
  ["loopnz", "loopne"],
  ["loopz", "loope"],
  ["repnz", "repne"],
  ["repz", "repe"],
  ["wait", "fwait"],
  ["fnsetpm", "fsetpm"],
  ["fstpnce", "fstp"],
  ["retw", "ret"],
  ["retfw", "retf"],
]);
const renamed = new RegExp(`\\b(${[...synonyms.keys()].join("|")})(?= |$)`,
  "g");
/** Sizes, which are compared apart, and hints of later processors. */
const ignored =
  /\b(byte|word|dword|qword|tword|strict|short|near|o16|o32|a16|a32|far|bnd|hnt|ht|xacquire|xrelease|notrack) /g;
const isString = /\b(movs|cmps|stos|lods|scas|ins|outs)[bwd]$/;
/** Hints for branches, which are prefixes of a segment elsewhere. */
const hint = /^[cd]s (?=(call|jmp) )|(?<=^(call|jmp) \[)[cd]s:(?!.*:)/;
/** The top of the stack, which may be left unsaid. */
const top = /(?<=\bf\w+ .*)(\bto |\bst0, (?=st)|, st0$)/g;
const isSymmetric = /^((?:\w+ )*(?:xchg|test)) (.*), (.*)$/;

/** Two decoders' words for one thing. */
function canonical(text: string, i: Instruction): string {
  const sized = text.replace(ignored, "");
  const bare = (sized.includes("st") ? sized.replace(top, "") : sized).replace(
    renamed,
    (name) => synonyms.get(name)!,
  );
  const tidy = isString.test(bare) ? bare.replace(/(..) (rep\w*) /, "$2 $1 ")
    : bare.replace(/\brep(n?[ze])? /, "");
  const same = tidy.replace(isSymmetric,
    (_, name, a, b) => a < b ? `${name} ${a}, ${b}` : `${name} ${b}, ${a}`);
  const plain = same.replace(hint, "").replace(
    /\b([c-gs]s, |l(?:ar|sl) \w+, )e/,
    "$1",
  )
    .replace(/^((?:\w+ )*aa[dm]) (10|0xa)$/, "$1").replace(
      /^(.*)xchg ax, ax,? (.*), \w+$/,
      "$1nop $2",
    )
    .replace(/xchg ax, ax, ax /, "nop ").replace(/xchg ax, ax (?=\S)/, "nop ");
  const aim = plain.replace(/^((?:\w+ )*loop\w* .*), cx$/, "$1");
  return aim.replace(/(, |^push )?-?\b(0x[0-9a-f]+|\d+)\b/g,
    (all, before = "") =>
      before
      + number(all.slice(before.length), before !== "" && i.width === 16));
}

function number(text: string, isShort: boolean): string {
  const value = text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
  return (isShort && value < 0 ? value & 0xffff : value >>> 0).toString(16);
}
