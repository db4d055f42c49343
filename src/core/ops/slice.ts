import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim, Node, Shape } from "../ir/graph.ts";
import { type DType, longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import {
  defineOp,
  type OpDefinition,
  type Operands,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { stridesOf } from "./rules/broadcast.ts";
import { addDims, ceilDivide, isNonNegative, sameDim, subtractDims } from "./rules/dim.ts";
import { keepsShape } from "./rules/movement.ts";
import { fromFront, inferred, knownDims, knownInts, lengthOf, vectorOf } from "./rules/operand.ts";
import { stridedCopy } from "./rules/strided-copy.ts";

/** Anything this far out means "to the end" (exporters write INT64_MAX, INT32_MAX or values near them). */
const FAR = 2 ** 30;

export interface SliceEntry {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
}

/**
 * One entry per sliced axis, from attributes (Slice-1) or inputs (Slice-10 on). Undefined if axes or steps are not
 * known; starts and ends may be symbolic or null.
 */
export function sliceEntries(
  attributes: AttributeReader,
  operands: Operands,
): readonly SliceEntry[] | undefined {
  const rank = operands[0]?.shape?.length;
  if (rank === undefined) return undefined;
  const old = attributes.optionalInts("starts");
  const count = old?.length ?? lengthOf(operands[1]) ?? lengthOf(operands[2]);
  if (count === undefined) return undefined;
  const unknown = new Array<Dim>(count).fill(null);
  const starts = old ?? vectorOf(operands[1]) ?? unknown;
  const ends = attributes.optionalInts("ends") ?? vectorOf(operands[2]) ?? unknown;
  const everyAxis = Array.from({ length: count }, (_, i) => i);
  const axes = old ? attributes.ints("axes", everyAxis) : operands[3] ? vectorOf(operands[3]) : everyAxis;
  const steps = operands[4] ? vectorOf(operands[4]) : starts.map(() => 1);
  if (!axes || !steps) return undefined;
  const entries: SliceEntry[] = [];
  for (const [i, axis] of axes.entries()) {
    const step = steps[i];
    if (typeof axis !== "number" || typeof step !== "number" || step === 0) return undefined;
    entries.push({ axis: fromFront(axis, rank), start: starts[i] ?? null, end: ends[i] ?? null, step });
  }
  return entries;
}

/** A bound clamped into [lowest, length + lowest] as ONNX does; null where a symbolic comparison is undecided. */
function clampBound(bound: Dim, length: Dim, lowest: 0 | -1): Dim {
  if (bound === null) return null;
  if (typeof bound === "number") {
    const highest = addDims(length, lowest);
    if (bound >= FAR) return highest;
    if (bound <= -FAR) return lowest;
    if (typeof length !== "number") {
      // Symbolic lengths are taken to be long enough for a literal index.
      return bound < 0 ? addDims(length, bound) : bound;
    }
    const at = bound < 0 ? bound + length : bound;
    return Math.min(Math.max(at, lowest), length + lowest);
  }
  // A symbolic bound that equals the length, or stands below it, is itself.
  const room = subtractDims(length, bound);
  if (isNonNegative(room)) return bound;
  const below = subtractDims(0, bound);
  return isNonNegative(below)
    ? addDims(length, bound)
    : isNonNegative(subtractDims(bound, length))
      ? length
      : null;
}

/** Number of entries that one slice keeps. */
export function slicedLength({ start, end, step }: SliceEntry, length: Dim): Dim {
  if (step > 0) {
    const from = clampBound(start, length, 0);
    const kept = subtractDims(clampBound(end, length, 0), from);
    if (typeof kept === "number") return Math.max(Math.ceil(kept / step), 0);
    return ceilDivide(kept, step);
  }
  const from =
    typeof start === "number" && start >= FAR ? addDims(length, -1) : clampBound(start, length, -1);
  const to = typeof end === "number" && end <= -FAR ? -1 : clampBound(end, length, -1);
  const kept = subtractDims(from, to);
  if (typeof kept === "number") return Math.max(Math.ceil(kept / -step), 0);
  return ceilDivide(kept, -step);
}

function slicedShape(shape: Shape, entries: readonly SliceEntry[]): Shape {
  const out = [...shape];
  for (const e of entries) out[e.axis] = slicedLength(e, shape[e.axis] ?? null);
  return out;
}

/** First index that one slice of known bounds and length reads. */
function firstIndex({ start, step }: SliceEntry, length: number): number {
  const lowest = step > 0 ? 0 : -1;
  const from = clampBound(start, length, lowest);
  return typeof from === "number" ? from : 0;
}

function sliceSymbolic(operands: Operands, entries: readonly SliceEntry[]): Shape | undefined {
  const values = vectorOf(operands[0]);
  const [e] = entries;
  if (!values || operands[0]?.shape?.length !== 1 || !e || entries.length !== 1) return undefined;
  const count = slicedLength(e, values.length);
  if (typeof count !== "number") return undefined;
  const from = firstIndex(e, values.length);
  return Array.from({ length: count }, (_, i) => values[from + i * e.step] ?? null);
}

function timeSlice(e: SliceEntry, length: Dim): StreamRule {
  const { start, end } = e;
  if (typeof start === "number" && typeof length === "number" && start >= length) {
    return refuse("timeIndexed", { code: "selectsNone" });
  }
  const toEnd =
    (typeof end === "number" && (end >= FAR || (typeof length === "number" && end >= length))) ||
    sameDim(end, length);
  // A negative end trims the tail: it changes the stream's length, not which frame is which.
  const trims = typeof end === "number" && end < 0;
  if (typeof start === "number" && start >= 0 && (toEnd || trims)) return { kind: "crop", start };
  if (typeof start === "number" && start >= 0 && typeof end === "number" && typeof length === "number")
    return { kind: "crop", start, trimmed: length - end };
  if (typeof start === "number" && start <= -FAR)
    return toEnd ? { kind: "crop", start: 0 } : refuse("timeIndexed");
  if (typeof start === "number" && toEnd) return { kind: "lastFrames", frames: -start };
  const back = subtractDims(length, start);
  if (toEnd && typeof start === "string" && typeof back === "number" && back > 0) {
    return { kind: "lastFrames", frames: back };
  }
  return refuse("timeIndexed");
}

/** Every `step`-th frame: a window of one frame. In a chunk, which begins on a frame that is kept, it starts at 0. */
function strided(node: Node, operands: Operands, e: SliceEntry, length: Dim): StreamRule {
  const { axis, start, end, step } = e;
  const starts = knownInts(operands[1]);
  const ends = knownInts(operands[2]);
  const axes = operands[3] ? knownInts(operands[3]) : starts?.map((_, i) => i);
  const at = axes?.findIndex((a) => fromFront(a, operands[0]?.shape?.length ?? 0) === axis) ?? -1;
  if (!starts || !ends || at < 0) return refuse("dataDependent", { code: "bounds" });
  if (step < 0) return refuse("timeReversed", { code: "step", step });
  const toEnd = typeof end === "number" && (end >= FAR || (typeof length === "number" && end >= length));
  const trims = typeof end === "number" && end < 0;
  if (typeof start !== "number" || start < 0 || !(toEnd || trims)) return refuse("timeIndexed");
  const bounds = (values: readonly number[], bound: number, dtype: DType | undefined): Tensor => {
    const written = values.map((v, i) => (i === at ? bound : v));
    return dtype === "int32" ? tensorOf(Int32Array.from(written), [written.length]) : longTensor(written);
  };
  return {
    kind: "window",
    axis,
    kernel: 1,
    stride: step,
    padStart: -start,
    padEnd: trims ? end : 0,
    padValue: 0,
    attributes: node.attributes,
    constants: new Map([
      [1, bounds(starts, 0, operands[1]?.dtype)],
      [2, bounds(ends, 2 ** 31 - 1, operands[2]?.dtype)],
    ]),
  };
}

function sliceStream(attributes: AttributeReader, node: Node, { axes, operands }: StreamContext): StreamRule {
  const axis = axes[0];
  const shape = operands[0]?.shape;
  if (axes.some((a, i) => i > 0 && a !== undefined)) return refuse("dataDependent");
  if (axis === undefined || !shape) return refuse("shapeUnknown");
  const entries = sliceEntries(attributes, operands);
  if (!entries) return refuse("dataDependent", { code: "bounds" });
  const onTime = entries.find((e) => e.axis === axis);
  if (!onTime) return { kind: "perFrame", axis };
  if (onTime.step !== 1) return strided(node, operands, onTime, shape[axis] ?? null);
  const rule = timeSlice(onTime, shape[axis] ?? null);
  const others = entries.filter((e) => e.axis !== axis);
  const identity = others.every((e) =>
    sameDim(slicedLength(e, shape[e.axis] ?? null), shape[e.axis] ?? null),
  );
  return identity || rule.kind === "refuse" ? rule : refuse("timeIndexed", { code: "slicesTwoAxes" });
}

/** Starts and ends without symbolic entries: the length itself is "to the end", k below it is −k. */
function settledBounds(operands: Operands): ReadonlyMap<number, Tensor> {
  const out = new Map<number, Tensor>();
  const x = operands[0]?.shape;
  const axes = operands[3] ? knownInts(operands[3]) : x?.map((_, i) => i);
  for (const input of [1, 2]) {
    const bounds = operands[input];
    const entries = bounds && !bounds.constant ? vectorOf(bounds) : undefined;
    if (!x || !axes || !entries) continue;
    const settled = entries.map((d, i) =>
      settledBound(d, x[fromFront(axes[i] ?? 0, x.length)] ?? null, input === 2),
    );
    const values = knownDims(settled);
    if (!values) continue;
    const { dtype } = bounds ?? {};
    out.set(
      input,
      dtype === "int32" ? tensorOf(Int32Array.from(values), [values.length]) : longTensor(values),
    );
  }
  return out;
}

function settledBound(bound: Dim, length: Dim, isEnd: boolean): Dim {
  if (typeof bound === "number") return bound;
  const back = subtractDims(length, bound);
  if (typeof back !== "number") return null;
  if (back > 0) return -back;
  return isEnd ? 2 ** 31 - 1 : null;
}

/** Slice-1 takes attributes, Slice-10 inputs. */
const slice = defineOp(
  "Slice",
  "Cuts ranges out of axes.",
  (attributes: AttributeReader, node: Node) => ({
    infer(operands) {
      const x = operands[0];
      if (!x?.shape) return [inferred(x?.dtype)];
      const entries = sliceEntries(attributes, operands);
      if (!entries)
        return [
          inferred(
            x.dtype,
            x.shape.map(() => null),
          ),
        ];
      return [inferred(x.dtype, slicedShape(x.shape, entries), sliceSymbolic(operands, entries))];
    },
    stream: (context) => sliceStream(attributes, node, context),
    isIdentity: (operands, results) =>
      keepsShape(operands, results) &&
      (sliceEntries(attributes, operands)?.every((e) => e.step === 1) ?? false),
    settle: settledBounds,
    quant: { inputs: ["activation", "plain", "plain", "plain", "plain"], output: "same" },
    fold(operands) {
      const source = operands[0]?.constant;
      const entries = source && sliceEntries(attributes, operands);
      const dims = entries && knownDims(slicedShape(source.dims, entries));
      if (!source || !entries || !dims) return undefined;
      if (entries.some((e) => typeof e.start !== "number")) return undefined;
      const strides = stridesOf(source.dims);
      const steps = [...strides];
      let offset = 0;
      for (const e of entries) {
        const stride = strides[e.axis] ?? 0;
        steps[e.axis] = stride * e.step;
        offset += stride * firstIndex(e, source.dims[e.axis] ?? 0);
      }
      const out = stridedCopy(source, { dims, steps, offset });
      return out && [out];
    },
  }),
  {
    before: 10,
    upgrade(node, attributes, { integers }) {
      const starts = attributes.ints("starts", []);
      const inputs = [
        node.inputs[0] ?? "",
        integers(starts),
        integers(attributes.ints("ends", [])),
        integers(
          attributes.ints(
            "axes",
            starts.map((_, i) => i),
          ),
        ),
      ];
      return [{ ...node, inputs, attributes: {} }];
    },
  },
);

export const sliceOps: readonly OpDefinition[] = [slice];
