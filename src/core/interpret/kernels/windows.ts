import type { AttributeReader } from "../../ir/attributes.ts";
import { type Node, nodeKey } from "../../ir/graph.ts";
import { NotCovered } from "../kernel.ts";

/** A window over two spatial axes; one axis is seen as two, the first of extent 1. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly start: readonly [number, number];
  readonly end: readonly [number, number];
}

/** Throws NotCovered for more than two spatial axes, and where pads depend on the length. */
export function windowOf(attributes: AttributeReader, kernel: readonly number[], node: Node): Window {
  const rank = kernel.length;
  const auto = attributes.string("auto_pad", "NOTSET");
  if (rank < 1 || rank > 2 || (auto !== "NOTSET" && auto !== "VALID"))
    throw new NotCovered(node.op, nodeKey(node));
  const pads = auto === "VALID" ? [] : attributes.ints("pads", []);
  const pair = (values: readonly number[], fallback: number): [number, number] =>
    rank === 1 ? [fallback, values[0] ?? fallback] : [values[0] ?? fallback, values[1] ?? fallback];
  return {
    kernel: pair(kernel, 1),
    stride: pair(attributes.ints("strides", []), 1),
    dilation: pair(attributes.ints("dilations", []), 1),
    start: pair(pads.slice(0, rank), 0),
    end: pair(pads.slice(rank), 0),
  };
}

/** [N, C, H, W] of a tensor with one or two spatial axes. */
export function planes(dims: readonly number[]): [number, number, number, number] {
  const [n = 1, c = 1, a = 1, b] = dims;
  return b === undefined ? [n, c, 1, a] : [n, c, a, b];
}

/** Dims without the axis that `planes` put in. */
export function unplaned(dims: readonly number[], rank: number): number[] {
  return rank === 3 ? [dims[0] ?? 1, dims[1] ?? 1, dims[3] ?? 1] : [...dims];
}

/** Output positions along spatial axis i. */
export function outputExtent(w: Window, i: 0 | 1, length: number, ceil = false): number {
  const extent = w.dilation[i] * (w.kernel[i] - 1) + 1;
  const room = length + w.start[i] + w.end[i] - extent;
  const count = (ceil ? Math.ceil : Math.floor)(room / w.stride[i]) + 1;
  // A window that would begin in the end padding is left out.
  return ceil && (count - 1) * w.stride[i] >= length + w.start[i] ? count - 1 : Math.max(0, count);
}

/** Output positions [from, to) whose tap at `offset` (before the stride) lies within `length`. */
export function tapRange(offset: number, stride: number, length: number, outputs: number): [number, number] {
  const from = Math.max(0, Math.ceil(-offset / stride));
  const to = Math.min(outputs, Math.floor((length - 1 - offset) / stride) + 1);
  return [from, Math.max(from, to)];
}
