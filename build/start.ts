/** `npm start`: tangles and weaves the book, boots the Guest as a first sign of life, then serves the site. */
import { spawn, type ChildProcess } from "node:child_process";
import { book } from "../book.config.ts";
import { portFrom, serve } from "./serve.ts";
import { complain, readOptions, runTool } from "./command-line.ts";

let running: ChildProcess | undefined;

/** Runs one of the book's tools, and ends with it when it fails. */
async function step(what: string, entry: string): Promise<void> {
  console.log(`\n${what}`);
  const code = await new Promise<number>((settle) => {
    running = spawn(process.execPath, ["tangle/run.mjs", entry], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    running.once("error", () => settle(1));
    running.once("exit", (status) => settle(status ?? 130));
  });
  running = undefined;
  if (code === 0) return;
  complain(`npm start: this step failed (exit ${code}): ${what}`);
  process.exit(code);
}

async function main(): Promise<void> {
  const port = portFrom(readOptions({ port: { type: "string" } }).port,
    process.env);
  await step("Tangling: the program, out of the chapters", "tangle/main.ts");
  await step("Weaving: the book, out of the chapters", "build/main.ts");
  await step("Booting a Guest", `${book.tangled}/command-line/lguest.ts`);
  const { server, address } = await serve(book.site, port);
  console.log(`\nThe book is at ${address} (Ctrl-C ends it)`);
  const end = (): void => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.off("SIGINT", interrupt).once("SIGINT", end).once("SIGTERM", end);
}

/** Ctrl-C during a step: the step hears it too, and nothing is left running. */
function interrupt(): void {
  running?.kill("SIGTERM");
  process.exit(130);
}

process.on("SIGINT", interrupt);
await runTool("npm start", main);
