import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { GraphSketch, must } from "../../test/stream-lab.ts";
import { rational } from "../core/base/rational.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import type { Model } from "../core/ir/graph.ts";
import type { StreamAnalysis, TimeAxes } from "../core/stream/analysis.ts";
import type { StreamFact } from "../core/stream/fact.ts";
import { createRuntime } from "../runtime/ort.ts";
import { analyse } from "./analyse.ts";
import { type OpenedModel, openModel } from "./open-model.ts";
import { probeFacts } from "./probe-facts.ts";

const runtime = createRuntime();

const opened = (model: Model): OpenedModel => openModel([{ name: "m.onnx", bytes: encodeModel(model) }]);

/** Two padded convolutions, one of them strided, with an activation between: 1 frame ahead, 5 back. */
function strided(): Model {
  const sketch = new GraphSketch(3);
  const x = sketch.input("x", [1, 4, "T"]);
  const a = sketch.conv(x, [4, 4, 3], { pads: [2, 0] });
  const b = sketch.op("LeakyRelu", [a]);
  const c = sketch.conv(b, [2, 4, 4], { pads: [1, 0], strides: [2] });
  return sketch.model([c]);
}

type Stream = Extract<StreamFact, { kind: "stream" }>;

/** The analysis with one fact changed. */
function spoiled(
  analysis: StreamAnalysis,
  value: string,
  change: (fact: Stream) => StreamFact,
): StreamAnalysis {
  const fact = analysis.facts.get(value);
  if (fact?.kind !== "stream") throw new Error(`${value} does not stream`);
  return { ...analysis, facts: new Map([...analysis.facts, [value, change(fact)]]) };
}

describe("probing", () => {
  const model = opened(strided());
  const { stream } = analyse(model, { x: 2 });
  const [first = "", , last = ""] = model.normalized.graph.nodes.map((n) => n.outputs[0] ?? "");

  test("measures what the rules derive", async () => {
    const report = await probeFacts(model, stream, runtime);
    expect(report.findings).toEqual([]);
    expect(report.lengths).toHaveLength(3);
    const output = must(report.values.find((v) => v.value === last));
    expect(output).toMatchObject({ axis: 2, rate: rational(1, 2), field: { past: 3, future: 2 } });
    expect(stream.facts.get(last)).toMatchObject({ field: { past: 3, future: 2 } });
  });

  const wrong: [string, (fact: Stream) => StreamFact][] = [
    ["axis", (f) => ({ ...f, axis: 1 })],
    ["axis", () => ({ kind: "static" })],
    ["rate", (f) => ({ ...f, rate: rational(1, 3) })],
    ["length", (f) => ({ ...f, delay: f.delay + 1 })],
    ["past", (f) => ({ ...f, field: { ...f.field, past: f.field.past - 1 } })],
    ["future", (f) => ({ ...f, field: { ...f.field, future: f.field.future - 1 } })],
  ];
  test.each(wrong)("contradicts a wrong %s and names the value", async (fact, change) => {
    const report = await probeFacts(model, spoiled(stream, last, change), runtime);
    expect(report.findings.map((f) => f.problem)).toMatchObject([
      { code: "stream.probeDisagrees", value: last, node: last, fact },
    ]);
  });

  test("contradicts a delay that gives frames out before they are known", async () => {
    const early = spoiled(stream, last, (f) => ({ ...f, delay: 0 }));
    const lags = new Map([...early.lags, [last, (early.lags.get(last) ?? 0) - 1]]);
    const report = await probeFacts(model, { ...early, lags }, runtime, { at: [21, 22, 23, 24] });
    expect(report.findings.map((f) => f.problem)).toMatchObject([{ value: last, fact: "delay" }]);
  });

  test("names the first value when several are wrong", async () => {
    const back = (f: Stream): Stream => ({ ...f, field: { past: 0, future: 0 } });
    const both = spoiled(spoiled(stream, last, back), first, back);
    const [culprit] = (await probeFacts(model, both, runtime)).findings;
    expect(culprit?.problem).toMatchObject({ value: first });
  });
});

interface Dependence {
  readonly file: string;
  readonly probe: readonly { t0: number; T_in: number; T_out: number; first: number; last_1e5: number }[];
}

/** Time axes that the files do not tell. */
const AXES: Readonly<Record<string, TimeAxes>> = {
  "bglid__GTCRN-Micro/exports/gtcrn_micro_offline_op18_dynT.onnx": { audio: 2 },
  "bglid__GTCRN-Micro/hist/micro_conv_T64_op16.onnx": { audio: 2 },
  "bglid__GTCRN-Micro/hist/micro_T32_op16.onnx": { audio: 2 },
  "Xiaobin-Rong__gtcrn/exports/gtcrn_offline_op17_dynT.onnx": { mix: 2 },
  "microsoft__PLC-Challenge/nsnetv2_converted.onnx": { input: 0 },
  "ahmad-mirsalari__StreamEase/convtasnet_stft_session_2_no_padding.onnx": { input: 2 },
  "sonos__tract/qtdnn_10x5.onnx": { input: 0 },
};

const listed = sharedData("models/time_dependence.json");

describe.skipIf(!listed)("probing real models", () => {
  const all: Record<string, Dependence> = listed ? JSON.parse(readFileSync(listed, "utf8")) : {};
  for (const [name, { file, probe }] of Object.entries(all)) {
    const path = sharedData(`models/${file}`);
    // Silero's two outputs are classes, not frames.
    test.skipIf(!path || name === "silero mini")(
      `${name}: as measured elsewhere, and as derived`,
      async () => {
        const model = openModel([{ name: file, bytes: new Uint8Array(readFileSync(path ?? "")) }]);
        const { stream } = analyse(model, AXES[file]);
        const frames = must(probe[0]).T_in;
        const report = await probeFacts(model, stream, runtime, { frames, at: probe.map((p) => p.t0) });
        expect(report.findings).toEqual([]);
        const output = must(report.values.find((v) => v.value === model.original.graph.outputs[0]?.name));
        expect(output.frames.at(-1)).toBe(must(probe[0]).T_out);
        for (const theirs of probe) {
          const ours = must(output.reactions.find((r) => r.at === theirs.t0));
          expect(ours.first).toBe(theirs.first);
          // Other noise reaches a little further or less far below float32's resolution.
          expect(ours.last).toBeGreaterThanOrEqual(theirs.last_1e5);
        }
      },
    );
  }
});
