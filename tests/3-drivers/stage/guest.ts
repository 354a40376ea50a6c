// The Guest, and devices that it has no driver for.
import { readFileSync } from "node:fs";
import { assembleGuest } from "../../../tangled/guest/image.ts";

export const MEMORY = 8 << 20;

export const LONG = 1e10;

export const { bytes: image, labels } = assembleGuest((path) =>
  readFileSync(`tangled/${path}`, "utf8")
);

/** Descriptors of devices that this Guest has no driver for. */
export const dice = [4, 1, 0, 0, 0, 0, 1, 7, 0, 7, 8, 0, 0];
export const disk = [2, 1, 2, 16, 0, 0, 1, 8, 0, 10, 8, 0, 0, 4, 2, 0, 0,
  ...Array.from({ length: 16 }, (_, n) => n)];
