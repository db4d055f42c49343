import { describe, expect, it } from "vitest";
import { arrayClip, noise } from "../../test/array-clip.ts";
import { attend } from "../../test/attention-sketch.ts";
import { GraphSketch } from "../../test/stream-lab.ts";
import { refusedNodes } from "../core/approximation/approximate.ts";
import { offersFor } from "../core/approximation/catalogue.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import type { Model } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { Approximations } from "../core/plan/approximation.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { deriveFacts } from "../core/stream/facts.ts";
import { createRuntime } from "../runtime/ort.ts";
import { analyse, approximateAll } from "./analyse.ts";
import { compareModel, prepare } from "./evaluate.ts";
import { freezeStatistics } from "./freeze-statistics.ts";
import { type OpenedModel, openModel } from "./open-model.ts";
import { SILENT_JOB } from "./ports.ts";

const runtime = createRuntime();
const AXES = { x: 2 };

function opened(model: Model): OpenedModel {
  return openModel([{ name: "model.onnx", bytes: encodeModel(model) }]);
}

function refusals(model: OpenedModel) {
  return analyse(model, AXES).stream.refusals.map((f) => f.problem);
}

/** What is offered in the place of the first refused node. */
function offersAt({ normalized, inference }: OpenedModel) {
  const analysis = deriveFacts(normalized, inference, AXES);
  const [refused] = refusedNodes({ model: normalized, inference, analysis });
  return refused ? offersFor(refused) : [];
}

async function measured(
  model: OpenedModel,
  approximations: Approximations,
  { chunk = 1, clip = noise([1, 4, 60], 7) }: { chunk?: number; clip?: Tensor } = {},
) {
  const clips = [arrayClip("clip", "x", clip, 2)];
  const known = await freezeStatistics(model, AXES, approximations, clips, runtime, SILENT_JOB);
  const plan = defaultPlan(model, { axes: AXES, chunk, approximations: known });
  const prepared = prepare(model, plan);
  return compareModel(prepared, clips, runtime, SILENT_JOB).catch((e) => {
    console.log(JSON.stringify(e.problem));
    throw e;
  });
}

/** Takes the mean over time off; `keep` as the exporters write it. */
function meanRemoval(): Model {
  const g = new GraphSketch();
  const x = g.input("x", [1, 4, "T"]);
  const mean = g.op("ReduceMean", [x], { axes: [2], keepdims: 1 }, "mean");
  return g.model([g.op("Sub", [x, mean], {}, "y")]);
}

describe("running statistics", () => {
  it("T51 refuses the mean over time, and its running form equals offline at the last frame", async () => {
    const model = opened(meanRemoval());
    expect(refusals(model)).toMatchObject([{ node: "mean", reason: "timeReduced" }]);
    const approximations = approximateAll(model, AXES);
    expect(approximations).toEqual({ mean: { kind: "running" } });
    for (const chunk of [1, 3, 4]) {
      const parity = await measured(model, approximations, { chunk });
      expect(parity.verdict).toBe("approximate");
      const [node] = parity.approximation?.nodes ?? [];
      expect(node).toMatchObject({ node: "mean", op: "ReduceMean", approximation: { kind: "running" } });
      expect(node?.error?.maxRelative).toBeGreaterThan(0.1);
      // Sixty float32 additions in another order.
      expect(node?.error?.lastRelative).toBeLessThan(1e-5);
      expect(parity.approximation?.outputs[0]?.lastRelative).toBeLessThan(1e-5);
    }
  });

  it("T25 refuses a squeeze and excite of the global mean, offers what can stand in, and scales by the mean so far", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, "T"]);
    const c = g.conv(x, [6, 4, 3], { pads: [1, 1] });
    const mean = g.op("GlobalAveragePool", [c], {}, "mean");
    const gate = g.op("Sigmoid", [g.conv(mean, [6, 6, 1])]);
    const model = opened(g.model([g.op("Mul", [c, gate], {}, "y")]));
    expect(refusals(model)).toMatchObject([{ node: "mean", reason: "timeReduced" }]);
    expect(offersAt(model).map((a) => a.kind)).toEqual(["running", "window", "ema", "frozen"]);
    // Frozen statistics of this very clip would cost nothing.
    for (const mean of offersAt(model).filter((a) => a.kind !== "frozen")) {
      const parity = await measured(model, { mean }, { chunk: 2 });
      expect(parity.verdict).toBe("approximate");
      expect(parity.approximation?.nodes[0]?.error?.maxRelative).toBeGreaterThan(0.01);
    }
  });

  it("T47 lets LayerNorm over channels pass, and measures its running form over channels and time", async () => {
    const norm = (axes: "C" | "CT"): OpenedModel => {
      const g = new GraphSketch();
      const x = g.input("x", [1, 4, "T"]);
      const scale = g.constant("scale", noise([1], 3));
      if (axes === "CT") {
        const y = g.op("LayerNormalization", [x, scale], { axis: 1 }, "y");
        return opened(g.model([y]));
      }
      const last = g.op("Transpose", [x], { perm: [0, 2, 1] });
      return opened(g.model([g.op("LayerNormalization", [last, scale], { axis: -1 }, "y")]));
    };
    expect(refusals(norm("C"))).toEqual([]);
    expect(refusals(norm("CT"))).toMatchObject([{ node: "y", reason: "timeReduced" }]);
    const parity = await measured(norm("CT"), { y: { kind: "running" } });
    expect(parity.verdict).toBe("approximate");
    expect(parity.approximation?.outputs[0]?.lastRelative).toBeLessThan(1e-5);
  });

  it("T48 refuses InstanceNorm and GroupNorm over time; every statistic in their place is measured", async () => {
    const norm = (op: string, attributes: Record<string, number>, entries: number): OpenedModel => {
      const g = new GraphSketch();
      const x = g.input("x", [1, 4, "T"]);
      const affine = [g.constant("scale", noise([entries], 3)), g.constant("shift", noise([entries], 5))];
      return opened(g.model([g.op("Relu", [g.op(op, [x, ...affine], attributes, "norm")], {}, "y")], 21));
    };
    const models = [norm("InstanceNormalization", {}, 4), norm("GroupNormalization", { num_groups: 2 }, 4)];
    for (const model of models) {
      expect(refusals(model)).toMatchObject([{ node: "norm", reason: "timeReduced" }]);
      const last = new Map<string, number>();
      for (const norm of offersAt(model)) {
        const { verdict, approximation } = await measured(model, { norm }, { chunk: 3 });
        expect(verdict).toBe("approximate");
        last.set(norm.kind, approximation?.nodes[0]?.error?.lastRelative ?? Number.NaN);
      }
      expect([...last.keys()]).toEqual(["running", "window", "ema", "frozen"]);
      // Measured on this very clip.
      expect(last.get("frozen")).toBeLessThan(1e-5);
      // A window of 100 frames holds all 60 of them; forgetting does not.
      expect(last.get("running")).toBeLessThan(1e-5);
      expect(last.get("window")).toBeLessThan(1e-5);
      expect(last.get("ema")).toBeGreaterThan(1e-3);
    }
  });

  it("T48 finds GroupNorm where an exporter wrote it as an instance norm between two reshapes", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, "T"]);
    const merged = g.op("Reshape", [x, g.longs([0, 2, -1])], {}, "merged");
    const affine = [g.constant("scale", noise([2], 3)), g.constant("shift", noise([2], 5))];
    const norm = g.op("InstanceNormalization", [merged, ...affine]);
    const back = g.op("Reshape", [norm, g.op("Shape", [x])], {}, "back");
    const model = opened(g.model([g.op("Relu", [back], {}, "y")]));
    expect(approximateAll(model, AXES)).toEqual({ merged: { kind: "running" } });
    const { verdict, approximation } = await measured(model, { merged: { kind: "running" } }, { chunk: 3 });
    expect(verdict).toBe("approximate");
    expect(approximation?.nodes[0]?.error?.value).toBe("back");
    expect(approximation?.outputs[0]?.lastRelative).toBeLessThan(1e-5);
  });

  it("T50 lets Softmax over channels pass; over time, its running form ends as offline does", async () => {
    const soft = (axis: number): OpenedModel => {
      const g = new GraphSketch();
      return opened(g.model([g.op("Softmax", [g.input("x", [1, 4, "T"])], { axis }, "y")]));
    };
    expect(refusals(soft(1))).toEqual([]);
    expect(refusals(soft(2))).toMatchObject([{ node: "y", reason: "timeReduced" }]);
    const { approximation, verdict } = await measured(soft(2), { y: { kind: "running" } });
    expect(verdict).toBe("approximate");
    expect(approximation?.outputs[0]?.lastRelative).toBeLessThan(1e-5);
  });

  it("keeps the largest frame so far where the largest of all is asked for", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, "T"]);
    const model = opened(g.model([g.op("ReduceMax", [x], { axes: [2], keepdims: 0 }, "y")]));
    for (const y of offersAt(model)) {
      const { verdict, approximation } = await measured(model, { y }, { chunk: 2 });
      expect(verdict).toBe("approximate");
      expect(approximation?.outputs[0]?.lastRelative).toBe(0);
    }
    expect(offersAt(model).map((a) => a.kind)).toEqual(["running", "window"]);
  });
});

describe("models of a fixed length", () => {
  it("T52 a pool over 98 frames streams window-exact and continuous; the difference of scores is measured", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, 98]);
    const pool = g.op("GlobalAveragePool", [g.conv(x, [6, 4, 3], { pads: [1, 1] })], {}, "pool");
    const model = opened(g.model([g.op("Flatten", [pool], {}, "y")]));
    expect(refusals(model)).toMatchObject([{ node: "pool", reason: "timeReduced" }]);
    expect(approximateAll(model, AXES)).toEqual({ pool: { kind: "continuous" } });
    const clip = noise([1, 4, 240], 7);
    const exact = await measured(model, { pool: { kind: "windowExact", frames: 98 } }, { chunk: 2, clip });
    const cheap = await measured(model, { pool: { kind: "continuous" } }, { chunk: 2, clip });
    for (const parity of [exact, cheap]) {
      expect(parity.verdict).toBe("approximate");
      expect(parity.approximation?.reference).toBe("window");
    }
    expect(exact.outputs[0]?.maxRelative).toBeLessThan(1e-6);
    // Interior frames of the continuous form do not see the zeros that pad a window.
    expect(cheap.outputs[0]?.maxRelative).toBeGreaterThan(1e-4);
  });

  it("T53 Flatten and Gemm over 16 frames keep a ring of 16; without padding both forms coincide", async () => {
    const g = new GraphSketch();
    const x = g.input("x", [1, 4, 16]);
    const flat = g.op("Flatten", [g.op("Relu", [x])], {}, "flat");
    const model = opened(g.model([g.op("Gemm", [flat, g.constant("w", noise([64, 3], 9))], {}, "y")]));
    expect(refusals(model)).toMatchObject([{ node: "flat", reason: "timeMerged" }]);
    for (const flat of offersAt(model)) {
      const prepared = prepare(model, defaultPlan(model, { axes: AXES, chunk: 4, approximations: { flat } }));
      const [port] = prepared.streaming.model.outputs;
      expect(port).toMatchObject({ kind: "perStep", exact: { kind: "approximate", reason: flat.kind } });
      const [cache] = prepared.streaming.model.modules[0]?.caches ?? [];
      // 16 frames, of which the chunk brings 4.
      expect(cache?.frames).toBe(12);
      const parity = await measured(model, { flat }, { chunk: 4 });
      expect(parity.outputs[0]?.maxRelative).toBeLessThan(1e-6);
    }
    expect(offersAt(model).map((a) => a.kind)).toEqual(["continuous", "windowExact"]);
  });
});

describe("recurrence in both directions", () => {
  it("T59 refuses a bidirectional GRU; in blocks it is measured, and nearer the farther it looks ahead", async () => {
    const g = new GraphSketch();
    const x = g.input("x", ["T", 1, 4]);
    const [hidden, gates] = [5, 15];
    const weights = [
      g.constant("w", noise([2, gates, 4], 3)),
      g.constant("r", noise([2, gates, hidden], 5)),
      g.constant("b", noise([2, 2 * gates], 7)),
    ];
    const attributes = { direction: "bidirectional", hidden_size: hidden, linear_before_reset: 1 };
    const gru = g.op("GRU", [x, ...weights], attributes, "gru");
    const model = opened(g.model([g.op("Tanh", [gru], {}, "y")]));
    const axes = { x: 0 };
    const stream = analyse(model, axes).stream;
    expect(stream.refusals.map((f) => f.problem)).toMatchObject([
      { node: "gru", reason: "timeReversed", offers: ["chunkedBackward:16,16"] },
    ]);
    const errors: number[] = [];
    for (const lookAheadFrames of [0, 3, 12]) {
      const gru = { kind: "chunkedBackward", blockFrames: 4, lookAheadFrames } as const;
      const prepared = prepare(model, defaultPlan(model, { axes, chunk: 8, approximations: { gru } }));
      const blocksAhead = Math.ceil(lookAheadFrames / 4);
      expect(prepared.streaming.model.outputs[0]).toMatchObject({ delay: 4 * blocksAhead });
      const clip = arrayClip("clip", "x", noise([64, 1, 4], 11), 0);
      const parity = await compareModel(prepared, [clip], runtime, SILENT_JOB);
      expect(parity.verdict).toBe("approximate");
      errors.push(parity.approximation?.nodes[0]?.error?.sqnrDb ?? Number.NaN);
    }
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    expect(errors[2]).toBeGreaterThan((errors[0] ?? 0) + 6);
  });
});

describe("limited context", () => {
  /** Every frame attends to all others, or to all before it. */
  function attention(right: number | undefined): OpenedModel {
    const g = new GraphSketch(5);
    g.input("x", [1, 2, "T"]);
    const mask = right === undefined ? {} : { left: 1e6, right };
    return opened(g.model([attend(g, "x", mask)]));
  }

  it.each([
    ["full", undefined],
    ["causal", 0],
  ] as const)("%s attention is refused, and streams with the last frames, measured", async (_, right) => {
    const model = attention(right);
    const [refused] = refusals(model);
    expect(refused).toMatchObject({ reason: right === undefined ? "fullAttention" : "unboundedContext" });
    const [node = ""] = Object.keys(approximateAll(model, AXES));
    expect(approximateAll(model, AXES)).toEqual({ [node]: { kind: "leftContext", frames: 100 } });
    const atTheEnd: number[] = [];
    for (const frames of [8, 60]) {
      for (const chunk of [1, 4]) {
        const clip = noise([1, 2, 60], 7);
        const parity = await measured(model, { [node]: { kind: "leftContext", frames } }, { chunk, clip });
        expect(parity.verdict).toBe("approximate");
        const [output] = parity.approximation?.outputs ?? [];
        expect(output?.maxRelative).toBeGreaterThanOrEqual(output?.lastRelative ?? Number.NaN);
        if (chunk === 1) atTheEnd.push(output?.lastRelative ?? Number.NaN);
      }
    }
    const [few = 0, all = 0] = atTheEnd;
    expect(few).toBeGreaterThan(1e-3);
    // Sixty frames are the whole clip: its last frame sees what it sees offline (softmax sums in another order).
    expect(all).toBeLessThan(1e-5);
  });
});
