// What iced decodes and our machine refuses, on purpose: the one list of it.
import type { Verdict } from "./judge.ts";

/** Reasons, and what they hold for: iced's names of processor features, or
 *  of single instructions. */
const declined: readonly (readonly [reason: string, names: string])[] = [
  ["vectors came with the Pentium MMX and later",
    "MMX SSE SSE2 SSE3 SSSE3 SSE4_1 SSE4_2 SSE4A AVX* "
    + "FMA F16C GFNI D3NOW D3NOWEXT CYRIX_EMMI CYRIX_D3NOW XOP FMA4 VAES VPCLMULQDQ"],
  ["ciphers, digests and chance in hardware came later",
    "AES PCLMULQDQ SHA SHA512 SM3 SM4 KL AESKLE WIDE_KL RDRAND RDSEED "
    + "PADLOCK_ACE PADLOCK_PHE PADLOCK_PMM PADLOCK_RNG PADLOCK_GMI PADLOCK_UNDOC"],
  ["hypervisors had no help from the hardware yet",
    "VMX SVM SKINIT SKINIT_or_SVM SEV_ES SEV_SNP RMPQUERY INVEPT INVVPID INVLPGB TDX"],
  ["keeping more state than the FPU's came with the Pentium II and later", "FXSR XSAVE XSAVEC XSAVEOPT XSAVES"],
  ["fast system calls came with the Pentium II and the K6", "SEP SYSCALL FRED LKGS UINTR"],
  ["guards of memory and control flow came later", "SMX SGX1 TSE CET_SS CET_IBT SMAP PKU MPX OSS PCONFIG INVPCID HRESET"],
  ["transactions came later, and went", "RTM HLE_or_RTM HLE TSXLDTRK"],
  ["hints for caches and threads came later",
    "CLFSH CLFLUSHOPT CLWB CLDEMOTE CLZERO PREFETCHW PREFETCHWT1 PREFETCHITI MONITOR MONITORX WAITPKG ENQCMD MOVDIRI MOVDIR64B SERIALIZE PCOMMIT PTWRITE MCOMMIT"],
  ["handier integer instructions came later",
    "MOVBE POPCNT LZCNT BMI1 BMI2 ADX TBM LWP RAO_INT CMPCCXADD FSGSBASE RDTSCP RDPID RDPRU MSRLIST WRMSRNS CMPXCHG16B UDBG CENTAUR_AIS"],
  ["these are there to be refused; ours has no row for them", "ud0 ud1"],
  ["there is no system management mode to resume from", "rsm"],
];

/** What no decoder ought to refuse, but ours still does: mnemonics, and rows whose short forms are read as long ones. */
export const awaited: ReadonlySet<string> = new Set(("aaa aad aam aas adc add and arpl bound call cmp cmpxchg8b daa das enter f2xm1 fabs fadd faddp fbld fbstp fchs " +
  "fcmovb fcmovbe fcmove fcmovnb fcmovnbe fcmovne fcmovnu fcmovu fcom fcomi fcomip fcomp fcompp fcos fdecstp fdiv " +
  "fdivp fdivr fdivrp ffree ffreep fiadd ficom ficomp fidiv fidivr fild fimul fincstp fist fistp fisub fisubr fld " +
  "fld1 fldcw fldenv fldl2e fldl2t fldlg2 fldln2 fldpi fldz fmul fmulp fnclex fndisi fneni fninit fnop fnsave " +
  "fnsetpm fnstcw fnstenv fnstsw fpatan fprem fprem1 fptan frndint frstor fscale fsin fsincos fsqrt fst fstp " +
  "fstpnce fsub fsubp fsubr fsubrp ftst fucom fucomi fucomip fucomp fucompp fxam fxch fxtract fyl2x fyl2xp1 insb " +
  "insd insw int1 invd iret jmp lar lds les lfs lgs lldt lmsw lsl lss mov or outsb outsd outsw pop popa popf push " +
  "pusha pushf rdmsr rdpmc reservednop sal salc sbb sldt smsw str sub test verr verw wait wbinvd wrmsr xor ").split(" "));

const reasons = new Map(declined.flatMap(([reason, names]) => names.split(" ").map((name) => [name, reason])));
const family = (name: string): string => name.replace(/^AVX.*/, "AVX*");

/** Why the machine need not know an instruction, if there is a reason. */
export function reasonAgainst({ features, mnemonic }: Verdict): string | undefined {
  const name = [mnemonic, ...features.map(family)].find((name) => reasons.has(name));
  return name === undefined ? undefined : reasons.get(name);
}

/** Whether a kind of difference is one of those. */
export function isAwaited(kind: string): boolean {
  const [, name] = /^missing (\w+)/.exec(kind) ?? [, kind];
  return awaited.has(name!) || isShort.test(kind);
}
/** Rows that read 16-bit jumps as 32-bit ones. */
const isShort = / rel8$|^(C[23]|C[AB])( iw)? ret/;
