// Asks the book's machine what oracle.c asked a real processor.
import { At, Cpu } from "../../tangled/machine/ground/layout.ts";
import { copyFromPhys, copyToPhys } from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { run } from "../../tangled/machine/running/run.ts";
import type { Case } from "./cases.ts";

const CODE = 0x1000, IN = 0x2000, AREA = 0x3000, OUT = 0x4000;

/** The machine's answer to a case, and the one that was expected, in the same form. */
export function createPlayer() {
  const m = createMachine(1 << 20);
  let loaded: Case["form"] | undefined;
  return (asked: Case) => {
    if (loaded !== asked.form)
      copyToPhys(m, CODE,
        Uint8Array.of(0xdd, 0x20, 0x53, 0x9d, ...asked.form, 0x9c, 0x5b, 0xdd,
          0x32, 0xf4));
    loaded = asked.form;
    m.bytes.set(asked.image, At.RAM + IN);
    m.bytes.set(asked.memory, At.RAM + AREA);
    m.cpu.set([IN, AREA, OUT, asked.flags, 0x8000], Cpu.EAX);
    m.cpu[Cpu.EIP] = CODE;
    const stop = run(m, 9);
    if (stop !== "halt")
      throw new Error(
        `${asked.form.map((b) => b.toString(16))}: ${stop}, eip ${m.cpu[Cpu.EIP].toString(16)}`,
      );
    const out = copyFromPhys(m, OUT, 108);
    const view = new DataView(out.buffer);
    return {
      status: view.getUint16(4, true),
      tags: view.getUint16(8, true),
      flags: m.cpu[Cpu.EBX] & 0xd5,
      register: (r: number) =>
        out.slice(28 + 10 * ((r - (out[5] >> 3)) & 7)).slice(0, 10),
      memory: copyFromPhys(m, AREA, 10),
    };
  };
}
