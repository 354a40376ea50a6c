// Stands between the tests and uvu: the test files import "uvu" and get this
// (run.mjs --tests). uvu runs the suites; this file makes sure that nothing
// passes unseen: every test that was registered must have run, a test that
// never ends fails, and so does one that throws something other than an Error.
import { inspect } from "node:util";
import type { Callback, Test } from "uvu";

/** What a test process tells its runner. */
export type Message =
  | { kind: "start" | "passed" | "failed"; test: string }
  | { kind: "done"; skipped: number; holes: string[] };

interface Globals {
  UVU_DEFER?: number;
  UVU_QUEUE?: (() => Promise<[string | true, number, number, number]>)[][];
  runSuites?: () => Promise<void>;
}

interface Count {
  suite: string;
  /** Registered since the last call of run(). */
  waiting: number;
  only: number;
}

const globals = globalThis as unknown as Globals;
globals.UVU_DEFER = 1;
const uvu = await import("uvu");
const queue = [] as NonNullable<Globals["UVU_QUEUE"]>[number];
globals.UVU_QUEUE = [queue];
globals.runSuites = runSuites;

const limit = Number(process.env["QUEST_TEST_SECONDS"] ?? 60) * 1000;
const counts: Count[] = [];
const holes: string[] = [];
let [registered, ran, skipped] = [0, 0, 0];

/** uvu's suite(), watched over. */
export function suite<T = Record<string, unknown>>(name = "", context?: T): Test<T> {
  const inner = uvu.suite<T>(name, context);
  const count: Count = { suite: name, waiting: 0, only: 0 };
  counts.push(count);
  const test = (title: string, body: Callback<T>): void => inner(title, register(count, title, body));
  return Object.assign(test, {
    before: inner.before,
    after: inner.after,
    only: (title: string, body: Callback<T>) => {
      count.only++;
      inner.only(title, register(count, title, body));
    },
    skip: (title?: string) => {
      skipped++;
      inner.skip(title);
    },
    run: () => run(count, () => inner.run()),
  });
}

/** uvu's nameless suite. */
export const test = suite();

/** uvu's exec(): the suites are run by the runner, when the module is loaded. */
export function exec(): Promise<void> {
  return Promise.resolve();
}

function run(count: Count, inner: () => void): void {
  if (count.only > 0) holes.push(`${count.suite}: only() leaves ${count.waiting - count.only} tests out`);
  registered -= count.only > 0 ? count.waiting - count.only : 0;
  [count.waiting, count.only] = [0, 0];
  inner();
}

function register<T>(count: Count, title: string, body: Callback<T>): Callback<T> {
  const place = new Error("registered");
  const name = count.suite === "" ? title : `${count.suite}: ${title}`;
  count.waiting++;
  registered++;
  return async (context) => {
    await tell({ kind: "start", test: name });
    try {
      await withinLimit(Promise.resolve(body(context)));
      await tell({ kind: "passed", test: name });
    } catch (thrown) {
      await tell({ kind: "failed", test: name });
      throw plainError(thrown, place);
    } finally {
      ran++;
    }
  };
}

/** Its timer also keeps the process alive while the test waits for nothing. */
async function withinLimit(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(`it does not end within ${limit / 1000} seconds`), limit);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** An Error that uvu can print, whatever was thrown. */
function plainError(thrown: unknown, place: Error): Error {
  const real = thrown instanceof Error && typeof thrown.stack === "string";
  const message = real ? thrown.message : typeof thrown === "string" ? thrown : `thrown: ${inspect(thrown)}`;
  const frames = framesOf(real ? thrown : place);
  const { details, operator } = (real ? thrown : {}) as { details?: string; operator?: string };
  return Object.assign(new Error(message), {
    stack: `Error\n${frames}`,
    ...(typeof details === "string" ? { details } : {}), ...(typeof operator === "string" ? { operator } : {}),
  });
}

/** The lines of the stack that belong to the project. */
function framesOf(error: Error): string {
  const lines = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const own = lines.filter((line) => !/node:internal|node_modules|\btangle\/(suite\.ts|run\.mjs)/.test(line));
  return own.join("\n").replace(/file:\/\//g, "").replaceAll(`${process.cwd()}/`, "");
}

async function runSuites(): Promise<void> {
  for (const each of queue) await runSuite(each);
  for (const { suite: name, waiting } of counts) {
    if (waiting > 0) holes.push(`${name || "the nameless suite"}: run() is not called, ${waiting} tests wait for it`);
  }
  if (registered === 0) holes.push("there are no tests in this file");
  const forgotten = counts.reduce((sum, { waiting }) => sum + waiting, 0);
  if (ran !== registered - forgotten) holes.push(`${registered - forgotten} tests were registered, but ${ran} ran`);
  await tell({ kind: "done", skipped, holes });
  if (process.connected) process.disconnect();
  setTimeout(() => {
    console.error("something keeps the process alive after its tests");
    process.exit(1);
  }, 5000).unref();
}

async function runSuite(runTests: (typeof queue)[number]): Promise<void> {
  try {
    const [errors] = await runTests();
    if (errors !== true) process.stdout.write(`\n${errors}\n`);
  } catch (error) {
    const { message, stack } = plainError(error, new Error());
    holes.push(`a hook fails: ${message}\n${stack?.replace(/^Error\n/, "")}`);
  }
}

/** Tells the runner, and waits until it is told. */
function tell(message: Message): Promise<void> {
  if (!process.send) return Promise.resolve();
  return new Promise((done) => process.send!(message, undefined, undefined, () => done()));
}
