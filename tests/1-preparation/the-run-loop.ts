// Chapter I: what holds of a machine that runs, whatever its instructions do.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "../../tangled/machine/rows/decode.ts";
import { Cpu } from "../../tangled/machine/ground/layout.ts";
import {
  copyToPhys,
  readPhys32,
  writePhys32,
} from "../../tangled/machine/ground/ram.ts";
import { createMachine } from "../../tangled/machine/machine.ts";
import { run } from "../../tangled/machine/running/run.ts";
import { portion } from "../tools.ts";
import { dice, numbers } from "./stage/chance.ts";
import { failed, machineWith, eax } from "./stage/machine.ts";

const memory = suite("Memory");

memory("is reached from outside by doors that check", () => {
  const m = createMachine(8192);
  for (const at of [-1, 8189, 8192, 0xffffffff]) {
    assert.throws(() => readPhys32(m, at), RangeError);
    assert.throws(() => writePhys32(m, at, 1), RangeError);
  }
  assert.throws(() => copyToPhys(m, 8190, new Uint8Array(3)), /no RAM at 0x1ffe/);
  writePhys32(m, 8188, 0x80000001);
  assert.is(readPhys32(m, 8188), 0x80000001);
});

memory.run();

const decoding = suite("Decoding");

decoding("never asks for more than sixteen bytes, and never throws", () => {
  const roll = dice(3);
  for (let n = 0; n < 20_000; n++) {
    let furthest = 0;
    const bytes = Uint8Array.from({ length: 64 }, () => roll(256));
    parse((k) => bytes[(furthest = Math.max(furthest, k))]);
    assert.ok(furthest < 26, `asked for byte ${furthest}`);
  }
});

decoding.run();

const faults = suite("Faults");

faults("may come again and again, and the machine only says so", () => {
  const m = failed("ud2");
  for (let n = 0; n < 3; n++) assert.is(run(m, 10), "shutdown");
});

faults("never become errors of ours, whatever the bytes", () => {
  const roll = dice(5);
  for (let n = 0; n < portion(100, 400); n++) {
    const m = createMachine(1 << 16);
    copyToPhys(m, 0, Uint8Array.from({ length: 1 << 16 }, () => roll(256)));
    for (let r = Cpu.EAX; r <= Cpu.EDI; r++) m.cpu[r] = numbers(32, roll);
    m.cpu[Cpu.EIP] = roll(1 << 16);
    assert.ok(["limit", "halt", "shutdown"].includes(run(m, 2000)));
  }
});

faults.run();

const clock = suite("The clock");

clock("does nothing in no time", () => {
  const m = machineWith("inc eax");
  assert.is(run(m, 0), "limit");
  assert.is(eax(m), 0);
});

clock.run();
