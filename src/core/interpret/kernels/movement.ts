import { concatAxis, sliceAxis } from "../../ir/axis.ts";
import { numbers, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { stridesOf } from "../../ops/rules/broadcast.ts";
import { doubles, doubleTensor } from "../doubles.ts";
import { type Kernel, needed } from "../kernel.ts";

/* Fast forms of what moves much data; the catalogue's own rules move the rest. */

const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const concat: Kernel = (inputs, attributes) => {
  const parts = inputs.map(needed);
  const rank = parts[0]?.dims.length ?? 0;
  const axis = fromFront(attributes.int("axis", 0), rank);
  const filled = parts.filter((t) => sizeOf(t.dims) > 0);
  return parts.some((t) => t.dtype === "string")
    ? undefined
    : [concatAxis(filled.length > 0 ? filled : parts, axis)];
};

/** Steps other than 1 are left to the rule. */
const slice: Kernel = ([x, starts, ends, axes, steps]) => {
  const source = needed(x);
  if (steps && numbers(steps).some((s) => s !== 1)) return undefined;
  if (source.dtype !== "float64") return undefined;
  const from = numbers(needed(starts));
  const to = numbers(needed(ends));
  const along = axes ? numbers(axes) : from.map((_, i) => i);
  let out: Tensor = source;
  for (const [i, given] of along.entries()) {
    const axis = fromFront(given, source.dims.length);
    const extent = source.dims[axis] ?? 0;
    const bound = (at: number): number => Math.min(extent, Math.max(0, at < 0 ? at + extent : at));
    const first = bound(from[i] ?? 0);
    out = sliceAxis(out, axis, first, Math.max(first, bound(to[i] ?? 0)));
  }
  return [out];
};

/** Elements with the axes in another order. */
function permuted(source: Tensor, perm: readonly number[]): Tensor {
  const rank = source.dims.length;
  const dims = perm.map((p) => source.dims[p] ?? 1);
  const strides = stridesOf(source.dims);
  const steps = perm.map((p) => strides[p] ?? 1);
  const data = doubles(source);
  const out = new Float64Array(data.length);
  const at = new Array<number>(rank).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from] as number;
    for (let axis = rank - 1; axis >= 0; axis--) {
      const next = (at[axis] as number) + 1;
      from += steps[axis] as number;
      if (next < (dims[axis] as number)) {
        at[axis] = next;
        break;
      }
      from -= next * (steps[axis] as number);
      at[axis] = 0;
    }
  }
  return doubleTensor(out, dims);
}

const transpose: Kernel = ([x], attributes) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const rank = source.dims.length;
  const reversed = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return [permuted(source, attributes.ints("perm", reversed))];
};

/** Blocks of channels to blocks of positions: [N, C·b², H, W] → [N, C, H·b, W·b]. */
const depthToSpace: Kernel = ([x], attributes) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const [n = 1, c = 1, h = 1, w = 1] = source.dims;
  const b = attributes.int("blocksize", 1);
  const depth = c / (b * b);
  const columnsFirst = attributes.string("mode", "DCR") === "CRD";
  const split = { ...source, dims: columnsFirst ? [n, depth, b, b, h, w] : [n, b, b, depth, h, w] };
  const moved = permuted(split, columnsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return [{ ...moved, dims: [n, depth, h * b, w * b] }];
};

const spaceToDepth: Kernel = ([x], attributes) => {
  const source = needed(x);
  if (source.dtype !== "float64") return undefined;
  const [n = 1, c = 1, h = 1, w = 1] = source.dims;
  const b = attributes.int("blocksize", 1);
  const moved = permuted({ ...source, dims: [n, c, h / b, b, w / b, b] }, [0, 3, 5, 1, 2, 4]);
  return [{ ...moved, dims: [n, c * b * b, h / b, w / b] }];
};

export const movementKernels: Readonly<Record<string, Kernel>> = {
  Concat: concat,
  Slice: slice,
  Transpose: transpose,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
