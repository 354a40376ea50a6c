/** Links between chapters: from Markdown's addresses to those of the site, and what is wrong with them. */
import { posix } from "node:path";
import type { Loom } from "./loom.ts";
import type { Page } from "../structure/outline.ts";
import { linkTo } from "../text/addresses.ts";

const external = /^(?:https?:|mailto:)/u;

/** The address of the link in the site, or what is wrong with it. */
export type Resolved = { href: string } | { fault: string };

/** Resolves `href` as written in the chapter of `page`. */
export function resolveLink(href: string,
  { page, pages, index }: Pick<Loom, "page" | "pages" | "index">): Resolved
{
  if (external.test(href)) return { href };
  if (/^[a-z][a-z0-9+.-]*:|^\//iu.test(href))
    return {
      fault:
        `the link "${href}" does not work everywhere: write a relative address or https://`,
    };
  const [, path = "", fragment] = /^([^#]*)(?:#(.*))?$/su.exec(href) ?? [];
  const wanted = path === ""
    ? page.chapter.path
    : posix.normalize(posix.join(posix.dirname(page.chapter.path), path));
  const target = pages.find(({ chapter }) => chapter.path === wanted);
  if (!target)
    return {
      fault:
        `the link "${href}" leads out of the book: no chapter is ${wanted}`,
    };
  const id = fragment === undefined ? undefined : decoded(fragment);
  if (fragment !== undefined && id === undefined)
    return {
      fault:
        `the link "${href}" is broken: a % in it stands for no character; for the sign itself write %25`,
    };
  if (id !== undefined && !hasId(target, id, index)) {
    return {
      fault:
        `the link "${href}" is broken: ${wanted} has no section "#${fragment}"`,
    };
  }
  const address = target.file + (fragment === undefined ? "" : `#${fragment}`);
  return { href: linkTo(address, page.file) };
}

/** The text that a part of an address stands for; undefined when it stands for none. */
export function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function hasId(page: Page, id: string, index: Loom["index"]): boolean {
  if (page.sections.some((section) => section.id === id)) return true;
  return page.chapter.fences.some((fence) =>
    index.blocks.get(fence)?.id === id
  );
}
