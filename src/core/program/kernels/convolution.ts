import { type DType, elements, sizeOf, type Tensor, tensorOf } from "../../ir/tensor.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { inputAt, type KernelContext, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm, Layout, ProgramTensor, Window } from "../program.ts";
import { type NarrowRows, narrowDense, narrowDepthwise, type TapRun } from "./narrow-convolution.ts";
import { requantizeRows, type Sums } from "./requantize-rows.ts";
import { rowProducts } from "./row-products.ts";

type Convolution = Extract<KernelForm, { kind: "convolution" }>;

/** A convolution whose shapes, filters and biases are known: input elements to output elements, in the layout of the form. */
type Prepared = (x: Integers) => Integers;

/** What a preparation holds for. */
interface Key {
  readonly filter: Tensor;
  readonly bias: Tensor | undefined;
  readonly record: ProgramTensor;
  readonly dtype: DType;
  readonly dims: readonly number[];
  readonly rounding: Rounding;
}

const PREPARED = new WeakMap<Convolution, { readonly key: Key; readonly run: Prepared }>();

/**
 * Convolution over one or two spatial axes, any group. Sums are exact: products of 8 bits in int32 arithmetic, of 16 bits in
 * doubles (below 2^53 for every filter up to 2^23 taps). Source: esp-dl dl_base.hpp 133–368, dl_base_conv2d.cpp.
 */
export const runConvolution: Run<Convolution> = (context) => {
  const { form } = context;
  const input = inputAt(context, 0);
  const before = PREPARED.get(form);
  const record = outputRecord(context);
  if (before && holds(before.key, input, context))
    return [tensorOf(before.run(numbersOf(input)), record.dims)];
  const run = prepare(context);
  const { dtype, dims } = input;
  const key = {
    filter: inputAt(context, 1),
    bias: context.inputs[2],
    record,
    dtype,
    dims,
    rounding: context.rounding,
  };
  PREPARED.set(form, { key, run });
  return [tensorOf(run(numbersOf(input)), record.dims)];
};

function holds(
  key: Key,
  { dtype, dims }: Tensor,
  { inputs, outputRecords, rounding }: KernelContext,
): boolean {
  return (
    key.filter === inputs[1] &&
    key.bias === inputs[2] &&
    key.record === outputRecords[0] &&
    key.rounding === rounding &&
    key.dtype === dtype &&
    (key.dims === dims || (key.dims.length === dims.length && key.dims.every((d, i) => d === dims[i])))
  );
}

function prepare(context: KernelContext<Convolution>): Prepared {
  const { form, inputs, rounding } = context;
  const input = inputAt(context, 0);
  const filter = inputAt(context, 1);
  const bias = inputs[2] ? Float64Array.from(elements(inputs[2]), Number) : undefined;
  const record = outputRecord(context);
  const plan = planOf(input, filter, form, record.dims);
  const weights = filterOf(filter, plan);
  const sumsOf = plan.group === 1 ? convolveDense : isDepthwise(plan) ? convolveDepthwise : convolve;
  const into = { ...form, outputs: plan.outputs, record, rounding };
  const run =
    narrowConvolution(plan, input, weights, { ...context, bias }) ??
    ((x: Integers) => requantizeRows(sumsOf(plan, x, weights), bias, into));
  if (form.layout === "channels-last") return run;
  return (x) => channelsFirst(plan, run(channelsLast(plan, x)));
}

/** The same by the vector kernels, where they fit: 8 bits, all taps of a place together or one filter for every channel. */
function narrowConvolution(
  plan: Plan,
  input: Tensor,
  weights: Integers,
  context: KernelContext<Convolution> & { readonly bias: Float64Array | undefined },
): Prepared | undefined {
  const { form, bias, rounding } = context;
  if (input.dtype !== "int8" || !(weights instanceof Int8Array)) return undefined;
  if (outputRecord(context).dtype !== "int8") return undefined;
  const { outputs, channels, kernel } = plan;
  const fixed = { weights, outputs, bias, shifts: form.shifts, relu: form.relu, rounding };
  const places = placesOf(plan);
  const elements = sizeOf(input.dims);
  const whole = (run: NarrowRows | undefined): Prepared | undefined =>
    run && ((x) => run((into) => into.set(x)));
  if (isDepthwise(plan)) return whole(narrowDepthwise(fixed, { elements, places }, () => tapRuns(plan)));
  if (plan.group !== 1) return undefined;
  const depth = channels * kernel[0] * kernel[1];
  if (isPointwise(plan)) return whole(narrowDense(fixed, places, depth));
  if (places * depth > MOST_GATHERED) return undefined;
  const run = narrowDense(fixed, places, depth);
  return (
    run &&
    ((x) =>
      run((rows) => {
        rows.fill(0);
        gatherRows(plan, x, rows, { first: 0, count: places });
      }))
  );
}

/** For every row of places and every tap, the places at which the tap lies inside. */
function tapRuns({ batch, channels, extent, outExtent, kernel, strides, dilations, pads }: Plan): TapRun[] {
  const runs: TapRun[] = [];
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < outExtent[0]; row++)
      for (let u = 0; u < kernel[0]; u++) {
        const y = row * strides[0] + u * dilations[0] - pads[0];
        if (y < 0 || y >= extent[0]) continue;
        for (let v = 0; v < kernel[1]; v++) {
          const offset = v * dilations[1] - pads[1];
          const first = Math.max(0, Math.ceil(-offset / strides[1]));
          const end = Math.min(outExtent[1], Math.floor((extent[1] - 1 - offset) / strides[1]) + 1);
          runs.push({
            tap: u * kernel[1] + v,
            from: ((n * extent[0] + y) * extent[1] + first * strides[1] + offset) * channels,
            step: strides[1] * channels,
            firstPlace: (n * outExtent[0] + row) * outExtent[1] + first,
            places: end - first,
          });
        }
      }
  return runs;
}

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

const FILTERS = new WeakMap<Tensor, Integers>();

/**
 * Filter [outputs, inputs/group, …kernel] as [outputs, …kernel, inputs/group], of one channel as [kernel, outputs]: the innermost loop
 * then runs over memory. Constants are turned round once.
 */
function filterOf(filter: Tensor, plan: Plan): Integers {
  const before = FILTERS.get(filter);
  if (before) return before;
  const { outputs, channels, group, kernel } = plan;
  const source = numbersOf(filter);
  const inputs = channels / group;
  const taps = kernel[0] * kernel[1];
  const out = emptyLike(source, source.length);
  const depthwise = isDepthwise(plan);
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++)
      for (let t = 0; t < taps; t++) {
        const to = depthwise ? t * outputs + o : (o * taps + t) * inputs + c;
        out[to] = source[(o * inputs + c) * taps + t] as number;
      }
  FILTERS.set(filter, out);
  return out;
}

/** Every channel has one filter of its own. */
function isDepthwise({ group, channels, outputs }: Plan): boolean {
  return group > 1 && group === channels && group === outputs;
}

type Integers = ReturnType<typeof numbersOf>;

/** Bytes gathered at once for the vector kernels. */
const MOST_GATHERED = 2 ** 26;

/** Output places whose taps are gathered at a time. */
const PLACES_AT_ONCE = 64;

/** Exact sums, [batch, …space, outputs]: the taps of every place in a row, times the filters. */
function convolveDense(plan: Plan, x: Integers, weights: Integers): Sums {
  const { channels, outputs, kernel } = plan;
  const depth = channels * kernel[0] * kernel[1];
  const places = placesOf(plan);
  if (isPointwise(plan))
    return rowProducts({ rows: x, rowCount: places, weights, filterCount: outputs, depth });
  const narrow = x instanceof Int8Array && weights instanceof Int8Array;
  const sums = narrow ? new Int32Array(places * outputs) : new Float64Array(places * outputs);
  const rows = emptyLike(x, PLACES_AT_ONCE * depth);
  for (let first = 0; first < places; first += PLACES_AT_ONCE) {
    const count = Math.min(PLACES_AT_ONCE, places - first);
    rows.fill(0);
    gatherRows(plan, x, rows, { first, count });
    sums.set(rowProducts({ rows, rowCount: count, weights, filterCount: outputs, depth }), first * outputs);
  }
  return sums;
}

/** The taps of some places, a row for each; taps outside are left as they are. */
function gatherRows(
  plan: Plan,
  x: Integers,
  rows: Integers,
  { first, count }: { readonly first: number; readonly count: number },
): void {
  const { channels, kernel } = plan;
  const depth = channels * kernel[0] * kernel[1];
  for (let p = 0; p < count; p++)
    eachTap(plan, first + p, (from, tap) =>
      rows.set(x.subarray(from, from + channels), p * depth + tap * channels),
    );
}

/** Nothing to gather: every place has one tap, its own. */
function isPointwise({ kernel, strides, pads, extent, outExtent }: Plan): boolean {
  return [0, 1].every(
    (i) => kernel[i] === 1 && strides[i] === 1 && pads[i] === 0 && extent[i] === outExtent[i],
  );
}

function placesOf({ batch, outExtent }: Plan): number {
  return batch * outExtent[0] * outExtent[1];
}

/** The taps of a place that lie inside: where their channels begin, and which tap it is. */
function eachTap(plan: Plan, place: number, visit: (from: number, tap: number) => void): void {
  const { channels, extent, outExtent, kernel, strides, dilations, pads } = plan;
  const column = place % outExtent[1];
  const rest = (place - column) / outExtent[1];
  const row = rest % outExtent[0];
  const n = (rest - row) / outExtent[0];
  for (let u = 0; u < kernel[0]; u++) {
    const y = row * strides[0] + u * dilations[0] - pads[0];
    if (y < 0 || y >= extent[0]) continue;
    for (let v = 0; v < kernel[1]; v++) {
      const z = column * strides[1] + v * dilations[1] - pads[1];
      if (z < 0 || z >= extent[1]) continue;
      visit(((n * extent[0] + y) * extent[1] + z) * channels, u * kernel[1] + v);
    }
  }
}

/** Exact sums, [batch, …space, channels]; products of 8 bits in int32. */
function convolveDepthwise(plan: Plan, x: Integers, weights: Integers): Sums {
  const { channels } = plan;
  const places = placesOf(plan);
  if (x instanceof Int8Array && weights instanceof Int8Array) {
    const sums = new Int32Array(places * channels);
    for (let p = 0; p < places; p++)
      eachTap(plan, p, (from, tap) =>
        addNarrow(sums, p * channels, x, from, weights, tap * channels, channels),
      );
    return sums;
  }
  const sums = new Float64Array(places * channels);
  for (let p = 0; p < places; p++)
    eachTap(plan, p, (from, tap) => {
      for (let c = 0, at = p * channels, w = tap * channels; c < channels; c++, at++)
        sums[at] = (sums[at] as number) + (x[from + c] as number) * (weights[w + c] as number);
    });
  return sums;
}

function addNarrow(
  sums: Int32Array,
  at: number,
  x: Int8Array,
  from: number,
  weights: Int8Array,
  first: number,
  count: number,
): void {
  for (let c = 0; c < count; c++)
    sums[at + c] = (sums[at + c] as number) + Math.imul(x[from + c] as number, weights[first + c] as number);
}

/** Exact sums, [batch, …space, outputs], any group. */
function convolve(plan: Plan, x: Integers, weights: Integers): Float64Array {
  const { channels, outputs, group, kernel } = plan;
  const inputs = channels / group;
  const perGroup = outputs / group;
  const taps = kernel[0] * kernel[1];
  const places = placesOf(plan);
  const sums = new Float64Array(places * outputs);
  for (let p = 0; p < places; p++)
    eachTap(plan, p, (start, tap) => {
      for (let o = 0; o < outputs; o++) {
        let from = start + Math.floor(o / perGroup) * inputs;
        let weight = (o * taps + tap) * inputs;
        let sum = 0;
        for (let c = 0; c < inputs; c++) sum += (x[from++] as number) * (weights[weight++] as number);
        sums[p * outputs + o] = (sums[p * outputs + o] as number) + sum;
      }
    });
  return sums;
}

function emptyLike(values: Integers, length: number): Integers {
  if (values instanceof Int8Array) return new Int8Array(length);
  if (values instanceof Int16Array) return new Int16Array(length);
  return values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}

function channelsLast(plan: Plan, values: Integers): Integers {
  const { batch, channels, extent } = plan;
  if (plan.layout === "channels-last") return values;
  return turned(values, batch, channels, extent[0] * extent[1]);
}

function channelsFirst({ batch, outputs, outExtent }: Plan, values: Integers): Integers {
  return turned(values, batch, outExtent[0] * outExtent[1], outputs);
}

/** [batch, rows, columns] as [batch, columns, rows]. */
function turned(values: Integers, batch: number, rows: number, columns: number): Integers {
  if (rows === 1 || columns === 1) return values;
  const out = emptyLike(values, values.length);
  for (let n = 0, at = 0; n < batch; n++)
    for (let column = 0; column < columns; column++)
      for (let row = 0; row < rows; row++) out[at++] = values[(n * rows + row) * columns + column] as number;
  return out;
}
