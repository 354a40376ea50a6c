/** The style sheet of the site: the written part, and what is computed from themes and drawings. */
import { paper, type Theme } from "../colours/contrast.ts";
import { drawingStyle } from "../figures/svg.ts";
import type { Palette } from "../colours/highlight.ts";

/** The whole style sheet; `written` is build/site/style.css. */
export function styleSheet(written: string, palette: Palette): string {
  const names = [...palette.colours().keys()];
  const code = names.map((name) => `.${name} { color: var(--${name}) }`).join(
    "\n",
  );
  return `${themeRules(palette)}\n${written}\n${drawingStyle(".drawing svg")}\n${code}\n`;
}

/** Light by default, dark when the system prefers it, and either when the reader has chosen it. */
function themeRules(palette: Palette): string {
  const light = `color-scheme: light; ${variables("light", palette)}`;
  const dark = `color-scheme: dark; ${variables("dark", palette)}`;
  return [
    `:root { ${light} }`,
    `@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${dark} } }`,
    `:root[data-theme="dark"] { ${dark} }`,
    `@media print { :root:root { ${light} } }`,
  ].join("\n");
}

function variables(theme: Theme, palette: Palette): string {
  const own = Object.entries(paper[theme]).map(([name, colour]) =>
    `--${name}: ${colour}`
  );
  const code = [...palette.colours()].map(([name, colours]) =>
    `--${name}: ${colours[theme]}`
  );
  return [...own, ...code].join("; ");
}
