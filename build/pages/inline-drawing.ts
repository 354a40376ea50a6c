/** Drawings, taken from their files into a page. */

/** The drawing with the ids of its parts made its own, below `id`: no other thing on the page has them. */
export function withOwnIds(svg: string, id: string): string {
  return svg
    .replace(/(\sid=["'])/gu, `$1${id}.`)
    .replace(/(url\(["']?#|href=["']#)/gu, `$1${id}.`);
}

/** The drawing as part of a page: without its own colours; `label` is the attribute that names it. */
export function inlineDrawing(svg: string, label: string): string {
  return svg
    .replace(/<\?xml[^>]*\?>\s*/u, "")
    .replace(/<!--[\s\S]*?-->\s*/gu, "")
    .replace(/<style>[\s\S]*?<\/style>\s*/gu, "")
    .replace(/<title>[\s\S]*?<\/title>\s*/u, "")
    .replace(/<svg ([^>]*)>/u,
      (_, attributes: string) =>
        `<svg ${cleaned(attributes)} role="img" ${label}>`)
    .trim();
}

function cleaned(attributes: string): string {
  return attributes.replace(/\s*\b(role|xmlns)="[^"]*"/gu, "").trim();
}
