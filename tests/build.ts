// What the woven book, the terminal edition and the drawings promise.
import "./build/pages.ts";
import "./build/side-quests.ts";
import "./build/ids.ts";
import "./build/faults.ts";
import "./build/writing.ts";
import "./build/terminal.ts";
import "./build/colours.ts";
import "./build/drawings.ts";
import "./build/serving.ts";
