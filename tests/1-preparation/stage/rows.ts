// A line of source for each row of the instruction table and kind of operand.
import { rows, type Row } from "../../../tangled/machine/rows/table.ts";

export const general = new Map([[8, ["al", "bl", "dh"]], [16, ["ax", "bx",
  "di"]], [32, ["eax", "ebx", "edi"]]]);
export const said = new Map([[0, ""], [8, "byte "], [16, "word "], [32,
  "dword "], [64, "qword "], [80, "tword "]]);
export const addresses = ["[ebx]", "[ebp]", "[esp+8]", "[edi*4+0x12345]",
  "[eax+ecx*8-1]", "[0x1234]", "[fs:edx]", "[bx+si]", "[bp]", "[es:di-5]",
  "[word 0x1234]"];

/** The ways to write a row's instruction, with all combinations of some operands. */
export function samples(row: Row): string[] {
  const isWide = row.only === 0 && (row.sized || row.operands.includes("ptr"));
  const widths = row.only !== 0 ? [row.only] : isWide ? [32, 16] : [32];
  return widths.flatMap((width) => {
    const choices = row.operands.map((operand) =>
      variants(operand, width, row)
    );
    const all = choices.reduce(
      (heads, list) =>
        heads.flatMap((head) => list.map((next) => [...head, next])),
      [[]] as string[][],
    );
    const isTold = width !== 16 || row.only !== 0
      || row.operands.some((operand) => /v|acc|imm8s|ptr/.test(operand));
    return all.map((operands) =>
      `${isTold ? "" : "o16 "}${row.name} ${operands.join(", ")}`.trim()
    );
  });
}

export function variants(operand: string, width: number, row: Row): string[] {
  const [, kind = operand, size = "0"] =
    /^(rm|rr|r|m|o|imm|rel|moffs)(\d+s?|v)$/.exec(operand) ?? [];
  const bits = size === "v" ? width : parseInt(size);
  const isAlone = row.operands.length === 1;
  const w = said.get(width)!;
  switch (kind) {
    case "r": case "o": case "rr": return general.get(bits)!;
    case "rm":
      return [...general.get(bits)!.slice(1),
        ...addresses.map((address) => said.get(bits)! + address)];
    case "sti": return ["st0", "st1", "st5"];
    case "m": return addresses.map((address) => said.get(bits)! + address);
    case "mptr":
      return addresses.map((
        address,
      ) => (isAlone ? `far ${w}${address}` : address));
    case "moffs": return ["[0x1234]", "[gs:5]", "[word 5]"];
    case "imm":
      return immediates(operand, width).map((number) =>
        (isAlone && /^imm(v|8s)$/.test(operand) ? w : "") + number
      );
    case "rel":
      return distances(bits,
        rows.filter(({ name }) => name === row.name).length === 1);
    case "acc": return [general.get(width)![0]];
    case "sreg": return ["es", "ss", "gs"];
    case "cr": return ["cr0", "cr3"];
    case "dr": return ["dr0", "dr7"];
    case "ptr": return [`${w}0x60:0x1234`];
    default: return [operand];
  }
}

export function immediates(operand: string, width: number): string[] {
  if (operand === "imm8s") return ["5", "-128", "127"];
  if (operand === "imm8") return ["5", "0x80", "255"];
  if (operand === "imm16") return ["5", "0xffff"];
  return width === 16 ? ["0x1234", "-129", "0xff7f"]
    : ["0x12345", "-129", "0xffffff7f"];
}

export function distances(bits: number, isOnly: boolean): string[] {
  if (bits === 8)
    return ["$", "$-100", "$+0x7f"].map((to) => (isOnly ? to : `short ${to}`));
  return bits === 16 ? ["word $+0x100"] : ["near $+5", "$+0x1000", "0x1000"];
}

/** nasm writes no 16-bit register with itself extended to 16 bits, and does not turn one around. */
export const isPointless = (line: string): boolean =>
  /^mov[sz]x (ax|bx|di), (ax|bx|di|word)\b|^bswap (ax|bx|di)/.test(line);

/** Every line that the table allows us to write, in this sense. */
export const everyRow = (): string[] =>
  [...new Set(rows.flatMap(samples))].filter((line) => !isPointless(line));

/** Whether a line needs none of the assembler's finer points. */
export const isUsual = (line: string): boolean =>
  !/\b([oa]16|far|near|strict|[qt]word|st\d)\b|\[(word|(es:)?([bs]p|bx|[sd]i)\b)/
    .test(line)
  && !/^\s*(aa[md]|enter|f\w+|jcxz|[cdefgs]s )/m.test(line);
