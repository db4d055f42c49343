import { nodeKey } from "../../ir/graph.ts";
import { numbers, sizeOf } from "../../ir/tensor.ts";
import { doubles, doubleTensor } from "../doubles.ts";
import { residue, whole } from "../exact.ts";
import { type Kernel, NotCovered, needed } from "../kernel.ts";

/** How one axis grows. */
interface Growth {
  readonly axis: number;
  readonly factor: number;
  /** Whether entries lie in the middle of what they cover. */
  readonly half: boolean;
}

/**
 * Axes that grow by a whole factor on straight lines. Weights are counted in halves of a new entry, so that they are whole:
 * the result is 2·factor times that of the operator, everywhere.
 */
const resize: Kernel = ([x, , scales, sizes], attributes, node) => {
  if (attributes.string("mode", "nearest") !== "linear") return undefined;
  const source = needed(x);
  const place = attributes.string("coordinate_transformation_mode", "half_pixel");
  const half = place === "half_pixel" || place === "pytorch_half_pixel";
  const [lengths, factors] = [sizes && numbers(sizes), scales && numbers(scales)];
  const rank = source.dims.length;
  const named = attributes.ints(
    "axes",
    source.dims.map((_, i) => i),
  );
  let [data, dims] = [doubles(source), source.dims];
  for (const [i, given] of named.entries()) {
    const axis = given < 0 ? given + rank : given;
    const factor = lengths?.length ? Number(lengths[i]) / (dims[axis] ?? 0) : Number(factors?.[i] ?? 1);
    if (factor === 1) continue;
    if (!Number.isInteger(factor) || !(half || place === "asymmetric"))
      throw new NotCovered(node.op, nodeKey(node));
    data = along(data, dims, { axis, factor, half });
    dims = dims.map((d, k) => (k === axis ? d * factor : d));
  }
  return [doubleTensor(data, dims)];
};

function along(data: Float64Array, dims: readonly number[], growth: Growth): Float64Array {
  const { axis, factor } = growth;
  const length = dims[axis] ?? 0;
  const inner = sizeOf(dims.slice(axis + 1));
  const outer = sizeOf(dims.slice(0, axis));
  const out = new Float64Array(outer * length * factor * inner);
  for (let row = 0; row < outer * length * factor; row++) {
    const { low, high, weight } = neighbours(row % (length * factor), length, growth);
    const first = Math.floor(row / (length * factor)) * length;
    for (let i = 0; i < inner; i++) {
      const near = whole(data[(first + low) * inner + i] as number);
      // A neighbour of no weight is not looked at.
      const far = weight === 0 ? 0 : whole(data[(first + high) * inner + i] as number);
      out[row * inner + i] = residue((2 * factor - weight) * near + weight * far);
    }
  }
  return out;
}

/** The entries on both sides of new entry t, and the weight of the later. */
function neighbours(t: number, length: number, { factor, half }: Growth) {
  const halves = Math.max(0, half ? 2 * t + 1 - factor : 2 * t);
  const low = Math.min(length - 1, Math.floor(halves / (2 * factor)));
  const high = Math.min(length - 1, low + 1);
  return { low, high, weight: high === low ? 0 : halves - 2 * factor * low };
}

export const resamplingKernels: Readonly<Record<string, Kernel>> = { Resize: resize };
