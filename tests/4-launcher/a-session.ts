// Chapter IV: sessions with a Guest.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endingOf } from "../../tangled/launcher/session.ts";
import {
  cardboard,
  starts,
  room,
  sleeps,
  restarts,
  prints,
  powersOff,
  launch,
} from "./stage/cardboard.ts";
import { INPUT, type Act } from "./stage/queues.ts";
import { session } from "./stage/session.ts";
import { text } from "./stage/files.ts";

const sessions = suite("IV: sessions");

sessions("every way to end has its status", () => {
  assert.equal(endingOf({ kind: "poweroff" }), { status: 0 });
  assert.equal(endingOf({ kind: "poweroff", words: "so long" }), {
    status: 0,
    message: "its last words: so long",
  });
  assert.equal(endingOf({ kind: "killed", reason: "CRASH: oh" }), {
    status: 1,
    message: "the Guest died: CRASH: oh",
  });
  for (const kind of ["limit", "output", "asleep", "restarted"] as const)
    assert.is(endingOf({ kind }), undefined);
});

sessions("a Guest is driven through sleep and restart to its end", async () => {
  const host = cardboard([starts, room(INPUT, 0, 9), sleeps, restarts], [starts,
    prints("bye"), ...powersOff]);
  const { launcher, screen } = launch(host);
  assert.equal(await session(host, launcher, Infinity, "", "reboot\n"), {
    status: 0,
  });
  assert.is(screen(), "bye");
  assert.is(text(host.memories[0].copyOut(0x9000, 7)), "reboot\n");
});

sessions(
  "input that was there before the boot is typed before the first instruction",
  async () => {
    const host = cardboard([starts, room(INPUT, 0, 9), ...powersOff]);
    assert.equal(await session(host, launch(host).launcher, Infinity, "ls\n"), {
      status: 0,
    });
    assert.is(text(host.memories[0].copyOut(0x9000, 3)), "ls\n");
  },
);

sessions("a Guest that nothing can wake is not waited for", async () => {
  const host = cardboard([]);
  assert.equal(await session(host, launch(host).launcher), {
    status: 4,
    message: "the Guest sleeps and nothing can wake it",
  });
});

sessions("--max-instructions stops exactly there", async () => {
  const host = cardboard(
    Array.from({ length: 5000 }, () => (() => 0x3000) as Act),
  );
  const ending = await session(host, launch(host).launcher, 1_234_567);
  assert.equal(ending, {
    status: 3,
    message: "stopped after 1234567 instructions (--max-instructions)",
  });
  assert.is(host.retired(), 1_234_567);
});

sessions.run();
