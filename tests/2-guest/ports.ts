// Chapter II: ports, and interrupts whose handlers ask for the time.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Flag, setFlags } from "../../tangled/machine/ground/flags.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import { Time, type Machine } from "../../tangled/machine/ground/state.ts";
import { retired, run } from "../../tangled/machine/running/run.ts";
import {
  world,
  caught,
  at,
  word,
  putProgram,
  afterSteps,
} from "./stage/world.ts";
import { asks, wired, withDevice } from "./stage/device.ts";

const ports = suite("ports");

ports("carry bytes, words and double words", () => {
  const { m, log } = wired(
    "mov dx, 0x3f8\n in al, dx\n in ax, dx\n in eax, dx\n out 0x80, al\n out dx, ax\n out dx, eax\n hlt",
    0,
  );
  assert.is(run(m, 20), "halt");
  assert.equal(log, ["in 3f8 1", "in 3f8 2", "in 3f8 4", "out 80 1 21",
    "out 3f8 2 4321", "out 3f8 4 87654321"]);
});

ports("follow IOPL", () => {
  assert.is(asks("in al, 0x60", () => {}), 13);
  assert.is(asks("in al, 0x60", (m) => setFlags(m.cpu, Flag.IOPL, Flag.IOPL)),
    6);
});

ports.run();

const interrupts = suite("interrupts");

const TIMER = at.HANDLERS + 0x20 * 16;

/** A handler of the clock that can read the time from a port. */
function tellTime(m: Machine, handler: string): void {
  m.ports.in = () => retired(m);
  putProgram(m, TIMER, handler);
}

interrupts("wake a processor that sleeps, and the time it slept has passed",
  () => {
    const m = world("sti\n hlt\n inc ecx\n ud2");
    tellTime(m, "in eax, 0x40\n iret");
    m.time[Time.ALARM] = 5000;
    assert.is(caught(m).vector, 6);
    assert.equal([Cpu.EAX, Cpu.ECX].map((r) => word(m, r)), [5001, 1]);
    assert.is(retired(m), 5000 + 5);
  });

interrupts("find the same program however the time was cut up", () => {
  const busy = (): Machine => {
    const m = world(`
      sti
      here: inc ecx
      mov edi, 0x20000
      push ecx
      mov ecx, 5
      rep stosd
      pop ecx
      jmp here`);
    tellTime(m, "push eax\n in eax, 0x40\n add ebx, eax\n pop eax\n iret");
    return m;
  };
  const [whole, sliced] = [busy(), busy()];
  for (let n = 1; n <= 40; n++) {
    for (const m of [whole, sliced]) m.time[Time.ALARM] = n * 100 - 31;
    run(whole, 100);
    for (let k = 0; k < 100; k++) run(sliced, 1);
    for (let r = Cpu.EAX; r <= Cpu.EIP; r++)
      assert.is(sliced.cpu[r], whole.cpu[r]);
    assert.is(retired(sliced), retired(whole));
  }
  assert.ok(word(whole, Cpu.EBX) > 0);
});

interrupts(
  "find a processor asleep for as long as it takes, however often it is looked after",
  () => {
    const asleep = (alarm: number): Machine => {
      const m = world("sti\n hlt\n inc ecx\n jmp $");
      tellTime(m, "in eax, 0x40\n iret");
      m.time[Time.ALARM] = alarm;
      return m;
    };
    for (const step of [1, 7, 49, 500])
      assert.is(afterSteps(asleep(50), 500, step),
        afterSteps(asleep(50), 500, 500), `steps of ${step}`);
    const m = asleep(Infinity);
    for (let n = 0; n < 3; n++) assert.is(run(m, 10), "halt");
    assert.equal([word(m, Cpu.EIP), retired(m)], [at.CODE + 2, 2],
      "it waits for ever");
    m.cpu[Cpu.IRQS] = 1;
    assert.is(run(m, 10), "limit");
    assert.equal([word(m, Cpu.EAX), word(m, Cpu.ECX), retired(m)], [3, 1, 12]);
  },
);

interrupts("come at once if a device asks for them, and it knows the time",
  () => {
    const source = "out 0x80, al\n inc ebp\n out 0x80, al";
    for (const step of [1, 2, 5])
      assert.is(afterSteps(withDevice(source), 60, step),
        afterSteps(withDevice(source), 60, 60));
  });

interrupts.run();
