// What tangle/ promises. Every test has a small book of its own.
import "./tangle/notation.ts";
import "./tangle/fences.ts";
import "./tangle/errors.ts";
import "./tangle/computed.ts";
import "./tangle/tree.ts";
import "./tangle/crashes.ts";
import "./tangle/stages.ts";
import "./tangle/section-ends.ts";
import "./tangle/side-quests.ts";
import "./tangle/side-quest-tools.ts";
import "./tangle/places.ts";
import "./tangle/untangle.ts";
import "./tangle/chapters.ts";
import "./tangle/format.ts";
import "./tangle/lock.ts";
import "./tangle/tools.ts";
import "./tangle/runner.ts";
