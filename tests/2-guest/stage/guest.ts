// The Guest's source, and where its labels are.
import { readFileSync } from "node:fs";
import { layout } from "../../../tangled/abi/memory-map.ts";
import { assembleGuest } from "../../../tangled/guest/image.ts";

export const source = readFileSync("tangled/guest/kernel.asm", "utf8");

export const { labels } = assembleGuest(() => source);
export const address = (name: string): number => labels.get(name)!;
export const physical = (name: string): number =>
  address(name) - layout.PAGE_OFFSET;
