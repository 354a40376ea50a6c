// Chapter V: the door, from behind.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Errno, Lhreq } from "../../tangled/abi/dev-lguest.ts";
import { hypercalls as Call } from "../../tangled/abi/hypercalls.ts";
import { lguestData as Data } from "../../tangled/abi/lguest-data.ts";
import { createHostKernel } from "../../tangled/host/kernel.ts";
import { Time } from "../../tangled/machine/ground/state.ts";
import { traps, asks, init, faults, type Scene } from "./stage/actor.ts";
import { PAGE, DATA } from "./stage/places.ts";
import { messageOf } from "./stage/messages.ts";

const door = suite("V: the door, from behind");

/** A kernel whose Guests do as the script says. */
function behind(ramBytes = 4 << 20) {
  const script: Scene[] = [];
  const kernel = createHostKernel({
    ramBytes,
    enter(guest, until) {
      guest.host.machine.time[Time.NOW] = until;
      (script.shift() ?? traps(32))(guest);
    },
  });
  return { kernel, script };
}

const initialize = (base: number, pages = 64,
  start = 0x10000) => [Lhreq.INITIALIZE, base, pages, start];

door("INITIALIZE takes twelve bytes, once", () => {
  const { kernel } = behind();
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  assert.is(device.write(initialize(base)), 12);
  assert.is(device.write(initialize(base)), -Errno.EBUSY);
});

door("nothing but INITIALIZE makes sense before it", () => {
  const device = behind().kernel.open();
  for (
    const words of [[], [1], [Lhreq.IRQ, 1], [3], [Lhreq.EVENTFD, 1, 3], [99]]
  ) assert.is(device.write(words), -Errno.EINVAL);
  assert.equal(device.read(1000), { kind: "error", errno: Errno.EINVAL });
});

door("INITIALIZE wants memory that the process has, and a limit within it",
  () => {
    const { kernel } = behind();
    const { base } = kernel.allocate(64 * PAGE);
    const wrong = [initialize(base + 1), initialize(0), initialize(base, 65),
      initialize(base, 0xffffffff), [0, base], [0, base, 64], [0]];
    for (const words of wrong)
      assert.is(kernel.open().write(words), -Errno.EFAULT, `${words}`);
  });

door("one stretch of memory is for one Guest", () => {
  const { kernel } = behind();
  const first = kernel.allocate(64 * PAGE), second = kernel.allocate(64 * PAGE);
  const one = kernel.open(), two = kernel.open();
  assert.is(one.write(initialize(first.base)), 12);
  assert.ok(two.write(initialize(first.base)) < 0);
  assert.is(two.write(initialize(second.base)), 12);
});

door(
  "IRQ has 32 numbers, EVENTFD wants an address and a descriptor that is open",
  () => {
    const { kernel } = behind();
    const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
    device.write(initialize(base));
    const fd = kernel.eventfd(() => {});
    for (
      const [words, result] of [[[Lhreq.IRQ, 0], 0], [[Lhreq.IRQ, 31], 0], [[
        Lhreq.IRQ,
        32,
      ], -Errno.EINVAL], [[Lhreq.IRQ, 0xffffffff], -Errno.EINVAL], [[Lhreq.IRQ],
        -Errno.EINVAL], [[Lhreq.EVENTFD, 0x1000, fd], 0], [[Lhreq.EVENTFD, 0,
        fd], -Errno.EINVAL], [[Lhreq.EVENTFD], -Errno.EINVAL], [[Lhreq.EVENTFD,
        0x1000, fd + 1], -Errno.EBADF], [[Lhreq.EVENTFD, 0x1000, 0],
        -Errno.EBADF], [[Lhreq.EVENTFD, 0x1000], -Errno.EBADF], [[1],
        -Errno.EINVAL], [[3], -Errno.EINVAL], [[5], -Errno.EINVAL]] as const
    ) assert.is(device.write(words), result, `${words}`);
  },
);

door("the first read after a death says so, all others say why", () => {
  const { kernel, script } = behind();
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  device.write(initialize(base));
  script.push(asks(17, 5));
  assert.equal(device.read(1e6), { kind: "error", errno: Errno.ENOENT });
  for (let n = 0; n < 3; n++)
    assert.equal(device.read(1e6), {
      kind: "reason",
      text: "hypercall 17 before LGUEST_INIT",
      poweroff: false,
    });
  assert.is(device.write([Lhreq.IRQ, 1]), -Errno.ENOENT);
  assert.is(device.write(initialize(base)), -Errno.EBUSY);
});

door("close gives every frame back, however the Guest ended", () => {
  const { kernel, script } = behind(2 << 20);
  for (let n = 0; n < 300; n++) {
    const memory = kernel.allocate(512 << 10), device = kernel.open();
    memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
    assert.is(device.write(initialize(memory.base, 128)), 12);
    script.push(init, faults(0x5000, 2),
      n % 2 === 0 ? traps(6) : faults(0x400000 - 1, 0));
    device.read(1e6);
    script.length = 0;
    device.close();
    device.close();
    assert.equal(device.read(1), { kind: "error", errno: Errno.EINVAL });
  }
  assert.is(kernel.allocate(1016 << 10).size, 1016 << 10,
    "all of it can be had again");
});

door("a device that was closed can be used again, and tells the new story",
  () => {
    const { kernel, script } = behind();
    const device = kernel.open();
    for (const number of [2, 17]) {
      assert.is(device.write(initialize(kernel.allocate(64 * PAGE).base)), 12);
      script.push(asks(number));
      assert.equal(device.read(1e6), { kind: "error", errno: Errno.ENOENT });
      assert.equal(device.read(1e6), {
        kind: "reason",
        text: `hypercall ${number} before LGUEST_INIT`,
        poweroff: false,
      });
      device.close();
    }
  });

door("a Guest for which there are no frames left is refused, and costs none",
  () => {
    const { kernel } = behind(2 << 20);
    const free = 254 * PAGE;
    const { base } = kernel.allocate(free - 2 * PAGE);
    assert.is(kernel.open().write(initialize(base, 4)), -Errno.ENOMEM);
    assert.is(kernel.allocate(2 * PAGE).size, 2 * PAGE);
    assert.match(messageOf(() => kernel.allocate(1)),
      /^the Host has 0 KB left, not 4$/);
  });

door("a descriptor that was given back is the next to be given out", () => {
  const { kernel } = behind();
  const [a, b, c] = [0, 1, 2].map(() => kernel.eventfd(() => {}));
  const { base } = kernel.allocate(64 * PAGE), device = kernel.open();
  device.write(initialize(base));
  kernel.close(b!);
  assert.is(device.write([Lhreq.EVENTFD, 0x1000, b!]), -Errno.EBADF);
  assert.is(kernel.eventfd(() => {}), b);
  assert.equal(
    [a, b, c].map((fd) => device.write([Lhreq.EVENTFD, 0x1000, fd!])),
    [0, 0, 0],
  );
});

door("work done in a process takes time", () => {
  const { kernel } = behind();
  kernel.spend(123);
  assert.is(kernel.retired(), 123);
});

door("two Guests share a Host, and nothing else", () => {
  const { kernel, script } = behind();
  const guests = [1, 2].map(() => {
    const memory = kernel.allocate(64 * PAGE), device = kernel.open();
    memory.write32(DATA + Data.LGUEST_DATA_SYSCALL_VEC, 0x80);
    device.write(initialize(memory.base));
    script.push(init);
    assert.equal(device.read(1000), { kind: "interrupted" });
    return { memory, device };
  });
  const [one, two] = guests as [typeof guests[0], typeof guests[0]];
  one.device.write([Lhreq.IRQ, 3]);
  script.push(asks(3));
  assert.equal(one.device.read(1e6), { kind: "error", errno: Errno.ENOENT });
  script.push(asks(Call.LHCALL_HALT));
  assert.equal(two.device.read(1e6), { kind: "asleep" });
  two.memory.write32(0x8000, 0x1234);
  one.device.close();
  assert.is(kernel.allocate(64 * PAGE).read32(0x8000), 0);
  assert.is(two.memory.read32(0x8000), 0x1234);
});

door.run();
