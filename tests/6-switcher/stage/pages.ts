// What a Guest and a book are made of.
import { readFileSync } from "node:fs";

export const PAGE = 4096, PAGES = 64;
export const read = (path: string) => readFileSync(`tangled/${path}`, "utf8");

export const WITH_CODE = [8, 10, 11, 12, 13, 14, 17];
