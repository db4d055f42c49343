import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import { type Attribute, type Dim, intsAttribute, type Node, type Shape } from "../ir/graph.ts";
import { floats, floatTensor, type Tensor } from "../ir/tensor.ts";
import {
  type Cost,
  defineOp,
  type OpDefinition,
  type Operands,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { addDims, multiplyDims } from "./rules/dim.ts";
import { countPerFrame, dimOf, inferred, knownDims } from "./rules/operand.ts";
import { overlapHistory } from "./rules/overlap.ts";
import { extentOf, type WindowAttributes, windowOf } from "./rules/window.ts";

/** stride·(n−1) + output_padding + extent − pads, or what output_shape or SAME says. */
function outputLengths(attributes: AttributeReader, w: WindowAttributes, spatial: Shape): Dim[] {
  const outputShape = attributes.optionalInts("output_shape");
  const outputPadding = attributes.ints("output_padding", []);
  return spatial.map((n, i) => {
    const fixed = outputShape?.[outputShape.length - spatial.length + i];
    if (fixed !== undefined) return fixed;
    const stride = w.strides[i] ?? 1;
    if (w.autoPad === "SAME_UPPER" || w.autoPad === "SAME_LOWER") return multiplyDims(n, stride);
    const pads = w.autoPad === "VALID" ? 0 : (w.pads[i] ?? 0) + (w.pads[w.kernel.length + i] ?? 0);
    const rest = extentOf(w, i) + (outputPadding[i] ?? 0) - pads - stride;
    return addDims(multiplyDims(n, stride), rest);
  });
}

interface TimeWindow {
  readonly kernel: number;
  readonly stride: number;
  readonly outputPadding: number;
  readonly pads: readonly [number, number];
}

/** Geometry along spatial axis i; undefined if pads follow from an output length that no longer holds. */
function timeWindow(attributes: AttributeReader, w: WindowAttributes, i: number): TimeWindow | undefined {
  if (attributes.has("output_shape")) return undefined;
  const kernel = extentOf(w, i);
  const stride = w.strides[i] ?? 1;
  const outputPadding = attributes.ints("output_padding", [])[i] ?? 0;
  const rank = w.kernel.length;
  if (w.autoPad === "NOTSET" || w.autoPad === "VALID") {
    const at = (k: number) => (w.autoPad === "VALID" ? 0 : (w.pads[k] ?? 0));
    return { kernel, stride, outputPadding, pads: [at(i), at(rank + i)] };
  }
  const total = kernel + outputPadding - stride;
  if (total < 0) return undefined;
  const small = Math.floor(total / 2);
  const pads =
    w.autoPad === "SAME_UPPER" ? ([small, total - small] as const) : ([total - small, small] as const);
  return { kernel, stride, outputPadding, pads };
}

/**
 * Attributes under which the node, given a chunk of n frames behind its history, answers with exactly the stride·n
 * frames that no later frame adds to: the frames of the history alone and those still open are cropped as pads.
 */
function streamedAttributes(
  node: Node,
  w: WindowAttributes,
  windows: readonly TimeWindow[],
  i: number,
  open = false,
): Record<string, Attribute> {
  const { auto_pad: _, ...rest } = node.attributes;
  const own = windows[i];
  if (!own) throw new RangeError(`no spatial axis ${i}`);
  const { kernel, stride } = own;
  const front = open ? 0 : overlapHistory(kernel, stride) * stride;
  const starts = windows.map(({ pads }, k) => (k === i ? front : pads[0]));
  const ends = windows.map(({ pads }, k) => (k === i ? (open ? 0 : Math.max(0, kernel - stride)) : pads[1]));
  const gap = windows.map(({ outputPadding }, k) => (k === i ? Math.max(0, stride - kernel) : outputPadding));
  return {
    ...rest,
    kernel_shape: intsAttribute(w.kernel),
    pads: intsAttribute([...starts, ...ends]),
    output_padding: intsAttribute(gap),
  };
}

function convTransposeStream(attributes: AttributeReader, node: Node, context: StreamContext): StreamRule {
  const axis = context.axes[0];
  const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(context.operands[1]?.shape?.slice(2));
  if (context.axes.some((a, i) => i > 0 && a !== undefined)) {
    return refuse("dataDependent", { code: "streamingWeights" });
  }
  if (axis === undefined || !kernel) return refuse("shapeUnknown");
  if (axis === 0) return { kind: "perFrame", axis };
  if (axis === 1) return refuse("timeContracted");
  const w = windowOf(attributes, kernel);
  const windows = kernel.map((_, k) => timeWindow(attributes, w, k)).filter((t) => t !== undefined);
  const own = windows[axis - 2];
  if (!own || windows.length < kernel.length) return refuse("autoPadStrided", named("output_shape"));
  const { stride, pads, outputPadding } = own;
  if (own.kernel === 1 && stride === 1 && pads[0] + pads[1] + outputPadding === 0)
    return { kind: "perFrame", axis };
  return {
    kind: "overlap",
    axis,
    kernel: own.kernel,
    stride,
    padStart: pads[0],
    padEnd: pads[1],
    outputPadding,
    attributes: streamedAttributes(node, w, windows, axis - 2),
    openAttributes: streamedAttributes(node, w, windows, axis - 2, true),
  };
}

/** The sums of one spatial axis; undefined for more. Weights of zero are passed over: a filter may be an identity. */
function evaluateOverlap(
  attributes: AttributeReader,
  group: number,
  [x, w, b]: Operands,
): readonly Tensor[] | undefined {
  const [data, weight] = [x?.constant, w?.constant];
  if (data?.dtype !== "float32" || weight?.dtype !== "float32" || data.dims.length !== 3) return undefined;
  const [batch = 0, channels = 0, frames = 0] = data.dims;
  const [, perGroup = 0, taps = 0] = weight.dims;
  const geometry = windowOf(attributes, [taps]);
  const own = timeWindow(attributes, geometry, 0);
  const [count] = outputLengths(attributes, geometry, [frames]);
  if (!own || typeof count !== "number") return undefined;
  const dilation = geometry.dilations[0] ?? 1;
  const [input, weights] = [floats(data), floats(weight)];
  const bias = b?.constant && floats(b.constant);
  const outputs = perGroup * group;
  const sums = Float64Array.from({ length: batch * outputs * count }, (_, i) =>
    Number(bias?.[Math.floor(i / count) % outputs] ?? 0),
  );
  for (let i = 0; i < weights.length; i++) {
    const value = weights[i] ?? 0;
    if (value === 0) continue;
    const c = Math.floor(i / (perGroup * taps));
    const m = (Math.floor(i / taps) % perGroup) + Math.floor((c * group) / channels) * perGroup;
    const shift = (i % taps) * dilation - own.pads[0];
    for (let n = 0; n < batch; n++) {
      for (let t = 0; t < frames; t++) {
        const at = t * own.stride + shift;
        if (at < 0 || at >= count) continue;
        const to = (n * outputs + m) * count + at;
        sums[to] = (sums[to] ?? 0) + value * (input[(n * channels + c) * frames + t] ?? 0);
      }
    }
  }
  return [floatTensor(Float32Array.from(sums), [batch, outputs, count])];
}

const convTranspose = defineOp(
  "ConvTranspose",
  "Spreads every input element over a filter and sums the overlaps.",
  (attributes, node) => {
    const group = attributes.int("group", 1);
    return {
      infer([x, w]) {
        const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(w?.shape?.slice(2));
        if (!x?.shape || !kernel) return [inferred(x?.dtype)];
        const spatial = outputLengths(attributes, windowOf(attributes, kernel), x.shape.slice(2));
        return [inferred(x.dtype, [x.shape[0] ?? null, multiplyDims(dimOf(w, 1), group), ...spatial])];
      },
      stream: (context) => convTransposeStream(attributes, node, context),
      evaluate: (operands) => evaluateOverlap(attributes, group, operands),
      // Axis 1 indexes the channel inside a group: one scale serves that channel of every group.
      quant: { inputs: ["activation", "weight", "bias"], channelAxis: 1, output: "own" },
      cost([x, w]): Cost {
        return { macs: countPerFrame(x?.shape) * countPerFrame(w?.shape?.slice(1)) };
      },
    };
  },
);

export const convTransposeOps: readonly OpDefinition[] = [convTranspose];
