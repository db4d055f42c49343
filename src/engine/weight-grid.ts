import { log10 } from "../core/base/elementary.ts";
import { exponentAxisOf, exponentsOf } from "../core/format/espdl/to-model.ts";
import type { Graph, ValueName } from "../core/ir/graph.ts";
import { floats, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { rulesFor } from "../core/ops/catalogue.ts";
import { exponentOfRange } from "../core/quant/esp/exponent.ts";
import { integersOf, type NumberFormat } from "../core/quant/esp/number-format.ts";
import { type ValueGrid, valueGrids } from "../core/quant/qdq/value-grids.ts";
import { dequantizeTensor, quantizeTensor, weightParams } from "../core/quant/quantize-tensor.ts";
import type { QuantParams } from "../core/quant/scheme.ts";
import { targetById } from "../core/targets/catalogue.ts";

/** One output channel of a weight, or the whole of it. */
export interface WeightChannel {
  /** Reals. */
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /** What the integers reach. */
  readonly low: number;
  readonly high: number;
  /** Absent where the file has nothing but the integers. */
  readonly sqnrDb?: number;
}

/** A weight as integers. */
export interface WeightGrid {
  readonly dtype: QuantParams["dtype"];
  readonly axis?: number;
  /**
   * stored: the opened file says so; placed: the last comparison chose it; expected: as the target stores weights of such extremes,
   * before anything was compared.
   */
  readonly known: "stored" | "placed" | "expected";
  /** Every scale is a power of two. */
  readonly powers: boolean;
  readonly sqnrDb?: number;
  readonly channels: readonly WeightChannel[];
}

/** What the page knows: the plan's target, and how the last comparison stored the weight. */
export interface WeightQuestion {
  readonly target: string;
  readonly bits: 8 | 16;
  readonly params?: QuantParams | undefined;
}

const MOST_CHANNELS = 4096;
const INTEGERS: readonly string[] = ["int8", "uint8", "int16", "int32"];

/** A constant of the graph as integers; undefined for what stays float or is no weight. */
export function weightGrid(
  graph: Graph,
  name: ValueName,
  tensor: Tensor,
  question: WeightQuestion | undefined,
): WeightGrid | undefined {
  const stored = storedParams(graph, name, tensor);
  if (stored) return gridOf(tensor, dequantizeTensor(tensor, stored), stored, "stored");
  if (tensor.dtype !== "float32" || !question) return undefined;
  const params = question.params ?? expectedParams(graph, name, tensor, question);
  return params && gridOf(tensor, tensor, params, question.params ? "placed" : "expected");
}

/** Of integers in an `.espdl` file or before a DequantizeLinear. */
function storedParams(graph: Graph, name: ValueName, tensor: Tensor): QuantParams | undefined {
  if (!INTEGERS.includes(tensor.dtype)) return undefined;
  const exponents = exponentsOf(tensor);
  const grid: ValueGrid | undefined = exponents
    ? {
        dtype: tensor.dtype,
        scales: exponents.map((e) => 2 ** e),
        zeroPoints: exponents.map(() => 0),
        axis: exponentAxisOf(tensor) ?? 0,
      }
    : valueGrids(graph).get(name);
  if (!grid) return undefined;
  const { scales, zeroPoints, axis } = grid;
  const dtype = tensor.dtype as QuantParams["dtype"];
  return { dtype, scales, zeroPoints, ...(scales.length > 1 && axis !== undefined && { axis }) };
}

/** Weights by their extremes, per channel where the target has that; biases depend on what they meet. */
function expectedParams(
  graph: Graph,
  name: ValueName,
  tensor: Tensor,
  { target, bits }: WeightQuestion,
): QuantParams | undefined {
  const reader = graph.nodes.find((n) => n.inputs.includes(name));
  const rule = reader && rulesFor(reader)?.quant;
  if (!reader || rule?.inputs[reader.inputs.indexOf(name)] !== "weight") return undefined;
  const rank = tensor.dims.length;
  const axis = rule.channelAxis === undefined ? undefined : (rule.channelAxis + rank) % rank;
  const platform = targetById(target);
  if (platform.exporter === "espdl") return powersOf(tensor, axis, platform.formats[bits]);
  const granularity = axis === undefined ? "tensor" : platform.weights.granularity;
  return weightParams(tensor, axis ?? 0, { ...platform.weights, granularity });
}

function powersOf(tensor: Tensor, axis: number | undefined, format: NumberFormat): QuantParams {
  const along = format.perChannelFilters ? axis : undefined;
  const ranges = rangesOf(floats(tensor), tensor.dims, along);
  const scales = ranges.map(({ min, max }) => 2 ** exponentOfRange(min, max, format.bits));
  return {
    dtype: format.bits === 16 ? "int16" : "int8",
    scales,
    zeroPoints: scales.map(() => 0),
    ...(along !== undefined && { axis: along }),
  };
}

function gridOf(
  tensor: Tensor,
  reals: Tensor,
  params: QuantParams,
  known: WeightGrid["known"],
): WeightGrid | undefined {
  const { dtype, scales, zeroPoints, axis } = params;
  if (scales.length > MOST_CHANNELS) return undefined;
  const values = floats(reals);
  const ranges = rangesOf(values, tensor.dims, axis);
  const noise = known === "stored" ? undefined : noiseOf(tensor, params);
  const { min, max } = dtype === "uint8" ? { min: 0, max: 255 } : integersOf(bitsOf(dtype));
  return {
    dtype,
    known,
    ...(axis !== undefined && { axis }),
    powers: scales.every((s) => Number.isInteger(Math.log2(s))) && zeroPoints.every((z) => z === 0),
    ...(noise && { sqnrDb: decibels(total(noise, "signal"), total(noise, "error")) }),
    channels: ranges.map((range, c): WeightChannel => {
      const [scale, zeroPoint] = [scales[c] ?? scales[0] ?? 1, zeroPoints[c] ?? zeroPoints[0] ?? 0];
      const own = noise?.[c];
      return {
        ...range,
        ...{ scale, zeroPoint, low: (min - zeroPoint) * scale, high: (max - zeroPoint) * scale },
        ...(own && { sqnrDb: decibels(own.signal, own.error) }),
      };
    }),
  };
}

function bitsOf(dtype: QuantParams["dtype"]): number {
  return dtype === "int8" ? 8 : dtype === "int16" ? 16 : 32;
}

interface Noise {
  readonly signal: number;
  readonly error: number;
}

function total(noise: readonly Noise[], of: keyof Noise): number {
  return noise.reduce((n, c) => n + c[of], 0);
}

function decibels(signal: number, error: number): number {
  return error > 0 ? 10 * log10(signal / error) : Number.POSITIVE_INFINITY;
}

function noiseOf(tensor: Tensor, params: QuantParams): Noise[] {
  const [values, back] = [floats(tensor), floats(dequantizeTensor(quantizeTensor(tensor, params), params))];
  const { count, inner } = channelsOf(tensor.dims, params.axis);
  const signal = new Float64Array(count);
  const error = new Float64Array(count);
  for (const [i, x] of values.entries()) {
    const c = Math.floor(i / inner) % count;
    signal[c] = (signal[c] ?? 0) + x * x;
    error[c] = (error[c] ?? 0) + (x - (back[i] ?? 0)) ** 2;
  }
  return Array.from(signal, (s, c) => ({ signal: s, error: error[c] ?? 0 }));
}

function rangesOf(values: Float32Array, dims: readonly number[], axis: number | undefined) {
  const { count, inner } = channelsOf(dims, axis);
  const min = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (const [i, x] of values.entries()) {
    const c = Math.floor(i / inner) % count;
    if (x < (min[c] ?? 0)) min[c] = x;
    if (x > (max[c] ?? 0)) max[c] = x;
  }
  return Array.from(min, (low, c) => ({ min: low, max: max[c] ?? 0 }));
}

function channelsOf(dims: readonly number[], axis: number | undefined) {
  if (axis === undefined) return { count: 1, inner: 1 };
  return { count: dims[axis] ?? 1, inner: sizeOf(dims.slice(axis + 1)) };
}
