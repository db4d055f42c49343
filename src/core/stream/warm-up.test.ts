import { describe, expect, test } from "vitest";
import { poisonOf } from "../../../test/check-graph.ts";
import {
  analyse,
  compareStream,
  type Difference,
  GraphSketch,
  integers,
  must,
  parity,
  runGraph,
  runScan,
  runSteps,
  stackSteps,
} from "../../../test/stream-lab.ts";
import { sliceAxis, stackChunks, unstackChunks } from "../ir/axis.ts";
import type { Model } from "../ir/graph.ts";
import { elements, floats, floatTensor, type Tensor } from "../ir/tensor.ts";
import type { WarmUpChoice } from "../plan/plan.ts";
import { calibrationModule } from "./long-chunk.ts";
import type { Module } from "./module.ts";
import { scanWrapper } from "./scan.ts";
import { POSITION } from "./start-position.ts";
import { type Streaming, toStreaming } from "./streaming-model.ts";

type Build = (g: GraphSketch) => string | string[];

function modelOf(build: Build, shape: readonly (number | string)[] = [1, 2, "T"]): Model {
  const g = new GraphSketch();
  g.input("x", shape);
  return g.model([build(g)].flat());
}

const same = (g: GraphSketch, x: string, k = 3) => g.conv(x, [2, 2, k], { pads: [(k - 1) / 2, (k - 1) / 2] });
const twoSame: Build = (g) => same(g, same(g, "x"));
/** Keeps sums exact: whole numbers within ±3. */
const bounded = (g: GraphSketch, x: string) => {
  const [low, high] = [-3, 3].map((v) => g.constant(`bound${v}`, floatTensor([v], [])));
  return g.op("Clip", [x, must(low), must(high)]);
};
const add = (g: GraphSketch, a: string, b: string) => g.op("Add", [a, b]);

/** Streaming against offline on every frame that both have, step by step with junk at NaN. */
async function differences(
  model: Model,
  warmUp: WarmUpChoice,
  chunk: number,
  { splits = [], frames = 40 }: { splits?: readonly string[]; frames?: number } = {},
): Promise<{ streaming: Streaming; all: Difference[] }> {
  const streaming = toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp, splits });
  const { analysis, model: made } = streaming;
  const steps = Math.ceil(frames / chunk);
  const feeds = { x: integers(5, [1, 2, chunk * steps], 3) };
  const poison = warmUp === "ignore" ? undefined : poisonOf(analysis, made.modules, chunk);
  const all = await parity(model, analysis, made, feeds, { chunk, steps }, poison);
  expect(Math.min(...all.map((d) => d.frames))).toBeGreaterThan(0);
  return { streaming, all };
}

/** Indices of the true frames of the only output that differ from offline. */
async function wrongFrames(model: Model, warmUp: WarmUpChoice, chunk = 1): Promise<number[]> {
  const { analysis, model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp });
  const steps = Math.ceil(40 / chunk);
  const x = integers(5, [1, 2, chunk * steps], 3);
  const [{ name } = { name: "" }] = model.graph.outputs;
  const offline = must((await runGraph(model, model.graph, { x }))[name]);
  const stacked = stackSteps(await runSteps(model, made.modules, { x }, steps), name);
  const wrong: number[] = [];
  for (let t = 0; ; t++) {
    const fact = analysis.facts.get(name);
    if (fact?.kind !== "stream") throw new Error(name);
    const upTo = (n: number) => compareUpTo(stacked, offline, fact.delay, n);
    const difference = upTo(t);
    if (difference === undefined) return wrong;
    if (difference !== 0) wrong.push(t);
  }
}

/** Largest difference at true frame t of [steps, 1, C, n] against [1, C, T]; undefined behind either's end. */
function compareUpTo(stacked: Tensor, offline: Tensor, delay: number, t: number): number | undefined {
  const [steps = 0, , channels = 0, n = 1] = stacked.dims;
  const at = t + delay;
  if (at >= steps * n || t >= (offline.dims[2] ?? 0)) return undefined;
  const chunk = sliceAxis(
    sliceAxis(stacked, 0, Math.floor(at / n), Math.floor(at / n) + 1),
    3,
    at % n,
    (at % n) + 1,
  );
  const frame = sliceAxis(offline, 2, t, t + 1);
  return Math.max(
    ...Array.from({ length: channels }, (_, c) =>
      Math.abs((floats(chunk)[c] ?? 0) - (floats(frame)[c] ?? 0)),
    ),
  );
}

const exact = (all: readonly Difference[]) => expect(all.map((d) => d.maxAbs)).toEqual(all.map(() => 0));

describe("warm-up policies", () => {
  test("T11 ignored, exactly the bound differs", async () => {
    const model = modelOf(twoSame);
    const { model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk: 1, warmUp: "ignore" });
    expect(made.warmUp).toEqual({ policy: "ignore", wrongFrames: 1 });
    expect(made.outputs[0]?.exact).toEqual({ kind: "approximate", reason: "startIgnored" });
    expect(await wrongFrames(model, "ignore")).toEqual([0]);
  });

  test.each<[WarmUpChoice, number]>([
    ["mask", 1],
    ["mask", 3],
    ["hold", 1],
    ["hold", 3],
    ["auto", 1],
    ["auto", 3],
    ["two-graph", 1],
    ["two-graph", 3],
  ])("T12, T13 nothing differs under %s at chunk %i, and no NaN gets through", async (warmUp, chunk) => {
    const { all } = await differences(modelOf(twoSame), warmUp, chunk);
    exact(all);
  });

  test("auto holds where that costs no delay, else masks", async () => {
    const policy = async (chunk: number) =>
      (await differences(modelOf(twoSame), "auto", chunk)).streaming.model;
    expect(await policy(1)).toMatchObject({ warmUp: { policy: "hold" }, outputs: [{ delay: 2 }] });
    expect(await policy(4)).toMatchObject({ warmUp: { policy: "mask" }, outputs: [{ delay: 2 }] });
    const held = (await differences(modelOf(twoSame), "hold", 4)).streaming.model;
    expect(held).toMatchObject({ warmUp: { policy: "hold" }, outputs: [{ delay: 5 }] });
    expect(held.modules[0]?.caches.map((c) => c.holdSteps)).toEqual([undefined, undefined, 1]);
    const causal = modelOf((g) => g.conv("x", [2, 2, 3], { pads: [2, 0] }));
    expect((await differences(causal, "mask", 1)).streaming.model.warmUp.policy).toBe("causal-free");
  });

  test("two graphs keep the same caches, and only the first knows the position", async () => {
    for (const chunk of [1, 2, 4]) {
      const model = modelOf((g) => same(g, same(g, same(g, "x", 5))));
      const { streaming, all } = await differences(model, "two-graph", chunk);
      exact(all);
      const module = must(streaming.model.modules[0]);
      const start = must(module.start);
      expect(module.caches.some((c) => c.kind === "position" || c.holdSteps)).toBe(false);
      expect(start.caches.map((c) => c.input)).toEqual([POSITION]);
      expect(start.graph.inputs.map((v) => v.name)).toEqual([
        ...module.graph.inputs.map((v) => v.name),
        POSITION,
      ]);
      const ops = (nodes: typeof module.graph.nodes) => nodes.map((n) => n.op);
      expect(ops(start.graph.nodes)).toContain("Where");
      expect(ops(module.graph.nodes)).not.toContain("Where");
      // The last reader's input lags by 3 frames, and its window reaches 2 frames back.
      expect(start.runs).toBe(Math.ceil((3 + 2) / chunk));
    }
  });

  test("T14 a residual of look-ahead convolutions is right from its first frame on", async () => {
    const model = modelOf((g) => add(g, g.op("Relu", [same(g, g.op("Relu", [same(g, "x", 5)]))]), "x"));
    for (const warmUp of ["hold", "mask"] as const) exact((await differences(model, warmUp, 1)).all);
    expect(await wrongFrames(model, "mask")).toEqual([]);
    expect(await wrongFrames(model, "ignore")).toContain(0);
  });

  test("T20 a dense concat of padded layers with look-ahead", async () => {
    const model = modelOf((g) => {
      let x = "x";
      for (let channels = 2; channels <= 8; channels += 2)
        x = g.op("Concat", [x, g.conv(x, [2, channels, 3], { pads: [1, 1] })], { axis: 1 });
      return g.conv(x, [2, 10, 1]);
    });
    for (const warmUp of ["hold", "mask"] as const)
      for (const chunk of [1, 3]) exact((await differences(model, warmUp, chunk)).all);
  });

  test("T26 a pool behind Relu starts from the lowest number, which no frame is below", async () => {
    const model = modelOf((g) => {
      const late = g.op("Relu", [same(g, "x")]);
      return g.op("MaxPool", [late], { kernel_shape: [3], pads: [1, 1] });
    });
    for (const warmUp of ["hold", "mask"] as const) exact((await differences(model, warmUp, 2)).all);
  });

  test("T27 constant junk that is not the padding", async () => {
    const model = modelOf((g) => {
      const [one, low, high] = [1, -3, 3].map((v) => g.constant(`c${v}`, floatTensor([v], [])));
      const pad = g.op("Pad", ["x", g.longs([0, 0, 2, 0, 0, 0])]);
      const late = g.op("Sub", [
        g.op("Slice", [pad, g.longs([3]), g.longs([2 ** 31]), g.longs([2])]),
        must(one),
      ]);
      return g.conv(g.op("Clip", [late, must(low), must(high)]), [2, 2, 3], { pads: [2, 0] });
    });
    for (const warmUp of ["hold", "mask"] as const) exact((await differences(model, warmUp, 1)).all);
  });

  test("T29 padding with another value than a convolution's is put in place", async () => {
    const model = modelOf((g) => {
      const five = g.constant("five", floatTensor([5], []));
      const padded = (x: string) => g.op("Pad", [x, g.longs([0, 0, 2, 0, 0, 0]), five]);
      return g.conv(padded(g.conv(padded("x"), [2, 2, 4])), [2, 2, 2]);
    });
    for (const warmUp of ["hold", "mask"] as const)
      for (const chunk of [1, 2]) exact((await differences(model, warmUp, chunk)).all);
  });

  test("T49 a shift between padded convolutions", async () => {
    const model = modelOf((g) =>
      same(g, g.op("Add", [same(g, "x"), g.constant("shift", floatTensor([1, 2], [2, 1]))])),
    );
    for (const warmUp of ["hold", "mask"] as const) exact((await differences(model, warmUp, 2)).all);
  });

  test("T21 a U-Net of three strides with padded skips", async () => {
    const model = modelOf((g) => {
      const down = (x: string) => same(g, g.conv(x, [2, 2, 4], { pads: [1, 1], strides: [2] }));
      const up = (x: string, skip: string) => {
        const weight = g.constant(`up.${x}`, integers(4, [2, 2, 4], 2));
        const wide = g.op("ConvTranspose", [x, weight], { strides: [2], pads: [1, 1] });
        return bounded(g, same(g, add(g, wide, skip)));
      };
      const a = bounded(g, same(g, "x"));
      const b = bounded(g, down(a));
      const c = bounded(g, down(b));
      return up(up(up(bounded(g, down(c)), c), b), a);
    });
    expect(analyse(model, { x: 2 }).minimalChunk).toBe(8);
    for (const warmUp of ["hold", "mask"] as const)
      for (const chunk of [8, 16]) exact((await differences(model, warmUp, chunk, { frames: 240 })).all);
  });

  test("T81 chunks do not matter", async () => {
    const strided = modelOf((g) => same(g, g.conv(same(g, "x"), [2, 2, 8], { pads: [3, 4], strides: [4] })));
    for (const [model, chunks] of [
      [modelOf(twoSame), [1, 2, 3, 6]],
      [strided, [4, 8, 12]],
    ] as const)
      for (const chunk of chunks) exact((await differences(model, "mask", chunk)).all);
  });

  test("T88 outputs of different delays, held", async () => {
    const model = modelOf((g) => [g.conv("x", [2, 2, 3], { pads: [2, 0] }), same(g, same(g, same(g, "x")))]);
    const { streaming, all } = await differences(model, "hold", 1);
    exact(all);
    expect(streaming.model.outputs.map((p) => p.delay)).toEqual([0, 3]);
  });

  test("a split model is held and masked in every module", async () => {
    const model = modelOf((g) => same(g, same(g, same(g, "x"))));
    const at = model.graph.nodes[0]?.outputs[0] ?? "";
    for (const warmUp of ["hold", "mask"] as const) {
      const { streaming, all } = await differences(model, warmUp, 1, { splits: [at] });
      exact(all);
      expect(streaming.model.modules).toHaveLength(2);
    }
  });

  test("T93 a module that does not run before its first whole chunk needs no guard", async () => {
    const model = modelOf((g) => g.conv(g.conv("x", [2, 2, 5]), [2, 2, 3], { pads: [2, 0] }));
    const [crossing = "", output = ""] = model.graph.nodes.map((n) => n.outputs[0] ?? "");
    const chunk = 2;
    const options = { chunk, warmUp: "ignore", splits: [crossing] } as const;
    const { model: made, analysis } = toStreaming(model, analyse(model, { x: 2 }), options);
    const [first, second] = made.modules;
    const delay = must(first?.outputs[0]).delay;
    expect(delay).toBe(4);
    const x = integers(3, [1, 2, 20 * chunk], 3);
    const crossed = await runSteps(model, [must(first)], { x }, 20);
    const arrived = unstackChunks(stackSteps(crossed.slice(delay / chunk), crossing), 2);
    const results = await runSteps(model, [must(second)], { [crossing]: arrived }, 20 - delay / chunk);
    const actual = unstackChunks(stackSteps(results, output), 2);
    const offline = must((await runGraph(model, model.graph, { x }))[output]);
    expect(analysis.wrong.get(output)).toBe(2);
    expect(floats(sliceAxis(actual, 2, 0, 30))).toEqual(floats(sliceAxis(offline, 2, 0, 30)));
  });

  test("T12 gated: a module that first runs when its input's first frame is there differs nowhere", async () => {
    const model = modelOf(twoSame);
    const [crossing = "", output = ""] = model.graph.nodes.map((n) => n.outputs[0] ?? "");
    const options = { chunk: 1, warmUp: "ignore", splits: [crossing] } as const;
    const { model: made } = toStreaming(model, analyse(model, { x: 2 }), options);
    const [first, second] = made.modules;
    const gate = must(first?.outputs[0]).delay;
    expect(gate).toBe(1);
    const x = integers(3, [1, 2, 20], 3);
    const crossed = await runSteps(model, [must(first)], { x }, 20);
    const arrived = unstackChunks(stackSteps(crossed.slice(gate), crossing), 2);
    const results = await runSteps(model, [must(second)], { [crossing]: arrived }, 20 - gate);
    const offline = must((await runGraph(model, model.graph, { x }))[output]);
    const actual = sliceAxis(unstackChunks(stackSteps(results, output), 2), 2, 1, 19);
    expect(floats(actual)).toEqual(floats(sliceAxis(offline, 2, 0, 18)));
  });

  test("holding inside a Scan is holding by hand", async () => {
    const model = modelOf((g) => same(g, same(g, same(g, "x", 5))));
    for (const chunk of [1, 3]) {
      const { analysis, model: made } = toStreaming(model, analyse(model, { x: 2 }), {
        chunk,
        warmUp: "hold",
      });
      const x = integers(9, [1, 2, chunk * 20], 3);
      const [{ name } = { name: "" }] = model.graph.outputs;
      const byHand = stackSteps(await runSteps(model, made.modules, { x }, 20), name);
      const scanned = await runScan(model, scanWrapper(made.modules), { x: stackChunks(x, 2, chunk) });
      expect(must(scanned[name])).toEqual(byHand);
      const offline = must((await runGraph(model, model.graph, { x }))[name]);
      expect(compareStream(analysis, name, byHand, offline, chunk).maxAbs).toBe(0);
    }
  });
});

describe("position", () => {
  const masked = (chunk: number): Module => {
    const model = modelOf(twoSame);
    return must(toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp: "mask" }).model.modules[0]);
  };

  test("T95 stops counting where nothing reaches back to the start", async () => {
    const model = modelOf(twoSame);
    const counts: number[] = [];
    const x = integers(1, [1, 2, 12], 3);
    await runSteps(model, [masked(1)], { x }, 12, (caches) => {
      counts.push(Number(elements(must(caches.get(POSITION)))[0]));
    });
    expect(counts).toEqual([0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
  });

  test("T85 reset and replay, save and restore", async () => {
    const model = modelOf(twoSame);
    const feeds = { x: integers(1, [1, 2, 12], 3) };
    const saved: Map<string, Tensor>[] = [];
    const module = masked(1);
    const first = await runSteps(model, [module], feeds, 12, (caches) => saved.push(new Map(caches)));
    expect(await runSteps(model, [module], feeds, 12)).toEqual(first);
    const rest = { x: sliceAxis(feeds.x, 2, 2, 12) };
    const resumed = await runSteps(model, [module], rest, 10, (caches, step) => {
      if (step === 0) for (const [name, tensor] of must(saved[2])) caches.set(name, tensor);
    });
    expect(resumed).toEqual(first.slice(2));
  });
});

describe("calibration on long chunks", () => {
  test.each<[WarmUpChoice, number]>([
    ["mask", 1],
    ["hold", 1],
    ["hold", 4],
    ["mask", 4],
  ])("T94 sees under %s at chunk %i what the steps see", async (warmUp, chunk) => {
    const model = modelOf((g) => same(g, g.op("Relu", [same(g, same(g, "x", 5))])));
    const { analysis, model: made } = toStreaming(model, analyse(model, { x: 2 }), { chunk, warmUp });
    const [steps, runs] = [5, 4];
    const observe = model.graph.nodes.map((n) => n.outputs[0] ?? "");
    const long = calibrationModule(model, analysis, { chunk, steps, observe });
    const x = integers(2, [1, 2, chunk * steps * runs], 3);
    const blocks = await runSteps(model, [long], { x }, runs);
    const offline = await runGraph(
      model,
      { ...model.graph, outputs: observe.map((name) => ({ name, dtype: "float32" })) },
      { x },
    );
    for (const name of observe)
      expect(
        compareStream(analysis, name, stackSteps(blocks, name), must(offline[name]), chunk),
      ).toMatchObject({
        maxAbs: 0,
      });
    expect(made.warmUp.policy).toBe(warmUp);
  });
});
