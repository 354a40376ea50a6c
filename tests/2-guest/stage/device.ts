// Devices: one that keeps a log, and one that asks for interrupts and knows the time.
import * as assert from "uvu/assert";
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../../tangled/machine/ground/state.ts";
import { retired } from "../../../tangled/machine/running/run.ts";
import { caught, ENTRY, putProgram, world } from "./world.ts";

/** A program that reaches a device which asks for interrupts, and whose handler counts. */
export function withDevice(source: string): Machine {
  const m = world(
    `sti\n mov esi, 0x4000\n mov ecx, 5\n ${source}\n inc ebp\n inc ebp\n jmp $ - 2`,
  );
  putProgram(m, ENTRY,
    "inc ebx\n lea edi, [edi + ebp * 4]\n add edi, ecx\n iret");
  m.ports.out = () => {
    m.cpu[Cpu.EDX] += retired(m);
    if (m.cpu[Cpu.EBX] === 0) m.cpu[Cpu.IRQS] |= 1;
    else m.time[Time.ALARM] = retired(m) + 3;
  };
  return m;
}

/** A machine whose wires lead to a list. */
export function wired(source: string,
  ring: 0 | 1 | 3): { m: Machine; log: string[] }
{
  const m = world(source, ring), log: string[] = [];
  m.ports = {
    in: (port,
      width) => (log.push(`in ${port.toString(16)} ${width}`), 0x87654321),
    out: (port, width, value) =>
      void log.push(`out ${port.toString(16)} ${width} ${value.toString(16)}`),
  };
  return { m, log };
}

/** What comes of using a port in ring 3: 6 if it went through. */
export function asks(source: string, prepare: (m: Machine) => void): number {
  const { m, log } = wired(`${source}\n ud2`, 3);
  prepare(m);
  const { vector, code } = caught(m);
  assert.is(log.length, vector === 6 ? 1 : 0);
  if (vector === 13) assert.is(code, 0);
  return vector;
}
