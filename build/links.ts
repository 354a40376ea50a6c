/** Links between chapters: from Markdown's addresses to those of the site, and what is wrong with them. */
import { posix } from "node:path";
import type { Context } from "./context.ts";
import { pageFile, type Page } from "./outline.ts";

const external = /^(?:https?:|mailto:)/u;

/** The address of the link in the site, or what is wrong with it. */
export type Resolved = { href: string } | { fault: string };

/** Resolves `href` as written in the chapter of `page`. */
export function resolveLink(
  href: string,
  { page, pages, index }: Pick<Context, "page" | "pages" | "index">,
): Resolved {
  if (external.test(href)) return { href };
  if (/^[a-z][a-z0-9+.-]*:|^\//iu.test(href))
    return {
      fault: `the link "${href}" does not work everywhere: write a relative address or https://`,
    };
  const [path = "", fragment] = href.split("#", 2) as [string, string?];
  const wanted =
    path === ""
      ? page.chapter.path
      : posix.normalize(posix.join(posix.dirname(page.chapter.path), path));
  const target = pages.find(({ chapter }) => chapter.path === wanted);
  if (!target)
    return { fault: `the link "${href}" leads out of the book: no chapter is ${wanted}` };
  if (fragment !== undefined && !hasId(target, decodeURIComponent(fragment), index)) {
    return { fault: `the link "${href}" is broken: ${wanted} has no section "#${fragment}"` };
  }
  const file = target === page && fragment !== undefined ? "" : pageFile(wanted);
  return { href: fragment === undefined ? file : `${file}#${fragment}` };
}

function hasId(page: Page, id: string, index: Context["index"]): boolean {
  if (page.sections.some((section) => section.id === id)) return true;
  return page.chapter.fences.some((fence) => index.blocks.get(fence)?.id === id);
}
