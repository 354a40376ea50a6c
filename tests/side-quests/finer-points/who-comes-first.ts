// The finer points: addresses, held against nasm where that is installed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { portion } from "../../tools.ts";
import {
  bytesOf,
  MORE,
  randomProgram,
  sameAsNasm,
} from "../../1-preparation/stage/assembly.ts";
import { dice, oneOf } from "../../1-preparation/stage/chance.ts";

function randomAddress(roll: (below: number) => number): string {
  const base = oneOf(roll, ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi",
    "edi"]);
  const index = oneOf(roll, ["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"]);
  const scale = oneOf(roll, ["1", "1", "2", "4", "8", "1+1", "2-1"]);
  const rest = oneOf(roll, ["", "+0", "+1", "-1", "+127", "+128", "-128",
    "-129", "+0x12345678", ...MORE]);
  const sums = [base, `${base}+${index}`, `${index}*(${scale})`,
    `${base}+${index}*(${scale})`, `${index}*(${scale})+${base}`,
    `(${scale})*${index}+${base}`, `${base}+2+${index}`,
    `(${scale})*${index}+${oneOf(roll, ["ecx", "ebp"])}*1`,
    `(${base}+${index})*1`, `${index}*3`, `${index}*9`, "5"];
  return `[${oneOf(roll, ["", "", "", "es:", "gs:", "ds:"])}${oneOf(roll, sums)}${rest}]`;
}

const addresses = suite("Who comes first");

addresses("writes every form of address like nasm", () => {
  const roll = dice(7);
  const lines = Array.from({ length: 1500 },
    () =>
      `${
        oneOf(roll, ["mov eax,", "add bl,", "lea esi,", "inc dword",
          "push word"])
      } ${randomAddress(roll)}`);
  sameAsNasm(
    ["there: nop", "here: nop", ...lines, "gap equ here - there"].join("\n"),
  );
});

addresses("makes of programs full of such addresses what nasm makes of them",
  () => {
    for (let seed = 1; seed <= portion(12, 300); seed++)
      sameAsNasm(randomProgram(dice(seed), randomAddress, "room: resd 5"), {
        origin: seed % 2 ? 0x7c00 : 0xc0100000,
      });
  });

// The same as in the list above, for those who have no nasm.
addresses("takes what is written as multiplied for the index, if only by one",
  () => {
    const told = ["mov eax, [ecx*1+ebp]: 8b 44 0d 00",
      "mov eax, [1*ecx+ebp]: 8b 44 0d 00",
      "push dword [esi*1+ebp-4]: ff 74 35 fc",
      "lea eax, [ebx*1+ecx+4]: 8d 44 19 04", "mov eax, [ecx+ebp]: 8b 04 29",
      "mov eax, [ebp+ecx*1]: 8b 44 0d 00", "mov eax, [ebp*1+ecx*1]: 8b 04 29",
      "mov eax, [(ecx+ebp)*1]: 8b 44 0d 00",
      "mov eax, [ecx+1+eax+1]: 8b 44 08 02", "mov eax, [esp*1+eax]: 8b 04 04",
      "mov eax, [ebp*1]: 8b 45 00", "mov eax, [eax+eax*1]: 8b 04 00",
      "mov eax, [ecx*2-ecx+ebp]: 8b 44 0d 00", "mov eax, [ebp*2]: 8b 44 2d 00"];
    for (const line of told)
      assert.is(`${line.split(":")[0]}: ${bytesOf(line.split(":")[0])}`, line);
    sameAsNasm(told.map((line) => line.split(":")[0]).join("\n"));
  });

addresses.run();
