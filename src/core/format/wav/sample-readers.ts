export type SampleCoding = "integer" | "float" | "a-law" | "µ-law";

/** One sample at a byte offset, full scale ±1. */
export type SampleReader = (view: DataView, offset: number) => number;

const INTEGER: Readonly<Record<number, SampleReader>> = {
  // Eight-bit samples are unsigned.
  1: (v, p) => (v.getUint8(p) - 128) / 128,
  2: (v, p) => v.getInt16(p, true) / 32768,
  3: (v, p) => (v.getInt8(p + 2) * 65536 + v.getUint16(p, true)) / 8388608,
  4: (v, p) => v.getInt32(p, true) / 2147483648,
};

const FLOAT: Readonly<Record<number, SampleReader>> = {
  4: (v, p) => v.getFloat32(p, true),
  8: (v, p) => v.getFloat64(p, true),
};

/** The reader of a coding with this many bytes per sample; undefined if there is none. */
export function sampleReader(coding: SampleCoding, sampleBytes: number): SampleReader | undefined {
  if (coding === "integer") return INTEGER[sampleBytes];
  if (coding === "float") return FLOAT[sampleBytes];
  if (sampleBytes !== 1) return undefined;
  const expand = coding === "a-law" ? expandALaw : expandMuLaw;
  return (v, p) => expand(v.getUint8(p)) / 32768;
}

/** ITU-T G.711 A-law: even bits inverted, sign, three exponent and four mantissa bits. 16-bit scale. */
function expandALaw(code: number): number {
  const bits = code ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** ITU-T G.711 µ-law: all bits inverted, sign, three exponent and four mantissa bits, bias 132. 16-bit scale. */
function expandMuLaw(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return bits & 0x80 ? -magnitude : magnitude;
}
