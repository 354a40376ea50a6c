// Call gates, local tables and global pages: what a Guest may do of it.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hypercalls as Call } from "../../../tangled/abi/hypercalls.ts";
import { leadTo } from "../../6-switcher/stage/attempts.ts";
import { live, makeGuest, told } from "../../6-switcher/stage/guests.ts";
import {
  ask,
  gate,
  goodbye,
  settleDown,
  tell,
} from "../../6-switcher/stage/programs.ts";

const doors = suite("Locked doors, more of them");

doors("what else only ring 0 may do, nobody out here can", () => {
  const nowhere = ["lldt", "lmsw", "invlpg"].map((name) =>
    `${name} [0xfffffff0]`
  );
  const privileged = [...nowhere, "clts", "invlpg [0x5000]", "invd", "wbinvd",
    "rdmsr", "wrmsr", "rdpmc"];
  for (const ring of [1, 3] as const)
    leadTo(ring, privileged.map((code) => [code, "13 (0)"]));
});

doors("the Host's segments are nobody's, by way of retf either", () => {
  const jumps = [0x50, 0x53, 0x58, 0x80, 0xf8, 0x100].map((selector) =>
    [`push ${selector}\npush 0xffc00000\nretf`,
      `13 (${(selector & ~3).toString(16)})`] as const
  );
  for (const ring of [1, 3] as const) leadTo(ring, jumps);
  leadTo(3, [["push 0x61\npush 0x5000\nretf", "13 (60)"]]);
});

doors("nobody writes to the Switcher's pages, by sgdt or under lock either",
  () => {
    leadTo(1, [
      ["sgdt [0xffc02000]", "14 (3)"],
      ["lock inc dword [0xffc02888]", "14 (3)"],
    ]);
  });

doors("cr0 is as a Guest has to find it", () => {
  const found = told(
    [settleDown, "smsw ebp", "and ebp, 0xffff", tell("ebp"), goodbye].join(
      "\n",
    ),
  );
  const PE = 1, MP = 2, ET = 16, NE = 32;
  assert.equal(found.map((word) => word & 0x3f), [PE | MP | ET | NE],
    "neither EM nor TS");
});

doors("sleeping takes exactly as long as it was meant to", () => {
  const subject = makeGuest(
    [settleDown, gate(32, "woken"), "mov dword [DATA + 4], 0", "rdtsc",
      "mov edi, eax", ask(Call.LHCALL_SET_CLOCKEVENT, 50_000_000),
      ask(Call.LHCALL_HALT), "jmp $", "woken: rdtsc", "sub eax, edi",
      "mov ebp, eax", tell("ebp"), goodbye].join("\n"),
  );
  const [ticks] = live(subject, 20_000_000).told;
  assert.ok(ticks! >= 5_000_000 && ticks! < 5_000_500, `${ticks}`);
});

doors.run();
