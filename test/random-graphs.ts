import fc from "fast-check";
import { type Model, stringAttribute } from "../src/core/ir/graph.ts";
import { floatTensor } from "../src/core/ir/tensor.ts";
import { GraphSketch, integers } from "./stream-lab.ts";

/*
 * Random graphs over every row of the transfer table that streams exactly. Weights in [-2, 2], inputs in [-3, 3], all
 * whole numbers (averages: quarters), folded back into a small range before they grow: float32 is exact, so any
 * difference is structural.
 */

export type Step =
  | { op: "conv"; k: number; dilation: number; stride: number; start: number; end: number; groups: number }
  | { op: "pool" | "average"; k: number; stride: number; start: number; end: number }
  | { op: "mirror"; mode: "edge" | "reflect"; before: number; after: number }
  | { op: "between"; place: "half_pixel" | "asymmetric" }
  | { op: "mean"; stride: number; start: number; end: number; ceil: number }
  | { op: "relu" | "neg" | "sigmoidLike" | "transpose" | "reshape" | "fold" | "unfold" }
  | {
      op: "overlap";
      channels: number;
      k: number;
      stride: number;
      dilation: number;
      start: number;
      end: number;
      extra: number;
    }
  | { op: "sum"; exclusive: boolean }
  | { op: "recur" }
  | { op: "crop"; frames: number }
  | { op: "pad"; frames: number; value: number }
  | { op: "join"; kind: "Add" | "Sub" | "Concat"; k: number; ahead: number }
  | { op: "dense"; dilations: number[] }
  | { op: "residual"; k: number; ahead: number; depth: number };

/**
 * causal: every window is padded at least as far as it looks back, so nothing lags. ahead: nothing is padded in front, so
 * that delays may pile up. mixed: anything, which often needs a warm-up policy.
 */
export type Mode = "causal" | "ahead" | "mixed";

export interface GraphSpec {
  readonly steps: readonly Step[];
  readonly mode: Mode;
  readonly seed: number;
  /** Which value to split at; undefined: none. */
  readonly split: number | undefined;
  /** Chunk as a multiple of the smallest. */
  readonly factor: number;
}

const small = (max: number, min = 0) => fc.integer({ min, max });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("conv" as const),
      k: small(4, 1),
      dilation: small(3, 1),
      stride: fc.constantFrom(1, 1, 1, 2, 3),
      start: small(9),
      end: small(4),
      groups: fc.constantFrom(1, 1, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("pool" as const),
      k: small(4, 1),
      stride: small(2, 1),
      start: small(3),
      end: small(3),
    }),
  },
  fc.record({
    op: fc.constant("average" as const),
    k: fc.constantFrom(2, 4),
    stride: small(2, 1),
    start: small(3),
    end: small(3),
  }),
  fc.record({
    op: fc.constant("mirror" as const),
    mode: fc.constantFrom("edge" as const, "reflect" as const),
    before: small(3),
    after: small(3),
  }),
  fc.record({
    op: fc.constant("between" as const),
    place: fc.constantFrom("half_pixel" as const, "asymmetric" as const),
  }),
  fc.record({
    op: fc.constant("mean" as const),
    stride: small(2, 1),
    start: small(1),
    end: small(1),
    ceil: small(1),
  }),
  fc.record({
    op: fc.constantFrom(
      "relu" as const,
      "neg" as const,
      "sigmoidLike" as const,
      "transpose" as const,
      "reshape" as const,
      "fold" as const,
      "unfold" as const,
    ),
  }),
  fc.record({
    op: fc.constant("overlap" as const),
    channels: fc.constantFrom(2, 2, 16),
    k: small(4, 1),
    stride: small(3, 1),
    dilation: small(2, 1),
    start: small(3),
    end: small(3),
    extra: small(2),
  }),
  fc.record({ op: fc.constant("sum" as const), exclusive: fc.boolean() }),
  fc.record({ op: fc.constant("recur" as const) }),
  fc.record({ op: fc.constant("crop" as const), frames: small(3, 1) }),
  fc.record({ op: fc.constant("pad" as const), frames: small(4, 1), value: small(2) }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("join" as const),
      kind: fc.constantFrom("Add" as const, "Sub" as const, "Concat" as const),
      k: small(5, 2),
      ahead: small(4),
    }),
  },
  fc.record({
    op: fc.constant("dense" as const),
    dilations: fc.array(small(4, 1), { minLength: 2, maxLength: 3 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant("residual" as const),
      k: small(5, 2),
      ahead: small(4),
      depth: small(2, 1),
    }),
  },
);

export const graphSpec: fc.Arbitrary<GraphSpec> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  mode: fc.constantFrom<Mode>("causal", "ahead", "mixed", "mixed", "mixed"),
  seed: small(100_000, 1),
  split: fc.option(small(20), { nil: undefined }),
  factor: small(3, 1),
});

function startPad(mode: Mode, wanted: number, extent: number, most: number): number {
  if (mode === "ahead") return 0;
  return Math.min(most, mode === "causal" ? Math.max(wanted, extent - 1) : wanted);
}

/** Keeps numbers within ±3 frame by frame: clip. */
function bounded(g: GraphSketch, x: string): string {
  return g.op("Clip", [x, "low", "high"]);
}

/** [1, C, T] as [1, T, C] and back, with a Reshape between that regroups time. */
function regrouped(g: GraphSketch, x: string, channels: number): string {
  const rows = g.op("Transpose", [x], { perm: [0, 2, 1] });
  const moved = g.op("Reshape", [rows, g.longs([1, -1, channels])]);
  const back = g.op("Transpose", [moved], { perm: [0, 2, 1] });
  return bounded(g, g.conv(back, [2, channels, 1]));
}

function overlap(g: GraphSketch, x: string, s: Extract<Step, { op: "overlap" }>): string {
  const kernel = s.dilation * (s.k - 1) + 1;
  // Many channels into two: what is carried is the output.
  const wide = s.channels === 2 ? x : bounded(g, g.conv(x, [s.channels, 2, 1]));
  const [weight, bias] = [integers(g.size, [s.channels, 2, s.k], 2), integers(g.size, [2], 2)];
  const inputs = [wide, g.constant(`ow${g.size}`, weight), g.constant(`ob${g.size}`, bias)];
  return bounded(
    g,
    g.op("ConvTranspose", inputs, {
      strides: [s.stride],
      dilations: [s.dilation],
      pads: [Math.min(s.start, kernel - 1), Math.min(s.end, kernel - 1)],
      output_padding: [Math.min(s.extra, s.stride - 1)],
    }),
  );
}

/** A recurrence over whole numbers: h ← Relu(clip(W·x + R·h + b)). */
function recur(g: GraphSketch, x: string): string {
  const weights = [
    [1, 2, 2],
    [1, 2, 2],
    [1, 4],
  ].map((dims, i) => g.constant(`r${g.size}.${i}`, integers(g.size + i, dims, 1)));
  const sequence = g.op("Transpose", [x], { perm: [2, 0, 1] });
  const h = g.op("RNN", [sequence, ...weights], {
    hidden_size: 2,
    clip: { kind: "float", value: 3 },
    activations: { kind: "strings", value: [new TextEncoder().encode("Relu")] },
  });
  const flat = g.op("Squeeze", [h, g.longs([1])]);
  return g.op("Transpose", [flat], { perm: [1, 2, 0] });
}

function lookAhead(mode: Mode, k: number, ahead: number): number {
  return mode === "causal" ? 0 : mode === "ahead" ? k - 1 : Math.min(ahead, k - 1);
}

function write(g: GraphSketch, x: string, s: Step, mode: Mode): string {
  switch (s.op) {
    case "conv": {
      const extent = s.dilation * (s.k - 1) + 1;
      const pads = [startPad(mode, s.start, extent, extent + 1), Math.min(s.end, extent)];
      const attributes = { pads, dilations: [s.dilation], strides: [s.stride], group: s.groups };
      return bounded(g, g.conv(x, [2, 2 / s.groups, s.k], attributes));
    }
    case "pool":
    case "average": {
      const pads = [startPad(mode, s.start, s.k, s.k - 1), Math.min(s.end, s.k - 1)];
      const window = { kernel_shape: [s.k], strides: [s.stride], pads };
      return s.op === "pool"
        ? g.op("MaxPool", [x], window)
        : g.op("AveragePool", [x], { ...window, count_include_pad: 1 });
    }
    case "mirror": {
      const pads = g.longs([0, 0, s.before, 0, 0, s.after]);
      return g.op("Relu", [g.op("Pad", [x, pads], { mode: stringAttribute(s.mode) })]);
    }
    case "between": {
      const scales = g.constant(`s${g.size}`, floatTensor([1, 1, 2], [3]));
      const attributes = {
        mode: stringAttribute("linear"),
        coordinate_transformation_mode: stringAttribute(s.place),
      };
      return bounded(g, g.op("Resize", [x, "", scales], attributes));
    }
    case "mean": {
      // Means of two frames, or of one at an end.
      const pads = [startPad(mode, s.start, 2, 1), s.end];
      const window = { kernel_shape: [2], strides: [s.stride], pads, ceil_mode: s.ceil };
      return bounded(g, g.op("AveragePool", [x], window));
    }
    case "relu":
      return g.op("Relu", [x]);
    case "neg":
      return g.op("Neg", [x]);
    case "sigmoidLike":
      // Zero does not stay zero: constant junk changes.
      return bounded(g, g.op("Add", [x, "high"]));
    case "transpose": {
      const rows = g.op("MatMul", [g.op("Transpose", [x], { perm: [0, 2, 1] }), "square"]);
      return bounded(g, g.op("Transpose", [rows], { perm: [0, 2, 1] }));
    }
    case "reshape":
      return g.op("Reshape", [
        g.op("Relu", [g.op("Reshape", [x, g.longs([2, 1, -1])])]),
        g.longs([1, 2, -1]),
      ]);
    case "fold":
      return regrouped(g, x, 4);
    case "unfold":
      return regrouped(g, x, 1);
    case "overlap":
      return overlap(g, x, s);
    case "sum": {
      const total = g.op("CumSum", [x, g.longs([2])], { exclusive: s.exclusive ? 1 : 0 });
      return g.op("Mod", [total, "four"], { fmod: 1 });
    }
    case "recur":
      return recur(g, x);
    case "crop":
      if (mode === "causal") return x;
      return g.op("Slice", [x, g.longs([s.frames]), g.longs([2 ** 31]), g.longs([2])]);
    case "pad": {
      const value = g.constant(`v${g.size}`, floatTensor([s.value], []));
      return g.op("Relu", [g.op("Pad", [x, g.longs([0, 0, s.frames, 0, 0, 0]), value])]);
    }
    case "join": {
      const ahead = lookAhead(mode, s.k, s.ahead);
      const branch = bounded(g, g.conv(x, [2, 2, s.k], { pads: [s.k - 1 - ahead, ahead] }));
      if (s.kind === "Add") return bounded(g, g.op("Add", [branch, x]));
      if (s.kind === "Sub") {
        const wide = g.op("Relu", [g.conv(x, [4, 2, 1])]);
        return bounded(g, g.op("Sub", [g.conv(branch, [2, 2, 1]), g.conv(wide, [2, 4, 1])]));
      }
      return bounded(g, g.conv(g.op("Concat", [x, branch], { axis: 1 }), [2, 4, 1]));
    }
    case "dense": {
      const sides = (d: number) => (mode === "ahead" ? [0, d] : [d, 0]);
      const branches = s.dilations.map((d) => g.conv(x, [2, 2, 2], { pads: sides(d), dilations: [d] }));
      return bounded(g, g.op("Sum", branches));
    }
    case "residual": {
      const ahead = lookAhead(mode, s.k, s.ahead);
      let y = x;
      for (let i = 0; i < s.depth; i++) {
        y = g.op("Relu", [bounded(g, g.conv(y, [2, 2, s.k], { pads: [s.k - 1 - ahead, ahead] }))]);
      }
      return bounded(g, g.op("Add", [y, x]));
    }
  }
}

/** The model of a spec; undefined if its steps come to nothing. An inner value goes out beside the last. */
export function buildGraph({
  steps,
  mode,
  seed,
}: Pick<GraphSpec, "steps" | "mode" | "seed">): Model | undefined {
  const g = new GraphSketch(seed);
  g.constant("low", floatTensor([-3], []));
  g.constant("high", floatTensor([3], []));
  g.constant("four", floatTensor([4], []));
  g.constant("square", integers(seed, [2, 2], 2));
  let x = g.input("x", [1, 2, "T"]);
  const all: string[] = [];
  for (const s of steps) {
    x = write(g, x, s, mode);
    all.push(x);
  }
  const inner = all[Math.floor(all.length / 2)];
  const outputs = [...new Set([x, inner ?? x])].filter((v) => v !== "x");
  return outputs.length > 0 ? g.model(outputs) : undefined;
}
