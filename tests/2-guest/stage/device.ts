// A device that asks for interrupts, and knows the time.
import { Cpu } from "../../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../../tangled/machine/ground/state.ts";
import { retired } from "../../../tangled/machine/running/run.ts";
import { ENTRY, putProgram, world } from "./world.ts";

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
