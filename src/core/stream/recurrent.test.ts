import { describe, expect, test } from "vitest";
import {
  analyse,
  compareStream,
  GraphSketch,
  integers,
  must,
  parity,
  runGraph,
  runOffline,
  runScan,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { sliceAxis, stackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { floats, floatTensor, sizeOf, type Tensor, tensorOf } from "../ir/tensor.ts";
import { initialTensor } from "./filled-tensor.ts";
import { calibrationModule } from "./long-chunk.ts";
import { scanWrapper } from "./scan.ts";
import { toStreaming } from "./streaming-model.ts";
import { withWarmUp } from "./warm-up.ts";

const FEATURES = 3;
const HIDDEN = 4;
const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Op = keyof typeof GATES;

/** The runtime picks kernels by shape; states forget, so the noise stays far below the values' range of about 1. */
const ROUNDING = 1e-6;

/** Small and different everywhere, so that no gate saturates and every element matters. */
function weights(seed: number, dims: readonly number[]): Tensor {
  const whole = floats(integers(seed, dims, 50));
  return floatTensor(
    whole.map((v) => v / 64),
    dims,
  );
}

interface Cell {
  readonly op: Op;
  readonly outputs?: readonly string[];
  readonly initial?: readonly (Tensor | undefined)[];
  readonly lengths?: Tensor;
  readonly attributes?: Readonly<Record<string, number | string>>;
}

/** X [T, 1, FEATURES] → one recurrent node with all its weights. */
function addCell(g: GraphSketch, x: string, features: number, cell: Cell, name = "r"): readonly string[] {
  const { op, outputs = ["y"], initial = [], lengths, attributes = {} } = cell;
  const rows = GATES[op] * HIDDEN;
  const inputs = [
    x,
    g.constant(`${name}.w`, weights(11, [1, rows, features])),
    g.constant(`${name}.r`, weights(12, [1, rows, HIDDEN])),
    g.constant(`${name}.b`, weights(13, [1, 2 * rows])),
    lengths ? g.constant(`${name}.lengths`, lengths) : "",
    ...initial.map((t, i) => (t ? g.constant(`${name}.initial${i}`, t) : "")),
  ];
  while (inputs.at(-1) === "") inputs.pop();
  return g.node(op, inputs, outputs, { hidden_size: HIDDEN, ...attributes });
}

function modelOf(cell: Cell, frames: number | string = "T"): Model {
  const g = new GraphSketch();
  const outputs = addCell(g, g.input("x", [frames, 1, FEATURES]), FEATURES, cell);
  return g.model(outputs.filter((o) => o !== ""));
}

const clip = (frames: number): Tensor => weights(5, [frames, 1, FEATURES]);
const state = (seed: number): Tensor => weights(seed, [1, 1, HIDDEN]);

const CASES: readonly (readonly [string, Cell])[] = [
  ["T55 LSTM, no initial state", { op: "LSTM" }],
  ["T56 LSTM, constant initial states", { op: "LSTM", initial: [state(1), state(2)] }],
  ["GRU", { op: "GRU", initial: [state(1)] }],
  ["T60 GRU with linear_before_reset", { op: "GRU", attributes: { linear_before_reset: 1 } }],
  ["RNN", { op: "RNN", initial: [state(3)] }],
  ["T62 LSTM whose states are outputs", { op: "LSTM", outputs: ["y", "yh", "yc"] }],
  ["GRU of which only the last state is read", { op: "GRU", outputs: ["", "yh"], initial: [state(4)] }],
];

describe("recurrence along time", () => {
  test.each(CASES)("%s", async (_, cell) => {
    const model = modelOf(cell);
    const analysis = analyse(model, { x: 0 });
    expect(analysis.refusals).toEqual([]);
    for (const chunk of [1, 2, 5]) {
      const steps = 20 / chunk;
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const caches = must(streaming.modules[0]).caches;
      expect(caches.map((c) => [c.kind, c.input, c.output, c.shape])).toEqual(
        (cell.op === "LSTM" ? ["h", "c"] : ["h"]).map((name) => [
          "state",
          `state.${cell.outputs?.[0] === "" ? "yh" : "y"}.${name}`,
          `state.${cell.outputs?.[0] === "" ? "yh" : "y"}.${name}.next`,
          [1, 1, HIDDEN],
        ]),
      );
      for (const [i, cache] of caches.entries()) {
        const given = cell.initial?.[i];
        if (given) expect(floats(initialTensor(cache))).toEqual(floats(given));
        else expect(cache.init).toBe(0);
      }
      const differences = await parity(model, analysis, streaming, { x: clip(20) }, { chunk, steps });
      for (const d of differences) {
        expect(d.maxAbs).toBeLessThanOrEqual(ROUNDING);
        expect(d.frames).toBe(analysis.facts.get(d.value)?.kind === "perStep" ? steps : 20);
      }
    }
  });

  test("states at the end of every step equal those of the file on that prefix", async () => {
    const model = modelOf({ op: "LSTM", outputs: ["", "yh", "yc"], initial: [state(1), state(2)] });
    const analysis = analyse(model, { x: 0 });
    const x = clip(6);
    const whole = await runOffline(model, analysis, { x }, { chunk: 2, steps: 3 });
    for (let step = 0; step < 3; step++) {
      const prefix = await runGraph(model, model.graph, { x: sliceAxis(x, 0, 0, 2 * step + 2) });
      for (const name of ["yh", "yc"])
        expect(floats(sliceAxis(must(whole[name]), 0, step, step + 1))).toEqual(floats(must(prefix[name])));
    }
  });

  test("T63 a thousand frames, one at a time", async () => {
    const model = modelOf({ op: "GRU" });
    const analysis = analyse(model, { x: 0 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 1 });
    const x = clip(1000);
    const [worst] = await parity(model, analysis, streaming, { x }, { chunk: 1, steps: 1000 });
    expect(worst?.frames).toBe(1000);
    expect(worst?.maxAbs).toBeLessThanOrEqual(ROUNDING);
    const scanned = await runScan(model, scanWrapper(streaming.modules), { x: stackChunks(x, 0, 1) });
    const offline = await runOffline(model, analysis, { x }, { chunk: 1, steps: 1000 });
    const difference = compareStream(analysis, "y", must(scanned.y), must(offline.y), 1);
    expect(difference.maxAbs).toBeLessThanOrEqual(ROUNDING);
  });

  test("a lost or late state is noticed", async () => {
    const model = modelOf({ op: "LSTM" });
    const analysis = analyse(model, { x: 0 });
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const run = (corrupt: (caches: Map<string, Tensor>, step: number) => void) =>
      parity(model, analysis, streaming, { x: clip(12) }, { chunk: 2, steps: 6 }, corrupt);
    for (const name of ["state.y.h", "state.y.c"]) {
      const zero = floatTensor(new Float32Array(HIDDEN), [1, 1, HIDDEN]);
      const [lost] = await run((caches) => caches.set(name, zero));
      expect(lost?.maxAbs).toBeGreaterThan(1e-3);
      let last = zero;
      const [late] = await run((caches) => {
        const now = must(caches.get(name));
        caches.set(name, last);
        last = now;
      });
      expect(late?.maxAbs).toBeGreaterThan(1e-3);
    }
  });

  test("stacked, with a head on the last state", async () => {
    const g = new GraphSketch();
    const [y = ""] = addCell(g, g.input("x", ["T", 1, FEATURES]), FEATURES, { op: "LSTM" }, "first");
    const rows = g.op("Squeeze", [y, g.longs([1])], {}, "rows");
    addCell(g, rows, HIDDEN, { op: "GRU", outputs: ["z", "zh"] }, "second");
    const flat = g.op("Flatten", ["zh"], { axis: 1 }, "flat");
    const model = g.model([
      "z",
      g.op("MatMul", [flat, g.constant("fc", weights(9, [HIDDEN, 2]))], {}, "score"),
    ]);
    const analysis = analyse(model, { x: 0 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 3 });
    const differences = await parity(model, analysis, streaming, { x: clip(18) }, { chunk: 3, steps: 6 });
    for (const d of differences) expect(d.maxAbs).toBeLessThanOrEqual(ROUNDING);
    expect(differences.map((d) => d.frames).sort()).toEqual([18, 6]);
  });

  test("a long chunk shows what single steps show, and goes on where it stopped", async () => {
    const model = modelOf({ op: "LSTM", outputs: ["y", "yh", "yc"] });
    const analysis = analyse(model, { x: 0 });
    const observe = ["y", "yh", "yc"];
    const long = calibrationModule(model, analysis, { chunk: 2, steps: 5, observe });
    expect(long.outputs.map((p) => p.shape)).toEqual([
      [10, 1, 1, HIDDEN],
      [5, 1, 1, HIDDEN],
      [5, 1, 1, HIDDEN],
    ]);
    const x = clip(20);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 2 });
    const byHand = await runSteps(model, streaming.modules, { x }, 10);
    let states = Object.fromEntries(long.caches.map((c) => [c.input, initialTensor(c)]));
    const runs: Record<string, Tensor>[] = [];
    for (const part of [0, 1]) {
      const out = await runGraph(model, long.graph, {
        x: sliceAxis(x, 0, part * 10, part * 10 + 10),
        ...states,
      });
      states = Object.fromEntries(long.caches.map((c) => [c.input, must(out[c.output])]));
      runs.push(out);
    }
    for (const value of observe) {
      const seen = runs.flatMap((r) => [...floats(must(r[value]))]);
      const want = floats(stackSteps(byHand, value));
      expect(seen.length).toBe(want.length);
      for (const [i, v] of seen.entries()) expect(Math.abs(v - (want[i] ?? 0))).toBeLessThanOrEqual(ROUNDING);
    }
  });

  describe.each([1, 2, 4])("behind two frames of look-ahead, chunk %i", (chunk) => {
    const g = new GraphSketch();
    const x = g.input("x", [1, FEATURES, "T"]);
    const conv = g.op("Conv", [x, g.constant("k", weights(8, [FEATURES, FEATURES, 3]))], {}, "conv");
    const moved = g.op("Transpose", [conv], { perm: [2, 0, 1] });
    const outputs = addCell(g, moved, FEATURES, {
      op: "LSTM",
      outputs: ["y", "yh", "yc"],
      initial: [state(1), state(2)],
    });
    const model = g.model(outputs);
    const analysis = withWarmUp(analyse(model, { x: 2 }), chunk);
    const delay = Math.ceil(2 / chunk) * chunk;
    const wave = weights(5, [1, FEATURES, 24]);
    const steps = 24 / chunk;

    test("T57 the state is held until true frames fill a step", async () => {
      expect(analysis.refusals).toEqual([]);
      expect(analysis.warmUp).toBe("hold");
      expect(analysis.facts.get("y")).toMatchObject({ delay });
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const states = must(streaming.modules[0]).caches.filter((c) => c.kind === "state");
      expect(states.map((c) => c.holdSteps)).toEqual([delay / chunk, delay / chunk]);
      const differences = await parity(model, analysis, streaming, { x: wave }, { chunk, steps });
      for (const d of differences) expect(d.maxAbs).toBeLessThanOrEqual(ROUNDING);
      expect(differences.map((d) => d.frames).sort((a, b) => b - a)).toEqual(
        chunk === 1 ? [22, 22, 22] : [24 - delay, steps - delay / chunk, steps - delay / chunk],
      );
    });

    test("in one Scan, and as a long chunk", async () => {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const byHand = await runSteps(model, streaming.modules, { x: wave }, steps);
      const scanned = await runScan(model, scanWrapper(streaming.modules), {
        x: stackChunks(wave, 2, chunk),
      });
      const long = calibrationModule(model, analysis, { chunk, steps, observe: ["y", "yh", "yc"] });
      const states = Object.fromEntries(long.caches.map((c) => [c.input, initialTensor(c)]));
      const whole = await runGraph(model, long.graph, { x: wave, ...states });
      const first = delay / chunk;
      for (const value of ["y", "yh", "yc"]) {
        const want = floats(sliceAxis(stackSteps(byHand, value), 0, first, steps));
        const shown = [floats(sliceAxis(must(scanned[value]), 0, first, steps)), floats(must(whole[value]))];
        for (const values of shown) {
          const seen = values.subarray(values.length - want.length);
          for (const [i, v] of seen.entries())
            expect(Math.abs(v - (want[i] ?? 0))).toBeLessThanOrEqual(ROUNDING);
        }
      }
    });

    test("without holding the state, frames differ ever after", async () => {
      const { model: streaming } = toStreaming(model, analysis, { chunk });
      const modules = streaming.modules.map((m) => ({
        ...m,
        caches: m.caches.map(({ holdSteps: _, ...c }) => c),
      }));
      const [worst] = await parity(model, analysis, { modules }, { x: wave }, { chunk, steps });
      expect(worst?.maxAbs).toBeGreaterThan(1e-3);
    });
  });

  test("T61 a sequence length that is the whole length is dropped", async () => {
    const model = modelOf({ op: "LSTM", lengths: tensorOf(Int32Array.from([12]), [1]) }, 12);
    const analysis = analyse(model, { x: 0 });
    expect(analysis.refusals).toEqual([]);
    const { model: streaming } = toStreaming(model, analysis, { chunk: 3 });
    const [worst] = await parity(model, analysis, streaming, { x: clip(12) }, { chunk: 3, steps: 4 });
    expect(worst).toMatchObject({ frames: 12 });
    expect(worst?.maxAbs).toBeLessThanOrEqual(ROUNDING);
  });

  test.each([
    ["T59 bidirectional", { op: "GRU", attributes: { direction: "bidirectional" } }, "timeReversed"],
    ["reverse", { op: "LSTM", attributes: { direction: "reverse" } }, "timeReversed"],
    [
      "T61 a shorter sequence length",
      { op: "GRU", lengths: tensorOf(Int32Array.from([5]), [1]) },
      "dataDependent",
    ],
  ] as const)("%s is refused", (_, cell, reason) => {
    const { refusals } = analyse(modelOf(cell, 12), { x: 0 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ code: "stream.refused", op: cell.op, axis: 0, reason }),
    ]);
  });

  test("T58 a state that the graph computes from the stream is refused", () => {
    const g = new GraphSketch();
    const x = g.input("x", ["T", 1, FEATURES]);
    const h = g.op("ReduceMean", [x, g.longs([2])], { keepdims: 1 });
    const inputs = [
      x,
      g.constant("w", weights(1, [1, 4, 3])),
      g.constant("r", weights(2, [1, 4, 4])),
      "",
      "",
      h,
    ];
    g.node("RNN", inputs, ["y"], { hidden_size: HIDDEN });
    const { refusals } = analyse(g.model(["y"]), { x: 0 });
    expect(refusals.map((r) => r.problem)).toEqual([
      expect.objectContaining({ op: "RNN", reason: "dataDependent" }),
    ]);
  });

  test("layout 1 carries time on axis 1", () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, "T", FEATURES]);
    const [y = ""] = addCell(g, x, FEATURES, { op: "GRU", attributes: { layout: 1 } });
    const analysis = analyse(g.model([y]), { x: 1 });
    expect(analysis.refusals).toEqual([]);
    expect(analysis.facts.get("y")).toMatchObject({ kind: "stream", axis: 1, delay: 0 });
    const { model: streaming } = toStreaming(g.model([y]), analysis, { chunk: 2 });
    expect(must(streaming.modules[0]).caches.map((c) => c.shape)).toEqual([[1, 1, HIDDEN]]);
    expect(sizeOf(must(streaming.outputs[0]).shape)).toBe(2 * HIDDEN);
  });
});
