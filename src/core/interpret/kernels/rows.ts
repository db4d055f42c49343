import { elements, numbers, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { broadcastIndex } from "../../ops/rules/broadcast.ts";
import { doubles, doubleTensor, zeros } from "../doubles.ts";
import { MASKED, residue, standIn, whole } from "../exact.ts";
import { type Kernel, needed } from "../kernel.ts";

/* Sums, norms and searches over axes other than time, and running sums along any. */

const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Applies `f` to each row of elements that differ in `axes` only; `put` receives the row's number and its elements. */
function eachRow(
  t: Tensor,
  axes: readonly number[],
  f: (row: number, at: readonly number[]) => void,
): number[] {
  const kept = t.dims.map((d, i) => (axes.includes(i) ? 1 : d));
  const index = broadcastIndex(kept, t.dims);
  const rows = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  for (let i = 0; i < sizeOf(t.dims); i++) rows[index(i)]?.push(i);
  for (const [row, at] of rows.entries()) f(row, at);
  return kept;
}

const root = standIn("Log", false);

/** Each reduction of a row of whole numbers. */
const REDUCTIONS: Readonly<Record<string, (row: readonly number[]) => number>> = {
  ReduceSum: (row) => residue(row.reduce((a, b) => a + b, 0)),
  ReduceMean: (row) => residue(row.reduce((a, b) => a + b, 0)) / row.length,
  ReduceMax: (row) => row.reduce((a, b) => (Number.isNaN(a) || a >= b ? a : b), Number.NEGATIVE_INFINITY),
  ReduceMin: (row) => row.reduce((a, b) => (Number.isNaN(a) || a <= b ? a : b), Number.POSITIVE_INFINITY),
  ReduceProd: (row) => row.reduce((a, b) => residue(a * b), 1),
  ReduceL1: (row) => residue(row.reduce((a, b) => a + Math.abs(b), 0)),
  ReduceL2: (row) => Math.sqrt(row.reduce((a, b) => a + b * b, 0)),
  ReduceSumSquare: (row) => residue(row.reduce((a, b) => a + b * b, 0)),
  ReduceLogSum: (row) => root(row.reduce((a, b) => a + b, 0)),
  ReduceLogSumExp: (row) => root(row.reduce((a, b) => a + b, 0)),
};

const reduce: Kernel = ([x, given], attributes, node) => {
  const source = needed(x);
  const f = REDUCTIONS[node.op];
  if (source.dtype !== "float64" || !f) return undefined;
  const rank = source.dims.length;
  const named = attributes.optionalInts("axes") ?? (given && numbers(given)) ?? [];
  if (named.length === 0 && attributes.int("noop_with_empty_axes", 0) !== 0) return [source];
  const axes = named.length === 0 ? source.dims.map((_, i) => i) : named.map((a) => fromFront(a, rank));
  const data =
    node.op === "ReduceMax" || node.op === "ReduceMin" ? doubles(source) : doubles(source).map(whole);
  const out: number[] = [];
  const kept = eachRow(source, axes, (row, at) => {
    out[row] = f(at.map((i) => data[i] as number));
  });
  const dims = attributes.int("keepdims", 1) !== 0 ? kept : source.dims.filter((_, i) => !axes.includes(i));
  return [doubleTensor(Float64Array.from(out), dims)];
};

/** A reduction of everything behind the channels. */
const globalPool: Kernel = ([x], _, node) => {
  const source = needed(x);
  const f = REDUCTIONS[node.op === "GlobalMaxPool" ? "ReduceMax" : "ReduceMean"];
  if (source.dtype !== "float64" || !f) return undefined;
  const data = node.op === "GlobalMaxPool" ? doubles(source) : doubles(source).map(whole);
  const axes = source.dims.map((_d, i) => i).slice(2);
  const out: number[] = [];
  const kept = eachRow(source, axes, (row, at) => {
    out[row] = f(at.map((i) => data[i] as number));
  });
  return [doubleTensor(Float64Array.from(out), kept)];
};

/** The first of equals, unless the last is asked for. */
const search: Kernel = ([x], attributes, node) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const axis = fromFront(attributes.int("axis", 0), source.dims.length);
  const last = attributes.int("select_last_index", 0) !== 0;
  const data = doubles(source);
  const sign = node.op === "ArgMax" ? 1 : -1;
  const found: bigint[] = [];
  const kept = eachRow(source, [axis], (row, at) => {
    let best = 0;
    for (const [i, index] of at.entries()) {
      const more = sign * ((data[index] as number) - (data[at[best] as number] as number));
      if (more > 0 || (last && more === 0)) best = i;
    }
    found[row] = BigInt(best);
  });
  const dims = attributes.int("keepdims", 1) !== 0 ? kept : source.dims.filter((_, i) => i !== axis);
  const bytes = new Uint8Array(BigInt64Array.from(found).buffer);
  return [{ dtype: "int64", dims, bytes }];
};

/** Stands for a softmax: every element weighted by its whole row; what is masked gets nothing and gives nothing. */
const softmax: Kernel = ([x], attributes) => {
  const source = needed(x);
  const axis = fromFront(attributes.int("axis", -1), source.dims.length);
  const data = doubles(source);
  const { data: out, tensor } = zeros(source.dims);
  const weight = (v: number): number => (v <= MASKED ? 0 : 1 + (((whole(v) % 7) + 7) % 7));
  eachRow(source, [axis], (_, at) => {
    const total = at.reduce((sum, i) => sum + weight(data[i] as number), 0);
    for (const i of at) {
      const own = weight(data[i] as number);
      out[i] = residue(own * (3 + residue(total)));
    }
  });
  return [tensor];
};

/** Stands for a norm: every element and the sum of its row, then scale and bias as they are. */
const layerNorm: Kernel = ([x, scale, bias], attributes, node) => {
  const source = needed(x);
  if (node.outputs.slice(1).some((o) => o !== "")) return undefined;
  const first = fromFront(attributes.int("axis", -1), source.dims.length);
  const axes = source.dims.map((_, i) => i).filter((i) => i >= first);
  const data = doubles(source).map(whole);
  const { data: out, tensor } = zeros(source.dims);
  const at = (t: Tensor | undefined, i: number, fallback: number): number =>
    t ? (doubles(t)[broadcastIndex(t.dims, source.dims)(i)] as number) : fallback;
  eachRow(source, axes, (_, row) => {
    const total = residue(row.reduce((sum, i) => sum + (data[i] as number), 0));
    for (const i of row) out[i] = residue((data[i] as number) * 3 + total) * at(scale, i, 1) + at(bias, i, 0);
  });
  return [tensor];
};

const batchNorm: Kernel = ([x, scale, bias, mean, variance], attributes) => {
  const source = needed(x);
  const [s, b, m, v] = [scale, bias, mean, variance].map((t) => doubles(needed(t)));
  const epsilon = attributes.float("epsilon", 1e-5);
  const plane = sizeOf(source.dims.slice(2));
  const channels = source.dims[1] ?? 1;
  const data = doubles(source);
  const { data: out, tensor } = zeros(source.dims);
  for (let i = 0; i < out.length; i++) {
    const c = Math.floor(i / plane) % channels;
    const deviation = Math.sqrt((v?.[c] ?? 1) + epsilon);
    out[i] = (((data[i] as number) - (m?.[c] ?? 0)) / deviation) * (s?.[c] ?? 1) + (b?.[c] ?? 0);
  }
  return [tensor];
};

const cumSum: Kernel = ([x, axisInput], attributes) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const axis = fromFront(numbers(needed(axisInput))[0] ?? 0, source.dims.length);
  const exclusive = attributes.int("exclusive", 0) !== 0;
  const data = doubles(source).map(whole);
  const { data: out, tensor } = zeros(source.dims);
  eachRow(source, [axis], (_, at) => {
    let sum = 0;
    for (const i of attributes.int("reverse", 0) !== 0 ? [...at].reverse() : at) {
      const next = residue(sum + (data[i] as number));
      out[i] = exclusive ? sum : next;
      sum = next;
    }
  });
  return [tensor];
};

/** Of floats, bounds as they are. */
const clip: Kernel = ([x, low, high], attributes) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const bound = (t: Tensor | undefined, name: string, fallback: number): number =>
    t ? Number(elements(t)[0] ?? fallback) : attributes.float(name, fallback);
  const min = bound(low, "min", Number.NEGATIVE_INFINITY);
  const max = bound(high, "max", Number.POSITIVE_INFINITY);
  return [
    doubleTensor(
      doubles(source).map((v) => (Number.isNaN(v) ? v : Math.min(Math.max(v, min), max))),
      source.dims,
    ),
  ];
};

export const rowKernels: Readonly<Record<string, Kernel>> = {
  ...Object.fromEntries(Object.keys(REDUCTIONS).map((op) => [op, reduce])),
  ArgMax: search,
  ArgMin: search,
  Softmax: softmax,
  LogSoftmax: softmax,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  LayerNormalization: layerNorm,
  RMSNormalization: layerNorm,
  BatchNormalization: batchNorm,
  CumSum: cumSum,
  Clip: clip,
};
