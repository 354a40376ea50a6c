/** Ways into the book, and how long they take. */
import {
  measure,
  minutesFor,
  wordsBetween,
} from "../../tangle/road/measure.ts";
import type { Page } from "./outline.ts";
import { inMinutes } from "./reading-time.ts";

/** A stop of the armchair's journey. */
export interface Stop {
  page: Page;
  /** The id of its section; undefined: the opening of the chapter. */
  id: string | undefined;
  title: string;
  words: number;
}

/** Minutes for all words and code of some pages. */
export const minutesOf = (pages: readonly Page[]): number =>
  pages.reduce((sum, { chapter }) => sum + measure(chapter).minutes, 0);

/** What one may read without a keyboard: how each chapter opens, the landings of the long stair, the verse, the farewell. */
const readable = /landing|ballad|farewell/iu;

/** The stops of the armchair's journey, in the order of the road. */
export function armchair(road: readonly Page[]): Stop[] {
  return road.flatMap((page) => {
    const sections = page.sections.filter(({ level }) => level === 2);
    const end = (index: number): number =>
      (sections[index + 1]?.line ?? Infinity) - 1;
    const opening = {
      page,
      id: undefined,
      title: page.chapter.title,
      words: wordsBetween(page.chapter, 1, end(-1)),
    };
    const stops = sections.flatMap(({ id, title, line }, index) =>
      readable.test(title)
        ? [{
          page,
          id,
          title,
          words: wordsBetween(page.chapter, line, end(index)),
        }]
        : []
    );
    return [opening, ...stops];
  });
}

/** "about 7 hours", or "about 25 minutes". */
export const roughly = (minutes: number): string =>
  minutes >= 90 ? `about ${Math.round(minutes / 60)} hours`
    : inMinutes(minutes);

/** How long the armchair's journey takes, in minutes. */
export const armchairMinutes = (stops: readonly Stop[]): number =>
  minutesFor(stops.reduce((sum, { words }) => sum + words, 0));
