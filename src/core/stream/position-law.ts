import { concatAxis, sliceAxis } from "../ir/axis.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "../ir/tensor.ts";

/** How a constant goes on along time, from frame to frame. */
export type PositionLaw =
  /**
   * `start` frames of its own, then a cycle of `cycle` frames again and again, and `end` frames of its own before the
   * last: the window sum of an overlap-add. `frames` holds start ‖ one cycle ‖ end.
   */
  | {
      readonly kind: "settling";
      readonly axis: number;
      readonly frames: Tensor;
      readonly start: number;
      readonly cycle: number;
      readonly end: number;
    }
  /** first + t·slope in frame t, rounded once: the count below a running mean. Both hold one frame, as float64. */
  | {
      readonly kind: "linear";
      readonly axis: number;
      readonly first: Tensor;
      readonly slope: Tensor;
    };

/** Fewer frames than this show no law. */
const LEAST_FRAMES = 4;
/** A cycle must be seen this often. */
const LEAST_CYCLES = 3;

/**
 * The law that a constant follows along one axis, every element of it bit for bit; undefined if it follows none. What is
 * recognised from finitely many frames is continued behind them.
 */
export function positionLaw(tensor: Tensor, axis: number): PositionLaw | undefined {
  const count = tensor.dims[axis] ?? 0;
  if (count < LEAST_FRAMES || tensor.dtype === "string") return undefined;
  return linear(tensor, axis) ?? settling(tensor, axis);
}

/** The whole constant for a stream of `count` frames: at least as many as it has frames of its own. */
export function framesOfLaw(law: PositionLaw, count: number): Tensor {
  const { axis } = law;
  if (law.kind === "linear") {
    const [first, slope] = [doubles(law.first), doubles(law.slope)];
    const frames = Array.from({ length: count }, (_, t) =>
      floatTensor(
        first.map((a, i) => a + t * (slope[i] ?? 0)),
        law.first.dims,
      ),
    );
    return concatAxis(frames, axis);
  }
  const { frames, start, cycle, end } = law;
  const parts = [sliceAxis(frames, axis, 0, Math.min(start, count))];
  const turn = sliceAxis(frames, axis, start, start + cycle);
  let left = count - start - end;
  for (; left >= cycle; left -= cycle) parts.push(turn);
  if (left > 0) parts.push(sliceAxis(turn, axis, 0, left));
  if (end > 0) parts.push(sliceAxis(frames, axis, start + cycle, start + cycle + end));
  return sliceAxis(concatAxis(parts, axis), axis, 0, count);
}

function doubles(t: Tensor): Float64Array {
  return new Float64Array(t.bytes.slice().buffer);
}

function doubleTensor(values: readonly number[], dims: readonly number[]): Tensor {
  return { dtype: "float64", dims, bytes: new Uint8Array(Float64Array.from(values).buffer) };
}

function linear(tensor: Tensor, axis: number): PositionLaw | undefined {
  if (tensor.dtype !== "float32") return undefined;
  const count = tensor.dims[axis] ?? 0;
  const inner = sizeOf(tensor.dims.slice(axis + 1));
  const data = floats(tensor);
  const at = (element: number, t: number): number => {
    const outer = Math.floor(element / inner);
    return data[(outer * count + t) * inner + (element % inner)] ?? Number.NaN;
  };
  const dims = tensor.dims.map((d, i) => (i === axis ? 1 : d));
  const elements = Array.from({ length: sizeOf(dims) }, (_, e) => e);
  const first = elements.map((e) => at(e, 0));
  const slope = elements.map((e, i) => at(e, 1) - (first[i] ?? 0));
  // A constant that stays is a cycle of one frame: no position is needed for it.
  if (slope.every((s) => s === 0)) return undefined;
  const follows = elements.every((e, i) => {
    for (let t = 0; t < count; t++)
      if (Math.fround((first[i] ?? 0) + t * (slope[i] ?? 0)) !== at(e, t)) return false;
    return true;
  });
  if (!follows) return undefined;
  return { kind: "linear", axis, first: doubleTensor(first, dims), slope: doubleTensor(slope, dims) };
}

function settling(tensor: Tensor, axis: number): PositionLaw | undefined {
  const count = tensor.dims[axis] ?? 0;
  const same = frameEquality(tensor, axis);
  const middle = Math.floor(count / 2);
  for (let cycle = 1; LEAST_CYCLES * cycle <= count; cycle++) {
    if (middle + cycle >= count || !same(middle, middle + cycle)) continue;
    let from = middle;
    while (from > 0 && same(from - 1, from - 1 + cycle)) from--;
    let to = middle + cycle + 1;
    while (to < count && same(to - cycle, to)) to++;
    if (to - from < LEAST_CYCLES * cycle || 2 * (to - from) < count) continue;
    const end = count - to;
    const own = sliceAxis(tensor, axis, 0, from + cycle);
    const frames = end === 0 ? own : concatAxis([own, sliceAxis(tensor, axis, to, count)], axis);
    return { kind: "settling", axis, frames, start: from, cycle, end };
  }
  return undefined;
}

/** Whether two frames of a tensor are equal, bit for bit. */
function frameEquality(tensor: Tensor, axis: number): (a: number, b: number) => boolean {
  const count = tensor.dims[axis] ?? 0;
  const row = sizeOf(tensor.dims.slice(axis + 1));
  const outer = sizeOf(tensor.dims.slice(0, axis));
  const width = tensor.bytes.byteLength / Math.max(1, sizeOf(tensor.dims));
  const { bytes } = tensor;
  return (a, b) => {
    for (let o = 0; o < outer; o++) {
      const [p, q] = [(o * count + a) * row * width, (o * count + b) * row * width];
      for (let i = 0; i < row * width; i++) if (bytes[p + i] !== bytes[q + i]) return false;
    }
    return true;
  };
}
