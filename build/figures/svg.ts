/**
 * A drawing is a list of shapes. Every shape knows, beside its markup, the space its words take and the lines it draws,
 * so that `figure` can refuse a drawing in which words overlap, leave the canvas or are crossed by a line.
 */
import { escapeHtml } from "../text/html-text.ts";

export type Point = readonly [x: number, y: number];

/** A rectangle, in the units of the drawing (one unit is one CSS pixel at full size). */
export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Words and the rectangle they take. */
interface Words {
  text: string;
  bounds: Bounds;
}

export interface Shape {
  markup: string;
  words: readonly Words[];
  lines: readonly (readonly [Point, Point])[];
}

export interface TextOptions {
  anchor?: "start" | "middle" | "end";
  size?: number;
  mono?: boolean;
  bold?: boolean;
  italic?: boolean;
  /** In the accent colour, for the one thing the drawing is about. */
  accent?: boolean;
  /** In a softer ink, for remarks. */
  quiet?: boolean;
}

export interface BoxOptions extends TextOptions {
  /** How the box is filled; "none" draws the outline only. */
  fill?: "none" | "soft" | "strong" | "accent";
  dashed?: boolean;
  /** Radius of the corners. */
  round?: number;
}

export interface LineOptions {
  dashed?: boolean;
  accent?: boolean;
  quiet?: boolean;
  head?: boolean;
  tail?: boolean;
  width?: number;
}

const textSize = 14;
const narrow = "iljtfrI.,:;'|!()[]{}/ ·\"-";
const wide = "mwMW@%—→←↔";

/**
 * Width of `text` in ems. The estimate is that of a wide face (the system picks the face, and none of those in use on
 * common systems is wider), so that what fits here fits everywhere.
 */
function ems(text: string, mono: boolean): number {
  if (mono) return text.length * 0.61;
  const widths = [...text].map((c) =>
    narrow.includes(c) ? 0.38
      : wide.includes(c) ? 0.98 : /[A-Z]/.test(c) ? 0.72 : 0.61
  );
  return widths.reduce((sum, width) => sum + width, 0);
}

/** Width in units that `text` takes when drawn with these options. */
export function widthOf(text: string, options: TextOptions = {}): number {
  return ems(text, options.mono ?? false) * (options.size ?? textSize)
    * (options.bold ? 1.08 : 1);
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

function classes(...names: readonly (string | false | undefined)[]): string {
  const kept = names.filter((name) => typeof name === "string" && name !== "");
  return kept.length > 0 ? ` class="${kept.join(" ")}"` : "";
}

/** One line of words; `y` is the middle of the line. */
export function text(x: number, y: number, words: string,
  options: TextOptions = {}): Shape
{
  const { anchor = "middle", size = textSize } = options;
  const width = widthOf(words, options);
  const left = x - width * { start: 0, middle: 0.5, end: 1 }[anchor];
  const style = classes(options.mono && "mono", options.bold && "bold",
    options.italic && "italic", options.accent && "accent-ink",
    options.quiet && "quiet");
  const place = `x="${round(x)}" y="${round(y + size * 0.35)}"`;
  const extra = (anchor === "middle" ? "" : ` text-anchor="${anchor}"`)
    + (size === textSize ? "" : ` font-size="${size}"`);
  return {
    markup: `<text ${place}${extra}${style}>${escapeHtml(words)}</text>`,
    words: [{
      text: words,
      bounds: { x: left, y: y - size * 0.5, width, height: size },
    }],
    lines: [],
  };
}

/** Several lines of words around the middle `y`. */
export function lines(x: number, y: number, words: readonly string[],
  options: TextOptions = {}): Shape
{
  const step = (options.size ?? textSize) * 1.3;
  const first = y - (step * (words.length - 1)) / 2;
  return group(
    words.map((line, index) => text(x, first + index * step, line, options)),
  );
}

/** A circle. */
export function circle(x: number, y: number, radius: number,
  options: BoxOptions = {}): Shape
{
  const style = classes(
    options.fill === undefined || options.fill === "none" ? "box"
      : `box ${options.fill}`,
    options.dashed && "dashed",
  );
  const corner = (index: number): Point => [
    x + radius * Math.cos((index * Math.PI) / 24),
    y + radius * Math.sin((index * Math.PI) / 24),
  ];
  const corners = Array.from({ length: 49 }, (_, index) => corner(index));
  return {
    markup: `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}"${style}/>`,
    words: [],
    lines: segments(corners),
  };
}

/** Several shapes as one. */
export function group(shapes: readonly Shape[]): Shape {
  return {
    markup: shapes.map((shape) => shape.markup).join("\n"),
    words: shapes.flatMap((shape) => shape.words),
    lines: shapes.flatMap((shape) => shape.lines),
  };
}

/** A rectangle with words in its middle (each string is a line). */
export function box(bounds: Bounds, label: string | readonly string[] = [],
  options: BoxOptions = {}): Shape
{
  const { x, y, width, height } = bounds;
  const { fill = "none", round: radius = 2 } = options;
  const style = classes(fill === "none" ? "box" : `box ${fill}`,
    options.dashed && "dashed");
  const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  const rectangle = `<rect ${place}${radius > 0 ? ` rx="${radius}"` : ""}${style}/>`;
  const corners: Point[] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
    [x, y],
  ];
  const words = lines(x + width / 2, y + height / 2,
    typeof label === "string" ? [label] : label, options);
  return {
    markup: `${rectangle}\n${words.markup}`.trim(),
    words: words.words,
    lines: segments(corners),
  };
}

/** The pieces of a line through `points`. */
function segments(points: readonly Point[]): (readonly [Point, Point])[] {
  return points.slice(1).map((point, index) =>
    [points[index] as Point, point] as const
  );
}

const pathOf = (points: readonly Point[]): string =>
  points.map(([x, y], index) =>
    `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`
  ).join("");

/** The head of an arrow that comes from `from` and ends in `to`. */
function arrowHead(from: Point, to: Point, accent: boolean): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const corner = (turn: number): Point => [
    to[0] - 9 * Math.cos(angle + turn),
    to[1] - 9 * Math.sin(angle + turn),
  ];
  return `<path d="${pathOf([corner(0.4), to, corner(-0.4)])}Z"${classes("head", accent && "accent-ink")}/>`;
}

/** The points of a path written as "10,20 30,20". */
function pointsOf(path: string): Point[] {
  return path.split(" ").map((point) =>
    point.split(",").map(Number) as unknown as Point
  );
}

/** A line through the points of `path`, as in "10,20 30,20", with heads where asked for. */
export function line(path: string, options: LineOptions = {}): Shape {
  const points = pointsOf(path);
  const { accent = false } = options;
  const style = classes("line", options.dashed && "dashed",
    accent && "accent-line", options.quiet && "quiet-line");
  const thick = options.width === undefined ? ""
    : ` style="stroke-width: ${options.width}"`;
  const end = points.slice(-2) as [Point, Point];
  const start = points.slice(0, 2) as [Point, Point];
  const heads = (options.head ? arrowHead(...end, accent) : "")
    + (options.tail ? arrowHead(start[1], start[0], accent) : "");
  return {
    markup: `<path d="${pathOf(points)}"${style}${thick}/>${heads}`,
    words: [],
    lines: segments(points),
  };
}

/** A line with a head at its end. */
export function arrow(path: string, options: LineOptions = {}): Shape {
  return line(path, { ...options, head: true });
}

/** Markup as it is, for what no other shape draws; nothing is checked about it. */
export function raw(markup: string): Shape {
  return { markup, words: [], lines: [] };
}

function overlap(a: Bounds, b: Bounds): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height
    && b.y < a.y + a.height;
}

/** Whether the line passes through `bounds`: it is clipped against it (Liang and Barsky, 1984). */
function crosses([from, to]: readonly [Point, Point], bounds: Bounds): boolean {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const sides = [
    [-dx, from[0] - bounds.x],
    [dx, bounds.x + bounds.width - from[0]],
    [-dy, from[1] - bounds.y],
    [dy, bounds.y + bounds.height - from[1]],
  ] as const;
  let [enter, leave] = [0, 1];
  for (const [step, distance] of sides) {
    if (step === 0 && distance < 0) return false;
    if (step < 0) enter = Math.max(enter, distance / step);
    if (step > 0) leave = Math.min(leave, distance / step);
  }
  return enter < leave;
}

/** What is wrong with the words of a drawing; empty when each has its own place. */
export function crowding(width: number, height: number,
  shape: Shape): string[]
{
  const { words } = shape;
  const outside = words.filter(({ bounds: b }) =>
    b.x < 0 || b.y < 0 || b.x + b.width > width || b.y + b.height > height
  );
  const pairs = words.flatMap((a, index) =>
    words
      .slice(index + 1)
      .filter((b) => overlap(a.bounds, b.bounds))
      .map((b) => [a, b] as const)
  );
  const crossed = words.filter(({ bounds }) =>
    shape.lines.some((segment) => crosses(segment, bounds))
  );
  return [
    ...outside.map((word) => `"${word.text}" leaves the canvas`),
    ...pairs.map(([a, b]) => `"${a.text}" overlaps "${b.text}"`),
    ...crossed.map((word) => `"${word.text}" is crossed by a line`),
  ];
}

/** How the classes of a drawing look: selector under the drawing, and its declarations. */
const rules: readonly (readonly [selector: string, declarations: string])[] = [
  ["text", "fill: currentColor"],
  [
    ".mono",
    "font-family: var(--mono, ui-monospace, \"SF Mono\", Menlo, Consolas, \"DejaVu Sans Mono\", monospace)",
  ],
  [".bold", "font-weight: 600"],
  [".italic", "font-style: italic"],
  [".quiet", "fill-opacity: .78"],
  [".box", "fill: none; stroke: currentColor; stroke-width: 1.2"],
  [".soft", "fill: currentColor; fill-opacity: .05"],
  [".strong", "fill: currentColor; fill-opacity: .13"],
  [".accent", "fill: var(--accent); fill-opacity: .14; stroke: var(--accent)"],
  [".line", "fill: none; stroke: currentColor; stroke-width: 1.4"],
  [".quiet-line", "stroke-opacity: .5"],
  [".dashed", "stroke-dasharray: 5 4"],
  [".head", "fill: currentColor"],
  [".accent-ink", "fill: var(--accent)"],
  [".accent-line", "stroke: var(--accent)"],
];

const face =
  "font: 14px system-ui, -apple-system, \"Segoe UI\", Roboto, \"Liberation Sans\", Arial, sans-serif; text-anchor: middle";

/** The style sheet of drawings inside `scope` (a selector); the colours are the page's. */
export function drawingStyle(scope: string): string {
  return [
    `${scope} { ${face} }`,
    ...rules.map(([selector, body]) => `${scope} ${selector} { ${body} }`),
  ].join("\n");
}

/** A drawing that stands alone brings its colours along; the woven book strips this. */
const standaloneStyle = `<style>
svg { color: #2c2a26; --accent: #a3401f }
@media (prefers-color-scheme: dark) { svg { color: #ddd8cd; --accent: #e8946a } }
${drawingStyle("svg")}
</style>`;

/**
 * A whole drawing as the text of an SVG file.
 * @throws Error when words overlap, leave the canvas or are crossed by a line.
 */
export function figure(title: string, width: number, height: number,
  shapes: readonly Shape[]): string
{
  const all = group(shapes);
  const faults = crowding(width, height, all);
  if (faults.length > 0)
    throw new Error(`The drawing "${title}" is crowded: ${faults.join("; ")}`);
  const size =
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`;
  return [
    open,
    `<title>${escapeHtml(title)}</title>`,
    standaloneStyle,
    all.markup,
    "</svg>",
    "",
  ].join("\n");
}
