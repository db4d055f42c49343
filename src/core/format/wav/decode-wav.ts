import { type Detail, named } from "../../base/detail.ts";
import { fail } from "../../base/problem.ts";
import { chunksOf, fourCC } from "./riff-chunks.ts";
import { type SampleCoding, sampleReader } from "./sample-readers.ts";

/** Decoded audio: one array per channel, all of one length; full scale is ±1. */
export interface Audio {
  readonly rateHz: number;
  readonly channels: readonly Float32Array[];
}

interface Format {
  readonly coding: SampleCoding;
  readonly channelCount: number;
  readonly rateHz: number;
  /** Bytes of one sample of one channel. */
  readonly sampleBytes: number;
}

const TAG_EXTENSIBLE = 0xfffe;
const CODINGS: ReadonlyMap<number, SampleCoding> = new Map([
  [1, "integer"],
  [3, "float"],
  [6, "a-law"],
  [7, "µ-law"],
]);

/**
 * Reads a WAV file: integer PCM of 8 to 32 bits, float of 32 and 64, A-law and µ-law, plain or extensible, any rate and channel count.
 * What a recorder left unfinished (sizes of 0 or 0xFFFFFFFF, a data chunk cut short) is read as far as it goes.
 * Throws `audio.malformed` with the offset, or `audio.unsupported` with the coding's name.
 */
export function decodeWav(bytes: Uint8Array, file: string): Audio {
  const malformed = (offset: number, what: Detail): never =>
    fail({ code: "audio.malformed", file, offset, what });
  const riff = fourCC(bytes, 0);
  if (riff === "RIFX") fail({ code: "audio.unsupported", file, what: { code: "bigEndian" } });
  if (riff !== "RIFF" && riff !== "RF64" && riff !== "BW64") malformed(0, named("RIFF"));
  if (fourCC(bytes, 8) !== "WAVE") malformed(8, named("WAVE"));
  const chunks = chunksOf(bytes, 12);
  const formatChunk = chunks.find((c) => c.id === "fmt ");
  if (!formatChunk) return malformed(bytes.length, named("fmt"));
  const format = readFormat(bytes.subarray(formatChunk.offset, formatChunk.end), formatChunk.offset, file);
  const data = chunks.find((c) => c.id === "data");
  if (!data) return malformed(bytes.length, named("data"));
  return deinterleave(bytes.subarray(data.offset, data.end), format, { file, offset: data.offset });
}

function readFormat(body: Uint8Array, offset: number, file: string): Format {
  if (body.length < 16) fail({ code: "audio.malformed", file, offset, what: named("fmt") });
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let tag = view.getUint16(0, true);
  // The sub-format of an extensible file is a GUID whose first two bytes are the tag.
  if (tag === TAG_EXTENSIBLE) {
    if (body.length < 26) fail({ code: "audio.malformed", file, offset, what: named("fmt (extensible)") });
    tag = view.getUint16(24, true);
  }
  const coding = CODINGS.get(tag);
  if (!coding)
    return fail({
      code: "audio.unsupported",
      file,
      what: { code: "wavFormat", tag: `0x${tag.toString(16)}` },
    });
  const channelCount = view.getUint16(2, true);
  if (channelCount === 0)
    fail({ code: "audio.malformed", file, offset: offset + 2, what: { code: "channelCount" } });
  const rateHz = view.getUint32(4, true);
  if (rateHz === 0) fail({ code: "audio.malformed", file, offset: offset + 4, what: { code: "sampleRate" } });
  const blockBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  // The container may be wider than the sample (24 bits in 4 bytes); some writers leave the block size 0.
  const sampleBytes = blockBytes > 0 ? blockBytes / channelCount : Math.ceil(bits / 8);
  if (!sampleReader(coding, sampleBytes) || bits > 8 * sampleBytes) {
    fail({ code: "audio.unsupported", file, what: { code: "wavSamples", coding, bits, bytes: sampleBytes } });
  }
  return { coding, channelCount, rateHz, sampleBytes };
}

function deinterleave(data: Uint8Array, format: Format, at: { file: string; offset: number }): Audio {
  const { coding, channelCount, rateHz, sampleBytes } = format;
  const read = sampleReader(coding, sampleBytes);
  if (!read) throw new Error("the format was checked before");
  const frameBytes = channelCount * sampleBytes;
  const frames = Math.floor(data.length / frameBytes);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const channels = Array.from({ length: channelCount }, (_, c) => {
    const samples = new Float32Array(frames);
    for (let i = 0, p = c * sampleBytes; i < frames; i++, p += frameBytes) samples[i] = read(view, p);
    const bad = coding === "float" ? samples.findIndex((x) => !Number.isFinite(x)) : -1;
    if (bad >= 0) {
      const offset = at.offset + bad * frameBytes + c * sampleBytes;
      fail({ code: "audio.malformed", file: at.file, offset, what: { code: "finiteSample" } });
    }
    return samples;
  });
  return { rateHz, channels };
}
