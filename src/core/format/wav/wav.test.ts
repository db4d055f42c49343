import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import { StudioError } from "../../base/problem.ts";
import { decodeWav } from "./decode-wav.ts";
import { encodeWav } from "./encode-wav.ts";

const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
const u16 = (n: number): number[] => [n & 255, n >> 8];
const u32 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24];
const chunk = (id: string, body: readonly number[], size = body.length): number[] => [
  ...ascii(id),
  ...u32(size),
  ...body,
  ...(body.length % 2 ? [0] : []),
];
const wave = (...chunks: number[][]): Uint8Array =>
  Uint8Array.from([...ascii("RIFF"), ...u32(4 + chunks.flat().length), ...ascii("WAVE"), ...chunks.flat()]);
const fmt = (tag: number, channels: number, bits: number, sampleBytes = bits / 8): number[] =>
  chunk("fmt ", [
    ...u16(tag),
    ...u16(channels),
    ...u32(16000),
    ...u32(16000 * channels * sampleBytes),
    ...u16(channels * sampleBytes),
    ...u16(bits),
  ]);
const mono = (bytes: Uint8Array): number[] => Array.from(decodeWav(bytes, "a.wav").channels[0] ?? []);
const problem = (bytes: Uint8Array): unknown => {
  try {
    decodeWav(bytes, "a.wav");
  } catch (e) {
    if (e instanceof StudioError) return e.problem;
    throw e;
  }
  return undefined;
};

const audio = fc
  .tuple(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 0, max: 40 }),
    fc.constantFrom(8000, 16000, 44100, 192000),
  )
  .chain(([channels, frames, rateHz]) =>
    fc.record({
      rateHz: fc.constant(rateHz),
      channels: fc.array(
        fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: frames, maxLength: frames }),
        {
          minLength: channels,
          maxLength: channels,
        },
      ),
    }),
  );

describe("round trips", () => {
  test("float32 keeps every bit", () => {
    fc.assert(
      fc.property(audio, (a) => {
        expect(decodeWav(encodeWav(a, "float32"), "a.wav")).toEqual(a);
      }),
    );
  });

  test("int16 is within half a step, and stable from then on", () => {
    fc.assert(
      fc.property(audio, (a) => {
        const bytes = encodeWav(a, "int16");
        const once = decodeWav(bytes, "a.wav");
        expect(encodeWav(once, "int16")).toEqual(bytes);
        once.channels.forEach((c, k) => {
          // Half a step, and a whole one at +1, which 16 bits cannot hold.
          c.forEach((x, i) => {
            expect(Math.abs(x - (a.channels[k]?.[i] ?? 9))).toBeLessThanOrEqual(1 / 32768);
          });
        });
      }),
    );
  });
});

describe("sample codings", () => {
  test("integers of 8, 16, 24 and 32 bits", () => {
    expect(mono(wave(fmt(1, 1, 8), chunk("data", [0, 128, 192])))).toEqual([-1, 0, 0.5]);
    expect(mono(wave(fmt(1, 1, 16), chunk("data", [0, 0x80, 0, 0x40])))).toEqual([-1, 0.5]);
    expect(mono(wave(fmt(1, 1, 24), chunk("data", [0, 0, 0x80, 0, 0, 0x40, 255, 255, 255])))).toEqual([
      -1,
      0.5,
      -(2 ** -23),
    ]);
    expect(mono(wave(fmt(1, 1, 32), chunk("data", [0, 0, 0, 0xc0])))).toEqual([-0.5]);
  });

  test("24 valid bits in four bytes, and an odd number of them per frame", () => {
    expect(mono(wave(fmt(1, 1, 24, 4), chunk("data", [0, 0, 0, 0x40])))).toEqual([0.5]);
    expect(mono(wave(fmt(1, 1, 20, 3), chunk("data", [0, 0, 0x40])))).toEqual([0.5]);
  });

  test("float64", () => {
    const body = [...new Uint8Array(Float64Array.of(0.25, -0.75).buffer)];
    expect(mono(wave(fmt(3, 1, 64), chunk("data", body)))).toEqual([0.25, -0.75]);
  });

  // ITU-T G.711 tables: code → value on a 16-bit scale.
  test("A-law and µ-law", () => {
    expect(mono(wave(fmt(6, 1, 8), chunk("data", [0xd5, 0x55, 0xaa, 0x2a]))).map((x) => x * 32768)).toEqual([
      8, -8, 32256, -32256,
    ]);
    expect(mono(wave(fmt(7, 1, 8), chunk("data", [0xff, 0x80, 0x00]))).map((x) => x * 32768)).toEqual([
      0, 32124, -32124,
    ]);
  });

  test("extensible files name their coding in the sub-format", () => {
    const extension = [...u16(22), ...u16(16), ...u32(4), ...u16(1), ...Array(14).fill(0)];
    const body = [
      ...u16(0xfffe),
      ...u16(1),
      ...u32(48000),
      ...u32(96000),
      ...u16(2),
      ...u16(16),
      ...extension,
    ];
    const bytes = wave(chunk("fmt ", body), chunk("data", [0, 0x40]));
    expect(decodeWav(bytes, "a.wav")).toEqual({ rateHz: 48000, channels: [Float32Array.of(0.5)] });
  });
});

describe("what real writers leave behind", () => {
  const half = [0, 0x40];

  test("chunks in any order, unknown ones, odd sizes with a pad byte", () => {
    const bytes = wave(
      chunk("LIST", [1, 2, 3]),
      chunk("data", half),
      chunk("bext", [9]),
      fmt(1, 1, 16),
      chunk("id3 ", []),
    );
    expect(mono(bytes)).toEqual([0.5]);
  });

  test.each([0, 0xffffffff, 1000])("a data size of %i in an unfinished file", (size) => {
    const bytes = wave(fmt(1, 1, 16), chunk("data", [...half, ...half], size));
    expect(mono(bytes)).toEqual([0.5, 0.5]);
    expect(mono(bytes.subarray(0, -1))).toEqual([0.5]);
  });

  test("an empty data chunk with others behind it is empty", () => {
    expect(mono(wave(fmt(1, 1, 16), chunk("data", []), chunk("LIST", [1, 2, 3])))).toEqual([]);
    expect(mono(wave(fmt(1, 1, 16), chunk("data", [])))).toEqual([]);
  });
});

describe("errors name the place", () => {
  test.each([
    ["no RIFF", Uint8Array.from(ascii("This is not a WAV file")), { code: "audio.malformed", offset: 0 }],
    ["empty", new Uint8Array(), { code: "audio.malformed", offset: 0 }],
    ["an AVI", Uint8Array.from(ascii("RIFF\0\0\0\0AVI ")), { code: "audio.malformed", offset: 8 }],
    ["no fmt", wave(chunk("data", [1, 2])), { code: "audio.malformed", what: { name: "fmt" } }],
    ["no data", wave(fmt(1, 1, 16)), { code: "audio.malformed", what: { name: "data" } }],
    [
      "no channels",
      wave(fmt(1, 0, 16), chunk("data", [])),
      { code: "audio.malformed", what: { code: "channelCount" } },
    ],
    [
      "ADPCM",
      wave(fmt(17, 1, 4, 1), chunk("data", [])),
      { code: "audio.unsupported", what: { code: "wavFormat", tag: "0x11" } },
    ],
    ["float16", wave(fmt(3, 1, 16), chunk("data", [])), { code: "audio.unsupported" }],
    [
      "not a number",
      wave(fmt(3, 1, 32), chunk("data", [0, 0, 0, 0, 0, 0, 192, 127])),
      { code: "audio.malformed", offset: 48 },
    ],
  ])("%s", (_name, bytes, expected) => {
    expect(problem(bytes)).toMatchObject({ file: "a.wav", ...expected });
  });

  test("a file cut anywhere, or with any byte changed, decodes or is refused by name", () => {
    const bytes = encodeWav({ rateHz: 8000, channels: [Float32Array.of(0.1, 0.2, 0.3)] }, "float32");
    for (let n = 0; n < bytes.length; n++) {
      const p = problem(bytes.subarray(0, n));
      if (n < 44) expect(p, `cut at ${n}`).toMatchObject({ code: "audio.malformed" });
      for (const value of [0, 1, 0x7f, 0xff]) problem(bytes.with(n, value));
    }
  });
});

const folder = sharedData("audio");
describe.skipIf(!folder)("shared recordings", () => {
  const files = folder ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const wavs = files.filter((f) => f.endsWith(".wav"));

  test("all decode, the broken one is refused", () => {
    expect(wavs.length).toBeGreaterThan(50);
    for (const file of wavs) {
      const bytes = new Uint8Array(readFileSync(join(folder ?? "", file)));
      if (file.endsWith("invalid.wav")) {
        expect(problem(bytes)).toMatchObject({ code: "audio.malformed", offset: 0 });
        continue;
      }
      const { rateHz, channels } = decodeWav(bytes, file);
      expect(rateHz, file).toBeGreaterThanOrEqual(8000);
      expect(channels[0]?.length ?? 0, file).toBeGreaterThan(1000);
    }
  });
});
