/** How long a page takes, in words. */
import { measure } from "../../tangle/road/measure.ts";
import type { Page } from "./outline.ts";

/** "about 25 minutes: 2,100 words, 397 lines of code" */
export function readingTime(page: Page): string {
  const { words, lines } = measure(page.chapter);
  const code = lines === 0 ? []
    : [`${grouped(lines)} ${lines === 1 ? "line" : "lines"} of code`];
  return `${shortTime(page)}: ${[`${grouped(rounded(words))} words`, ...code].join(", ")}`;
}

/** "about 25 minutes" */
export const shortTime = ({ chapter }: Page): string =>
  inMinutes(measure(chapter).minutes);

/** To five minutes: nobody reads by the clock. */
export const inMinutes = (minutes: number): string =>
  `about ${Math.max(5, Math.round(minutes / 5) * 5)} minutes`;

/** To two digits: nobody counts words. */
function rounded(words: number): number {
  const step = words < 1000 ? 10 : 100;
  return Math.max(1, Math.round(words / step)) * step;
}

/** With a comma between thousands. */
const grouped = (count: number): string =>
  String(count).replace(/\B(?=(\d{3})+$)/gu, ",");
