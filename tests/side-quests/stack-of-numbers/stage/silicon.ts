// What a processor was asked, and whether our machine answers as it did.
import { disassemble } from "../../../../tangled/assembler/disassemble.ts";
import { type Case, cases } from "../../../silicon-x87/cases.ts";
import { createPlayer } from "../../../silicon-x87/play.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The second byte of f2xm1, fyl2x, fptan, fpatan, fyl2xp1, fsincos, fsin and fcos; the first is D9. */
const FUNCTIONS = [0xf0, 0xf1, 0xf2, 0xf3, 0xf9, 0xfb, 0xfe, 0xff];
const FYL2X = 0xf1, FYL2XP1 = 0xf9;
const C1 = 0x200, STACK = 0x40;

const isFunction = ({ form: [first, second] }: Case): boolean =>
  first === 0xd9 && FUNCTIONS.includes(second);

/** FYL2XP1 is defined for small arguments only. */
function isDefined({ form, image }: Case): boolean {
  const exponent = (image[36] | (image[37] << 8)) & 0x7fff;
  return form[1] !== FYL2XP1 || exponent < 0x3ffd;
}

/** The logarithm of a power of two is a whole number. */
const isWhole = ({ form, image }: Case): boolean =>
  form[1] === FYL2X && hex(image.slice(28, 36)) === "0000000000000080";

/** The distance of two numbers in units of the last place, signs apart. */
function distance(a: Uint8Array, b: Uint8Array): bigint {
  const wide = (bytes: Uint8Array): bigint => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const exponent = view.getUint16(8, true);
    return (BigInt(exponent & 0x7fff || 1) << 63n)
      + (view.getBigUint64(0, true)
        & ~((exponent & 0x7fff) > 1 ? 1n << 63n : 0n))
      + (BigInt(exponent >> 15) << 80n);
  };
  const gap = wide(a) - wide(b);
  return gap < 0n ? -gap : gap;
}

/** Whether the machine's answer is the processor's; within a unit in the last place if `loose`. */
function agrees(asked: Case, ours: ReturnType<ReturnType<typeof createPlayer>>,
  loose: boolean): boolean
{
  const { after } = asked, top = (asked.image[5] >> 3) & 7;
  const ignored = loose && (after.status & STACK) === 0 ? C1 : 0;
  const differ = [(ours.status ^ after.status) & ~ignored,
    ours.flags ^ after.flags, ours.tags ^ after.tags];
  if (differ.some((bits) => bits !== 0)) return false;
  if (hex(ours.memory) !== hex(after.memory)) return false;
  return [0, 1, 2, 3, 4, 5, 6, 7].every((r) => {
    const i = (r - top) & 7;
    const want = after.registers.get(r)
      ?? asked.image.slice(28 + 10 * i, 38 + 10 * i);
    return distance(ours.register(r), want) <= (loose ? 1n : 0n);
  });
}

/** Asks one in `oneIn` of the cases, those of the functions or the others: how many, and what was wrong. */
export function askAll(oneIn: number, functions: boolean) {
  const play = createPlayer();
  const wrong: string[] = [];
  let total = 0;
  for (const [n, asked] of [...cases()].entries()) {
    if (n % oneIn !== 0 || isFunction(asked) !== functions) continue;
    if (functions && !isDefined(asked)) continue;
    total++;
    if (agrees(asked, play(asked), functions && !isWhole(asked))) continue;
    const { text } = disassemble(Uint8Array.from(asked.form));
    wrong.push(`${text} ${hex(asked.image.slice(0, 48))}`);
  }
  return { total, wrong };
}
