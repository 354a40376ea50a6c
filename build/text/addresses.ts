/** Addresses in the site: "side-quests/sixteen-bits.html#change", from the folder of the cover. */
import { posix } from "node:path";

/** The link that leads from the page `here` to an address; it works over the net and from a file. */
export function linkTo(address: string, here: string): string {
  const [file = "", ...rest] = address.split("#");
  const fragment = rest.map((part) => `#${part}`).join("");
  if (file === here && fragment !== "") return fragment;
  return posix.relative(posix.dirname(here), file) + fragment;
}
