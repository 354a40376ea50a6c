// Stands between the tests and uvu: the test files import "uvu" and get this
// (run.mjs --tests). uvu runs the suites; this file makes sure that nothing
// passes unseen: every test that was registered must have run, a test that waits
// for nothing fails, and so does one that throws something other than an Error.
// The tests of several files may be there; beginPart() says whose come now.
// A test that never ends is ended by the runner (test-file.ts).
import { inspect } from "node:util";
import type { Callback, Test } from "uvu";
import { ownCpu } from "./processes.ts";

/** What a test process tells its runner. */
export type Message = {
  kind: "start" | "passed" | "failed";
  test: string;
  cpu: number;
} | { kind: "done"; skipped: number; holes: string[]; cpu: number };

interface Globals {
  UVU_DEFER?: number;
  UVU_QUEUE?: Part["queue"][];
  beginPart?: () => void;
  runSuites?: () => Promise<void>;
}

/** The tests of a file. */
interface Part {
  queue: (() => Promise<[string | true, number, number, number]>)[];
  counts: Count[];
  holes: string[];
  registered: number;
  ran: number;
  skipped: number;
}

interface Count {
  part: Part;
  suite: string;
  /** Registered since the last call of run(). */
  waiting: number;
  only: number;
}

const globals = globalThis as unknown as Globals;
globals.UVU_DEFER = 1;
const uvu = await import("uvu");
const parts: Part[] = [];
let part = newPart();
globals.beginPart = beginPart;
globals.runSuites = runSuites;

function newPart(): Part {
  const counts = { registered: 0, ran: 0, skipped: 0 };
  return { queue: [], counts: [], holes: [], ...counts };
}

/** What is registered from now on belongs to this file. */
function beginPart(): void {
  parts.push(part = newPart());
  globals.UVU_QUEUE = [part.queue];
  test = suite();
}

/** uvu's suite(), watched over. */
export function suite<T = Record<string, unknown>>(name = "",
  context?: T): Test<T>
{
  const inner = uvu.suite<T>(name, context);
  const count: Count = { part, suite: name, waiting: 0, only: 0 };
  part.counts.push(count);
  const watched = (title: string, body: Callback<T>): void =>
    inner(title, register(count, title, body));
  return Object.assign(watched, {
    before: watchHooks(inner.before, part),
    after: watchHooks(inner.after, part),
    only: (title: string, body: Callback<T>) => {
      count.only++;
      inner.only(title, register(count, title, body));
    },
    skip: (title?: string) => {
      count.part.skipped++;
      inner.skip(title);
    },
    run: () => run(count, () => inner.run()),
  });
}

/** uvu's nameless suite; each file has its own. */
export let test = suite();

/** uvu's exec(): the suites are run by the runner, when the module is loaded. */
export function exec(): Promise<void> {
  return Promise.resolve();
}

function run(count: Count, inner: () => void): void {
  const leftOut = count.only > 0 ? count.waiting - count.only : 0;
  if (leftOut > 0)
    count.part.holes.push(`${count.suite}: only() leaves ${leftOut} tests out`);
  count.part.registered -= leftOut;
  [count.waiting, count.only] = [0, 0];
  inner();
}

/** uvu forgets what a hook throws. */
function watchHooks<T>(inner: Test<T>["before"],
  { holes }: Part): Test<T>["before"]
{
  const watched = (hook: Callback<T>): Callback<T> => async (context) => {
    try {
      await unlessIdle(Promise.resolve(hook(context)));
    } catch (error) {
      holes.push(hookFailure(error));
      throw plainError(error, new Error());
    }
  };
  const each = (hook: Callback<T>): void => inner.each(watched(hook));
  return Object.assign((hook: Callback<T>) => inner(watched(hook)), { each });
}

function hookFailure(error: unknown): string {
  const { message, stack } = plainError(error, new Error());
  return `a hook fails: ${message}\n${stack?.replace(/^Error\n/, "")}`;
}

function register<T>(count: Count, title: string,
  body: Callback<T>): Callback<T>
{
  const place = new Error("registered");
  const name = count.suite === "" ? title : `${count.suite}: ${title}`;
  count.waiting++;
  count.part.registered++;
  return async (context) => {
    const say = (kind: "start" | "passed" | "failed"): Promise<void> =>
      tell({ kind, test: name, cpu: ownCpu() });
    await say("start");
    try {
      await unlessIdle(Promise.resolve(body(context)));
      await say("passed");
    } catch (thrown) {
      await say("failed");
      throw plainError(thrown, place);
    } finally {
      count.part.ran++;
    }
  };
}

/** What waits for something that can never come would end the process. */
async function unlessIdle(work: Promise<void>): Promise<void> {
  let onIdle = (): void => {};
  const idle = new Promise<never>((_, reject) => {
    onIdle = () => reject("it waits, and nothing is left that could happen");
  });
  process.once("beforeExit", onIdle);
  await Promise.race([work, idle]).finally(() =>
    process.off("beforeExit", onIdle)
  );
}

/** An Error that uvu can print, whatever was thrown. */
function plainError(thrown: unknown, place: Error): Error {
  const isReal = thrown instanceof Error && typeof thrown.stack === "string";
  const error: Error & { details?: unknown; operator?: unknown } = isReal
    ? thrown : place;
  const words = typeof thrown === "string" ? thrown
    : `thrown: ${inspect(thrown)}`;
  const plain = new Error(isReal ? thrown.message : words);
  plain.stack = `Error\n${framesOf(error)}`;
  if (typeof error.details === "string")
    Object.assign(plain, { details: error.details });
  if (typeof error.operator === "string")
    Object.assign(plain, { operator: error.operator });
  return plain;
}

/** The lines of the stack that belong to the project. */
function framesOf(error: Error): string {
  const lines = (error.stack ?? "").split("\n").filter((line) =>
    /^\s+at /.test(line)
  );
  const foreign =
    /node:internal|node_modules|\btangle\/(testing\/suite\.ts|run\.mjs)/;
  const own = lines.filter((line) => !foreign.test(line));
  return own.join("\n").replace(/file:\/\//g, "").replaceAll(
    `${process.cwd()}/`,
    "",
  );
}

async function runSuites(): Promise<void> {
  for (const each of parts) {
    for (const runTests of each.queue) {
      const [errors] = await runTests();
      if (errors !== true) process.stdout.write(`\n${errors}\n`);
    }
    const { skipped } = each, holes = findHoles(each);
    await tell({ kind: "done", skipped, holes, cpu: ownCpu() });
  }
  if (process.connected) process.disconnect();
  endSoon();
}

/** What is wrong with a file, tests that were registered and did not run above all. */
function findHoles({ counts, holes, registered, ran }: Part): string[] {
  const forgotten = counts.filter(({ waiting }) => waiting > 0);
  for (const { suite: name, waiting } of forgotten) {
    const subject = name || "the nameless suite";
    holes.push(`${subject}: run() is not called, ${waiting} tests wait for it`);
  }
  if (registered === 0) holes.push("there are no tests in this file");
  const expected = registered
    - forgotten.reduce((sum, { waiting }) => sum + waiting, 0);
  if (ran !== expected)
    holes.push(`${expected} tests were registered, but ${ran} ran`);
  return holes;
}

/** Gives late failures some time to show, but not for ever. */
function endSoon(): void {
  const timer = setTimeout(() => {
    console.error("something keeps the process alive after its tests");
    process.exit(1);
  }, 60_000);
  timer.unref();
}

/** Tells the runner, and waits until it is told. */
function tell(message: Message): Promise<void> {
  if (!process.send) return Promise.resolve();
  return new Promise((done) =>
    process.send!(message, undefined, undefined, () => done())
  );
}
