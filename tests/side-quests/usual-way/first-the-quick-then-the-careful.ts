// The usual way leads where care does.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gate, Gate } from "../../../tangled/machine/ground/descriptors.ts";
import type {
  Express,
  Machine,
} from "../../../tangled/machine/ground/state.ts";
import { careful } from "../../../tangled/machine/protection/usual-ways.ts";
import { At } from "../../../tangled/machine/ground/layout.ts";
import { retired } from "../../../tangled/machine/running/run.ts";
import {
  world,
  putGate,
  code,
  putProgram,
  flat,
  caught,
} from "../../2-guest/stage/world.ts";

const usual = suite("the usual way");

/** A program in ring 3 that calls ring 0 a hundred times, by a gate that it may use. */
function callingWorld(): Machine {
  const m = world(
    `mov ecx, 100\nagain: int 0x30\n pushfd\n pop edx\n add ebx, edx\n loop again\n int 0x20`,
    3,
  );
  putGate(m, 0x30, gate(code[0], 0x7000, Gate.TRAP, 3));
  putProgram(m, 0x7000,
    `push ds\n push es\n mov ax, ${flat[0]}\n mov ds, ax\n mov es, ax
    add esi, [esp + 8]\n add esi, [esp + 12]\n pop es\n pop ds\n iret`);
  return m;
}

usual(
  "is taken by calls, returns and loads of segments, and leads where care does",
  () => {
    const taken = new Map<string, number>();
    const quick = callingWorld(), slow = callingWorld();
    for (
      const [name, way] of Object.entries(quick.express) as [keyof Express,
        (...given: number[]) => boolean][]
    )
      quick.express = {
        ...quick.express,
        [name]: (...given: number[]) => {
          const done = way(...given);
          if (done) taken.set(name, (taken.get(name) ?? 0) + 1);
          return done;
        },
      };
    slow.express = careful;
    const [a, b] = [caught(quick), caught(slow)];
    assert.equal(a, b);
    assert.equal([...quick.cpu.slice(0, 8)], [...slow.cpu.slice(0, 8)]);
    assert.is(retired(quick), retired(slow));
    assert.equal(quick.bytes.slice(At.RAM), slow.bytes.slice(At.RAM));
    for (const name of ["loadSegment", "interrupt", "interruptReturn"])
      assert.ok(taken.get(name)! > 90, name);
  },
);

usual.run();
