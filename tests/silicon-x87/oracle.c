/* Asks the processor that this runs on what x87 instructions do, and writes
 * it down. Build and run: see README.md. The cases come from a generator that
 * cases.ts repeats step by step, so that only the answers need to be kept. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32;

static u32 state = 0x2545f491;
static u32 next(void) {
  state ^= state << 13; state ^= state >> 17; state ^= state << 5;
  return state;
}

struct number { u32 low, high; u16 signed_exponent; };

static const struct number corners[] = {
  {0, 0, 0}, {0, 0, 0x8000}, {0, 0x80000000, 0x3fff}, {0, 0x80000000, 0xbfff},
  {0, 0x80000000, 0x7fff}, {0, 0x80000000, 0xffff}, {0, 0xc0000000, 0xffff}, {1, 0xc0000000, 0x7fff},
  {1, 0x80000000, 0x7fff}, {0, 0xa0000000, 0xffff}, {1, 0, 0}, {0xffffffff, 0x7fffffff, 0x8000},
  {0, 0x80000000, 0}, {0x12345678, 0x92345678, 0}, {0, 0x40000000, 0x4000}, {0, 0, 0x7fff},
  {5, 0x40000000, 0xffff}, {0xffffffff, 0xffffffff, 0x7ffe}, {0, 0x80000000, 1}, {0xffffffff, 0xffffffff, 1},
  {0, 0x80000000, 0x4000}, {0, 0x80000000, 0x3ffe}, {0, 0xc0000000, 0x3fff}, {0, 0x80000000, 0x403e},
  {0, 0x80000000, 0xc03e}, {0, 0x80000000, 0x401e}, {0xffffffff, 0xffffffff, 0x403e}, {0, 0x80000000, 0xc00e},
  {0x76400000, 0xde0b6b3a, 0x403a}, {0x2168c235, 0xc90fdaa2, 0x4000}, {0xfffff800, 0xffffffff, 0x3ffe}, {0xffffffff, 0xffffffff, 0x3ffe},
};

static struct number any(void) {
  struct number n;
  u32 kind = next() % 16, sign = next() & 0x8000;
  n.low = next(); n.high = next() | 0x80000000;
  n.signed_exponent = sign | (0x3fff - 70 + next() % 140);
  if (kind >= 11) return corners[next() % 32];
  if (kind == 4) n.low &= 0xfffff800;
  if (kind == 5) { n.low = 0; n.high &= 0xffffff00; }
  if (kind == 6) { n.low = 0; n.high &= 0xff000000; n.signed_exponent = sign | (0x3fff + next() % 9); }
  if (kind == 7) n.signed_exponent = sign | (next() % 2 ? 0x7ffe - next() % 3 : 1 + next() % 3);
  if (kind == 8) n.signed_exponent = sign | (1 + next() % 0x7ffe);
  if (kind == 9) n.signed_exponent = sign | (0x3fff - 2 + next() % 4);
  if (kind == 10) { n.signed_exponent = sign; n.high &= 0x7fffffff >> next() % 31; }
  return n;
}

static void bytes(u8 *to, int decimal) {
  static const u8 odd[] = {0, 0xff, 0x7f, 0x80, 1, 0xf0, 0x3f, 0xfe};
  u32 kind = next() % 4;
  for (int i = 0; i < 10; i++) to[i] = kind == 0 ? odd[next() % 8] : next();
  if (kind == 1) { to[3] = next() % 2 ? 0x3f : 0xc0; to[7] = next() % 2 ? 0xbf : 0x40; }
  if (kind == 2) { to[3] = next() & 0x80; to[7] = to[3]; to[2] &= 0x7f; to[6] &= 15; }
  if (!decimal) return;
  for (int i = 0; i < 9; i++) to[i] = (to[i] / 10 % 10) << 4 | to[i] % 10;
  to[9] &= 0x80;
}

/* The form of each instruction: opcode, and second byte; below C0 it is in memory. */
static const u8 forms[][2] = {
#include "forms.h"
};

static u8 in[108], out[108], area[16];

static void put(const struct number *n, u8 *to) {
  memcpy(to, &n->low, 4); memcpy(to + 4, &n->high, 4); memcpy(to + 8, &n->signed_exponent, 2);
}

/* frstor [eax]; push ebx; popf; INSTRUCTION [ecx]; pushf; pop ebx; fnsave [edx]; ret */
static u8 code[] = {0xdd, 0x20, 0x53, 0x9d, 0, 0, 0x9c, 0x5b, 0xdd, 0x32, 0xc3};

/* Those that take two numbers: they meet every pair of corners. */
static const u8 twos[][2] = {
#include "twos.h"
};

static u8 *page;

/* Asks about a form, with these numbers in ST(0) and ST(1) if they are given. */
static void ask(const u8 *form, const struct number *first, const struct number *second) {
  u32 roll = next() % 8, control = 0x40 | (next() % 4 << 10) | (next() % 2 ? 3 : next() % 2 * 2) << 8;
  control |= next() % 4 ? 0x3f : next() & 0x3f;
  u32 top = next() & 7, status = top << 11 | (next() & 0x4700), full = next() & 0xff;
  if (roll == 1) full = 0xff;
  if (roll > 1) full = (0x3f << top | 0x3f << top >> 8) & 0xff; /* ST(0) to ST(5) */
  u32 flags = next() & 0x8d5, tags = 0;
  u8 before[16] = {0};
  struct number st[8];
  for (int i = 0; i < 8; i++) { st[i] = any(); tags |= (full >> i & 1 ? 0 : 3) << 2 * i; }
  if (next() % 8 == 0) st[1] = st[0];
  if (next() % 16 == 0) { st[1] = st[0]; st[1].signed_exponent ^= 0x8000; }
  if (first) st[0] = *first;
  if (second) st[1] = *second;
  bytes(before, form[0] == 0xdf && form[1] == 0x21);
  memcpy(area, before, 16);
  memset(in, 0, sizeof in);
  memcpy(in, &control, 2); memcpy(in + 4, &status, 2); memcpy(in + 8, &tags, 2);
  for (int i = 0; i < 8; i++) put(&st[i], in + 28 + 10 * i);
  code[4] = form[0]; code[5] = form[1];
  memcpy(page, code, sizeof code);
  __asm__ volatile("call *%%esi" : "+b"(flags) : "a"(in), "c"(area), "d"(out), "S"(page) : "memory", "cc");
  __asm__ volatile("fninit");
  u16 after; memcpy(&after, out + 4, 2);
  u32 changed = 0, to = after >> 11 & 7;
  for (u32 r = 0; r < 8; r++)
    if (memcmp(in + 28 + 10 * ((r - top) & 7), out + 28 + 10 * ((r - to) & 7), 10)) changed |= 1 << r;
  int stored = memcmp(before, area, 16) != 0;
  u8 head[6] = {out[4], out[5], out[8], out[9], (flags & 0xd5) | (stored ? 2 : 0), changed};
  fwrite(head, 1, 6, stdout);
  for (u32 r = 0; r < 8; r++) if (changed >> r & 1) fwrite(out + 28 + 10 * ((r - to) & 7), 1, 10, stdout);
  if (stored) fwrite(area, 1, 10, stdout);
}

int main(void) {
  enum { EACH = 150 };
  page = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (unsigned f = 0; f < sizeof forms / 2; f++) for (int k = 0; k < EACH; k++) ask(forms[f], 0, 0);
  for (unsigned f = 0; f < sizeof twos / 2; f++) for (int k = 0; k < 1024; k++) ask(twos[f], &corners[k / 32], &corners[k % 32]);
  for (int k = 0; k < 1000; k++) { /* fyl2x of powers of two */
    static const u8 fyl2x[] = {0xd9, 0xf1};
    struct number power = {0, 0x80000000, k % 2 ? 1 + next() % 0x7ffe : 0x3fff - 20 + next() % 40};
    ask(fyl2x, &power, 0);
  }
  return 0;
}
