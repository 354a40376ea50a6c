// Chapter VI: locked doors, and those who stumble over them.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { assembleSwitcher } from "../../tangled/switcher/image.ts";
import { attempt, leadTo } from "./stage/attempts.ts";
import { visit } from "./stage/guests.ts";
import { read } from "./stage/pages.ts";
import {
  descend,
  settleDown,
  gate,
  AT,
  ask,
  descriptor,
} from "./stage/programs.ts";

const deathOf = (source: string) =>
  visit(source, 2_000_000, (_, life) => life.death);

const doors = suite("VI: locked doors");

doors("what only ring 0 may do, nobody out here can", () => {
  const nowhere = ["lgdt", "lidt"].map((name) => `${name} [0xfffffff0]`);
  const privileged = ["lgdt [0x5000]", "lidt [0x5000]", "mov eax, 0x80\nltr ax",
    ...nowhere, "hlt", "sti",
    ...[0, 2, 3, 4].flatMap((n) => [`mov eax, cr${n}`, `mov cr${n}, eax`])];
  for (const ring of [1, 3] as const)
    leadTo(ring, privileged.map((code) => [code, "13 (0)"]));
  const habits = ["cli", "in al, 0x60", "in eax, dx", "out 0x80, al",
    "out dx, ax"];
  leadTo(1, habits.map((code) => [code, "lived"]));
  leadTo(3, habits.map((code) => [code, "13 (0)"]));
});

doors(
  "knocking with int is allowed where the Guest allows it, and else tells the door's number",
  () => {
    const every = (ring: 1 | 3) =>
      [...Array(256).keys()].map((v) => {
        const opens = v === 0x80 || (v === 31 && ring === 1);
        const result = opens ? "lived"
          : v === 3 ? "3" : `13 (${(v * 8 + 2).toString(16)})`;
        return [`xor eax, eax\nint ${v}`, result] as const;
      });
    for (const ring of [1, 3] as const) leadTo(ring, every(ring));
  },
);

doors(
  "programs cannot make hypercalls, nor system calls that their kernel does not have",
  () => {
    leadTo(3, [["mov eax, 2\nint 0x1f", "13 (fa)"]]);
    const refuse = (rights: number) =>
      attempt(3, ["int 0x80"], gate(0x80, "trap_128", rights));
    assert.equal(refuse(0x8f00).slice(0, 1), ["13 (402)"]);
    assert.equal(refuse(0).slice(0, 1), ["13 (402)"]);
  },
);

doors("the Host's segments are nobody's, by whatever name", () => {
  const data = ["ds", "es", "fs", "gs"].flatMap((segment) =>
    [[0x58, 58], [0x59, 58], [0x5b, 58], [0x80, 80], [0x50, 50]].map((
      [selector, code],
    ) => [`mov eax, ${selector}\nmov ${segment}, eax`, `13 (${code})`] as const)
  );
  const jumps = [0x50, 0x53, 0x58, 0x80, 0xf8, 0x100].flatMap((selector) => {
    const result = `13 (${(selector & ~3).toString(16)})`;
    return [`jmp ${selector}:0xffc00000`, `call ${selector}:0xffc00000`,
      `push 0x69\npush STACK\npush 0x202\npush ${selector}\npush 0xffc00000\niret`]
      .map((code) => [code, result] as const);
  });
  for (const ring of [1, 3] as const)
    leadTo(ring, [...data, ...jumps, ["mov eax, 0x58\nmov ss, eax", "13 (58)"],
      ["mov eax, 0\nmov ss, eax", "13 (0)"], ["jmp 0:0", "13 (0)"], [
      "jmp 0x64:0",
      "13 (64)",
    ]]);
});

doors("nobody returns inward", () => {
  const frame = (cs: number, ss: number) =>
    `push ${ss}\npush STACK\npush 0x202\npush ${cs}\npush 0x5000\niret`;
  leadTo(1, [
    [frame(0x60, 0x68), "13 (60)"],
    [frame(0x62, 0x6a), "13 (60)"],
    [frame(0x70, 0x78), "13 (70)"],
    [frame(0x73, 0x58), "13 (58)"],
    [frame(0x73, 0x69), "13 (68)"],
  ]);
  leadTo(3, [
    [frame(0x61, 0x69), "13 (60)"],
    [frame(0x60, 0x68), "13 (60)"],
    [frame(0x71, 0x79), "13 (70)"],
  ]);
});

doors("no flag that matters can be had by popf or iret", () => {
  const check =
    "pushfd\npop eax\nand eax, 0x23200\ncmp eax, 0x200\nje .same\nud2\n.same:";
  const values = [0x2, 0x3002, 0x3202, 0x20002, 0xffffbeff];
  for (const ring of [1, 3] as const) {
    const [cs, ss] = ring === 1 ? [0x61, 0x69] : [0x73, 0x7b];
    leadTo(ring, values.flatMap((flags) =>
      [
        [`push ${flags}\npopfd\n${check}`, "lived"],
        [
          `mov ebx, esp\npush ${ss}\npush ebx\npush ${flags}\npush ${cs}\npush .here\niret\n.here: ${check}`,
          "lived",
        ],
        [`push ${flags}\npopfd\nsti`, "13 (0)"],
      ] as const
    ));
  }
});

doors(
  "ring 1 may look at the Switcher's pages and write to its own registers, ring 3 may nothing",
  () => {
    const [code, a, b, none] = [0xffc00000, 0xffc01ffc, 0xffc02000, 0xffc03000];
    leadTo(1, [
      [`mov eax, [${code}]`, "lived"],
      [`mov [${code}], eax`, "14 (3)"],
      [`mov eax, [${a}]`, "lived"],
      [`mov [${a}], eax`, "lived"],
      [`mov eax, [${b}]`, "lived"],
      [`mov [${b}], eax`, "14 (3)"],
      [`mov eax, [${none}]`, "14 (0)"],
      [`mov [${none}], eax`, "14 (2)"],
      ["mov eax, [0xfffffffe]", "14 (0)"],
      ["mov edi, 0xffc01000\nmov ecx, 1024\nrep stosd", "lived"],
      ["mov dword [0xffc01ffe], 0", "14 (3)"],
      ["inc dword [0xffc02888]", "14 (3)"],
    ]);
    const program = "mov eax, 0x7b\nmov ds, eax\n";
    leadTo(3, [
      ...[code, a, b].flatMap((at) =>
        [
          [`${program}mov eax, [${at}]`, "14 (5)"],
          [`${program}mov [${at}], eax`, "14 (7)"],
        ] as const
      ),
      [`${program}mov eax, [${none}]`, "14 (4)"],
      [`${program}mov [${none}], eax`, "14 (6)"],
      [`jmp ${code}`, "14 (5)"],
      [`jmp ${none}`, "14 (4)"],
    ]);
  },
);

doors("a Guest whose own tables claim those addresses gets no further", () => {
  const claim = [
    `mov dword [${AT.DIRECTORY + 1023 * 4}], ${AT.TABLE | 0x67}`,
    ask(Call.LHCALL_SET_PGD, AT.DIRECTORY, 1023),
    ask(Call.LHCALL_FLUSH_TLB, 1),
  ].join("\n");
  const results = attempt(1, ["mov eax, [0xffc03000]", "mov [0xffc02000], eax",
    "mov [0xffc00000], eax"], claim);
  assert.equal(results, ["14 (0)", "14 (3)", "14 (3)"]);
});

doors("jumping into the Switcher in ring 1 is a death", () => {
  for (
    const at of [0xffc00000, 0xffc00010,
      assembleSwitcher(read("switcher/switcher.asm")).stubs[14]]
  )
    assert.match(deathOf(`${settleDown}\nmov eax, 0xffc01000\njmp ${at}`)!,
      /^(unhandled trap|bad address)/);
});

doors("call gates, task gates and task states never get as far as the GDT",
  () => {
    for (const type of [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 14, 15]) {
      const load = descriptor(6, 0x00500000, 0x8000 | type << 8 | 0x6000);
      assert.match(deathOf(`${settleDown}\n${load}`)!,
        /^bad GDT entry 6: 0x\w+ is not a segment$/);
    }
  });

doors.run();

const stumble = suite("VI: the stumble");

stumble(
  "a Guest that removes a descriptor which it has loaded is to blame, with number 256",
  () => {
    for (
      const [segment, index] of [
        ["gs", 6],
        ["fs", 6],
        ["es", 6],
        ["ds", 13],
        ["ss", 13],
        ["cs", 12],
      ] as const
    ) {
      const load = index === 6
        ? `${descriptor(6, 0xffff, 0x00cff200)}\npush 0x33\npop ${segment}\n`
        : "";
      for (
        const [low, high] of [[0, 0], [0xffff, 0x00cf1200], [0xffff,
          0x00cff800]] as const
      ) {
        const death = deathOf(
          `${settleDown}\n${load}${descriptor(index, low, high)}\njmp $`,
        );
        assert.match(death!, /^unhandled trap 256 at /,
          `${segment} ${high.toString(16)}`);
      }
    }
  },
);

stumble(
  "not even with a gate for every trap of its own, direct or not, does it get up again",
  () => {
    for (const rights of [0x8e00, 0xef00]) {
      const gates = [...Array(32).keys()].map((v) => gate(v, "again", rights))
        .join("\n");
      for (const index of [6, 12, 13]) {
        const source = [settleDown, gates, descriptor(6, 0xffff, 0x00cff200),
          "push 0x33", "pop gs", descriptor(index, 0, 0), "again: jmp $"];
        assert.match(deathOf(source.join("\n"))!, /^unhandled trap 256 at /);
      }
    }
  },
);

stumble("a stack for traps that is none ends in the same way", () => {
  const trap = (ss: number, gates: string) =>
    deathOf(
      [settleDown, gate(0x80, "again", 0xef00), gates,
        ask(Call.LHCALL_SET_STACK, ss, AT.STACK, 0), descend("program"),
        "program: int 0x80", "again: jmp $"].join("\n"),
    );
  for (const ss of [1, 0x61, 0x31, 0xfd, 0xfff1]) {
    assert.match(trap(ss, "")!, /^unhandled trap 1[02] /);
    assert.match(trap(ss, gate(10, "again"))!, /^unhandled trap 256 /);
    assert.match(
      trap(ss, [10, 11, 12, 13].map((v) =>
        gate(v, "again", 0xef00)
      ).join("\n"))!,
      /^unhandled trap (8|256) /,
    );
  }
});

stumble(
  "a fault in a fault in a fault is a death of the Guest, not of the machine",
  () => {
    const gates = [...Array(32).keys()].map((v) => gate(v, "again", 0xef00))
      .join("\n");
    const lasts = ["mov esp, 0xffc00000\nint3", "mov esp, 2\npush eax",
      "xor esp, esp\nud2", "mov esp, 0xffc02008\nint3",
      ask(Call.LHCALL_NEW_PGTABLE, 0x5000),
      `mov dword [${AT.DIRECTORY}], 0\n${ask(Call.LHCALL_SET_PGD, AT.DIRECTORY, 0)}`];
    for (const last of lasts)
      assert.match(deathOf(`${settleDown}\n${gates}\n${last}\nagain: int3`)!,
        /^(unhandled trap|bad address|bad stack page)/, last);
  },
);

stumble.run();
