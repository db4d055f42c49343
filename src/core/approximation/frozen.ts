import { floatTensor } from "../ir/tensor.ts";
import { defineApproximation, type RefusedNode } from "./approximation-rule.ts";
import { fusedNorm } from "./fused-norm.ts";
import { type Grouped, groupedOf, split, writeNormalized } from "./normalization.ts";
import type { PatchWriter } from "./patch-writer.ts";
import { dimsOf, reductionOf } from "./statistics.ts";

/** What has to be measured of a node's input so that its statistics can be frozen. */
export interface FrozenStatistic {
  /** The node whose input is measured: the norm itself, where exporters wrap it. */
  readonly refused: RefusedNode;
  /** Extents of the statistic: 1 on every axis that is summed over. */
  readonly dims: readonly number[];
  /** Channels that share a statistic: the input is read as [batch, count, each, …]. */
  readonly grouped?: Grouped;
  readonly variance: boolean;
  /** The variance is the mean square: no mean is taken off. */
  readonly rootMeanSquare: boolean;
}

/** Undefined where the node takes no mean over time. */
export function frozenStatistic(given: RefusedNode): FrozenStatistic | undefined {
  const refused = fusedNorm(given)?.whole ?? given;
  const reduction = reductionOf(refused);
  const extents = dimsOf(refused);
  if (!reduction || !extents) return undefined;
  if (reduction.kind === "normalize") {
    const grouped = groupedOf(refused, reduction, extents);
    return (
      grouped && {
        refused,
        dims: grouped.dims,
        grouped,
        variance: true,
        rootMeanSquare: reduction.rootMeanSquare,
      }
    );
  }
  if (reduction.kind !== "reduce" || reduction.of !== "mean") return undefined;
  const dims = extents.map((d, i) => (reduction.axes.includes(i) ? 1 : d));
  return { refused, dims, variance: false, rootMeanSquare: false };
}

/** Statistics measured on clips, as constants. Proposed without numbers: they are measured when it is chosen. */
export const frozen = defineApproximation(
  "frozen",
  (refused) => (frozenStatistic(refused) ? { kind: "frozen", mean: [] } : undefined),
  (given, { mean, variance }, out) => {
    const statistic = frozenStatistic(given);
    if (!statistic) return false;
    const size = statistic.dims.reduce((n, d) => n * d, 1);
    const numbers = mean.length === 0 ? unmeasured(size) : { mean, variance: variance ?? [] };
    const fits = numbers.mean.length === size && (!statistic.variance || numbers.variance.length === size);
    if (!fits) return false;
    out.serve(statistic.refused.node.outputs[0] ?? "");
    if (statistic.grouped) writeNorm(statistic.refused, statistic.grouped, numbers, out);
    else writeMean(statistic, numbers.mean, out);
    for (const node of fusedNorm(given)?.parts ?? [given.node]) out.remove(node);
    return true;
  },
);

/** What stands for statistics until clips are measured: facts do not depend on the numbers, and nothing runs with these. */
function unmeasured(size: number): { mean: number[]; variance: number[] } {
  return { mean: new Array<number>(size).fill(0), variance: new Array<number>(size).fill(1) };
}

function writeMean({ refused, dims }: FrozenStatistic, mean: readonly number[], out: PatchWriter): void {
  const { node, inference } = refused;
  const [output = ""] = node.outputs;
  const rank = inference.info(output).shape?.length ?? dims.length;
  // Dropped axes have extent 1: the numbers lie the same without them.
  const reduction = reductionOf(refused);
  const axes = reduction?.kind === "reduce" ? reduction.axes : [];
  const left = rank === dims.length ? dims : dims.filter((_, i) => !axes.includes(i));
  out.op("Identity", [out.tensor(floatTensor(mean, left), "frozen")], "", {}, output);
}

function writeNorm(
  refused: RefusedNode,
  grouped: Grouped,
  numbers: { readonly mean: readonly number[]; readonly variance: readonly number[] },
  out: PatchWriter,
): void {
  const reduction = reductionOf(refused);
  if (reduction?.kind !== "normalize") throw new Error("no normalisation");
  const x = split(out, refused.source, grouped);
  const variance = out.floats(numbers.variance, grouped.dims, "frozen.variance");
  const moments = reduction.rootMeanSquare
    ? { variance }
    : { mean: out.floats(numbers.mean, grouped.dims, "frozen.mean"), variance };
  writeNormalized(refused, reduction, grouped, { x, moments }, out);
}
