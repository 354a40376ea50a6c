/** Colours and weights in a terminal. */
import { WriteStream } from "node:tty";
import { midway, rgbOf } from "../colours/contrast.ts";

/** Bits of colour: 1 is none, 4 is sixteen colours, 8 is 256, 24 is all. */
export type Depth = 1 | 4 | 8 | 24;

export type Style = "bold" | "italic" | "underline" | "dim";

/** Puts words into ink; without colour they stay as they are. */
export interface Ink {
  depth: Depth;
  style(text: string, ...styles: readonly Style[]): string;
  /** `colour` is "#rrggbb". */
  colour(text: string, colour: string): string;
}

/** What the terminal can show, by the conventions of NO_COLOR and FORCE_COLOR (the latter wins). */
export function depthOf(env: NodeJS.ProcessEnv, isTerminal: boolean): Depth {
  const forced = env["FORCE_COLOR"];
  if (forced === undefined && (!isTerminal || (env["NO_COLOR"] ?? "") !== ""))
    return 1;
  if (forced === "0" || forced === "false") return 1;
  const plain = { ...env };
  delete plain["NO_COLOR"];
  return WriteStream.prototype.getColorDepth(plain) as Depth;
}

const codes: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
};

export function createInk(depth: Depth): Ink {
  const style = (text: string, ...styles: readonly Style[]): string =>
    styles.reduce(
      (inked, name) => `\x1b[${codes[name][0]}m${inked}\x1b[${codes[name][1]}m`,
      text,
    );
  if (depth === 1)
    return {
      depth,
      style: (text) => text,
      colour: (text) => text,
    };
  return {
    depth,
    style,
    colour: (text, colour) =>
      `\x1b[${colourCode(colour, depth)}m${text}\x1b[39m`,
  };
}

/** The code of a colour, at a brightness that can be read on black and on white. */
function colourCode(colour: string, depth: Depth): string {
  const [red, green, blue] = rgbOf(midway(colour));
  if (depth === 24) return `38;2;${red};${green};${blue}`;
  if (depth === 8) return `38;5;${cube(red, green, blue)}`;
  return String(basic(red, green, blue));
}

/** The nearest colour of xterm's cube of 6 by 6 by 6, which begins at 16. */
function cube(...rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((part) =>
    part < 48 ? 0 : part < 115 ? 1 : Math.round((part - 55) / 40)
  );
  return 16 + 36 * (red ?? 0) + 6 * (green ?? 0) + (blue ?? 0);
}

/** One of the six old colours by which parts are strong; 39 is the terminal's own. */
function basic(...rgb: readonly number[]): number {
  const [least, most] = [Math.min(...rgb), Math.max(...rgb)];
  if (most - least < 40) return 39;
  return 30
    + rgb.reduce(
      (sum, part, bit) => sum + (part > (least + most) / 2 ? 1 << bit : 0),
      0,
    );
}
