import { elements, floats, sizeOf, type Tensor, tensorOf } from "../ir/tensor.ts";
import { channelParams, dtypeRange, paramsFor } from "./params.ts";
import type { Range } from "./range.ts";
import { roundHalfEven } from "./round.ts";
import type { QuantParams, Scheme } from "./scheme.ts";

/** How the elements of a tensor fall into channels: element i belongs to channel ⌊i/inner⌋ mod count. */
interface Channels {
  readonly count: number;
  readonly inner: number;
}

function channelsOf(dims: readonly number[], axis: number | undefined): Channels {
  if (axis === undefined) return { count: 1, inner: 1 };
  return { count: dims[axis] ?? 1, inner: sizeOf(dims.slice(axis + 1)) };
}

/**
 * ONNX QuantizeLinear on a float32 tensor, bit for bit: saturate(round-half-even(x / scale) + zero point), the quotient
 * in float32. NaN becomes the zero point.
 */
export function quantizeTensor(tensor: Tensor, params: QuantParams): Tensor {
  const values = floats(tensor);
  const { count, inner } = channelsOf(tensor.dims, params.axis);
  const { min, max } = dtypeRange(params.dtype);
  const out = integersFor(params.dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % count;
    const zero = params.zeroPoints[channel] ?? 0;
    const ratio = Math.fround((values[i] as number) / (params.scales[channel] ?? 1));
    // Clamp before rounding: the shift that rounds is only exact for |x| < 2^51.
    const q = roundHalfEven(Math.min(max - zero, Math.max(min - zero, ratio))) + zero;
    out[i] = Number.isNaN(q) ? zero : q;
  }
  return tensorOf(out, tensor.dims);
}

/** ONNX DequantizeLinear, bit for bit: (q − zero point) · scale in float32. */
export function dequantizeTensor(tensor: Tensor, params: QuantParams): Tensor {
  const integers = elements(tensor);
  const { count, inner } = channelsOf(tensor.dims, params.axis);
  const out = new Float32Array(integers.length);
  for (let i = 0; i < out.length; i++) {
    const channel = Math.floor(i / inner) % count;
    // Exact difference of integers below 2^32, then one rounding to float32 for each operation, as runtimes do.
    out[i] =
      Math.fround(Number(integers[i]) - (params.zeroPoints[channel] ?? 0)) * (params.scales[channel] ?? 1);
  }
  return tensorOf(out, tensor.dims);
}

/**
 * Min-max parameters of a constant: one entry per index of `axis` if the scheme is per channel, else one in all.
 * `smallestScales` (one per channel) keeps scales from falling below a bound; see `smallestWeightScales`.
 */
export function weightParams(
  tensor: Tensor,
  axis: number,
  scheme: Scheme,
  smallestScales: readonly number[] = [],
): QuantParams {
  const perChannel = scheme.granularity === "channel";
  const ranges = rangesOf(tensor, perChannel ? axis : undefined);
  const params = perChannel
    ? channelParams(ranges, axis, scheme, "int8")
    : paramsFor(ranges[0] ?? ZERO, scheme, "int8");
  const bounds = perChannel ? smallestScales : [Math.max(0, ...smallestScales)];
  return { ...params, scales: params.scales.map((scale, c) => Math.max(scale, bounds[c] ?? 0)) };
}

const ZERO: Range = { low: 0, high: 0 };

function rangesOf(tensor: Tensor, axis: number | undefined): Range[] {
  const values = floats(tensor);
  const { count, inner } = channelsOf(tensor.dims, axis);
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  for (let i = 0; i < values.length; i++) {
    const channel = Math.floor(i / inner) % count;
    const x = values[i] as number;
    if (x < (low[channel] as number)) low[channel] = x;
    if (x > (high[channel] as number)) high[channel] = x;
  }
  return Array.from(low, (l, c) => ({ low: l, high: high[c] ?? 0 }));
}

/** Parameters of an int32 bias: scale = scale(input) · scale(weight) in float32, zero point 0. */
export function biasParams(inputScale: number, weightScales: readonly number[], axis = 0): QuantParams {
  const scales = weightScales.map((scale) => Math.fround(inputScale * scale));
  const zeroPoints = scales.map(() => 0);
  return scales.length === 1
    ? { dtype: "int32", scales, zeroPoints }
    : { dtype: "int32", scales, zeroPoints, axis };
}

/** Largest bias integer that leaves an int32 accumulator room for the products. */
const LARGEST_BIAS = 2 ** 30;

/**
 * Weight scales below which a bias would not fit (a channel of nearly zero weights has a tiny scale). ONNX Runtime
 * widens such weight scales too.
 */
export function smallestWeightScales(bias: Tensor, inputScale: number): number[] {
  return Array.from(floats(bias), (b) => {
    const least = Math.abs(b) / (inputScale * LARGEST_BIAS);
    const rounded = Math.fround(least);
    return rounded < least ? Math.fround(least * (1 + 2 ** -22)) : rounded;
  });
}

function integersFor(
  dtype: QuantParams["dtype"],
  count: number,
): Int8Array | Uint8Array | Int16Array | Int32Array {
  switch (dtype) {
    case "int8":
      return new Int8Array(count);
    case "uint8":
      return new Uint8Array(count);
    case "int16":
      return new Int16Array(count);
    case "int32":
      return new Int32Array(count);
    default:
      return dtype satisfies never;
  }
}
