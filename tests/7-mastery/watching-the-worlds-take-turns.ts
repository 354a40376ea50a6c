// Chapter VII: watching the worlds take turns.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls } from "../../tangled/abi/hypercalls.ts";
import {
  parseCommandLine,
  UsageError,
} from "../../tangled/command-line/options.ts";
import { guestImage } from "../../tangled/guest/image.ts";
import {
  describeCall,
  describePageFault,
  describeTrap,
} from "../../tangled/host/ground/describe.ts";
import { categories, type HostEvent } from "../../tangled/host/ground/state.ts";
import { createHostKernel } from "../../tangled/host/kernel.ts";
import { createLauncher } from "../../tangled/launcher/launch.ts";
import {
  createTracer,
  formatEvent,
  parseCategories,
} from "../../tangled/mastery/trace.ts";
import { messageOf } from "../tools.ts";
import { MB } from "../elf.ts";
import { kernel, hello, file, folder } from "./stage/kernels.ts";

const read = (path: string) => readFileSync(`tangled/${path}`, "utf8");
const image = guestImage(read);

/** The book's Guest from its first to its last tick, watched or not. */
function boot(watch?: (event: HostEvent) => void, typed = "") {
  const kernel = createHostKernel({ ramBytes: 8 << 20, read, watch });
  let said = "";
  const launcher = createLauncher(kernel, {
    megabytes: 2,
    commandLine: "",
    kernel: { name: "the book's own Guest", bytes: image },
    show: (text) => {
      said += String.fromCharCode(...text);
    },
    log: () => {},
  });
  launcher.type(new TextEncoder().encode(typed));
  for (;;) {
    const { kind } = launcher.step(1e9);
    if (kind !== "limit") return { said, kind, ticks: kernel.retired() };
  }
}

const words = suite("VII: what one may ask to see");

words("categories are named in a list, or all at once", () => {
  assert.equal([...parseCategories("traps,faults")], ["traps", "faults"]);
  assert.equal([...parseCategories("switches")], ["switches"]);
  assert.equal([...parseCategories("faults,faults")], ["faults"]);
  assert.equal([...parseCategories("all")], [...categories]);
});

words("a name that is none gets one line that says which, and which there are",
  () => {
    const line = (name: string) =>
      `--trace knows hypercalls, traps, faults, switches, interrupts, and all; not "${name}"`;
    assert.is(messageOf(() => parseCategories("traps,fualts")), line("fualts"));
    assert.is(messageOf(() => parseCategories("")), line(""));
    assert.is(messageOf(() => parseCategories("traps,all")), line("all"));
    assert.is(messageOf(() => parseCategories("traps, faults")),
      line(" faults"));
  });

words("a tracer writes what was chosen, and nothing else", () => {
  const lines: string[] = [];
  const trace = createTracer(parseCategories("faults,switches"), (line) => {
    lines.push(line);
  });
  for (const category of categories)
    trace({ tick: 5, category, world: "guest", text: category });
  assert.equal(lines.map((line) => line.split(/ +/).at(-1)), ["faults",
    "switches"]);
});

words("a line says when, who and what, in columns", () => {
  assert.is(formatEvent({
    tick: 1_234_567,
    world: "guest",
    category: "hypercalls",
    text: "HALT",
  }), "    1,234,567  guest  hypercalls  HALT");
  assert.is(
    formatEvent({ tick: 7, world: "host", category: "traps", text: "x" }),
    "            7  host   traps       x",
  );
});

words("hypercalls go by their names, with the arguments that they have", () => {
  const args = [0x1000, 2, 0xffffffff, 4];
  for (const [name, number] of Object.entries(hypercalls))
    assert.match(describeCall(number, args),
      new RegExp(`^${name.replace("LHCALL_", "")}( 0x|$)`));
  assert.is(describeCall(14, args), "SET_PTE 0x1000 0x2 0xffffffff");
  assert.is(describeCall(10, args), "HALT");
  assert.is(describeCall(17, args), "NOTIFY 0x1000");
  assert.is(describeCall(99, args), "call 99");
});

words("traps go by theirs, and page faults say who wanted what", () => {
  assert.is(describeTrap(13, 0x68, 0xc0001234),
    "protection fault (0x68) at 0xc0001234");
  assert.is(describeTrap(256, 0, 0), "the Switcher stumbled (0x0) at 0x0");
  assert.is(describeTrap(29, 0, 1), "trap 29 (0x0) at 0x1");
  assert.is(describePageFault(0xbffff000, 6, true),
    "a program would write 0xbffff000: now in the shadow");
  assert.is(describePageFault(0x10, 1, false),
    "the kernel would read 0x10: the Guest's own");
});

words.run();

const watching = suite("VII: watching the worlds take turns");

function watched(typed = "") {
  const events: HostEvent[] = [];
  return {
    ...boot((event) => {
      events.push(event);
    }, typed),
    events,
  };
}

const quiet = watched();

watching("watching changes nothing: the same words, at the same tick", () => {
  for (const typed of ["", "Eve\n"]) {
    const { events, ...life } = typed === "" ? quiet : watched(typed);
    assert.equal(life, boot(undefined, typed));
    assert.ok(events.length > 1000);
  }
});

watching("what is seen is the same each time", () => {
  assert.equal(watched().events, quiet.events);
});

watching("time goes forward, and every category turns up", () => {
  const { events } = quiet;
  events.forEach(({ tick }, n) =>
    assert.ok(n === 0 || tick >= events[n - 1].tick)
  );
  assert.equal([...new Set(events.map(({ category }) => category))].sort(),
    [...categories].sort());
});

watching("the first hypercall is LGUEST_INIT, the last is SHUTDOWN", () => {
  const calls = quiet.events.filter(({ category }) => category === "hypercalls")
    .map(({ text }) => text);
  assert.match(calls[0], /^LGUEST_INIT 0x/);
  assert.match(calls.at(-1)!, /^SHUTDOWN 0x\w+ 0x1$/);
  assert.is(calls.filter((text) => text.startsWith("LGUEST_INIT")).length, 1);
});

watching("every way back from the Guest has its reason in the log", () => {
  const { events } = quiet;
  const of = (name: string, pattern = /./) =>
    events.filter(({ category, text }) =>
      category === name && pattern.test(text)
    ).length;
  assert.is(of("switches", / by 14 /), of("faults"));
  assert.is(of("switches", / by (?!14 |31 )([12]?\d|30) /), of("traps"));
  assert.is(of("switches", / by (3[2-9]|[4-9]\d|\d{3}) /),
    of("interrupts", /^vector/));
  assert.ok(of("switches", / by 31 /) <= of("hypercalls"),
    "the ring saves some");
});

watching("a program that misbehaves is in the log, and system calls are not",
  () => {
    const { events } = quiet;
    const traps = events.filter(({ category }) => category === "traps");
    assert.ok(
      traps.some(({ text }) => /^protection fault \(0x0\) at 0x40/.test(text)),
    );
    assert.not(
      events.some(({ category, text }) =>
        category === "switches" && / by 128 /.test(text)
      ),
    );
  });

watching(
  "each interrupt that reaches the Guest is told before its handler runs",
  () => {
    const delivered = quiet.events.filter(({ text }) =>
      text.startsWith("interrupt ")
    );
    assert.ok(delivered.some(({ text }) =>
      text === "interrupt 0 goes to the Guest's gate 32"
    ));
    for (const { text, world } of delivered) {
      const [, irq, gate] = /^interrupt (\d+) goes to the Guest's gate (\d+)$/
        .exec(text)!;
      assert.equal([Number(gate) - Number(irq), world], [32, "host"]);
    }
  },
);

watching.run();

const line = suite("VII: the command line, from end to end");

/** Runs `npm run lguest -- ...` as a reader would, with nothing typed. */
function lguest(
  ...args: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["tangle/run.mjs",
      "tangled/command-line/lguest.ts", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, INIT_CWD: undefined },
    });
    let stdout = "", stderr = "";
    child.stdout.on("data", (bytes) => {
      stdout += bytes;
    });
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

line("without a word it boots the book's own Guest, and ends well",
  async () => {
    const { status, stdout, stderr } = await lguest();
    assert.equal([status, stderr], [0, ""]);
    assert.match(stdout, /^Hello from ring 1![^]*16384 KB[^]*Good night\.\n$/);
  });

line("--trace writes its log beside what the Guest says, not into it",
  async () => {
    const [plain, traced] = await Promise.all([lguest("2"),
      lguest("--trace", "hypercalls", "2")]);
    assert.is(traced!.stdout, plain!.stdout);
    assert.is(traced!.status, 0);
    const lines = traced!.stderr.trimEnd().split("\n");
    assert.match(lines[0], /^ +\d+  guest  hypercalls  LGUEST_INIT 0x\w+$/);
    assert.match(lines.at(-1)!, /  SHUTDOWN 0x\w+ 0x1$/);
    assert.ok(
      lines.every((text) =>
        /^ +[\d,]+  guest  hypercalls  [A-Z_]+( 0x\w+)*$/.test(text)
      ),
    );
  });

line("what it cannot mean is told in one line, and is no fault of the program",
  () => {
    const told: readonly [words: string[], message: string][] = [
      [["--frobnicate"], "there is no option --frobnicate; try --help"],
      [["--trace", "everything"],
        "--trace knows hypercalls, traps, faults, switches, interrupts, and all; not \"everything\""],
      [["0"], "memory in MB is a number from 1 to 1024, not \"0\""],
      [["5000"], "memory in MB is a number from 1 to 1024, not \"5000\""],
    ];
    for (const [words, message] of told)
      assert.throws(() => parseCommandLine(words),
        (error: unknown) =>
          error instanceof UsageError && error.message === message);
  });

line("everything that can be wrong is one clear line, and a status",
  async () => {
    const whole = readFileSync(kernel("whole.elf", hello));
    const told: readonly [args: string[], status: number, message: string][] = [
      [["--frobnicate"], 2, "there is no option --frobnicate; try --help"],
      [["4", "no.elf"], 1, "no.elf: there is no such file"],
      [["4", file("cut.elf", whole.subarray(0, 40))], 1,
        `${join(folder, "cut.elf")}: the file ends in the middle of its ELF header`],
      [["4", kernel("far.elf", hello, 4 * MB)], 1,
        `${join(folder, "far.elf")}: segment 0 wants 0x400000 to 0x401000, but there are only 4 MB (0x400000)`],
      [["4", kernel("rude.elf", "mov eax, 17\nint 0x1f")], 1,
        "the Guest died: hypercall 17 before LGUEST_INIT"],
      [["4", kernel("lost.elf", `${hello}mov eax, 0x70000000\njmp eax`)], 1,
        "the Guest died: bad page table entry 0x70000003"],
      [["4", kernel("trap.elf", `${hello}ud2`)], 1,
        "the Guest died: unhandled trap 6 at 0x100016 (0x0)"],
      [["--max-instructions=300000", "2", kernel("loop.elf", "jmp $")], 3,
        "stopped after 300000 instructions (--max-instructions)"],
      [["4", kernel("sleeper.elf", `${hello}mov eax, 10\nint 0x1f`)], 4,
        "the Guest sleeps and nothing can wake it"],
      [["--max-instructions=20000", "2",
        kernel("again.elf", `${hello}mov eax, 2\nmov ecx, 2\nint 0x1f`)], 3,
        "stopped after 20000 instructions (--max-instructions)"],
    ];
    const runs = await Promise.all(told.map(([args]) => lguest(...args)));
    const cat = file("cat.jpg", new Uint8Array(2000).fill(0xff));
    const { status, stdout, stderr } = await lguest("4", cat);
    assert.equal([status, stdout], [1, ""]);
    assert.match(stderr, /^lguest: .*cat.jpg: .* a 32-bit ELF kernel[^\n]*\n$/);
    told.forEach(([args, status, message], n) =>
      assert.equal(runs[n], {
        status,
        stdout: "",
        stderr: `lguest: ${message}\n`,
      }, args.join(" "))
    );
  });

line.run();
