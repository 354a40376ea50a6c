/** Code in colours: shiki's tokens, for pages and for the terminal. */
import type { BundledLanguage, BundledTheme, SpecialLanguage } from "shiki";
import { book } from "../../book.config.ts";
import { keptLooks, type Run } from "./kept-looks.ts";
import { legible, paper } from "./contrast.ts";

/** Some characters of one look. The colours are those of the book's two themes, made legible on the book's ground. */
export interface Piece {
  text: string;
  light: string;
  dark: string;
  italic: boolean;
  bold: boolean;
}

/** Colours lines of code; undefined when the language is not among those of the book. */
export type Highlight = (lines: readonly string[], language: string) =>
  | Piece[][]
  | undefined;

const isItalic = (style: number): boolean => (style & 1) === 1;
const isBold = (style: number): boolean => (style & 2) === 2;

let loading: Promise<Highlight> | undefined;

/** The languages and themes of book.config.ts, loaded once. */
export function loadHighlight(): Promise<Highlight> {
  loading ??= load();
  return loading;
}

/** Shiki takes longer to load than the book to read: it waits until somebody can see colours. */
async function load(): Promise<Highlight> {
  const { createHighlighter } = await import("shiki");
  const themes: { light: BundledTheme; dark: BundledTheme } = book.themes;
  const languages = [
    ...book.languages,
  ] as (BundledLanguage | SpecialLanguage)[];
  const shiki = await createHighlighter({
    themes: Object.values(themes),
    langs: languages,
  });
  const known = new Set<string>([...shiki.getLoadedLanguages(), ...languages,
    ""]);
  const looks = keptLooks(themes);
  process.once("exit", looks.keep);
  return (lines, language) => {
    if (!known.has(language)) return undefined;
    const text = lines.join("\n");
    return looks.of(language, text, () => find(text, language)).map((line) =>
      line.map(pieceOf)
    );
  };

  function find(text: string, language: string): Run[][] {
    const lang = (language === "" ? "text" : language) as BundledLanguage
      | SpecialLanguage;
    return shiki.codeToTokensWithThemes(text, { lang, themes }).map((line) =>
      line.map(({ content, variants: { light, dark } }) => [
        content,
        light?.color ?? "",
        dark?.color ?? "",
        light?.fontStyle ?? 0,
      ])
    );
  }
}

const pieceOf = ([text, light, dark, style]: Run): Piece => ({
  text,
  light: inked("light", light),
  dark: inked("dark", dark),
  italic: isItalic(style),
  bold: isBold(style),
});

const inks = new Map<string, string>();

/** The colour as it is used: #rrggbb, and legible on the ground of code. */
function inked(theme: "light" | "dark", colour: string): string {
  const { code, ink } = paper[theme];
  const key = `${theme} ${colour}`;
  const known = inks.get(key)
    ?? legible((colour || ink).slice(0, 7).toLowerCase(), code,
      theme === "light" ? "#000000" : "#ffffff");
  inks.set(key, known);
  return known;
}

/** The pairs of colours in use, each with a short class name. */
export interface Palette {
  classOf(piece: Piece): string;
  /** Pairs of light and dark by class name. */
  colours(): ReadonlyMap<string, { light: string; dark: string }>;
}

export function createPalette(): Palette {
  const names = new Map<string, string>();
  const colours = new Map<string, { light: string; dark: string }>();
  const nameOf = ({ light, dark }: Piece): string => {
    const key = `${light} ${dark}`;
    const name = names.get(key) ?? `s${names.size}`;
    names.set(key, name);
    colours.set(name, { light, dark });
    return name;
  };
  return {
    classOf: (piece) =>
      [nameOf(piece), piece.italic ? "si" : "", piece.bold ? "sb" : ""]
        .filter((name) => name !== "")
        .join(" "),
    colours: () => colours,
  };
}
