import type { ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Reduction } from "../ops/op.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import type { PatchWriter } from "./patch-writer.ts";

export type Normalize = Extract<Reduction, { kind: "normalize" }>;

/** A normalisation, with neighbouring channels that share statistics on an axis of their own. */
export interface Grouped {
  /** Time axis and extents of the statistics, before time is summed over. */
  readonly axis: number;
  readonly dims: readonly number[];
  /** Reduced axes but time. */
  readonly others: readonly number[];
  readonly groups?: { readonly count: number; readonly each: number; readonly dims: readonly number[] };
}

/** How a normalisation is written; undefined if some extent is not known, or an input is not what it should be. */
export function groupedOf(
  refused: RefusedNode,
  reduction: Normalize,
  extents: readonly number[],
): Grouped | undefined {
  const { node, inference, axis, source } = refused;
  if (node.inputs[0] !== source || node.outputs.slice(1).some((name) => name !== "")) return undefined;
  if (!affineOf(refused, reduction)) return undefined;
  const each = reduction.channelsPerGroup;
  const without = reduction.axes.filter((a) => a !== axis);
  const kept = extents.map((d, i) => (without.includes(i) ? 1 : d));
  if (each === 1) return { axis, dims: kept, others: without };
  const shape = inference.info(source).shape ?? [];
  const dims = shape.map((d, i) => (i === axis ? -1 : d));
  const known = dims.slice(1).every((d) => typeof d === "number");
  const channels = dims[1];
  if (!known || typeof channels !== "number" || axis < 2) return undefined;
  const count = channels / each;
  return {
    axis: axis + 1,
    dims: [kept[0] ?? 1, count, 1, ...kept.slice(2)],
    others: [2, ...without.map((a) => a + 1)],
    groups: { count, each, dims: dims.slice(2) as readonly number[] },
  };
}

/** x with its groups apart. */
export function split(out: PatchWriter, x: ValueName, { groups }: Grouped): ValueName {
  if (!groups) return x;
  const target = out.ints([0, groups.count, groups.each, ...groups.dims], "grouped.shape");
  return out.op("Reshape", [x, target], "grouped");
}

/** Mean and mean square (of the centred values for a variance) by which a normalisation divides. */
export interface Moments {
  /** Absent where no mean is taken off. */
  readonly mean?: ValueName;
  readonly variance: ValueName;
}

/** Mean and variance, from the means of x and of x². */
export function momentsOf(
  out: PatchWriter,
  x: ValueName,
  { others }: Grouped,
  centred: boolean,
  meanOverTime: (value: ValueName) => ValueName,
): Moments {
  const square = out.op("Mul", [x, x], "square");
  const meanSquare = meanOverTime(out.mean(square, others, "square.rest"));
  if (!centred) return { variance: meanSquare };
  const mean = meanOverTime(out.mean(x, others, "rest"));
  const spread = out.op("Sub", [meanSquare, out.op("Mul", [mean, mean], "mean.square")], "spread");
  // Rounding may bring the variance of a constant below zero.
  return { mean, variance: out.op("Max", [spread, out.scalar(0, "zero")], "variance") };
}

/** Writes (x − mean) / √(variance + epsilon), scaled and shifted, as the node's output. */
export function writeNormalized(
  refused: RefusedNode,
  reduction: Normalize,
  grouped: Grouped,
  { x, moments }: { readonly x: ValueName; readonly moments: Moments },
  out: PatchWriter,
): void {
  const { mean, variance } = moments;
  const deviation = out.op(
    "Sqrt",
    [out.op("Add", [variance, out.scalar(reduction.epsilon, "epsilon")], "guarded")],
    "deviation",
  );
  const centred = mean === undefined ? x : out.op("Sub", [x, mean], "centred");
  let y = out.op("Div", [centred, deviation], "normalized");
  const affine = affineOf(refused, reduction);
  const apply = (): void => {
    if (affine?.scale !== undefined) y = out.op("Mul", [y, affine.scale(out)], "scaled");
    if (affine?.shift !== undefined) y = out.op("Add", [y, affine.shift(out)], "shifted");
  };
  const { groups } = grouped;
  if (reduction.affine === "group") apply();
  if (groups) {
    const channels = out.ints([0, groups.count * groups.each, ...groups.dims], "shape");
    y = out.op("Reshape", [y, channels], "joined");
  }
  if (reduction.affine !== "group") apply();
  out.op("Identity", [y], "", {}, refused.node.outputs[0] ?? "");
}

type Operand = (out: PatchWriter) => ValueName;

/** Scale and shift as operands of x, or of x in groups; undefined if they cannot be. */
function affineOf(
  refused: RefusedNode,
  { scale, shift, affine, channelsPerGroup }: Normalize,
): { readonly scale?: Operand; readonly shift?: Operand } | undefined {
  const { node, inference, axis, rank } = refused;
  const made: { scale?: Operand; shift?: Operand } = {};
  for (const [role, index] of [
    ["scale", scale],
    ["shift", shift],
  ] as const) {
    const name = index === undefined ? "" : (node.inputs[index] ?? "");
    if (name === "") continue;
    const { constant, shape } = inference.info(name);
    if (affine === "trailing") {
      const fromEnd = rank - axis;
      const extent = shape?.[shape.length - fromEnd];
      if (!shape || (fromEnd <= shape.length && extent !== 1)) return undefined;
      made[role] = () => name;
    } else {
      if (!constant) return undefined;
      const inGroups = affine === "group" && channelsPerGroup > 1 ? rank + 1 : rank;
      made[role] = (out) => out.tensor(alongChannels(constant, inGroups), role);
    }
  }
  return made;
}

/** A vector on axis 1. */
function alongChannels(vector: Tensor, rank: number): Tensor {
  const count = vector.dims.reduce((n, d) => n * d, 1);
  return { ...vector, dims: Array.from({ length: rank }, (_, i) => (i === 1 ? count : 1)) };
}
