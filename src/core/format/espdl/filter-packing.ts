import type { EspdlDetail } from "../../base/detail.ts";
import { byteLength, type DType, sizeOf, type Tensor } from "../../ir/tensor.ts";

/**
 * How a filter's integers are ordered in the file.
 *
 * `kind`: a Conv of group 1 is `dense`, of any other group `depthwise`; Gemm and MatMul weights are 1×1 convolutions.
 * `block`: output channels that stand side by side in one 16-byte group, 16 for int8 and 8 for int16 (the chips with
 * vector units), or 0 where nothing is grouped (portable C kernels). Channels that fill no block follow ungrouped.
 *
 * Dims in the file and in ONNX order, N output channels, C input channels per group:
 *
 *                    file              ONNX
 *   Conv 2-D dense   [KH, KW, C, N]    [N, C, KH, KW]
 *   Conv 2-D depth   [KH, KW, N, 1]    [N, 1, KH, KW]
 *   Conv 1-D dense   [K, C, N]         [N, C, K]
 *   Conv 1-D depth   [K, N, 1]         [N, 1, K]
 *   Gemm             [1, 1, C, N]      [C, N]   (transB = 0)
 *   MatMul           […, C, N]         […, C, N]
 */
export interface FilterLayout {
  readonly kind: "dense" | "depthwise" | "gemm" | "matmul";
  readonly block: 0 | 8 | 16;
}

/** A filter whose dims do not fit its kind. */
export class FilterShapeError extends Error {
  readonly detail: EspdlDetail;
  constructor(detail: EspdlDetail) {
    super(detail.code);
    this.detail = detail;
  }
}

const misshapen = (op: string, dims: readonly number[]) =>
  new FilterShapeError({ code: "weightShape", op, dims: dims.join(", ") });

const depthwiseInputs = (dims: readonly number[]) =>
  new FilterShapeError({ code: "depthwiseInputs", dims: dims.join(", ") });

interface Geometry {
  /** Filters one after the other (batches of MatMul). */
  readonly count: number;
  readonly n: number;
  readonly k: number;
  readonly c: number;
  /** Steps in the ONNX order, of n, k and c. */
  readonly steps: { readonly n: number; readonly k: number; readonly c: number };
}

/** ONNX dims of a filter with these dims in the file. Throws FilterShapeError. */
export function onnxDims(layout: FilterLayout, fileDims: readonly number[]): number[] {
  const rank = fileDims.length;
  if (layout.kind === "matmul") {
    if (rank < 2) throw misshapen("MatMul", fileDims);
    return [...fileDims];
  }
  if (layout.kind === "gemm") {
    if (rank !== 4 || fileDims[0] !== 1 || fileDims[1] !== 1) throw misshapen("Gemm", fileDims);
    return fileDims.slice(2);
  }
  if (rank < 3) throw misshapen("Conv", fileDims);
  const [a = 0, b = 0] = fileDims.slice(-2);
  const kernel = fileDims.slice(0, -2);
  if (layout.kind === "depthwise") {
    if (b !== 1) throw depthwiseInputs(fileDims);
    return [a, 1, ...kernel];
  }
  return [b, a, ...kernel];
}

/** Dims in the file of a filter with these ONNX dims: inverse of `onnxDims`. Throws FilterShapeError. */
export function fileDims(layout: FilterLayout, dims: readonly number[]): number[] {
  if (layout.kind === "matmul") return onnxDims(layout, dims);
  if (layout.kind === "gemm") {
    if (dims.length !== 2) throw misshapen("Gemm", dims);
    return [1, 1, ...dims];
  }
  const [n = 0, c = 0, ...kernel] = dims;
  if (kernel.length === 0) throw misshapen("Conv", dims);
  if (layout.kind === "dense") return [...kernel, c, n];
  if (c !== 1) throw depthwiseInputs(dims);
  return [...kernel, n, 1];
}

/** The elements in ONNX order of a filter as it lies in the file. Throws FilterShapeError. */
export function unpackFilter(layout: FilterLayout, file: Tensor): Tensor {
  const dims = onnxDims(layout, file.dims);
  const bytes = reorder(layout, { dtype: file.dtype, dims, from: file.bytes, unpack: true });
  return { dtype: file.dtype, dims, bytes };
}

/** A filter as it lies in the file, from elements in ONNX order: inverse of `unpackFilter`. Throws FilterShapeError. */
export function packFilter(layout: FilterLayout, tensor: Tensor): Tensor {
  const dims = fileDims(layout, tensor.dims);
  const work = { dtype: tensor.dtype, dims: tensor.dims, from: tensor.bytes, unpack: false };
  return { dtype: tensor.dtype, dims, bytes: reorder(layout, work) };
}

function geometry(layout: FilterLayout, dims: readonly number[]): Geometry {
  if (layout.kind === "gemm" || layout.kind === "matmul") {
    const [c = 0, n = 0] = dims.slice(-2);
    return { count: sizeOf(dims.slice(0, -2)), n, k: 1, c, steps: { n: 1, k: 0, c: n } };
  }
  const [n = 0, c = 0] = dims;
  const k = sizeOf(dims.slice(2));
  return { count: 1, n, k, c, steps: { n: c * k, k: 1, c: k } };
}

function reorder(
  layout: FilterLayout,
  work: { dtype: DType; dims: readonly number[]; from: Uint8Array; unpack: boolean },
): Uint8Array {
  const { dtype, dims, from, unpack } = work;
  const width = byteLength(dtype, 1);
  const g = geometry(layout, dims);
  const to = new Uint8Array(sizeOf(dims) * width);
  // One empty axis may stand beside one of billions.
  if (to.length === 0) return to;
  const place = layout.kind === "depthwise" ? depthwisePlace(layout.block, g) : densePlace(layout.block, g);
  for (let i = 0; i < g.count; i++) {
    const base = i * g.n * g.k * g.c;
    for (let n = 0; n < g.n; n++) {
      for (let k = 0; k < g.k; k++) {
        for (let c = 0; c < g.c; c++) {
          const logical = (base + n * g.steps.n + k * g.steps.k + c * g.steps.c) * width;
          const stored = (base + place(n, k, c)) * width;
          const [source, target] = unpack ? [stored, logical] : [logical, stored];
          for (let b = 0; b < width; b++) to[target + b] = from[source + b] ?? 0;
        }
      }
    }
  }
  return to;
}

type Place = (n: number, k: number, c: number) => number;

function densePlace(block: number, { n: channels, k: taps, c: inputs }: Geometry): Place {
  const grouped = block === 0 ? 0 : channels - (channels % block);
  return (n, k, c) =>
    n < grouped
      ? ((n - (n % block)) * taps + k * block) * inputs + c * block + (n % block)
      : (n * taps + k) * inputs + c;
}

function depthwisePlace(block: number, { n: channels, k: taps }: Geometry): Place {
  const grouped = block === 0 ? 0 : channels - (channels % block);
  const rest = channels - grouped;
  return (n, k) =>
    n < grouped
      ? (n - (n % block)) * taps + k * block + (n % block)
      : grouped * taps + k * rest + (n - grouped);
}
