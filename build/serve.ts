/** The woven site on a local address. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import sirv from "sirv";
import { decoded } from "./loom/links.ts";
import { wordsFor } from "../tangle/edge.mjs";

const host = "127.0.0.1";

/** Serves `folder` to this machine alone, at `port` or the next one that is free. */
export async function serve(folder: string,
  port: number): Promise<{ server: Server; address: string }>
{
  const files = sirv(folder, { etag: true, dev: true });
  const server = createServer((request, response) => {
    const missing = (): void => refuse(response, 404, "There is no such page.");
    if (decoded(request.url ?? "")?.includes("..") !== false) return missing();
    try {
      files(request, response, missing);
    } catch {
      refuse(response, 400, "That cannot be shown.");
    }
  });
  await listen(server, port);
  return {
    server,
    address: `http://localhost:${(server.address() as AddressInfo).port}/`,
  };
}

/** Says why there is no page; when a part of one was sent, the rest will not come. */
function refuse(response: ServerResponse, status: number, words: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" })
    .end(`${words}\n`);
}

/** Tries `port` and the 20 ports after it. */
async function listen(server: Server, port: number): Promise<void> {
  for (let at = port;; at += 1) {
    const error = await tryPort(server, at);
    if (!error) return;
    if (error.code !== "EADDRINUSE" || at === port + 20 || at === 65535)
      throw new Error(
        `port ${at} cannot be used: ${wordsFor(error) ?? error.message}`,
      );
  }
}

function tryPort(server: Server,
  port: number): Promise<NodeJS.ErrnoException | undefined>
{
  return new Promise((settle) => {
    const fail = (error: NodeJS.ErrnoException): void => settle(error);
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      settle(undefined);
    });
  });
}

/** The port that is asked for: `--port`, else PORT, else 8080. */
export function portFrom(option: string | undefined,
  env: NodeJS.ProcessEnv): number
{
  const wanted = option ?? env["PORT"] ?? "8080";
  const port = Number(wanted);
  if (!/^\d+$/u.test(wanted) || port > 65535)
    throw new Error(`"${wanted}" is no port: give a number from 0 to 65535`);
  return port;
}
