import { elements, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run, roundDouble } from "../kernel-context.ts";
import type { KernelForm, Layout, Window } from "../program.ts";
import { rowProducts } from "./row-products.ts";

type Convolution = Extract<KernelForm, { kind: "convolution" }>;

/**
 * Convolution over one or two spatial axes, any group. Sums are exact: products of 8 bits in int32 arithmetic, of 16 bits in
 * doubles (below 2^53 for every filter up to 2^23 taps). Source: esp-dl dl_base.hpp 133–368, dl_base_conv2d.cpp.
 */
export const runConvolution: Run<Convolution> = (context) => {
  const { form, inputs, rounding } = context;
  const input = inputAt(context, 0);
  const filter = inputAt(context, 1);
  const bias = inputs[2] ? Float64Array.from(elements(inputs[2]), Number) : undefined;
  const record = outputRecord(context);
  const plan = planOf(input, filter, form, record.dims);
  const values = numbersOf(input);
  const sums =
    plan.group === 1
      ? convolveDense(plan, values, filter, bias)
      : convolve(plan, values, packed(filter, plan), bias);
  const round = roundDouble(rounding);
  const scales = Array.from(
    { length: plan.outputs },
    (_, o) => 2 ** -(form.shifts[o] ?? form.shifts[0] ?? 0),
  );
  const place = placesOf(plan, form.layout);
  return [
    filled(record, sums.length, (i) => {
      const at = place(i);
      const y = round((sums[at] ?? 0) * (scales[at % plan.outputs] ?? 1));
      return form.relu && y < 0 ? 0 : y;
    }),
  ];
};

interface Plan {
  readonly batch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly group: number;
  /** Two spatial axes; a missing first one has extent 1. */
  readonly extent: readonly [number, number];
  readonly outExtent: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly [number, number];
  readonly layout: Layout;
}

function planOf(input: Tensor, filter: Tensor, form: Convolution, outDims: readonly number[]): Plan {
  const { layout, window, group } = form;
  const spatial = (dims: readonly number[]) =>
    layout === "channels-first" ? dims.slice(2) : dims.slice(1, -1);
  const channelsOf = (dims: readonly number[]) => (layout === "channels-first" ? dims[1] : dims.at(-1)) ?? 1;
  return {
    batch: input.dims[0] ?? 1,
    channels: channelsOf(input.dims),
    outputs: filter.dims[0] ?? 1,
    group,
    extent: pair(spatial(input.dims), 1),
    outExtent: pair(spatial(outDims), 1),
    kernel: pair(window.kernel, 1),
    strides: pair(window.strides, 1),
    dilations: pair(window.dilations, 1),
    pads: pair(window.padsBefore, 0),
    layout,
  };
}

/** Per-axis numbers as two axes: a single one stands last. */
export function pair(numbers: Window["kernel"], missing: number): readonly [number, number] {
  if (numbers.length > 2) throw new Error("no kernel for three spatial axes");
  const [a = missing, b] = numbers;
  return b === undefined ? [missing, a] : [a, b];
}

/** Filter [outputs, inputs/group, …kernel] as [outputs, …kernel, inputs/group]: the innermost loop then runs over memory. */
function packed(filter: Tensor, { outputs, channels, group, kernel }: Plan): Float64Array {
  const source = elements(filter);
  const inputs = channels / group;
  const taps = kernel[0] * kernel[1];
  const out = new Float64Array(sizeOf(filter.dims));
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++)
      for (let t = 0; t < taps; t++)
        out[(o * taps + t) * inputs + c] = Number(source[(o * inputs + c) * taps + t]);
  return out;
}

type Integers = ReturnType<typeof numbersOf>;

/** Output places whose taps are gathered at a time. */
const PLACES_AT_ONCE = 64;

/** Exact sums, [batch, …space, outputs]: the taps of every place in a row, times the filters. */
function convolveDense(
  plan: Plan,
  values: Integers,
  filter: Tensor,
  bias: Float64Array | undefined,
): Float64Array {
  const { batch, channels, outputs, extent, outExtent, kernel, strides, dilations, pads } = plan;
  const x = channelsLast(plan, values);
  const weights = numbersOf(filter).slice();
  weights.set(packed(filter, plan));
  const depth = channels * kernel[0] * kernel[1];
  const places = batch * outExtent[0] * outExtent[1];
  const sums = new Float64Array(places * outputs);
  const rows = emptyLike(x, PLACES_AT_ONCE * depth);
  for (let first = 0; first < places; first += PLACES_AT_ONCE) {
    const count = Math.min(PLACES_AT_ONCE, places - first);
    rows.fill(0);
    for (let p = 0; p < count; p++) {
      const column = (first + p) % outExtent[1];
      const rest = (first + p - column) / outExtent[1];
      const row = rest % outExtent[0];
      const n = (rest - row) / outExtent[0];
      for (let u = 0; u < kernel[0]; u++) {
        const y = row * strides[0] + u * dilations[0] - pads[0];
        if (y < 0 || y >= extent[0]) continue;
        for (let v = 0; v < kernel[1]; v++) {
          const z = column * strides[1] + v * dilations[1] - pads[1];
          if (z < 0 || z >= extent[1]) continue;
          const from = ((n * extent[0] + y) * extent[1] + z) * channels;
          rows.set(x.subarray(from, from + channels), p * depth + (u * kernel[1] + v) * channels);
        }
      }
    }
    sums.set(rowProducts({ rows, rowCount: count, weights, filterCount: outputs, depth }), first * outputs);
  }
  if (bias) for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (bias[i % outputs] ?? 0);
  return sums;
}

/** Exact sums, [batch, …space, outputs]. */
function convolve(
  plan: Plan,
  values: Int8Array | Int16Array | Int32Array | Float32Array,
  filter: Float64Array,
  bias: Float64Array | undefined,
): Float64Array {
  const { batch, channels, outputs, group, extent, outExtent, kernel, strides, dilations, pads } = plan;
  const x = channelsLast(plan, values);
  const inputs = channels / group;
  const perGroup = outputs / group;
  const [height, width] = extent;
  const sums = new Float64Array(batch * outExtent[0] * outExtent[1] * outputs);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < outExtent[0]; row++) {
      for (let column = 0; column < outExtent[1]; column++) {
        for (let o = 0; o < outputs; o++) {
          const first = Math.floor(o / perGroup) * inputs;
          let sum = bias?.[o] ?? 0;
          for (let u = 0; u < kernel[0]; u++) {
            const y = row * strides[0] + u * dilations[0] - pads[0];
            if (y < 0 || y >= height) continue;
            for (let v = 0; v < kernel[1]; v++) {
              const z = column * strides[1] + v * dilations[1] - pads[1];
              if (z < 0 || z >= width) continue;
              let from = ((n * height + y) * width + z) * channels + first;
              let weight = ((o * kernel[0] + u) * kernel[1] + v) * inputs;
              for (let c = 0; c < inputs; c++) sum += (x[from++] as number) * (filter[weight++] as number);
            }
          }
          sums[at++] = sum;
        }
      }
    }
  }
  return sums;
}

function emptyLike(values: Integers, length: number): Integers {
  if (values instanceof Int8Array) return new Int8Array(length);
  if (values instanceof Int16Array) return new Int16Array(length);
  return values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}

function channelsLast(plan: Plan, values: Integers): Integers {
  if (plan.layout === "channels-last") return values;
  const { batch, channels, extent } = plan;
  const space = extent[0] * extent[1];
  const out = emptyLike(values, values.length);
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++)
      for (let s = 0; s < space; s++)
        out[(n * space + s) * channels + c] = values[(n * channels + c) * space + s] as number;
  return out;
}

/** Place in [batch, …space, outputs] of element i of the output in its own layout. */
function placesOf({ outputs, outExtent }: Plan, layout: Layout): (i: number) => number {
  if (layout === "channels-last") return (i) => i;
  const space = outExtent[0] * outExtent[1];
  return (i) => {
    const s = i % space;
    const rest = (i - s) / space;
    const o = rest % outputs;
    return (((rest - o) / outputs) * space + s) * outputs + o;
  };
}
