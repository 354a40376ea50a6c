// Chapter VI: the Ballad and the Host's lines, in bytes.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../../tangled/assembler/assemble.ts";
import { assembleSwitcher } from "../../tangled/switcher/image.ts";
import { switcherConstants } from "../../tangled/switcher/pages.ts";
import { HostAt } from "../../tangled/switcher/world.ts";
import { hasNasm, nasm } from "../tools.ts";
import { WITH_CODE, read, PAGE } from "./stage/pages.ts";

const ballad = suite("VI: the Ballad, in bytes");

ballad("nasm reads the same bytes in it, stubs and all", () => {
  if (!hasNasm()) return;
  const stubs = Array.from({ length: 256 },
    (_, v) =>
      `${WITH_CODE.includes(v) ? "" : "push 0\n"}push ${v}\njmp ${v === 2 ? "ignore_nmi" : "leave_guest"}\n`);
  const theirs = nasm(read("switcher/switcher.asm") + stubs.join(""), {
    ...switcherConstants,
    SYSCALL: 0x80,
  });
  assert.is(
    Buffer.compare(assembleSwitcher(read("switcher/switcher.asm")).bytes,
      theirs),
    0,
  );
});

ballad("and in the Host's few lines", () => {
  if (!hasNasm()) return;
  const constants = { ...switcherConstants, HOST_CODE: HostAt.CODE };
  const source = read("switcher/host.asm");
  assert.is(
    Buffer.compare(assemble(source, { constants }).bytes,
      nasm(source, constants)),
    0,
  );
});

ballad("every vector has a stub of its own, all of them in one page", () => {
  const { bytes, entry, stubs } = assembleSwitcher(
    read("switcher/switcher.asm"),
  );
  assert.is(entry, 0xffc00000);
  assert.ok(bytes.length <= PAGE);
  assert.is(new Set(stubs).size, 256);
  assert.ok(stubs.every((at) => at > entry && at < entry + bytes.length));
});

ballad.run();
