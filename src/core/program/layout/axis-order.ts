/**
 * Order in which a tensor's axes lie in memory: axis i of the stored tensor is axis order[i] of the ONNX tensor.
 * undefined: as in ONNX.
 */
export type AxisOrder = readonly number[] | undefined;

/** Channels behind the spatial axes, as the chip's convolutions read and write them. Defined for rank 3 and 4. */
export function channelsLastOrder(rank: number): AxisOrder {
  return rank === 3 ? [0, 2, 1] : rank === 4 ? [0, 2, 3, 1] : undefined;
}

/** The order with which nothing changes is no order. */
export function normalOrder(order: readonly number[]): AxisOrder {
  return order.every((axis, i) => axis === i) ? undefined : order;
}

export function sameOrder(a: AxisOrder, b: AxisOrder): boolean {
  return `${a ?? ""}` === `${b ?? ""}`;
}

/** Where an ONNX axis lies in memory. */
export function storedAxis(order: AxisOrder, axis: number): number {
  return order ? order.indexOf(axis) : axis;
}

/** Extents as they lie in memory. */
export function storedDims(order: AxisOrder, dims: readonly number[]): readonly number[] {
  return order ? order.map((axis) => dims[axis] ?? 1) : dims;
}

/** `perm` of the Transpose that takes a tensor stored in one order to another. */
export function permBetween(from: AxisOrder, to: AxisOrder, rank: number): number[] {
  const wanted = to ?? Array.from({ length: rank }, (_, i) => i);
  return wanted.map((axis) => storedAxis(from, axis));
}

/** Whether two orders lay these extents out in the same bytes: only axes of extent 1 change their place. */
export function samePlaces(a: AxisOrder, b: AxisOrder, dims: readonly number[]): boolean {
  const wide = (order: AxisOrder): string =>
    (order ?? dims.map((_, i) => i)).filter((axis) => dims[axis] !== 1).join();
  return wide(a) === wide(b);
}
