/** Drawings of how control moves: rings, frames, the world switch, the Host's loop. */
import {
  arrow,
  box,
  circle,
  figure,
  group,
  line,
  lines,
  text,
  widthOf,
  type Shape,
} from "./svg.ts";

export function rings(): string {
  const [x, y] = [170, 172];
  const legend: readonly (readonly [
    ring: string,
    who: string,
    remark: string,
    height: number,
    edge: string,
  ])[] = [
    ["ring 0", "the Host and the Switcher", "everything is allowed", 60,
      `${x + 26},${y - 16}`],
    ["ring 1", "the Guest's kernel", "believes that it is in charge", 134,
      `${x + 76},${y - 22}`],
    ["ring 2", "nobody", "", 196, `${x + 113},${y + 18}`],
    ["ring 3", "the Guest's programs", "know nothing of all this", 254,
      `${x + 132},${y + 56}`],
  ];
  return figure(
    "Four rings of privilege: the Host in ring 0, the Guest's kernel in ring 1, the Guest's programs in ring 3",
    640,
    344,
    [
      circle(x, y, 160, { fill: "soft" }),
      circle(x, y, 124, { dashed: true }),
      circle(x, y, 102, { fill: "soft" }),
      circle(x, y, 54, { fill: "accent" }),
      text(x - 12, y, "0", { bold: true, size: 18 }),
      text(x, y - 78, "1", { bold: true, size: 18 }),
      text(x, y - 113, "2", { size: 12, quiet: true }),
      text(x, y - 142, "3", { bold: true, size: 18 }),
      ...legend.flatMap(([ring, who, remark, height, edge]) => [
        line(`${edge} 352,${height}`, { quiet: true }),
        text(360, height, `${ring}`, { anchor: "start", bold: true }),
        text(360 + widthOf(ring, { bold: true }) + 8, height, who, {
          anchor: "start",
        }),
        ...(remark === ""
          ? []
          : [
            text(360, height + 20, remark, {
              anchor: "start",
              size: 13,
              italic: true,
              quiet: true,
            }),
          ]),
      ]),
      arrow(`${x - 70},${y - 56} ${x - 34},${y - 26}`, {
        accent: true,
        width: 2,
      }),
      arrow(`${x - 54},${y + 134} ${x - 34},${y + 82}`, {
        accent: true,
        width: 2,
      }),
      ...["int 0x1f: hypercall, 1 to 0", "int 0x80: system call, 3 to 1"]
        .flatMap((words, index) => [
          arrow(`360,${310 + index * 22} 384,${310 + index * 22}`, {
            accent: true,
            width: 2,
          }),
          text(394, 310 + index * 22, words, { anchor: "start", size: 13 }),
        ]),
    ],
  );
}

/** A downward brace at the right of a column, with words. */
function remark(x: number, top: number, bottom: number,
  words: readonly string[]): Shape
{
  return group([
    line(
      `${x},${top + 4} ${x + 8},${top + 4} ${x + 8},${bottom - 4} ${x},${bottom - 4}`,
      {
        quiet: true,
      },
    ),
    ...words.map((word, index) =>
      text(x + 18, (top + bottom) / 2 + (index - (words.length - 1) / 2) * 18,
        word, {
        anchor: "start",
        size: 13,
      })
    ),
  ]);
}

export function interruptFrame(): string {
  const slots = ["ss", "esp", "eflags", "cs", "eip", "error code"];
  const [left, top, height] = [230, 56, 34];
  const at = (index: number): number => top + index * height;
  return figure(
    "The frame that an interrupt pushes: ss and esp on a change of ring, eflags, cs, eip, for some vectors an error code",
    640,
    318,
    [
      text(left + 75, 16, "higher addresses", {
        size: 13,
        quiet: true,
        italic: true,
      }),
      arrow(`${left + 75},48 ${left + 75},28`, { quiet: true }),
      ...slots.map((slot, index) =>
        box({ x: left, y: at(index), width: 150, height }, slot, {
          mono: index < 5,
          round: 0,
          fill: index < 2 || index === 5 ? "accent" : "strong",
        })
      ),
      remark(386, at(0), at(2), ["only when the ring changes:",
        "where the old stack stood"]),
      remark(386, at(2), at(5), ["always: flags, and where to return"]),
      remark(386, at(5), at(6), ["vectors 8, 10 to 14, 17"]),
      ...(
        [
          ["esp0 (or esp1) of the TSS", 0],
          ["esp without error code", 5],
          ["esp with error code", 6],
        ] as const
      ).flatMap(([words, index]) => [
        text(186, at(index), words, { anchor: "end", size: 13 }),
        arrow(`192,${at(index)} ${left - 1},${at(index)}`),
      ]),
      lines(320, 294, [
        "Each push is four bytes; iret takes the same words off again.",
      ], {
        size: 13,
        italic: true,
        quiet: true,
      }),
    ],
  );
}

/** One step of the switch: an arrow from lane to lane, with what happens and where. */
interface Step {
  from: number;
  to: number;
  words: string;
}

export function worldSwitch(): string {
  const lanes = [
    [100, "Host", "TypeScript"],
    [320, "Switcher", "x86, ring 0"],
    [540, "Guest", "x86, ring 1"],
  ] as const;
  const steps: readonly Step[] = [
    { from: 0, to: 1, words: "run from its entry" },
    {
      from: 1,
      to: 1,
      words: "save; Guest's GDT, IDT, TSS, cr3; pop its registers",
    },
    { from: 1, to: 2, words: "iret" },
    { from: 2, to: 1, words: "trap, by the Guest's IDT" },
    {
      from: 1,
      to: 1,
      words: "push registers; Host's cr3, GDT, IDT, TSS; restore",
    },
    { from: 1, to: 0, words: "hlt" },
  ];
  const height = (index: number): number => 96 + index * 46;
  return figure(
    "The world switch: the Host enters the Switcher, the Switcher loads the Guest's world; a trap leads back the same way",
    640,
    376,
    [
      ...lanes.flatMap(([x, name, what]) => [
        box({ x: x - 75, y: 10, width: 150, height: 46 }, [name, what], {
          fill: x === 320 ? "accent" : "soft",
          size: 13,
        }),
        ...lane(x, steps, height),
      ]),
      ...steps.map((step, index) =>
        stepShape(lanes.map(([x]) => x), step, height(index))
      ),
      text(320, 362, "No step is done behind the CPU's back.", {
        size: 13,
        italic: true,
        quiet: true,
      }),
    ],
  );
}

/** The life line of a lane, leaving room for the boxes that stand on it. */
function lane(x: number, steps: readonly Step[],
  height: (index: number) => number): Shape[]
{
  const gaps = x === 320
    ? steps.flatMap((step,
      index) => (step.from === step.to ? [height(index)] : [])
    ) : [];
  const ends = [56, ...gaps.flatMap((y) => [y - 15, y + 15]), 346];
  return ends.flatMap((y, index) =>
    index % 2 === 0
      ? [
        line(`${x},${y} ${x},${ends[index + 1] ?? y}`, {
          dashed: true,
          quiet: true,
        }),
      ]
      : []
  );
}

function stepShape(lanes: readonly number[], { from, to, words }: Step,
  y: number): Shape
{
  const [start, end] = [lanes[from] ?? 0, lanes[to] ?? 0];
  if (from === to)
    return box({ x: start - 185, y: y - 15, width: 370, height: 30 }, words, {
      size: 13,
      fill: "strong",
    });
  const shift = Math.sign(end - start) * 2;
  return group([
    arrow(`${start},${y + 8} ${end - shift},${y + 8}`, { accent: true }),
    text((start + end) / 2, y - 6, words, { size: 13 }),
  ]);
}

/** A question or action of the loop, with its middle. */
function station(x: number, y: number, words: readonly string[],
  fill: "soft" | "accent" | "strong" = "soft", width = 190): Shape
{
  return box({ x: x - width / 2, y: y - 21, width, height: 42 }, words, {
    fill,
    size: 13,
    round: fill === "soft" ? 21 : 2,
  });
}

export function hostLoop(): string {
  const x = 220;
  const ys = [40, 116, 192, 268, 344, 420];
  const [calls, notify, interrupts, halted, enter, classify] = ys as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const down = (from: number, to: number): Shape =>
    arrow(`${x},${from + 21} ${x},${to - 22}`);
  return figure(
    "The Host's run loop: hypercalls, a notification, interrupts, halted, enter the Guest, classify the trap, and round again",
    640,
    470,
    [
      station(x, calls, ["do its hypercalls"], "strong"),
      station(x, notify, ["a notification?"]),
      station(x, interrupts, ["deliver an interrupt"], "strong"),
      station(x, halted, ["halted?"]),
      station(x, enter, ["enter the Guest"], "accent"),
      station(x, classify, ["classify the trap"], "strong"),
      down(calls, notify),
      down(notify, interrupts),
      down(interrupts, halted),
      down(halted, enter),
      down(enter, classify),
      text(x + 14, (notify + interrupts) / 2, "no", {
        size: 12,
        anchor: "start",
      }),
      text(x + 14, (halted + enter) / 2, "no", { size: 12, anchor: "start" }),
      arrow(`315,${notify} 398,${notify}`),
      text(352, notify - 12, "yes", { size: 12 }),
      station(508, notify, ["back to the Launcher", "with its address"],
        "accent", 216),
      arrow(`315,${halted} 398,${halted}`),
      text(352, halted - 12, "yes", { size: 12 }),
      station(508, halted, ["sleep until an interrupt", "may be delivered"],
        "strong", 216),
      arrow(`508,${halted - 21} 508,${interrupts} 317,${interrupts}`),
      arrow(`315,${classify} 398,${classify}`),
      text(352, classify - 12, "dead", { size: 12 }),
      station(508, classify, ["back to the Launcher", "with the reason"],
        "accent", 216),
      arrow(`125,${classify} 56,${classify} 56,${calls} 123,${calls}`),
      text(66, 230, "again", {
        size: 13,
        anchor: "start",
        italic: true,
        quiet: true,
      }),
    ],
  );
}
