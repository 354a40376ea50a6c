/** The map of the quest: seven places on one path, drawn by hand in code. */
import { figure, raw, text, type Shape } from "./svg.ts";

/** A place on the map: where it stands, its name, and where its words go. */
interface Place {
  x: number;
  y: number;
  numeral: string;
  name: string;
  words: readonly [x: number, y: number, anchor: "start" | "middle" | "end"];
  /** Where its side path begins and leads, and how it turns with each step; in degrees. */
  spur: readonly [x: number, y: number, direction: number, turn: number];
  sketch: string;
}

/** A path of several strokes. */
const strokes = (...each: readonly string[]): string => each.join(" ");

const places: readonly Place[] = [
  {
    numeral: "I",
    name: "Preparation",
    x: 84,
    y: 352,
    words: [84, 388, "middle"],
    spur: [96, 326, -75, 6],
    // A tent beside a fire.
    sketch: strokes("M-26 22 L-2 -18 L22 22 Z", "M-2 -18 L-2 22",
      "M-2 -18 L-7 -26", "M-2 -18 L3 -26", "M30 22 L42 16", "M30 16 L42 22",
      "M36 14 q-7 -7 0 -16 q7 9 0 16"),
  },
  {
    numeral: "II",
    name: "Guest",
    x: 236,
    y: 300,
    words: [236, 340, "middle"],
    spur: [262, 282, -42, -4],
    // A house that takes itself for a castle: two battlements and one lit window.
    sketch: strokes("M-24 24 V-8 L0 -26 L24 -8 V24 Z", "M-7 24 V8 H7 V24",
      "M-16 -2 h8 v8 h-8 Z", "M8 -2 h8 v8 h-8 Z", "M14 -16 V-26 h7 v16"),
  },
  {
    numeral: "III",
    name: "Drivers",
    x: 382,
    y: 366,
    words: [382, 402, "middle"],
    spur: [392, 338, -80, 6],
    // A bell in its frame: the Guest finds its voice.
    sketch: strokes("M-24 24 V-18 H24 V24", "M-30 24 H30", "M0 -18 V-12",
      "M-14 12 q4 -6 4 -14 q0 -10 10 -10 q10 0 10 10 q0 8 4 14 Z",
      "M-4 12 a4 4 0 0 0 8 0"),
  },
  {
    numeral: "IV",
    name: "Launcher",
    x: 536,
    y: 300,
    words: [536, 340, "middle"],
    spur: [562, 304, 20, -26],
    // A lighthouse that lets ships leave.
    sketch: strokes("M-12 24 L-7 -14 H7 L12 24 Z", "M-10 -14 V-24 H10 V-14",
      "M-10 -24 L0 -33 L10 -24", "M-9 2 H9", "M-10.5 12 H10.5",
      "M16 -20 l16 -6", "M16 -17 l17 2", "M-16 -20 l-16 -6", "M-16 -17 l-17 2"),
  },
  {
    numeral: "V",
    name: "Host",
    x: 470,
    y: 142,
    words: [470, 190, "middle"],
    spur: [560, 166, 5, -14],
    // The long climb.
    sketch: strokes("M-78 34 L-34 -26 L-18 -6 L8 -58 L52 10 L62 -2 L84 34",
      "M-8 -26 l8 8 l8 -8 l8 10 l6 -5", "M-44 -12 l8 6 l6 -6"),
  },
  {
    numeral: "VI",
    name: "Switcher",
    x: 252,
    y: 150,
    words: [252, 196, "middle"],
    spur: [258, 206, 62, -12],
    // A bridge between two worlds.
    sketch: strokes("M-58 26 V2 H-36 V26", "M36 26 V2 H58 V26",
      "M-36 4 Q0 -26 36 4", "M-36 12 H36", "M-24 12 V-4", "M-12 12 V-9",
      "M0 12 V-11", "M12 12 V-9", "M24 12 V-4",
      "M-30 24 q6 -5 12 0 t12 0 t12 0 t12 0 t12 0"),
  },
  {
    numeral: "VII",
    name: "Mastery",
    x: 88,
    y: 108,
    words: [88, 160, "middle"],
    spur: [96, 172, 75, -8],
    // A tower with a flag, and the promised beer.
    sketch: strokes(
      "M-20 34 V-12 h-4 v-10 h8 v5 h6 v-5 h8 v5 h6 v-5 h8 v10 h-4 V34 Z",
      "M-4 34 V20 q4 -7 8 0 V34",
      "M-2 -17 V-46 l20 7 l-20 7",
      "M28 34 V16 H42 V34 Z",
      "M42 19 h5 v9 h-5",
      "M27 15 q3 -6 7 -3 q5 -4 9 3",
    ),
  },
];

/** The path from place to place, and the land around it. */
const path = strokes("M120 346 C156 330 168 312 200 308",
  "M272 312 C306 324 318 352 346 358", "M420 358 C458 350 470 320 504 310",
  "M556 276 C584 246 582 214 560 190", "M382 150 C356 136 338 138 318 144",
  "M188 150 C170 150 158 142 142 134");
const hills = strokes("M20 250 q14 -16 28 0 q14 -16 28 0",
  "M150 246 q12 -14 24 0", "M604 388 q10 -12 20 0",
  "M296 262 q12 -14 24 0 q12 -14 24 0");
const waves =
  "M574 352 q6 -6 12 0 t12 0 t12 0 M586 364 q6 -6 12 0 t12 0 M30 196 q5 -5 10 0 t10 0";
const trees = strokes("M156 366 v-8 m-7 0 h14 l-7 -14 Z",
  "M176 374 v-8 m-7 0 h14 l-7 -14 Z", "M454 400 v-8 m-7 0 h14 l-7 -14 Z",
  "M300 398 v-8 m-7 0 h14 l-7 -14 Z", "M316 404 v-8 m-7 0 h14 l-7 -14 Z");
const bog = strokes("M440 236 v-12 m-5 12 l-3 -9 m13 9 l3 -9",
  "M520 226 v-12 m-5 12 l-3 -9 m13 9 l3 -9", "M424 242 h34", "M500 232 h36",
  "M462 224 h26");
const compass = "M0 -26 L6 0 L0 26 L-6 0 Z M-26 0 L0 -6 L26 0 L0 6 Z";
const puppy = strokes(
  "M0 9 q-5 -8 4 -11 q9 -3 12 5 q2 6 -2 10 q8 4 9 12 q1 4 1 9 h-17 q-2 0 -2 -2 q0 -2 4 -2 v-12 q-8 0 -9 -9 Z",
  "M10 -2 q7 0 6 10 q-5 1 -6 -5",
  "M2 4 h.6",
  "M0 9 q2 2 5 1",
  "M13 34 q-1 -8 5 -9",
  "M24 31 q7 0 6 -8",
);

const pen = (d: string, look = " class=\"line\""): string =>
  `<path d="${d}"${look} stroke-linecap="round" stroke-linejoin="round"/>`;

function place(at: Place, link: string | undefined): Shape[] {
  const [x, y, anchor] = at.words;
  const sketch = `<g transform="translate(${at.x} ${at.y})">${pen(at.sketch, " class=\"line place\"")}</g>`;
  const label = text(x, y, `${at.numeral} · ${at.name}`, {
    anchor,
    bold: true,
    size: 15,
  });
  if (link === undefined) return [raw(sketch), label];
  return [
    raw(
      `<a href="${link}" aria-label="Part ${at.numeral}, ${at.name}">\n${sketch}`,
    ),
    label,
    raw("</a>"),
  ];
}

/** From one stop on a side path to the next. */
const step = 12;

/** A side path with a stop for each side quest. */
function sidePath({ spur }: Place, count: number): Shape[] {
  if (count === 0) return [];
  let [x, y, direction] = spur;
  const points = [`${x} ${y}`], stops: string[] = [];
  for (let stop = 0; stop < count; stop++) {
    const angle = (direction * Math.PI) / 180;
    [x, y] = [x + step * Math.cos(angle), y + step * Math.sin(angle)];
    direction += spur[3];
    const at = [x, y].map((each) => each.toFixed(1)) as [string, string];
    points.push(at.join(" "));
    stops.push(
      `<circle cx="${at[0]}" cy="${at[1]}" r="2.6" class="accent-ink"/>`,
    );
  }
  const way = pen(`M${points.join(" L")}`,
    " class=\"line accent-line\" style=\"stroke-width: 1.4; stroke-dasharray: 1 4\"");
  return [raw(`<g class="side-path">${way}${stops.join("")}</g>`)];
}

/**
 * The map. `links` are the addresses of the seven chapters; a place without one is no link. `sideQuests` says how many
 * hang on each.
 */
export function questMap(links: readonly (string | undefined)[] = [],
  sideQuests: readonly number[] = []): string
{
  return figure(
    "The map of the quest: Preparation, Guest, Drivers, Launcher, Host, Switcher, Mastery along one winding path",
    640,
    424,
    [
      raw(
        "<rect x=\"6\" y=\"6\" width=\"628\" height=\"412\" rx=\"3\" class=\"box soft\"/>",
      ),
      raw(
        "<rect x=\"12\" y=\"12\" width=\"616\" height=\"400\" rx=\"2\" class=\"box\" stroke-opacity=\".4\"/>",
      ),
      raw(
        `<g stroke-opacity=".45">${pen(hills)}${pen(waves)}${pen(trees)}${pen(bog)}</g>`,
      ),
      raw(
        `${
          pen(path,
            " class=\"line accent-line\" style=\"stroke-width: 2.4; stroke-dasharray: 2 8\"")
        }`,
      ),
      raw(
        `<g transform="translate(596 60)">${pen(compass, " class=\"line\" stroke-opacity=\".6\"")}</g>`,
      ),
      raw(
        `<g transform="translate(156 84)">${pen(puppy, " class=\"line\" stroke-opacity=\".85\"")}</g>`,
      ),
      text(596, 26, "N", { size: 11, quiet: true }),
      text(480, 252, "Bit of Despair", { size: 11, italic: true, quiet: true }),
      ...places.flatMap((at, index) => sidePath(at, sideQuests[index] ?? 0)),
      ...places.flatMap((at, index) => place(at, links[index])),
    ],
  );
}
