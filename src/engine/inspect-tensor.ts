import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { type DType, elements, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import type { OpenedModel } from "./open-model.ts";
import { tensorNamed } from "./summarize-subgraphs.ts";
import { type WeightGrid, type WeightQuestion, weightGrid } from "./weight-grid.ts";

/** What is in an initializer, and its file for NumPy. */
export interface TensorReport {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** The first elements in row-major order. */
  readonly first: readonly number[];
  /** Absent if no element is finite. */
  readonly numbers?: TensorNumbers;
  /** As integers; absent for what stays float. */
  readonly grid?: WeightGrid;
  /** Absent for element types that NumPy has no name for, and for very large tensors. */
  readonly npy?: Uint8Array;
}

export interface TensorNumbers {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  /** Portion of elements that are zero. */
  readonly zeros: number;
  /** Elements that are NaN or infinite; the other numbers leave them out. */
  readonly notFinite: number;
  /** Elements in equal steps from min to max. */
  readonly histogram: readonly number[];
  /** Least and greatest element for every index of the first axis; absent for vectors and where there are very many. */
  readonly channels?: readonly (readonly [min: number, max: number])[];
}

const FIRST = 64;
const BINS = 48;
const MOST_CHANNELS = 4096;
const MOST_NPY_BYTES = 1 << 28;

/** Element types that one element of `elements()` holds as it is. */
const PLAIN: ReadonlySet<DType> = new Set<DType>([
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
]);

/** Values of an initializer of the opened model, and as integers what `question` asks for; undefined if there is none of that name. */
export function inspectTensor(
  { normalized }: OpenedModel,
  name: string,
  question?: WeightQuestion,
): TensorReport | undefined {
  const tensor = normalized.graph.initializers.get(name) ?? tensorNamed(normalized.graph, name);
  if (!tensor) return undefined;
  const values = realsOf(tensor);
  const found = values && numbersOf(values, tensor.dims);
  const npy = npyOf(tensor);
  const grid = weightGrid(normalized.graph, name, tensor, question);
  return {
    name,
    dtype: tensor.dtype,
    dims: tensor.dims,
    first: Array.from({ length: Math.min(FIRST, values?.length ?? 0) }, (_, i) => Number(values?.[i])),
    ...(found && { numbers: found }),
    ...(grid && { grid }),
    ...(npy && { npy }),
  };
}

/** Elements as numbers; undefined for packed types and strings. */
function realsOf(tensor: Tensor): ArrayLike<number | bigint> | undefined {
  if (tensor.dtype === "float16") return Array.from(elements(tensor) as Uint16Array, halfValue);
  if (tensor.dtype === "bfloat16") {
    const bits = Uint32Array.from(elements(tensor) as Uint16Array, (b) => b << 16);
    return new Float32Array(bits.buffer);
  }
  return PLAIN.has(tensor.dtype) ? elements(tensor) : undefined;
}

/** The number of 16 bits: a sign, 5 bits of exponent, 10 of fraction. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function numbersOf(values: ArrayLike<number | bigint>, dims: readonly number[]): TensorNumbers | undefined {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [sum, squares, zeros, finite] = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const v = Number(values[i]);
    if (!Number.isFinite(v)) continue;
    finite++;
    if (v < min) min = v;
    if (v > max) max = v;
    if (v === 0) zeros++;
    sum += v;
    squares += v * v;
  }
  if (finite === 0) return undefined;
  const mean = sum / finite;
  const histogram = new Array<number>(BINS).fill(0);
  const perUnit = max > min ? BINS / (max - min) : 0;
  for (let i = 0; i < values.length; i++) {
    const v = Number(values[i]);
    const bin = Math.min(BINS - 1, Math.floor((v - min) * perUnit));
    if (Number.isFinite(v)) histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  const channels = channelsOf(values, dims);
  return {
    min,
    max,
    mean,
    deviation: Math.sqrt(Math.max(0, squares / finite - mean * mean)),
    zeros: zeros / values.length,
    notFinite: values.length - finite,
    histogram,
    ...(channels && { channels }),
  };
}

function channelsOf(values: ArrayLike<number | bigint>, dims: readonly number[]): TensorNumbers["channels"] {
  const [count = 0] = dims;
  if (dims.length < 2 || count < 2 || count > MOST_CHANNELS) return undefined;
  const each = sizeOf(dims) / count;
  return Array.from({ length: count }, (_, c) => {
    let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = c * each; i < (c + 1) * each; i++) {
      const v = Number(values[i]);
      if (v < min) min = v;
      if (v > max) max = v;
    }
    return [min, max] as const;
  });
}

function npyOf(tensor: Tensor): Uint8Array | undefined {
  const named = PLAIN.has(tensor.dtype) || tensor.dtype === "float16";
  return named && tensor.bytes.length <= MOST_NPY_BYTES ? encodeNpy(tensor) : undefined;
}
