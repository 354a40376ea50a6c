// A Guest that tries things, and what came of them.
import * as assert from "uvu/assert";
import { visit } from "./guests.ts";
import { WITH_CODE } from "./pages.ts";
import { AT, descend, gate, goodbye, settleDown } from "./programs.ts";

/** What an attempt led to: a vector and its error code, "lived", or death. */
export type Result = string;

/** A Guest that tries each snippet in turn, in ring 1 or 3, and gets up
 *  again each time; `int 0x80` behind each snippet means that it lived. */
export function attempt(ring: 1 | 3, snippets: readonly string[],
  before = ""): Result[]
{
  const vectors = [...Array(18).keys()];
  const handlers = [...vectors, 0x80].map((v) =>
    `trap_${v}:\n${WITH_CODE.includes(v) ? "" : "push 0\n"}push ${v}\njmp record`
  ).join("\n");
  const bodies = snippets.map((snippet, n) =>
    [`try_${n}:`, `mov dword [NOTES], try_${n + 1}`, "mov esp, STACK",
      "mov eax, 0x69", "mov ds, eax", "mov es, eax",
      ring === 3 ? descend(`body_${n}`) : "", `body_${n}:`, snippet, "int 0x80"]
      .join("\n")
  );
  const source = [settleDown,
    ...vectors.map((v) => gate(v, `trap_${v}`, v === 3 ? 0xee00 : 0x8e00)),
    gate(0x80, "trap_128", 0xef00), before, "mov dword [NOTES + 4], LOG",
    "jmp try_0", handlers, "record:", "mov eax, 0x69", "mov ds, eax",
    "mov eax, [NOTES + 4]", "pop ecx", "mov [eax], ecx", "pop ecx",
    "mov [eax + 4], ecx", "add dword [NOTES + 4], 8", "jmp dword [NOTES]",
    ...bodies, `try_${snippets.length}:`, goodbye].join("\n");
  return visit(source, 20_000_000, ({ guest: { memory } }, { death }) => {
    const count = (memory.read32(AT.NOTES + 4) - AT.LOG) / 8;
    const results = Array.from({ length: count }, (_, n) => {
      const vector = memory.read32(AT.LOG + n * 8),
        code = memory.read32(AT.LOG + n * 8 + 4);
      if (vector === 0x80) return "lived";
      return WITH_CODE.includes(vector) ? `${vector} (${code.toString(16)})`
        : `${vector}`;
    });
    return death === "CRASH: " ? results : [...results, `died: ${death}`];
  });
}

/** Each snippet in the ring leads to what stands beside it. */
export function leadTo(ring: 1 | 3,
  rows: readonly (readonly [snippet: string, result: Result])[],
  before = ""): void
{
  const results = attempt(ring, rows.map(([snippet]) => snippet), before);
  rows.forEach(([snippet, result], n) =>
    assert.is(results[n], result, `ring ${ring}: ${snippet}`)
  );
  assert.is(results.length, rows.length, results.at(-1));
}
