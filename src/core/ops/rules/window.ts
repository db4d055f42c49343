import type { AttributeReader } from "../../ir/attributes.ts";
import {
  type Attribute,
  type Dim,
  intAttribute,
  intsAttribute,
  type Node,
  type Shape,
} from "../../ir/graph.ts";
import { refuse, type StreamRule } from "../op.ts";
import { addDims, ceilDivide, floorDivide } from "./dim.ts";

/** Geometry of a sliding window over the spatial axes, as the attributes state it. */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Explicit pads [starts…, ends…]; ignored unless autoPad is NOTSET. */
  readonly pads: readonly number[];
  readonly autoPad: "NOTSET" | "VALID" | "SAME_UPPER" | "SAME_LOWER";
  readonly ceil: boolean;
}

export function windowOf(attributes: AttributeReader, kernel: readonly number[]): WindowAttributes {
  const ones = kernel.map(() => 1);
  const autoPad = attributes.string("auto_pad", "NOTSET");
  return {
    kernel,
    strides: attributes.ints("strides", ones),
    dilations: attributes.ints("dilations", ones),
    pads: attributes.ints("pads", [...kernel, ...kernel].fill(0)),
    autoPad: autoPad === "VALID" || autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER" ? autoPad : "NOTSET",
    ceil: attributes.int("ceil_mode", 0) !== 0,
  };
}

/** Kernel extent along spatial axis i, dilation·(k−1)+1. */
export function extentOf(w: WindowAttributes, i: number): number {
  return (w.dilations[i] ?? 1) * ((w.kernel[i] ?? 1) - 1) + 1;
}

/** [start, end] pads along spatial axis i; undefined if SAME padding depends on an unknown length. */
export function padsOf(w: WindowAttributes, i: number, length: Dim): readonly [number, number] | undefined {
  if (w.autoPad === "VALID") return [0, 0];
  if (w.autoPad === "NOTSET") return [w.pads[i] ?? 0, w.pads[w.kernel.length + i] ?? 0];
  const stride = w.strides[i] ?? 1;
  let total = extentOf(w, i) - 1;
  if (stride !== 1) {
    if (typeof length !== "number") return undefined;
    total = Math.max((Math.ceil(length / stride) - 1) * stride + extentOf(w, i) - length, 0);
  }
  const small = Math.floor(total / 2);
  return w.autoPad === "SAME_UPPER" ? [small, total - small] : [total - small, small];
}

/** Spatial output lengths (Conv and pools). */
export function windowLengths(w: WindowAttributes, spatial: Shape): Shape {
  return spatial.map((length, i) => {
    const stride = w.strides[i] ?? 1;
    if (w.autoPad === "SAME_UPPER" || w.autoPad === "SAME_LOWER") return ceilDivide(length, stride);
    const [start, end] = padsOf(w, i, length) ?? [0, 0];
    const room = addDims(length, start + end - extentOf(w, i));
    if (!w.ceil) return addDims(floorDivide(room, stride), 1);
    const count = addDims(ceilDivide(room, stride), 1);
    // A last window that would start inside the end padding is dropped (as onnxruntime does).
    if (typeof count === "number" && typeof length === "number") {
      return (count - 1) * stride >= length + start ? count - 1 : count;
    }
    return count;
  });
}

/** All pads resolved to numbers in ONNX order; undefined if one depends on an unknown length. */
export function explicitPads(w: WindowAttributes, spatial: Shape): readonly number[] | undefined {
  const pairs = w.kernel.map((_, i) => padsOf(w, i, spatial[i] ?? null));
  if (pairs.some((p) => p === undefined)) return undefined;
  return [...pairs.map((p) => p?.[0] ?? 0), ...pairs.map((p) => p?.[1] ?? 0)];
}

export interface WindowedInput {
  readonly node: Node;
  readonly window: WindowAttributes;
  /** Time axis of input 0, and its whole shape. */
  readonly axis: number;
  readonly shape: Shape;
  readonly padValue: number | "lowest";
  /** What the padding counts in means: nothing (false: AveragePool without count_include_pad); absent: no mean is taken. */
  readonly padsCount?: boolean;
}

/**
 * The stream rule of Conv and pools when time is one of the spatial axes. Rounding the length up is padding behind the
 * end: as much as the last window can need that still begins on a frame.
 */
export function windowRule({ node, window: w, axis, shape, padValue, padsCount }: WindowedInput): StreamRule {
  const i = axis - 2;
  const stride = w.strides[i] ?? 1;
  const same = w.autoPad === "SAME_UPPER" || w.autoPad === "SAME_LOWER";
  if (same && stride !== 1) return refuse("autoPadStrided");
  // The length on the time axis does not matter here: stride 1 is the only SAME case left.
  const pads = explicitPads(
    w,
    shape.slice(2).map((d, k) => (k === i ? 0 : d)),
  );
  if (!pads) return refuse("shapeUnknown");
  const rank = w.kernel.length;
  const padStart = pads[i] ?? 0;
  const after = pads[rank + i] ?? 0;
  const kernel = extentOf(w, i);
  const padEnd = w.ceil ? Math.max(after, Math.min(kernel - 1, after + stride - 1)) : after;
  const whole = padsCount === undefined || (padsCount ? padEnd === after : padStart === 0 && padEnd === 0);
  const counted = { before: padsCount ? padStart : 0, after: padsCount ? after : 0 };
  const attributes: Record<string, Attribute> = { ...node.attributes };
  delete attributes.auto_pad;
  attributes.pads = intsAttribute(pads.map((p, k) => (k % rank === i ? 0 : p)));
  // A step's window divides evenly, so rounding up matters only on other axes.
  if (rank === 1) delete attributes.ceil_mode;
  else if (w.ceil) attributes.ceil_mode = intAttribute(1);
  return {
    kind: "window",
    axis,
    kernel,
    stride,
    padStart,
    padEnd,
    padValue,
    attributes,
    ...(!whole && { counted: { taps: w.kernel[i] ?? 1, dilation: w.dilations[i] ?? 1, ...counted } }),
  };
}
