/** The drawing of two jumps that make each other longer. */
import { arrow, box, figure, group, text, type Shape } from "./svg.ts";

/** What a pass makes of the program. */
interface Pass {
  name: string;
  /** The bytes of the two jumps. */
  jz: number;
  jmp: number;
  end: number;
  remark: string;
}

const passes: readonly Pass[] = [
  {
    name: "pass 1",
    jz: 2,
    jmp: 5,
    end: 132,
    remark: "end? Not met yet: short, let us hope",
  },
  { name: "pass 2", jz: 6, jmp: 5, end: 136, remark: "130 bytes: too far" },
  { name: "pass 3", jz: 6, jmp: 5, end: 136, remark: "nothing has moved" },
];

const left = 84, nops = 190, height = 30;

/** As wide as it is long, so that growing shows. */
const widthOf = (bytes: number): number => 36 + bytes * 14;

function row({ name, jz, jmp, end, remark }: Pass, y: number): Shape {
  const second = left + widthOf(jz), third = second + nops;
  const last = third + widthOf(jmp);
  const label = { size: 12, mono: true, round: 0 } as const;
  return group([
    text(16, y + 20, name, { anchor: "start", bold: true, size: 13 }),
    box({ x: left, y, width: widthOf(jz), height }, `jz: ${jz}`, {
      ...label,
      fill: jz > 2 ? "accent" : "soft",
    }),
    box({ x: second, y, width: nops, height }, "125 nops: 125", label),
    box({ x: third, y, width: widthOf(jmp), height }, `jmp: ${jmp}`, {
      ...label,
      fill: "accent",
    }),
    text(last + 12, y + 20, `end: at ${end}`, {
      anchor: "start",
      mono: true,
      size: 12,
    }),
    arrow(
      `${left + 20},${y} ${left + 20},${y - 14} ${last},${y - 14} ${last},${y - 2}`,
      { dashed: jz === 2, quiet: true },
    ),
    text(second + nops / 2, y - 26, remark, {
      size: 13,
      italic: true,
      quiet: true,
    }),
  ]);
}

export function snake(): string {
  return figure(
    "Three passes over two jumps: the second is too far from its target, grows, and so makes the first one grow",
    640,
    240,
    passes.map((pass, index) => row(pass, 50 + index * 74)),
  );
}
