import { named } from "../base/detail.ts";
import { rational } from "../base/rational.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import { type Dim, makeNode, type Node, type Shape, stringAttribute } from "../ir/graph.ts";
import { longTensor, numbers } from "../ir/tensor.ts";
import {
  defineOp,
  type LengthRewrite,
  type OpDefinition,
  type OperandInfo,
  type Operands,
  refuse,
  type StreamContext,
  type StreamRule,
  type UpgradeContext,
} from "./op.ts";
import { divideExactly, multiplyDims } from "./rules/dim.ts";
import { fromFront, inferred, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

const ABSENT: OperandInfo = { shape: [0] };

interface ResizeInputs {
  readonly scales: OperandInfo | undefined;
  readonly sizes: OperandInfo | undefined;
}

/** Resize-10 has scales as input 1; later ones have roi, scales, sizes. */
function resizeInputs(operands: Operands, old: boolean): ResizeInputs {
  const given = (o: OperandInfo | undefined) => (o?.shape?.[0] === ABSENT.shape?.[0] ? undefined : o);
  return old
    ? { scales: given(operands[1]), sizes: undefined }
    : { scales: given(operands[2]), sizes: given(operands[3]) };
}

function scaled(d: Dim, scale: number | undefined): Dim {
  if (scale === undefined) return null;
  if (typeof d === "number") return Math.floor(d * scale);
  return Number.isInteger(scale) ? multiplyDims(d, scale) : null;
}

/** The one factor that keep_aspect_ratio_policy allows for all axes; "free" if sizes are taken as they are. */
function keptRatio(
  attributes: AttributeReader,
  x: Shape,
  axes: readonly number[],
  lengths: Shape | undefined,
): number | "free" | undefined {
  const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return "free";
  const factors = axes.map((a, i) => Number(lengths?.[i] ?? Number.NaN) / Number(x[a] ?? Number.NaN));
  const ratio = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  return Number.isNaN(ratio) ? undefined : ratio;
}

function resizedShape(attributes: AttributeReader, x: Shape, { scales, sizes }: ResizeInputs): Shape {
  const axes = attributes
    .ints(
      "axes",
      x.map((_, i) => i),
    )
    .map((a) => fromFront(a, x.length));
  const factors = scales?.constant ? numbers(scales.constant) : attributes.floats("scales");
  const lengths = vectorOf(sizes);
  const ratio = keptRatio(attributes, x, axes, lengths);
  return x.map((d, i) => {
    const at = axes.indexOf(i);
    if (at < 0) return d;
    if (sizes && ratio === "free") return lengths?.[at] ?? null;
    if (sizes)
      return typeof d === "number" && ratio !== undefined ? Math.floor(d * Number(ratio) + 0.5) : null;
    return scaled(d, factors?.[at]);
  });
}

/** Which frame every output frame copies when time grows by a whole factor: true if each is repeated, in place. */
function repeatsFrames(attributes: AttributeReader, factor: number): boolean {
  if (!Number.isInteger(factor) || factor < 1) return false;
  if (attributes.string("mode", "nearest") !== "nearest") return false;
  const rounding = attributes.string("nearest_mode", "round_prefer_floor");
  const place = attributes.string("coordinate_transformation_mode", "half_pixel");
  // Frame t·factor + r lies at t + r/factor, or, with half pixels, less than half a frame from t.
  if (place === "asymmetric") return rounding === "floor";
  const halfPixel = place === "half_pixel" || place === "pytorch_half_pixel";
  return halfPixel && (rounding === "round_prefer_floor" || rounding === "round_prefer_ceil");
}

function resizeStream(attributes: AttributeReader, old: boolean, context: StreamContext): StreamRule {
  return unaryAlong(context, (axis, rank) => {
    const { scales, sizes } = resizeInputs(context.operands, old);
    const everyAxis = Array.from({ length: rank }, (_, i) => i);
    const axes = attributes.ints("axes", everyAxis).map((a) => fromFront(a, rank));
    const at = axes.indexOf(axis);
    if (at < 0) return { kind: "perFrame", axis };
    const factors = scales?.constant ? numbers(scales.constant) : attributes.floats("scales");
    const length = context.operands[0]?.shape?.[axis] ?? null;
    const lengths = vectorOf(sizes);
    if (sizes && !lengths) return refuse("dataDependent", named("sizes"));
    const factor = sizes ? divideExactly(lengths?.[at] ?? null, length) : (factors?.[at] ?? null);
    if (typeof factor !== "number") return refuse("unknownOp", { code: "resizesTime" });
    const rewrite = lengths && sizesOfChunk(lengths, at);
    if (sizes && !rewrite) return refuse("dataDependent", named("sizes"));
    const follows = rewrite && { rewrite };
    if (factor === 1) return { kind: "perFrame", axis, ...follows };
    if (attributes.string("mode", "nearest") !== "nearest") {
      const between = linearStream(attributes, axis, factor);
      return between.kind === "interpolate" ? { ...between, ...follows } : between;
    }
    return repeatsFrames(attributes, factor)
      ? { kind: "regroup", axis, factor: rational(factor, 1), ...follows }
      : refuse("unknownOp", { code: "resizesTime" });
  });
}

/** Time that grows by a whole factor on straight lines. */
function linearStream(attributes: AttributeReader, axis: number, factor: number): StreamRule {
  if (attributes.string("mode", "nearest") !== "linear")
    return refuse("unknownOp", { code: "cubicOverTime" });
  const place = attributes.string("coordinate_transformation_mode", "half_pixel");
  // From end to end: every frame moves when the stream gets longer.
  if (place === "align_corners") return refuse("timeIndexed", named(place));
  if (!Number.isInteger(factor) || factor < 2 || attributes.int("antialias", 0) !== 0)
    return refuse("unknownOp", { code: "resizesTime" });
  if (place === "asymmetric") return { kind: "interpolate", axis, factor, placed: "asymmetric" };
  const halfPixel = place === "half_pixel" || place === "pytorch_half_pixel";
  return halfPixel
    ? { kind: "interpolate", axis, factor, placed: "halfPixel" }
    : refuse("unknownOp", { code: "resizesTimeAt", mode: place });
}

/** The sizes input with the frames of the chunk on time, if everything else in it is known. */
function sizesOfChunk(lengths: Shape, at: number): LengthRewrite | undefined {
  const others = lengths.map((d, i) => (i === at ? 0 : d));
  if (!others.every((d) => typeof d === "number")) return undefined;
  return {
    input: 3,
    constant: (frames) => longTensor(others.map((d, i) => (i === at ? frames : Number(d)))),
  };
}

/** A time axis keeps its extent (scale 1, or a size that equals the length), or repeats its frames. */
function resizeRules(attributes: AttributeReader, old: boolean) {
  const nearest = attributes.string("mode", "nearest") === "nearest";
  return {
    infer(operands: Operands) {
      const [x] = operands;
      return [inferred(x?.dtype, x?.shape && resizedShape(attributes, x.shape, resizeInputs(operands, old)))];
    },
    stream: (context: StreamContext) => resizeStream(attributes, old, context),
    quant: {
      inputs: ["activation", "plain", "plain", "plain"],
      output: nearest ? "same" : "own",
    } as const,
  };
}

/** Upsample and Resize-10 place samples asymmetrically; nearest rounds down up-scaling and up down-scaling. */
function toResize(
  node: Node,
  attributes: AttributeReader,
  scales: { readonly name: string; readonly values: readonly number[] | undefined },
): readonly Node[] | undefined {
  const mode = attributes.string("mode", "nearest");
  const values = scales.values;
  if (!values) return undefined;
  const up = values.every((s) => s >= 1);
  if (!up && !values.every((s) => s <= 1)) return undefined;
  if (!up && node.op === "Upsample") return undefined;
  return [
    makeNode(
      "Resize",
      [node.inputs[0] ?? "", "", scales.name],
      node.outputs,
      {
        mode: stringAttribute(mode === "bilinear" ? "linear" : mode),
        coordinate_transformation_mode: stringAttribute("asymmetric"),
        ...(mode === "nearest" && { nearest_mode: stringAttribute(up ? "floor" : "ceil") }),
      },
      node.name,
    ),
  ];
}

function upgradeScales(node: Node, attributes: AttributeReader, context: UpgradeContext) {
  const stated = attributes.floats("scales");
  if (stated) {
    return toResize(node, attributes, { name: context.constant(stated, [stated.length]), values: stated });
  }
  const [, name = ""] = node.inputs;
  const t = context.operand(name)?.constant;
  return toResize(node, attributes, { name, values: t && numbers(t) });
}

const resize = defineOp(
  "Resize",
  "Resamples axes by interpolation.",
  (attributes, node) => resizeRules(attributes, node.inputs.length === 2),
  {
    before: 13,
    upgrade(node, attributes, context, opset) {
      if (opset < 11) return upgradeScales(node, attributes, context);
      // tf_half_pixel_for_nn left the specification in opset 13.
      return attributes.string("coordinate_transformation_mode", "half_pixel") === "tf_half_pixel_for_nn"
        ? undefined
        : [node];
    },
  },
);

const upsample = defineOp(
  "Upsample",
  "Resamples axes by integer or fractional factors (before opset 10).",
  (attributes) => resizeRules(attributes, true),
  { before: 10, upgrade: upgradeScales },
);

export const resizeOps: readonly OpDefinition[] = [resize, upsample];
