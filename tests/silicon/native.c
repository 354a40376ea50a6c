/* Runs single instructions on the processor under our fingers, and writes
 * down what they did. Build: gcc -m32 -O1 -no-pie -fno-stack-protector.
 *
 * stdin:  `struct header`, then `count` times `struct test`
 * stdout: `struct about`, then for each test a `struct outcome`, followed by
 *         `changes` times `struct change`
 *
 * A test is entered through a signal: the program executes int3, and the
 * handler replaces the interrupted context by the test's own, with the trap
 * flag set. One instruction later the next signal arrives; its handler notes
 * the context, and puts the program's own back. The world of a test is that of
 * world.ts: a window of three pages for data, the last one read-only, and
 * two pages for code; whatever lies around them is not mapped. */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define DATA 0x8000u
#define DATA_SIZE 0x3000u
#define DATA_WRITABLE 0x2000u
#define CODE 0x20000000u
#define CODE_SIZE 0x2000u
#define HLT 0xf4
#define FPU_SIZE 108

struct header {
  uint32_t count;
  struct { uint32_t base, limit, pages, wide; } stacks[4]; /* LDT, from entry 1 on */
  uint8_t image[DATA_SIZE];
};

struct test {
  uint8_t bytes[16];
  uint32_t length, at, steps;
  uint32_t registers[8]; /* eax ecx edx ebx esp ebp esi edi */
  uint32_t flags;
  uint32_t poke_at, poke_length;
  uint8_t poke[16];
  uint32_t stack; /* what ss is to be, if not as usual */
  uint32_t uses_fpu;
  uint8_t fpu[FPU_SIZE]; /* as fnsave writes it */
};

struct about {
  char processor[48];
  uint32_t selectors[6]; /* es cs ss ds fs gs */
};

struct outcome {
  uint32_t vector, error, cr2, eip, flags, steps;
  uint32_t registers[8];
  uint32_t selectors[6];
  uint8_t fpu[FPU_SIZE];
  uint32_t changes;
};

struct change {
  uint16_t offset, value;
};

static const int general[8] =
  {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};
static const int segment[6] =
  {REG_ES, REG_CS, REG_SS, REG_DS, REG_FS, REG_GS};

static struct header header;
static struct test test;
static struct outcome outcome;
static volatile int inside;
static uint8_t expected[DATA_SIZE];

/* No function of the C library may be called while a test's segments are
 * in force: they find thread-local storage through gs. */
static void copy(void *to, const void *from, unsigned size) {
  for (unsigned k = 0; k < size; k++)
    ((volatile uint8_t *)to)[k] = ((const volatile uint8_t *)from)[k];
}

static greg_t home[NGREG];
static uint8_t home_fpu[FPU_SIZE];

static void enter(greg_t *g, uint8_t *fpu) {
  copy(home, g, sizeof home);
  copy(home_fpu, fpu, FPU_SIZE);
  for (int n = 0; n < 8; n++) g[general[n]] = test.registers[n];
  g[REG_EIP] = test.at;
  g[REG_EFL] = test.flags;
  if (test.stack) g[REG_SS] = test.stack;
  if (test.uses_fpu) copy(fpu, test.fpu, FPU_SIZE);
  inside = 1;
}

static void leave(greg_t *g, uint8_t *fpu, uint32_t cr2) {
  outcome.vector = g[REG_TRAPNO];
  outcome.error = g[REG_ERR];
  outcome.cr2 = cr2;
  outcome.eip = g[REG_EIP];
  outcome.flags = g[REG_EFL];
  for (int n = 0; n < 8; n++) outcome.registers[n] = g[general[n]];
  for (int n = 0; n < 6; n++) outcome.selectors[n] = g[segment[n]] & 0xffff;
  copy(outcome.fpu, fpu, FPU_SIZE);
  copy(g, home, sizeof home);
  copy(fpu, home_fpu, FPU_SIZE);
  inside = 0;
}

static void handle(int number, siginfo_t *info, void *context) {
  (void)number, (void)info;
  ucontext_t *c = context;
  greg_t *g = c->uc_mcontext.gregs;
  uint8_t *fpu = (uint8_t *)c->uc_mcontext.fpregs;
  if (!inside) return enter(g, fpu);
  outcome.steps++;
  int again = g[REG_TRAPNO] == 1 && (uint32_t)g[REG_EIP] == test.at;
  if (again && outcome.steps < test.steps) return;
  leave(g, fpu, c->uc_mcontext.cr2);
}

/* Maps a piece of shared memory twice: where the tests have it, and where
 * we may write to it at any time. */
static uint8_t *map_twice(uint32_t at, uint32_t size, int protection) {
  int file = memfd_create("window", 0);
  if (file < 0 || ftruncate(file, size) != 0) perror("memfd"), exit(1);
  void *there = mmap((void *)at, size, protection,
    MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, file, 0);
  void *here = mmap(0, size, PROT_READ | PROT_WRITE,
    MAP_SHARED | MAP_POPULATE, file, 0);
  if (there != (void *)at || here == MAP_FAILED) perror("mmap"), exit(1);
  return here;
}

/* Where the handler has its stack: not where the test's esp happens to point,
 * for then Linux would take the test for a part of the handler. */
static void stand_aside(void) {
  static uint8_t stacks[2][65536];
  uint32_t offset = test.registers[4] - (uint32_t)stacks[0];
  int second = offset <= sizeof stacks[0];
  stack_t stack = {.ss_sp = stacks[second], .ss_size = sizeof stacks[0]};
  sigaltstack(&stack, 0);
}

static void run_test(uint8_t *data, uint8_t *code) {
  stand_aside();
  memcpy(expected, header.image, DATA_SIZE);
  memcpy(expected + test.poke_at, test.poke, test.poke_length);
  memcpy(data, expected, DATA_SIZE);
  memset(code, HLT, CODE_SIZE);
  uint32_t room = CODE + CODE_SIZE - test.at;
  memcpy(code + test.at - CODE, test.bytes,
    test.length < room ? test.length : room);
  memset(&outcome, 0, sizeof outcome);
  /* NT, AC and ID are not the kernel's to restore after a popf. */
  __asm__ volatile("pushl $0x202; popfl; int3" ::: "memory", "cc");
  for (uint32_t k = 0; k < DATA_SIZE; k++)
    outcome.changes += data[k] != expected[k];
  fwrite(&outcome, sizeof outcome, 1, stdout);
  for (uint32_t k = 0; k < DATA_SIZE; k++) {
    struct change change = {k, data[k]};
    if (data[k] != expected[k]) fwrite(&change, sizeof change, 1, stdout);
  }
}

static void make_stacks(void) {
  for (unsigned n = 0; n < 4; n++) {
    struct user_desc d = {.entry_number = n + 1, .base_addr = header.stacks[n].base, .limit = header.stacks[n].limit,
      .seg_32bit = header.stacks[n].wide, .limit_in_pages = header.stacks[n].pages, .useable = 1};
    if (syscall(SYS_modify_ldt, 0x11, &d, sizeof d) != 0) perror("modify_ldt"), exit(1);
  }
}

static void introduce(void) {
  struct about about = {{0}, {0}};
  for (uint32_t n = 0; n < 3; n++) {
    uint32_t *r = (uint32_t *)(about.processor + 16 * n);
    __cpuid(0x80000002 + n, r[0], r[1], r[2], r[3]);
  }
  __asm__("mov %%es, %0" : "=r"(about.selectors[0]));
  __asm__("mov %%cs, %0" : "=r"(about.selectors[1]));
  __asm__("mov %%ss, %0" : "=r"(about.selectors[2]));
  __asm__("mov %%ds, %0" : "=r"(about.selectors[3]));
  __asm__("mov %%fs, %0" : "=r"(about.selectors[4]));
  __asm__("mov %%gs, %0" : "=r"(about.selectors[5]));
  fwrite(&about, sizeof about, 1, stdout);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handle,
    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  const int signals[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV};
  for (int n = 0; n < 5; n++) sigaction(signals[n], &action, 0);
  uint8_t *data = map_twice(DATA, DATA_SIZE, PROT_READ | PROT_WRITE);
  uint8_t *code = map_twice(CODE, CODE_SIZE, PROT_READ | PROT_EXEC);
  mprotect((void *)(DATA + DATA_WRITABLE), DATA_SIZE - DATA_WRITABLE, PROT_READ);
  if (fread(&header, sizeof header, 1, stdin) != 1) return 1;
  make_stacks();
  introduce();
  for (uint32_t n = 0; n < header.count; n++) {
    if (fread(&test, sizeof test, 1, stdin) != 1) return 1;
    run_test(data, code);
  }
  return 0;
}
