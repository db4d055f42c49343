import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeFrameSource } from "../../src/core/audio/frame-source.ts";
import { layoutFrames } from "../../src/core/audio/layout-frames.ts";
import { sha256Hex } from "../../src/core/base/sha256.ts";
import { decodeUtf8 } from "../../src/core/base/utf8.ts";
import { decodeModel } from "../../src/core/format/onnx/decode-model.ts";
import { encodeModel } from "../../src/core/format/onnx/encode-model.ts";
import { decodeWav } from "../../src/core/format/wav/decode-wav.ts";
import { floats, tensorOf } from "../../src/core/ir/tensor.ts";
import { parsePlan } from "../../src/core/plan/parse-plan.ts";
import { createRuntime } from "../../src/runtime/ort.ts";
import { sampleClips } from "./audio.ts";
import { type SampleProject, sampleFiles } from "./sample-files.ts";
import { SAMPLE_RATE_HZ, SOUND_CLASSES } from "./sounds.ts";
import { buildThreePart, THREE_PART } from "./three-part.ts";
import { TONE_FEATURES, TONE_TCN_INPUT } from "./tone-features.ts";

const FOLDER = new URL("../../public/samples/", import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const index = JSON.parse(decodeUtf8(read("index.json"))) as { samples: readonly SampleProject[] };

describe("public/samples", () => {
  test("is what the scripts make, byte for byte, and nothing else", () => {
    const made = sampleFiles(read("tone-tcn.onnx"));
    for (const [name, bytes] of made) expect(sha256Hex(read(name)), name).toBe(sha256Hex(bytes));
    expect(readdirSync(FOLDER).sort()).toEqual([...made.keys(), "tone-tcn.onnx"].sort());
  });

  test("is small: below 800 kB of audio, 150 kB a model", () => {
    const sizes = (suffix: string): number[] =>
      readdirSync(FOLDER)
        .filter((f) => f.endsWith(suffix))
        .map((f) => read(f).length);
    expect(sizes(".wav").reduce((a, b) => a + b)).toBeLessThan(800_000);
    expect(Math.max(...sizes(".onnx"))).toBeLessThan(150_000);
  });

  test.each(index.samples)("$id: plan, model and clips belong together", ({ model, plan, clips }) => {
    const parsed = parsePlan(decodeUtf8(read(plan)));
    const bytes = read(model);
    expect(parsed.model).toEqual({ name: model, sha256: sha256Hex(bytes) });
    const { graph } = decodeModel(bytes, { file: model });
    const values = new Set(graph.nodes.flatMap((n) => n.outputs));
    for (const split of parsed.splits) expect(values).toContain(split);
    for (const input of graph.inputs) {
      const settings = parsed.features[input.name];
      const axis = parsed.axes[input.name];
      if (!settings || axis === undefined || !input.shape) throw new Error(`no features for ${input.name}`);
      layoutFrames(settings, { input: input.name, shape: input.shape, axis });
    }
    for (const clip of clips) {
      const { rateHz, channels } = decodeWav(read(clip), clip);
      expect(rateHz).toBe(SAMPLE_RATE_HZ);
      // Loud enough to calibrate on, and not clipped.
      const peak = (channels[0] ?? new Float32Array()).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      expect(peak).toBeGreaterThan(0.2);
      expect(peak).toBeLessThan(0.99);
    }
  });
});

describe("three-part demo", () => {
  const runtime = createRuntime();

  test.each([
    THREE_PART,
    { ...THREE_PART, channels: 8, kernel: 5, dilation: 3, frames: 40 },
    { ...THREE_PART, inputChannels: 1, channels: 4, outputChannels: 2, kernel: 1, dilation: 1, frames: 1 },
  ])("runs with %j", async (options) => {
    const session = await runtime.open(encodeModel(buildThreePart(options)));
    const frames = options.frames ?? 50;
    const x = tensorOf(new Float32Array(options.inputChannels * frames).fill(0.5), [
      1,
      options.inputChannels,
      frames,
    ]);
    const { y } = await session.run({ x });
    expect(y?.dims).toEqual([1, options.outputChannels, frames]);
    await session.release();
  });

  test("is causal: a frame changes no earlier one", async () => {
    const session = await runtime.open(encodeModel(buildThreePart()));
    const run = async (bump: number): Promise<Float32Array> => {
      const data = new Float32Array(THREE_PART.inputChannels * 20).fill(0.5);
      data[12] = bump;
      const { y } = await session.run({ x: tensorOf(data, [1, THREE_PART.inputChannels, 20]) });
      if (!y) throw new Error("no output");
      return floats(y);
    };
    const [a, b] = [await run(0.5), await run(3)];
    const changed = new Set<number>();
    a.forEach((v, i) => {
      if (v !== b[i]) changed.add(i % 20);
    });
    expect(Math.min(...changed)).toBe(12);
    expect(Math.max(...changed)).toBeLessThanOrEqual(
      12 + (THREE_PART.kernel - 1) * (1 + THREE_PART.dilation),
    );
    await session.release();
  });
});

describe("tone TCN", () => {
  test("names the sounds of the sample clips, frame by frame", async () => {
    const session = await createRuntime().open(read("tone-tcn.onnx"));
    let [right, frames] = [0, 0];
    for (const { file, slots } of sampleClips()) {
      const { rateHz, channels } = decodeWav(read(file), file);
      const source = makeFrameSource(TONE_FEATURES, channels[0] ?? new Float32Array(), rateHz);
      const layOut = layoutFrames(TONE_FEATURES, { input: "features", shape: TONE_TCN_INPUT, axis: 2 });
      const { dims, data } = layOut(source.read(source.frames));
      const { scores } = await session.run({ features: tensorOf(data, dims) });
      if (!scores) throw new Error("no scores");
      const values = floats(scores);
      for (let t = 0; t < source.frames; t++) {
        const at = SOUND_CLASSES.map((_, c) => values[c * source.frames + t] ?? 0);
        const heard = SOUND_CLASSES[at.indexOf(Math.max(...at))];
        const seconds = (t * TONE_FEATURES.hopSamples + TONE_FEATURES.windowSamples / 2) / rateHz;
        let end = 0;
        const slot = slots.find((s) => {
          end += s.seconds;
          return seconds < end;
        });
        if (heard === slot?.sound.kind) right++;
        frames++;
      }
    }
    // 99.8 % on held-out training data; edges of sounds are fair to miss.
    expect(right / frames).toBeGreaterThan(0.97);
    await session.release();
  });
});
