// A terminal with somebody who types.
import type { HostKernel } from "../../../tangled/abi/dev-lguest.ts";
import type { Launcher } from "../../../tangled/launcher/launch.ts";
import { drive } from "../../../tangled/launcher/session.ts";
import { bytesOf } from "./files.ts";

/** Drives `launcher` with a terminal that types `lines`. */
export function session(host: HostKernel, launcher: Launcher, limit = Infinity,
  ...lines: string[])
{
  return drive(launcher, () => host.retired(), {
    typed: () => bytesOf(lines.shift() ?? ""),
    more: async () => lines.length > 0 ? bytesOf(lines.shift()!) : undefined,
    settle: async () => {},
  }, limit);
}
