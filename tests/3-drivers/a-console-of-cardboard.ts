// Chapter III: the Guest's driver, and a console of cardboard.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  deviceDescriptor as at,
  deviceStatus,
  virtqueue,
} from "../../tangled/abi/devices.ts";
import { layout } from "../../tangled/abi/memory-map.ts";
import { lguestData } from "../../tangled/abi/lguest-data.ts";
import {
  type CardboardConsole,
  plugInConsole,
} from "../../tangled/guest/cardboard-console.ts";
import {
  makeStandIn,
  runStandIn,
  type StandIn,
} from "../../tangled/guest/stand-in.ts";
import {
  copyFromPhys,
  copyToPhys,
  readPhys32,
  readPhys8,
  writePhys8,
} from "../../tangled/machine/ground/ram.ts";
import { MEMORY, image, LONG, labels, dice } from "./stage/guest.ts";

const INPUT = MEMORY + 0x1000, OUTPUT = MEMORY + 0x4000;

const disk = [2, 1, 2, 16, 0, 0, 1, 8, 0, 10, 8, 0, 0, 4, 2, 0, 0,
  ...Array.from({ length: 16 }, (_, n) => n)];

function boot(strangers: number[] = []): [StandIn, CardboardConsole] {
  const host = makeStandIn(image, MEMORY);
  return [host, plugInConsole(host, strangers)];
}

function runToEnd(strangers: number[] = [], keys = "") {
  const [host, there] = boot(strangers);
  if (keys !== "") there.type(keys);
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(host.lastWords, "Power down");
  return { host, there };
}

/** Runs until the driver has opened the console. */
function bootUntilReady(): [StandIn, CardboardConsole] {
  const [host, there] = boot();
  while (there.said === "") runStandIn(host, 100);
  return [host, there];
}

const status = (host: StandIn, before: number) =>
  readPhys8(host.m, MEMORY + before + at.DEVICE_STATUS);

const half = (host: StandIn, address: number) =>
  readPhys8(host.m, address) | readPhys8(host.m, address + 1) << 8;

const variable = (host: StandIn, name: string) =>
  readPhys32(host.m, labels.get(name)! - layout.PAGE_OFFSET);

const looking = suite("looking for devices");

looking("finds the console, and speaks through it from then on", () => {
  const { host, there } = runToEnd();
  assert.is(host.said, "Hello from ring 1! Not a privilege in sight.\n");
  assert.match(there.said, /^I found a console! Its queues hold 256 /);
  assert.match(there.said, /Good night\.\n$/);
});

looking("finds it behind devices of any shape that it does not know", () => {
  for (
    const strangers of [dice, disk, [...dice, ...disk], [...disk, ...dice]]
  ) {
    const { host, there } = runToEnd(strangers);
    assert.is(status(host, strangers.length), 7);
    assert.match(there.said, /Good night\.\n$/);
  }
});

looking("names each stranger, and touches none", () => {
  const strangers = [...dice, ...disk];
  const { host } = runToEnd(strangers);
  assert.match(host.said, /device of type 4\. [^]*device of type 2\. /);
  const after = [...copyFromPhys(host.m, MEMORY, strangers.length)];
  assert.equal(after, strangers);
});

looking("maps the pages of its devices, and none beyond", () => {
  const { host } = runToEnd();
  const table = labels.get("device_table")! - layout.PAGE_OFFSET;
  const entries = Array.from({ length: 1024 },
    (_, n) => readPhys32(host.m, table + 4 * n) & ~0x060);
  assert.equal(entries.slice(0, 7),
    [0, 1, 2, 3, 4, 5, 6].map((n) => MEMORY + 4096 * n | 3));
  assert.ok(entries.slice(7).every((entry) => entry === 0));
});

looking.run();

const ceremony = suite("the ceremony");

ceremony("tells of a reset, then of final features, and no more", () => {
  const { host, there } = runToEnd();
  assert.equal(there.statuses, [0, 3]);
  assert.is(status(host, 0), 7, "DRIVER_OK is set in silence");
});

ceremony("touches no queue before the features are final", () => {
  const [host, there] = boot();
  while (there.statuses.length < 2) {
    runStandIn(host, 10);
    if (there.statuses.length > 1) break;
    assert.is(half(host, INPUT + 4096 + 2), 0);
    assert.is(half(host, OUTPUT + 4096 + 2), 0);
  }
});

ceremony("accepts no feature, and clears what another accepted", () => {
  const host = makeStandIn(image, MEMORY);
  const offered = [0xff, 0x0f, 0x80], stale = [0x11, 0x22, 0x33];
  const there = plugInConsole(host);
  const plain = [...copyFromPhys(host.m, MEMORY, 21)];
  plain[at.DEVICE_FEATURE_LEN] = 3;
  copyToPhys(host.m, MEMORY, Uint8Array.from([...plain, ...offered, ...stale]));
  assert.is(runStandIn(host, LONG), "dead");
  assert.equal([...copyFromPhys(host.m, MEMORY + 21, 6)], [...offered, 0, 0,
    0]);
  assert.equal(there.statuses, [0, 3]);
});

ceremony("gives up on a console with one queue, and says so", () => {
  const host = makeStandIn(image, MEMORY);
  const there = plugInConsole(host);
  const one = copyFromPhys(host.m, MEMORY, 21);
  one[at.DEVICE_NUM_VQ] = 1;
  one.fill(0, 13);
  copyToPhys(host.m, MEMORY, one);
  assert.is(runStandIn(host, LONG), "dead");
  const { VIRTIO_STATUS_ACKNOWLEDGE, VIRTIO_STATUS_FAILED } = deviceStatus;
  assert.equal(there.statuses, [0,
    VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_FAILED]);
  assert.match(host.said, /Good night\.\n$/);
});

ceremony("is held once: a second console stays asleep", () => {
  const [host, there] = boot();
  const first = [...copyFromPhys(host.m, MEMORY, 21)];
  copyToPhys(host.m, MEMORY, Uint8Array.from([...first, ...first]));
  assert.is(runStandIn(host, LONG), "dead");
  assert.is(status(host, 21), 0);
  assert.match(there.said, /Good night\.\n$/);
});

ceremony.run();

const speaking = suite("speaking");

speaking("hands over the text itself, with its length, to be read", () => {
  const [host] = bootUntilReady();
  const [where, , size, flags] = [0, 4, 8, 12].map((n) =>
    readPhys32(host.m, OUTPUT + n)
  );
  const text = String.fromCharCode(...copyFromPhys(host.m, where!, size!));
  assert.is(text, "I found a console! Its queues hold ");
  assert.is(flags, 0);
});

speaking("wants no interrupt from the output queue", () => {
  const { host } = runToEnd();
  assert.is(half(host, OUTPUT + 4096), virtqueue.VRING_AVAIL_F_NO_INTERRUPT);
  const blocked = readPhys32(host.m,
    host.data + lguestData.LGUEST_DATA_BLOCKED_INTERRUPTS);
  assert.is(blocked, 0xfffffffc, "the clock and the keys, and nothing else");
});

speaking("waits for the device to be done, and does not knock again", () => {
  const [host, there] = boot();
  const answer = host.notify;
  let kicks = 0;
  host.notify = (address) => address === OUTPUT ? ++kicks > 0 : answer(address);
  assert.is(runStandIn(host, 1e6), "limit");
  assert.is(there.said, "");
  assert.is(kicks, 1);
  host.notify = answer;
  answer(OUTPUT);
  assert.is(runStandIn(host, LONG), "dead");
  assert.match(there.said, /^I found a console/);
});

speaking("does not knock while there is a sign on the door", () => {
  const [host, there] = boot();
  const answer = host.notify;
  let kicks = 0;
  host.notify = (address) => {
    if (address === OUTPUT) kicks++;
    return answer(address);
  };
  while (there.statuses.length < 2) runStandIn(host, 100);
  writePhys8(host.m, OUTPUT + 8192, virtqueue.VRING_USED_F_NO_NOTIFY);
  const before = kicks;
  while (runStandIn(host, 1000) !== "dead") answer(OUTPUT);
  assert.is(kicks, before);
  assert.match(there.said, /Good night\.\n$/);
});

speaking.run();

const listening = suite("listening");

listening("offers one empty buffer, for the device to write", () => {
  const [host] = bootUntilReady();
  assert.is(half(host, INPUT + 4096 + 2), 1);
  assert.is(readPhys32(host.m, INPUT),
    labels.get("input_buffer")! - layout.PAGE_OFFSET);
  assert.equal([readPhys32(host.m, INPUT + 8), half(host, INPUT + 12)], [128,
    virtqueue.VRING_DESC_F_WRITE]);
});

listening("ends by itself when nobody types", () => {
  const { host, there } = runToEnd();
  assert.match(there.said, /Say something\? \.\.\.\n  It has grown quiet/);
  assert.ok(variable(host, "ticks") >= 500);
});

listening("repeats what was typed, and shows it while it is typed", () => {
  const { there } = runToEnd([], "one\rtwo\n");
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
  const { host } = runToEnd([], "\r");
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
  const { there } = runToEnd([], text.map((line) => `${line}\r`).join(""));
  for (const line of text)
    assert.ok(there.said.includes(`You said: ${line}\n`));
});

listening("splits a line that is too long, and loses none of it", () => {
  const { there } = runToEnd([], "x".repeat(150) + "\r");
  const said = [...there.said.matchAll(/You said: (x+)/g)].map(([, x]) => x!);
  assert.equal(said.map((x) => x.length), [60, 60, 30]);
});

listening("shrugs at an interrupt that brings nothing", () => {
  const [host, there] = boot();
  while (runStandIn(host, 50_000) !== "dead") host.pending |= 1 << 1;
  assert.match(there.said, /Good night\.\n$/);
});

listening("goes round the rings many times", () => {
  const lines = Array.from({ length: 300 }, (_, n) => `${n}`);
  const { host, there } = runToEnd([],
    lines.map((line) => `${line}\r`).join(""));
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
