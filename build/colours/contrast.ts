/** Colours, and how well one can be read upon another. */

/** The page, its ink and the ground of code, in either theme. */
export const paper = {
  light: {
    page: "#fdfbf6",
    ink: "#2c2a26",
    quiet: "#635d53",
    code: "#f5f1e8",
    rule: "#ddd5c5",
    accent: "#a3401f",
    mark: "#e9dcc3",
  },
  dark: {
    page: "#1a1917",
    ink: "#dad5ca",
    quiet: "#a39c8e",
    code: "#232120",
    rule: "#3d3934",
    accent: "#e8946a",
    mark: "#4b4133",
  },
} as const;

export type Theme = keyof typeof paper;

export type Rgb = readonly [number, number, number];

/** Red, green and blue, 0 to 255, of `#rgb` or `#rrggbb`. */
export function rgbOf(colour: string): Rgb {
  const long = colour.length < 6 ? colour.replace(/[0-9a-f]/gi, "$&$&")
    : colour;
  return [1, 3, 5].map((at) =>
    Number.parseInt(long.slice(at, at + 2), 16)
  ) as unknown as Rgb;
}

const hexOf = (rgb: Rgb): string =>
  `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance, 0 to 1 (WCAG 2.2). */
export function luminance(colour: string): number {
  const [r, g, b] = rgbOf(colour).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2); text wants 4.5. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

/** `colour`, moved towards `goal` no further than it takes to be read on `ground`. */
export function legible(colour: string, ground: string, goal: string,
  wanted = 4.6): string
{
  const [from, to] = [rgbOf(colour), rgbOf(goal)];
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = hexOf(
      from.map((value, index) =>
        value + ((to[index] ?? 0) - value) * part
      ) as unknown as Rgb,
    );
    if (contrast(mixed, ground) >= wanted) return mixed;
  }
  return goal;
}

/** `colour` at the luminance that is equally far from black and white, for a terminal whose ground is unknown. */
export function midway(colour: string): string {
  const goal = luminance(colour) > 0.18 ? "#000000" : "#ffffff";
  return legible(colour, luminance(colour) > 0.18 ? "#ffffff" : "#000000", goal,
    4.4);
}
