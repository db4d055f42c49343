import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { concatAxis, sliceAxis } from "../src/core/ir/axis.ts";
import { floats, type Tensor } from "../src/core/ir/tensor.ts";
import { defaultPlan } from "../src/core/plan/default-plan.ts";
import { ErrorMeter } from "../src/core/quant/error-metrics.ts";
import type { StreamAnalysis, TimeAxes } from "../src/core/stream/analysis.ts";
import { stateBytes, stateDims, statePairs, withoutStates } from "../src/core/stream/state-pairs.ts";
import { analyse } from "../src/engine/analyse.ts";
import { defaultFeatures } from "../src/engine/analysis-report.ts";
import type { ClipReader } from "../src/engine/clip-reader.ts";
import { openClips } from "../src/engine/clips.ts";
import { alignedPair, compareFloat } from "../src/engine/compare/compare-float.ts";
import { compareTwin, type TwinOptions } from "../src/engine/compare-twin.ts";
import { prepare } from "../src/engine/evaluate.ts";
import { noiseClip, uniformNoise } from "../src/engine/noise-clip.ts";
import { type OpenedModel, openModel } from "../src/engine/open-model.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { RolledModel, rollsOf } from "../src/engine/run-rolled.ts";
import { ScanRunner } from "../src/engine/scan-runner.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { firstFramesOf } from "./first-frames.ts";
import { sharedData } from "./shared-data.ts";
import { must } from "./stream-lab.ts";

/*
 * Real networks of which the authors published both forms. Their streaming model, rolled, must equal their offline
 * model; ours, converted from the offline file, must equal it too, and theirs, with no more bytes of cache. A pair that
 * does not convert must say why: once it converts, it is held to the full check.
 */

interface Pair {
  readonly id: string;
  readonly offline: readonly string[];
  readonly streaming: readonly string[];
  readonly time_axis: number;
  readonly tol: number;
  readonly states:
    | readonly { readonly inp: string; readonly out: string; readonly shape: number[] }[]
    | string;
}

/** Of the output's range: float sums in another order. */
const OURS = 1e-5;
/** Frames compared where the offline model takes any length. */
const FRAMES = 96;
/** Where the host keeps an overlap of the input: samples between the streaming model's steps. */
const HOP_OF: Readonly<Record<string, number>> = { D2a: 300 };

/** Floats that the authors' host keeps: samples of the input; in D2b also the open sums of the window and of the signal. */
const HOST_FLOATS: Readonly<Record<string, number>> = { D2a: 300, D2b: 3 * 300 };

/** Pairs that convert: a refusal is a step back. */
const CONVERTS: ReadonlySet<string> = new Set(["A", "B", "D2a", "D2b", "E", "F"]);

const models = sharedData("models");
const speech = sharedData("audio/google__lyra/sample1_16kHz.wav");
const pairs: readonly Pair[] = models ? JSON.parse(readFileSync(`${models}/pairs.json`, "utf8")) : [];
const runtime = createRuntime();
const table: string[] = [];

const open = (path: string): OpenedModel =>
  openModel([{ name: path, bytes: new Uint8Array(readFileSync(`${models}/${path}`)) }]);

/** The offline form: states that are ports stay at zero before the first frame. */
function openOffline(path: string): OpenedModel {
  const opened = open(path);
  const { pairs: states } = statePairs(opened.normalized, opened.inference);
  if (states.length === 0) return opened;
  return openModel([{ name: path, bytes: encodeModel(withoutStates(opened.original, states)) }]);
}

/** Every output of an offline model, streaming in our form, on noise and on speech. */
async function clipsFor(analysis: StreamAnalysis, chunk: number, frames: number): Promise<ClipReader[]> {
  const clips = [firstFramesOf(noiseClip(analysis, chunk), frames)];
  const features = defaultFeatures({ stream: analysis });
  if (speech && Object.values(features).every((f) => f.kind !== "tensor")) {
    const bytes = new Uint8Array(readFileSync(speech));
    const source = { file: basename(speech), bytes: () => Promise.resolve(bytes) };
    clips.push(...(await openClips([source], analysis, { features })).map((c) => firstFramesOf(c, frames)));
  }
  return clips;
}

afterAll(() => {
  if (table.length === 0) return;
  const head = [
    "| pair | offline model | outcome | our cache bytes | theirs |",
    "| --- | --- | --- | --- | --- |",
  ];
  console.log([...head, ...table].join("\n"));
});

describe.skipIf(!models)("models whose authors published both forms", () => {
  for (const pair of pairs) {
    const axis = pair.time_axis;
    describe(`pair ${pair.id}`, () => {
      test.runIf(Array.isArray(pair.states))("its states are recognised", () => {
        for (const path of pair.streaming) {
          const opened = open(path);
          const found = statePairs(opened.normalized, opened.inference).pairs;
          const told = Array.isArray(pair.states) ? pair.states : [];
          expect(found.map((p) => ({ inp: p.input, out: p.output, shape: stateDims(p) }))).toEqual(
            told.map(({ inp, out, shape }) => ({ inp, out, shape })),
          );
          expect(Math.min(...found.map((p) => p.confidence))).toBeGreaterThan(0.5);
        }
      });

      for (const file of pair.offline) {
        const options = (opened: OpenedModel): TwinOptions => {
          const [input = ""] = statePairs(opened.normalized, opened.inference).rest.inputs;
          const hop = HOP_OF[pair.id];
          return { axes: { [input]: axis }, tolerance: pair.tol, ...(hop !== undefined && { hop }) };
        };
        test.skipIf(pair.id === "D2b")(`theirs, rolled, equals ${basename(file)}`, async () => {
          for (const twin of pair.streaming) {
            const offline = open(file);
            const report = await compareTwin(
              { offline, streaming: open(twin) },
              options(offline),
              runtime,
              SILENT_JOB,
            );
            expect(report.outputs.map((o) => o.maxRelative)).toEqual([expect.closeTo(0, 4)]);
            expect(report).toMatchObject({ verdict: "equal", outputs: [{ delayFrames: 0 }] });
            expect(must(report.outputs[0]).frames).toBeGreaterThanOrEqual(60);
          }
        });

        test(`ours, made from ${basename(file)}, equals it and theirs`, async () => {
          const theirs = theirBytes(pair);
          const offline = openOffline(file);
          const axes = axesOf(pair, offline);
          const { stream } = analyse(offline, axes);
          if (stream.refusals.length > 0) {
            const reasons = stream.refusals.map((f) => f.problem);
            for (const problem of reasons) expect(problem).toMatchObject({ code: "stream.refused" });
            expect(CONVERTS.has(pair.id), JSON.stringify(reasons[0])).toBe(false);
            const first = must(reasons[0]);
            const why = first.code === "stream.refused" ? `${first.op} ${first.reason}` : first.code;
            table.push(`| ${pair.id} | ${basename(file)} | refused: ${why} | | ${theirs} |`);
            return;
          }
          const ours = await convertAndCompare(offline, axes, stream.minimalChunk);
          table.push(`| ${pair.id} | ${basename(file)} | exact, ${ours.worst} | ${ours.bytes} | ${theirs} |`);
          expect(ours.bytes).toBeLessThanOrEqual(theirs);
          if (Array.isArray(pair.states)) {
            for (const twin of pair.streaming)
              expect(await againstTheirs(offline, axes, open(twin))).toBeLessThanOrEqual(pair.tol);
          }
        });
      }
    });
  }

  test("T87 T70 pair D2b: theirs, overlapped and added by the host, and ours equal offline", async () => {
    const pair = pairs.find((p) => p.id === "D2b");
    const offline = open(must(pair?.offline[0]));
    const next = uniformNoise(1);
    const [samples, frames, hop, window] = [19000, 187, 300, 600];
    const inputs = {
      "input.1": floatsOf(samples, [1, 1, samples], next),
      "input.2": floatsOf(257 * frames, [1, 257, frames], () => next() + 1),
    };
    const session = await runtime.open(encodeModel(offline.original));
    const expected = floats(must((await session.run(inputs))["1999"]));
    await session.release();
    const rolled = await RolledModel.open(runtime, open(must(pair?.streaming[0])), {
      pairs: [],
      rolls: { "input.1": { axis: 2, window, hop }, "input.2": { axis: 2, window: 3, hop: 3 } },
    });
    const steps = await rolled.run(inputs, SILENT_JOB);
    await rolled.release();
    const sum = (name: string) => overlapAdd(must(steps.get(name)), hop);
    const [norm, signal] = [sum("custom_output_2"), sum("1999")];
    // Every window that reaches these samples has come out by then.
    const whole = must(steps.get("1999")).length * hop;
    const meter = new ErrorMeter();
    const ours = Float32Array.from({ length: whole }, (_, i) => (signal[i] ?? 0) / (norm[i] ?? 1));
    meter.add(expected.subarray(0, whole), ours, { dims: [whole] });
    expect(meter.summary("1999").maxRelative).toBeLessThanOrEqual(must(pair).tol);

    // Ours, one second input of features beside the audio: three frames late, as many as its window must wait for.
    const { stream } = analyse(offline);
    expect(stream.paces?.["input.2"]).toEqual({ rate: { num: 1, den: 100 }, delay: 3 });
    const { streaming: made } = prepare(offline, defaultPlan(offline, { axes: stream.axes, chunk: hop }));
    const runner = await ScanRunner.open(runtime, made.model.modules, made.model.opsets);
    const [steps63, delay] = [Math.floor(samples / hop), must(made.model.outputs[0]).delay];
    const silence = floatsOf(257 * 3, [1, 257, 3], () => 0);
    const late = concatAxis([silence, inputs["input.2"]], 2);
    const results = await runner.run(
      {
        "input.1": sliceAxis(inputs["input.1"], 2, 0, steps63 * hop),
        "input.2": sliceAxis(late, 2, 0, steps63 * 3),
      },
      SILENT_JOB,
    );
    await runner.release();
    const streamed = floats(must(results.get("1999"))).subarray(delay);
    for (const reference of [expected, ours]) {
      const count = Math.min(streamed.length, reference === ours ? whole : samples);
      const error = new ErrorMeter();
      error.add(reference.subarray(0, count), streamed.subarray(0, count), { dims: [count] });
      expect(error.summary("1999").maxRelative).toBeLessThanOrEqual(OURS);
      expect(count).toBeGreaterThan(18_000);
    }
  });
});

function floatsOf(count: number, dims: readonly number[], next: () => number): Tensor {
  const bytes = new Uint8Array(Float32Array.from({ length: count }, next).buffer);
  return { dtype: "float32", dims, bytes };
}

function overlapAdd(steps: readonly Tensor[], hop: number): Float64Array {
  const length = floats(must(steps[0])).length;
  const sum = new Float64Array(hop * (steps.length - 1) + length);
  for (const [step, tensor] of steps.entries()) {
    for (const [i, value] of floats(tensor).entries())
      sum[step * hop + i] = (sum[step * hop + i] ?? 0) + value;
  }
  return sum;
}

/** D2: the first input is audio; D2b's mask runs at a hundredth of its rate, and both stream. */
function axesOf(pair: Pair, opened: OpenedModel): TimeAxes {
  const { rest } = statePairs(opened.normalized, opened.inference);
  return Object.fromEntries(rest.inputs.map((name) => [name, pair.time_axis]));
}

/** Bytes of the authors' states, or of what their host keeps. */
function theirBytes(pair: Pair): number {
  if (!Array.isArray(pair.states)) return 4 * (HOST_FLOATS[pair.id] ?? 0);
  const opened = open(must(pair.streaming[0]));
  return stateBytes(statePairs(opened.normalized, opened.inference).pairs);
}

async function convertAndCompare(opened: OpenedModel, axes: TimeAxes, chunk: number) {
  const prepared = prepare(opened, defaultPlan(opened, { axes, chunk }));
  const { streaming } = prepared;
  const analysis = prepared.analysis.stream;
  const clips = await clipsFor(analysis, chunk, chunk * FRAMES);
  const input = { opened, analysis, streaming: streaming.model, clips };
  const parity = await compareFloat(input, runtime, SILENT_JOB);
  expect(parity.verdict, JSON.stringify(parity.outputs)).toBe("exact");
  expect(parity.original.form).not.toBe("none");
  const worst = Math.max(parity.original.maxRelative, ...parity.outputs.map((o) => o.maxRelative));
  expect(worst).toBeLessThanOrEqual(OURS);
  // The states' own trajectories, not only what the outputs show of them.
  const recurrent = analysis.graph.nodes.filter((n) => ["GRU", "LSTM", "RNN"].includes(n.op));
  const trajectories = new Set(recurrent.flatMap((n) => n.outputs));
  for (const value of parity.values.filter((v) => trajectories.has(v.value)))
    expect(value.maxRelative, value.value).toBeLessThanOrEqual(OURS);
  const bytes = streaming.model.modules.reduce((n, m) => n + m.cost.cacheBytes, 0);
  return { bytes, worst: worst.toExponential(1) };
}

/** Our streaming form and theirs over the same frames: the worst error of an output relative to its range. */
async function againstTheirs(opened: OpenedModel, axes: TimeAxes, theirs: OpenedModel): Promise<number> {
  const chunk = analyse(opened, axes).stream.minimalChunk;
  const prepared = prepare(opened, defaultPlan(opened, { axes, chunk }));
  const { streaming } = prepared;
  const analysis = prepared.analysis.stream;
  const frames = FRAMES - (FRAMES % chunk);
  const inputs = must(await firstFramesOf(noiseClip(analysis, chunk), frames).read(frames));
  const runner = await ScanRunner.open(runtime, streaming.model.modules, streaming.model.opsets);
  const ours = await runner.run(inputs, SILENT_JOB);
  await runner.release();
  const { pairs: states, rest } = statePairs(theirs.normalized, theirs.inference);
  const names = Object.entries(axes).map(([name, axis], i) => [name, rest.inputs[i] ?? name, axis] as const);
  const rolled = await RolledModel.open(runtime, theirs, {
    pairs: states,
    rolls: rollsOf(Object.fromEntries(names.map(([, twin, axis]) => [twin, axis])), chunk),
  });
  const steps = await rolled.run(
    Object.fromEntries(names.map(([name, twin]) => [twin, must(inputs[name])])),
    SILENT_JOB,
  );
  await rolled.release();
  const meter = new ErrorMeter();
  for (const [i, port] of streaming.model.outputs.entries()) {
    const whole = concatAxis(must(steps.get(rest.outputs[i] ?? port.name)), must(port.axis));
    const at = { analysis, chunk, steps: frames / chunk };
    const pair = must(alignedPair(port.name, at, whole, ours.get(port.name)));
    meter.add(floats(pair.offline), floats(pair.streaming), { dims: pair.offline.dims, axis: pair.axis });
  }
  return meter.summary("outputs").maxRelative;
}
