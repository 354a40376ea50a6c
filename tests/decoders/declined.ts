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
  ["keeping more state than the FPU's came with the Pentium II and later",
    "XSAVE XSAVEC XSAVEOPT XSAVES"],
  ["fast system calls came with the Pentium II and the K6",
    "SEP SYSCALL FRED LKGS UINTR"],
  ["guards of memory and control flow came later",
    "SMX SGX1 TSE CET_SS CET_IBT SMAP PKU MPX OSS PCONFIG INVPCID HRESET"],
  ["transactions came later, and went", "RTM HLE_or_RTM HLE TSXLDTRK"],
  ["hints for caches and threads came later",
    "Reservednop_*0F0D CLFSH CLFLUSHOPT CLWB CLDEMOTE CLZERO PREFETCHW PREFETCHWT1 PREFETCHITI MONITOR MONITORX WAITPKG ENQCMD MOVDIRI MOVDIR64B SERIALIZE PCOMMIT PTWRITE MCOMMIT"],
  ["handier integer instructions came later",
    "MOVBE POPCNT LZCNT BMI1 BMI2 ADX TBM LWP RAO_INT CMPCCXADD FSGSBASE RDTSCP RDPID RDPRU MSRLIST WRMSRNS CMPXCHG16B UDBG CENTAUR_AIS"],
  ["Intel's manual left them out, and no compiler writes them", "salc"],
  ["these are there to be refused; ours has no row for them", "ud0 ud1"],
  ["there is no system management mode to resume from", "rsm"],
];

const reasons = new Map(
  declined.flatMap(([reason, names]) =>
    names.split(" ").map((name) => [name, reason])
  ),
);
const family = (name: string): string =>
  name.replace(/^AVX.*/, "AVX*").replace(/^Reservednop_.*0F0D$/,
    "Reservednop_*0F0D");

const known = new Map<string, string | undefined>();

/** Why the machine need not know an instruction, if there is a reason. */
export function reasonAgainst(verdict: Verdict): string | undefined {
  const { code } = verdict;
  if (!known.has(code)) known.set(code, findReason(verdict));
  return known.get(code);
}

function findReason({ code, features, mnemonic }: Verdict): string | undefined {
  const name = [mnemonic, code, ...features].map(family).find((name) =>
    reasons.has(name)
  );
  return name === undefined ? undefined : reasons.get(name);
}
