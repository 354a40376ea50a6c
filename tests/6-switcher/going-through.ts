// Chapter VI: real Guests on the real machine, there and back.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { Reg } from "../../tangled/abi/regs.ts";
import { guestImage } from "../../tangled/guest/image.ts";
import { reg } from "../../tangled/host/ground/guest.ts";
import type { Guest, Host } from "../../tangled/host/ground/state.ts";
import { createHostKernel } from "../../tangled/host/kernel.ts";
import { createLauncher } from "../../tangled/launcher/launch.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { readPhys32 } from "../../tangled/machine/ground/ram.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import { HostAt } from "../../tangled/switcher/world.ts";
import {
  makeGuest,
  live,
  told,
  type Subject,
  makeHost,
  visit,
  watching,
} from "./stage/guests.ts";
import {
  settleDown,
  descriptor,
  goodbye,
  gate,
  ask,
  AT,
  descend,
  tell,
} from "./stage/programs.ts";
import { PAGE, PAGES, read } from "./stage/pages.ts";

const crossing = suite("VI: there and back");

/** Calls `look` after each return of a Guest. */
function watch(host: Host, look: (guest: Guest, ticks: number) => void): void {
  const { goOn } = host;
  host.goOn = (guest, end) => {
    const back = goOn(guest, end);
    if (back && !guest.halted)
      look(guest, host.machine.time[Time.NOW] - guest.since!);
    return back;
  };
}

const REGISTERS = ["eax", "ebx", "ecx", "edx", "esi", "edi", "ebp"];

crossing(
  "no register is lost on the way, nor a flag, whatever took the Guest away",
  () => {
    const subject = makeGuest(
      [settleDown, descriptor(6, 0xffff, 0x00cff200),
        descriptor(7, 0xffff, 0x00cfb200), "push 0x33", "pop gs", "push 0x39",
        "pop fs", "push 0x7b", "pop es", "mov esp, 0x7ff0",
        ...REGISTERS.map((r, n) => `mov ${r}, ${0x11111111 * (n + 1)}`),
        "mov [0x2f000], esp", "std", "loop_on: xchg [LOG], eax", "inc eax",
        "cmp eax, 300000", "xchg [LOG], eax", "jne loop_on", "stc", "pushfd",
        "pushad", "mov eax, gs", "shl eax, 16", "mov ax, fs", "push eax",
        "mov eax, es", "push eax", "cld", "mov esi, esp", "mov edi, 0x20000",
        "push ds", "pop es", "mov ecx, 11", "rep movsd", goodbye].join("\n"),
    );
    let returns = 0;
    watch(subject.host, () => {
      returns++;
    });
    assert.is(live(subject, 4_000_000).death, "CRASH: ");
    assert.ok(returns > 20, `${returns}`);
    const words = Array.from({ length: 11 }, (_, n) =>
      subject.guest.memory.read32(0x20000 + n * 4));
    const [es, gsfs, edi, esi, ebp, esp, ebx, edx, ecx, eax, flags] = words;
    assert.equal([es, gsfs], [0x7b, 0x00330039]);
    assert.equal([eax, ebx, ecx, edx, esi, edi, ebp],
      [1, 2, 3, 4, 5, 6, 7].map((n) => 0x11111111 * n));
    assert.is(esp, 0x7fec);
    assert.is(flags, 0x647, "carry, parity, zero, interrupts, direction");
  },
);

crossing("a system call by an interrupt gate goes the long way, and arrives",
  () => {
    const source = [settleDown, gate(0x80, "called", 0xee00), "xor ebp, ebp",
      "int 0x80", tell("ebp"), goodbye, "called: add ebp, 7", "iret"];
    assert.equal(told(source.join("\n")), [7]);
  });

crossing("after each return the Host's world is what it was", () => {
  const subject = makeGuest(
    [settleDown, gate(3, "on", 0xee00), "mov ebp, 20", "on: mov esp, STACK",
      "std", ask(Call.LHCALL_FLUSH_TLB, 1), "dec ebp", "js $",
      "mov [0x20000], eax", "int3"].join("\n"),
  );
  const { machine } = subject.host;
  const segments = [0, 1, 3, 4, 5, 7].flatMap((segment) =>
    [Cpu.SELECTOR, Cpu.BASE, Cpu.LIMIT, Cpu.RIGHTS].map((word) =>
      word + segment
    )
  );
  const words = [Cpu.GDT_BASE, Cpu.GDT_LIMIT, Cpu.IDT_BASE, Cpu.IDT_LIMIT,
    Cpu.CR0, Cpu.CR3, Cpu.CR4, Cpu.CPL, Cpu.USER, Cpu.ESP, ...segments];
  const world = () => words.map((word) => machine.cpu[word] >>> 0);
  const rights = (at: number) => readPhys32(machine, at + 4) & 0xff00;
  let before: number[] | undefined, returns = 0;
  watch(subject.host, () => {
    returns++;
    before ??= world();
    assert.equal(world(), before);
    assert.equal(
      [Cpu.CR3, Cpu.GDT_BASE, Cpu.IDT_BASE].map((word) => machine.cpu[word]),
      [HostAt.DIRECTORY, HostAt.GDT, HostAt.IDT],
    );
    assert.is(machine.cpu[Cpu.ESP], HostAt.STACK_TOP);
    assert.is(machine.cpu[Cpu.FLAGS] & 0x7700, 0,
      "no interrupts, no direction, no ring but 0");
    assert.is(rights(HostAt.GDT + 0x80), 0x8b00, "the Host's task is busy");
    assert.is(rights(subject.host.switcher.state + 0x888 + 0x80), 0x8900,
      "the Guest's is not");
  });
  live(subject, 300_000);
  assert.ok(returns > 60, `${returns}`);
});

/** Fills pages with `mov ss, eax`. */
function fill({ guest }: Subject, first: number, end: number): void {
  const page = Uint8Array.from({ length: PAGE }, (_, n) => [0x8e, 0xd0][n % 2]);
  for (let n = first; n < end; n++) guest.memory.copyIn(n * PAGE, page);
}

crossing(
  "a Guest that loops for ever is interrupted by the Host's clock, whatever it loops with",
  () => {
    const loops: [string, (subject: Subject) => void][] = [
      ["jmp $", () => {}],
      [
        "xor ecx, ecx\nforever: dec ecx\nmov edi, 0x20000\nmov ecx, 0x4000\nrep stosb\njmp forever",
        () => {},
      ],
      ["mov ecx, 0xffffffff\nrep lodsb", ({ guest }) => {
        const { memory } = guest;
        for (let slot = 1; slot < 1023; slot++)
          memory.write32(AT.DIRECTORY + slot * 4, AT.TABLE | 0x67);
        for (let row = 0; row < 1024; row++)
          memory.write32(AT.TABLE + row * 4, (row % PAGES) * PAGE | 0x67);
      }],
      [`mov eax, 0x69\n${"mov ss, eax\n".repeat(10)}jmp 0x20000`, (subject) => {
        fill(subject, 0x20, 0x3f);
      }],
      ["popf_: push 0x3002\npopf\njmp popf_", () => {}],
    ];
    for (const [code, change] of loops) {
      const subject = makeGuest(
        [settleDown, gate(14, "again"), "again: mov esp, STACK", code].join(
          "\n",
        ),
      );
      change(subject);
      let longest = 0;
      watch(subject.host, (_, ticks) => {
        longest = Math.max(longest, ticks);
      });
      assert.equal(live(subject, 250_000).result, { kind: "interrupted" },
        code);
      assert.ok(longest < 101_000, `${code}: ${longest} ticks in one go`);
    }
  },
);

crossing(
  "changes of ss cannot keep the clock out, though each asks for a pause",
  () => {
    const subject = makeGuest(
      [settleDown, "mov esi, 0x20000", "touch: mov eax, [esi]", "add esi, 4096",
        "cmp esi, 0x80000", "jb touch", "mov eax, 0x69", "jmp 0x20000"].join(
          "\n",
        ),
      makeHost(),
      128,
    );
    fill(subject, 0x20, 0x80);
    let longest = 0;
    watch(subject.host, (_, ticks) => {
      longest = Math.max(longest, ticks);
    });
    live(subject, 250_000);
    assert.ok(longest > 99_000 && longest < 101_000, `${longest}`);
  },
);

crossing("int 0x80 leads from ring 3 to ring 1 and the Host never hears of it",
  () => {
    const subject = makeGuest(
      [settleDown, gate(0x80, "called", 0xef00), "mov ecx, 1000", "push 0x7b",
        "pop ds", descend("program"), "program: int 0x80", "dec ecx",
        "jnz program", "mov ecx, 0x80000000", "int 0x80",
        "called: test ecx, ecx", "js done", "inc dword [LOG]", "iret",
        "done: mov eax, cs", "shl eax, 16", "mov ax, ss", "mov ebp, eax",
        "add ebp, [LOG]", tell("ebp"), goodbye].join("\n"),
    );
    let returns = 0, last = 0;
    watch(subject.host, (guest) => {
      returns++;
      last = reg(guest, Reg.TRAPNUM);
    });
    assert.equal(live(subject).told, [0x00610069 + 1000]);
    assert.ok(returns < 30, `${returns} returns for 1000 calls`);
    assert.is(last, 31);
  });

crossing(
  "a trap onto a stack that the shadow does not have yet is an ordinary page fault",
  () => {
    const use = (page: number, flush: string) =>
      visit(
        [settleDown, gate(0x80, "called", 0xef00),
          ask(Call.LHCALL_SET_STACK, 0x69, page * PAGE, 0), flush,
          descend("program"), "program: int 0x80", "called: mov ebp, esp",
          tell("ebp"), goodbye].join("\n"),
        2_000_000,
        (_, life) => life,
      );
    for (
      const flush of ["", ask(Call.LHCALL_FLUSH_TLB, 0),
        ask(Call.LHCALL_FLUSH_TLB, 1)]
    )
      assert.equal(use(0x21, flush), {
        told: [0x21 * PAGE - 20],
        result: { kind: "error", errno: 2 },
        death: "CRASH: ",
      });
    assert.match(use(PAGES + 2, "").death!, /^(unhandled trap 14|bad address)/);
  },
);

crossing.run();

const whole = suite("VI: it runs");

function boot(step = 1e9, typed = "", slow = Infinity) {
  const events: [tick: number, text: string][] = [];
  const kernel = createHostKernel({
    ramBytes: 5 << 20,
    read,
    ...watching(({ tick, text }) => events.push([tick, text])),
  });
  let said = "", portions = 0;
  const launcher = createLauncher(kernel, {
    megabytes: 2,
    commandLine: "",
    kernel: { name: "the book's own Guest", bytes: image },
    log: () => {},
    show(text) {
      said += String.fromCharCode(...text);
      return ++portions % slow !== 0;
    },
  });
  launcher.type(new TextEncoder().encode(typed));
  for (;;) {
    const { kind } = launcher.step(step);
    if (kind !== "limit" && kind !== "output")
      return { said, kind, ticks: kernel.retired(), events };
  }
}

const image = guestImage(read);

whole("the Guest says its piece and switches itself off", () => {
  const { said, kind } = boot();
  assert.is(kind, "poweroff");
  assert.match(said,
    /^Hello from ring 1![^]*Hello from ring 3![^]*exception 0D[^]*Good night\.\n$/);
});

whole("twice the same takes the same number of ticks", () => {
  assert.equal(boot(), boot());
});

whole(
  "how often the Launcher looks in, and who reads, changes neither a word nor a tick",
  () => {
    const life = boot(1e9, "Eve\n");
    for (
      const [step, slow] of [[1e9, 1], [9973, 3], [123_457, Infinity]] as const
    )
      assert.equal(boot(step, "Eve\n", slow), life, `${step}`);
  },
);

whole.run();
