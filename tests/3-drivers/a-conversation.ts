// Chapter III: somebody types.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runStandIn } from "../../tangled/guest/stand-in.ts";
import {
  boot,
  half,
  INPUT,
  OUTPUT,
  runToEnd,
  variable,
} from "./stage/console.ts";
import { LONG } from "./stage/guest.ts";

/** Runs to the end a Guest to whom somebody has typed ahead. */
function hear(keys: string) {
  const [host, there] = boot();
  there.type(keys);
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(host.lastWords, "Power down");
  return { host, there };
}

const listening = suite("listening");

listening("ends by itself when nobody types", () => {
  const { host, there } = runToEnd();
  assert.match(there.said, /Say something\? \.\.\.\n  It has grown quiet/);
  assert.ok(variable(host, "ticks") >= 500);
});

listening("repeats what was typed, and shows it while it is typed", () => {
  const { there } = hear("one\rtwo\n");
  assert.match(there.said, /Say something\? one\n  You said: one\n/);
  assert.match(there.said, /Say something\? two\n  You said: two\n/);
});

listening("is woken by a key, at any time", () => {
  const [host, there] = boot();
  while (!there.said.endsWith("Say something? ")) runStandIn(host, 1000);
  for (const key of "slow\r") {
    runStandIn(host, 123_456_789);
    there.type(key);
    runStandIn(host, 1e6);
  }
  assert.match(there.said, /Say something\? slow\n  You said: slow\n/);
});

listening("ends at once when only Enter is pressed", () => {
  const { host } = hear("\r");
  assert.ok(variable(host, "ticks") < 20);
});

listening("counts patience from the last key, not from the first", () => {
  const [host, there] = boot();
  while (!there.said.endsWith("Say something? ")) runStandIn(host, 1000);
  for (const key of "abc\r") {
    runStandIn(host, 400e6);
    there.type(key);
  }
  assert.is(runStandIn(host, LONG), "dead");
  assert.match(there.said, /You said: abc\n/);
});

listening("loses no key of a long text, whoever has to wait", () => {
  const text = Array.from({ length: 40 }, (_, n) => `line ${n} of a novel`);
  const { there } = hear(text.map((line) => `${line}\r`).join(""));
  for (const line of text)
    assert.ok(there.said.includes(`You said: ${line}\n`));
});

listening("splits a line that is too long, and loses none of it", () => {
  const { there } = hear("x".repeat(150) + "\r");
  const said = [...there.said.matchAll(/You said: (x+)/g)].map(([, x]) => x!);
  assert.equal(said.map((x) => x.length), [60, 60, 30]);
});

listening("goes round the rings many times", () => {
  const lines = Array.from({ length: 300 }, (_, n) => `${n}`);
  const { host, there } = hear(lines.map((line) => `${line}\r`).join(""));
  assert.ok(half(host, OUTPUT + 4096 + 2) > 5 * 256);
  assert.ok(half(host, INPUT + 4096 + 2) > 8);
  for (const line of lines)
    assert.ok(there.said.includes(`You said: ${line}\n`));
});

listening("goes past the end of a 16-bit index", () => {
  const [host, there] = boot();
  there.type("y".repeat(59) + "\r");
  let posted = 0;
  for (let outcome = ""; posted < 66_000 && outcome !== "dead";) {
    outcome = runStandIn(host, 1e6);
    posted = (posted & ~0xffff) + half(host, OUTPUT + 4096 + 2)
      + (half(host, OUTPUT + 4096 + 2) < (posted & 0xffff) ? 65_536 : 0);
    if (posted < 66_000) there.type("y".repeat(59) + "\r");
  }
  assert.is(runStandIn(host, LONG), "dead");
  assert.ok(posted >= 66_000);
  assert.match(there.said, /Good night\.\n$/);
});

listening.run();
