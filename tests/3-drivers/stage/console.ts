// The Guest, with a console of cardboard.
import * as assert from "uvu/assert";
import { deviceDescriptor as at } from "../../../tangled/abi/devices.ts";
import { layout } from "../../../tangled/abi/memory-map.ts";
import {
  type CardboardConsole,
  plugInConsole,
} from "../../../tangled/guest/cardboard-console.ts";
import {
  makeStandIn,
  runStandIn,
  type StandIn,
} from "../../../tangled/guest/stand-in.ts";
import { readPhys32, readPhys8 } from "../../../tangled/machine/ground/ram.ts";
import { image, labels, LONG, MEMORY } from "./guest.ts";

/** Where its queues are. */
export const INPUT = MEMORY + 0x1000, OUTPUT = MEMORY + 0x4000;

export function boot(strangers: number[] = []): [StandIn, CardboardConsole] {
  const host = makeStandIn(image, MEMORY);
  return [host, plugInConsole(host, strangers)];
}

/** Runs to the Guest's end. */
export function runToEnd(strangers: number[] = []) {
  const [host, there] = boot(strangers);
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(host.lastWords, "Power down");
  return { host, there };
}

/** Runs until the driver has opened the console. */
export function bootUntilReady(): [StandIn, CardboardConsole] {
  const [host, there] = boot();
  while (there.said === "") runStandIn(host, 100);
  return [host, there];
}

export const status = (host: StandIn, before: number) =>
  readPhys8(host.m, MEMORY + before + at.DEVICE_STATUS);

export const half = (host: StandIn, address: number) =>
  readPhys8(host.m, address) | readPhys8(host.m, address + 1) << 8;

export const variable = (host: StandIn, name: string) =>
  readPhys32(host.m, labels.get(name)! - layout.PAGE_OFFSET);
