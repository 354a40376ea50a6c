// The other decoder: iced, which knows every x86 instruction there is, told
// to see the world as a Pentium Pro does.
import {
  CC_e,
  CC_ne,
  Code,
  CpuidFeature,
  Decoder,
  DecoderOptions,
  Formatter,
  FormatterSyntax,
  Instruction,
  MemorySizeExt,
  MemorySizeOptions,
  Mnemonic,
} from "iced-x86";

/** What iced says of some bytes. */
export interface Verdict {
  /** NASM's words, as canonical() leaves them. */
  text: string;
  length: number;
  /** Its names for the instruction, and for what a processor needs to have it. */
  mnemonic: string;
  code: string;
  features: string[];
  /** Bytes of the operand in memory, 0 for none. */
  size: number;
}

/** A Pentium Pro has no tzcnt, lzcnt, wbnoinvd; 0F 18 to 1F do nothing. */
const OPTIONS = DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD
  | DecoderOptions.NoWbnoinvd | DecoderOptions.ForceReservedNop;

/** Each string of bytes has so much room. */
export const ROOM = 16;

const formatter = new Formatter(FormatterSyntax.Nasm);
Object.assign(formatter, {
  hexPrefix: "0x",
  hexSuffix: "",
  uppercaseHex: false,
  leadingZeros: false,
  addLeadingZeroToHexNumbers: false,
  branchLeadingZeros: false,
  displacementLeadingZeros: false,
  digitSeparator: "",
  smallHexNumbersInDecimal: true,
  spaceAfterOperandSeparator: true,
  memorySizeOptions: MemorySizeOptions.Never,
  showBranchSize: false,
  nasmShowSignExtendedImmediateSize: false,
  signedMemoryDisplacements: true,
  signedImmediateOperands: false,
  cc_e: CC_e.z,
  cc_ne: CC_ne.nz,
  usePseudoOps: false,
  showUselessPrefixes: true,
  preferSt0: true,
  alwaysShowSegmentRegister: false,
});
const found = new Instruction();

/** Reads strings of bytes that stand ROOM bytes apart; undefined: no instruction. */
export function judge(bytes: Uint8Array): (k: number) => Verdict | undefined {
  const decoder = new Decoder(32, bytes, OPTIONS);
  return (k) => {
    decoder.position = k * ROOM;
    decoder.ip = 0n;
    decoder.decodeOut(found);
    if (found.isInvalid) return undefined;
    return {
      text: formatter.format(found),
      length: found.length,
      size: MemorySizeExt.size(found.memorySize),
      get mnemonic() {
        return Mnemonic[found.mnemonic].toLowerCase();
      },
      get code() {
        return Code[found.code];
      },
      get features() {
        return [...found.cpuidFeatures()].map((n) => CpuidFeature[n]);
      },
    };
  };
}
