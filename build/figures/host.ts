/** Drawings of chapters IV and V: how a step ends, ways to a handler, and an entry that is filled. */
import type { Facts } from "../machine/facts.ts";
import { arrow, box, figure, group, line, text, type Shape } from "./svg.ts";

const small = { size: 12, mono: true } as const;
const remark = { size: 13, italic: true, quiet: true } as const;

const hex = (value: number): string => `0x${value.toString(16)}`;

/** An address at a border of the memory's column, as it is and as the code believes it to be. */
function border(y: number, physical: number, offset: number): Shape {
  return group([
    line(`446,${y} 470,${y}`, { quiet: true }),
    text(478, y, hex(physical), { ...small, anchor: "start" }),
    text(626, y, hex(offset + physical), { ...small, anchor: "end" }),
  ]);
}

export function kernelFile({ kernel }: Facts): string {
  const at = (name: string): number => kernel.get(name) ?? 0;
  const offset = at("PAGE_OFFSET");
  const [from, to, end] = ["file_start", "data_end", "kernel_end"].map((name) =>
    at(name) - offset
  ) as [number, number, number];
  return figure(
    "The Guest's file is copied to its physical address, and behind it the segment has room that is not in the file",
    640,
    262,
    [
      text(115, 18, "the file", { bold: true, size: 13 }),
      text(366, 18, "the Guest's memory", { bold: true, size: 13 }),
      text(478, 18, "physical", { size: 12, anchor: "start" }),
      text(626, 18, "virtual", { size: 12, anchor: "end" }),
      box({ x: 40, y: 132, width: 150, height: 60 }, [
        "headers, code, data",
        `${hex(to - from)} bytes`,
      ], { size: 12, fill: "accent", round: 0 }),
      box({ x: 286, y: 36, width: 160, height: 34 }, "free", {
        size: 12,
        round: 0,
      }),
      box({ x: 286, y: 70, width: 160, height: 62 }, [
        "zeros",
        `${hex(end - to)} bytes`,
      ], { size: 12, fill: "strong", round: 0 }),
      box({ x: 286, y: 132, width: 160, height: 60 }, [
        "a copy of the file",
        `${hex(to - from)} bytes`,
      ], { size: 12, fill: "accent", round: 0 }),
      box({ x: 286, y: 192, width: 160, height: 34 }, "below 1 MiB", {
        size: 12,
        round: 0,
      }),
      arrow("190,162 285,162", { accent: true }),
      border(70, end, offset),
      border(132, to, offset),
      border(192, from, offset),
      text(320, 246,
        `The segment has ${hex(to - from)} bytes in the file, and ${hex(end - from)} in memory.`, remark),
    ],
  );
}

const stationX = 62;
const stationWidth = 236;

/** A question of the step, and the outcome if the answer is yes. */
function question(y: number, words: string, outcome: string,
  about: string): Shape
{
  const middle = y + 18;
  return group([
    box({ x: stationX, y, width: stationWidth, height: 36 }, words, {
      size: 13,
      fill: "soft",
      round: 18,
    }),
    ending(middle, outcome, about),
    arrow(`${stationX + stationWidth},${middle} 375,${middle}`),
    arrow(`180,${y + 36} 180,${y + 57}`),
  ]);
}

/** One of the six outcomes. */
function ending(middle: number, outcome: string, about: string): Shape {
  return group([
    box({ x: 376, y: middle - 14, width: 92, height: 28 }, outcome, {
      size: 13,
      fill: "accent",
    }),
    text(478, middle, about, { size: 12, anchor: "start" }),
  ]);
}

export function launcherStep(): string {
  const outcomes = [
    ["restarted", "it asked for that"],
    ["poweroff", "it said good night"],
    ["killed", "the Host had to"],
    ["asleep", "only a key can wake it"],
  ] as const;
  const turn = 190;
  const at = (index: number): number => turn + 17 + index * 39;
  return figure(
    "A step of the Launcher asks three questions, then reads; each answer but a NOTIFY and a used-up read can end it",
    640,
    404,
    [
      question(14, "did it break a rule?", "killed", "by the Launcher"),
      question(72, "must its output be taken?", "output", "for whoever called"),
      question(130, "are the ticks used up?", "limit", "of this step"),
      box({ x: stationX, y: turn - 2, width: stationWidth, height: 152 }, [], {
        fill: "strong",
      }),
      text(180, turn + 24, "serve queues that were kicked", { size: 13 }),
      text(180, turn + 52, "read", { size: 13, bold: true }),
      text(180, turn + 72, "(the Guest lives)", { size: 12 }),
      text(180, turn + 100, "a NOTIFY: serve its device", { size: 13 }),
      text(180, turn + 124, "used up: nothing to do", { size: 13 }),
      ...outcomes.flatMap(([outcome, about], index) => [
        ending(at(index), outcome, about),
        arrow(`${stationX + stationWidth},${at(index)} 375,${at(index)}`),
      ]),
      arrow(`62,${turn + 114} 28,${turn + 114} 28,32 61,32`, { accent: true }),
      text(320, 386,
        "What all of them do is counted in the same ticks, so a step always ends.",
        remark),
    ],
  );
}

/** Where somebody stands on the way to a handler. */
function stop(x: number, y: number, words: string | readonly string[],
  fill: "soft" | "strong" | "accent", width = 122): Shape
{
  return box({ x, y, width, height: 46 }, words, { size: 12, fill });
}

export function twoWays(facts: Facts): string {
  const call = facts.kernel.get("SYSCALL_VECTOR") ?? 0;
  const names: readonly (readonly [x: number, words: string])[] = [
    [72, "ring 3"],
    [232, "the real IDT"],
    [396, "ring 0"],
    [560, "ring 1"],
  ];
  return figure(
    "A system call goes through the real gate straight to the Guest's handler; a page fault comes to the Host, which pushes the frame",
    640,
    236,
    [
      ...names.map(([x, words]) =>
        text(x, 16, words, { bold: true, size: 13 })
      ),
      stop(12, 44, ["a program:", `int ${hex(call)}`], "soft"),
      stop(171, 44, [`${hex(call)}: the Guest's`, "trap gate"], "accent"),
      stop(499, 44, ["its handler", "of system calls"], "strong"),
      arrow("134,67 170,67"),
      arrow("293,67 498,67", { accent: true, width: 2 }),
      text(396, 55, "nobody in between", { size: 12 }),
      stop(12, 128, ["a program:", "a page fault"], "soft"),
      stop(171, 128, ["14: a gate", "to a stub"], "soft"),
      stop(335, 128, ["the Host reflects:", "pushes the frame"], "accent"),
      stop(499, 128, ["its handler", "of page faults"], "strong"),
      arrow("134,151 170,151"),
      arrow("293,151 334,151", { accent: true, width: 2 }),
      arrow("457,151 498,151", { accent: true, width: 2 }),
      line("293,186 293,192 498,192 498,186", { quiet: true }),
      text(396, 206, "two crossings of the Switcher", { size: 12 }),
    ],
  );
}

const flags = [["D", 64], ["A", 32], ["W", 2], ["P", 1]] as const;

/** An entry with the flags that this is about. */
function entry(x: number, y: number, value: number): Shape {
  return group([
    box({ x, y, width: 140, height: 30 }, value === 0 ? "0" : hex(value), {
      mono: true,
      fill: "soft",
      round: 0,
    }),
    ...flags.map(([name, bit], index) =>
      box({ x: x + index * 35, y: y + 30, width: 35, height: 24 },
        (value & bit) !== 0 ? name : "", {
        ...small,
        round: 0,
        fill: (value & bit) !== 0 ? "accent" : "none",
      })
    ),
  ]);
}

export function oneEntry({ shadow, frame }: Facts): string {
  const x = (index: number): number => 140 + index * 168;
  const moments = ["before", "after a read", "after a write"];
  return figure(
    "The Guest's entry and the shadow's: a read marks the one accessed and fills the other read-only, a write makes them dirty and writable",
    640,
    236,
    [
      ...moments.map((words, index) =>
        text(x(index) + 70, 16, words, { bold: true, size: 13 })
      ),
      text(126, 47, "the Guest's entry", { size: 12, anchor: "end" }),
      text(126, 127, "the shadow's", { size: 12, anchor: "end" }),
      ...shadow.flatMap((pair, index) => [
        entry(x(index), 32, pair.guest),
        entry(x(index), 112, pair.shadow),
      ]),
      ...[0, 1].flatMap((index) => [
        arrow(`${x(index) + 142},99 ${x(index + 1) - 2},99`, { accent: true }),
      ]),
      text(320, 192, "D dirty, A accessed, W may be written, P present", {
        size: 12,
      }),
      text(320, 216, `The Guest's page 3 is the machine's frame ${hex(frame)}.`,
        remark),
    ],
  );
}
