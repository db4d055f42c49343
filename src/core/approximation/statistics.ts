import type { ValueName } from "../ir/graph.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { Reduction } from "../ops/op.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import { fusedNorm } from "./fused-norm.ts";
import { groupedOf, momentsOf, split, writeNormalized } from "./normalization.ts";
import type { PatchWriter } from "./patch-writer.ts";
import { placementOf, writePlaced } from "./placement.ts";
import type { TimeAxis, TimeStatistic } from "./time-statistic.ts";

type Reduce = Extract<Reduction, { kind: "reduce" }>;

/** What a refused node sums over time, if that is what it does. */
export function reductionOf({ node, inference, axis, reason, source }: RefusedNode): Reduction | undefined {
  if (reason !== "timeReduced" || node.inputs[0] !== source) return undefined;
  const operands = node.inputs.map((name) => (name === "" ? undefined : inference.info(name)));
  const reduction = rulesFor(node)?.reduction?.(operands);
  if (!reduction) return undefined;
  const own = reduction.kind === "softmax" ? reduction.axis === axis : reduction.axes.includes(axis);
  return own ? reduction : undefined;
}

/** Extents of the source with 1 for time and an open batch; undefined if another one is not known. */
export function dimsOf({ inference, source, axis }: RefusedNode): readonly number[] | undefined {
  const dims = inference.info(source).shape?.map((d, i) => {
    if (i === axis) return 1;
    return typeof d === "number" ? d : i === 0 ? 1 : undefined;
  });
  return dims?.every((d) => d !== undefined) ? (dims as readonly number[]) : undefined;
}

/** Whether a statistic over the past can stand in for what the node sums. */
export function canReplace(given: RefusedNode, statistic: TimeStatistic): boolean {
  const refused = fusedNorm(given)?.whole ?? given;
  const reduction = reductionOf(refused);
  const dims = dimsOf(refused);
  if (!reduction || !dims) return false;
  switch (reduction.kind) {
    case "reduce": {
      const [output = ""] = refused.node.outputs;
      const { of, keep } = reduction;
      const able = of === "max" || of === "min" ? statistic.largest : of === "mean" || statistic.sum;
      return able !== undefined && placementOf(refused, output, keep) !== undefined;
    }
    case "normalize":
      return groupedOf(refused, reduction, dims) !== undefined;
    case "softmax":
      return statistic.sum !== undefined;
    default:
      return reduction satisfies never;
  }
}

/** Writes a node's sums over time as sums over the past. Answers false where `canReplace` does. */
export function replaceStatistic(given: RefusedNode, statistic: TimeStatistic, out: PatchWriter): boolean {
  const fused = fusedNorm(given);
  const refused = fused?.whole ?? given;
  const reduction = reductionOf(refused);
  const dims = dimsOf(refused);
  if (!reduction || !dims || !canReplace(refused, statistic)) return false;
  out.serve(refused.node.outputs[0] ?? "");
  switch (reduction.kind) {
    case "reduce":
      writeReduce(refused, { reduction, statistic, dims }, out);
      break;
    case "normalize": {
      const grouped = groupedOf(refused, reduction, dims);
      if (!grouped) return false;
      const x = split(out, refused.source, grouped);
      const moments = momentsOf(out, x, grouped, !reduction.rootMeanSquare, (value) =>
        statistic.mean(out, value, grouped),
      );
      writeNormalized(refused, reduction, grouped, { x, moments }, out);
      break;
    }
    case "softmax":
      writeShare(refused, reduction, { statistic, dims }, out);
      break;
    default:
      reduction satisfies never;
  }
  for (const node of fused?.parts ?? [given.node]) out.remove(node);
  return true;
}

function writeReduce(
  refused: RefusedNode,
  {
    reduction: { of, axes, keep },
    statistic,
    dims,
  }: { readonly reduction: Reduce; readonly statistic: TimeStatistic; readonly dims: readonly number[] },
  out: PatchWriter,
): void {
  const { node, axis, source } = refused;
  const [output = ""] = node.outputs;
  const placement = placementOf(refused, output, keep);
  const others = axes.filter((a) => a !== axis);
  const at: TimeAxis = { axis, dims: dims.map((d, i) => (others.includes(i) ? 1 : d)) };
  const over = (op: string, value: ValueName): ValueName =>
    others.length === 0 ? value : out.op(op, [value, out.ints(others, "rest.axes")], "rest");
  const result = (): ValueName => {
    if (of === "max") return statistic.largest?.(out, over("ReduceMax", source), at) ?? "";
    if (of === "min") {
      const negated = out.op("Neg", [over("ReduceMin", source)], "negated");
      return out.op("Neg", [statistic.largest?.(out, negated, at) ?? ""], "smallest");
    }
    if (of === "mean") return statistic.mean(out, over("ReduceMean", source), at);
    const terms = termsOf(of, source, out);
    return finished(of, statistic.sum?.(out, over("ReduceSum", terms), at) ?? "", out);
  };
  writePlaced(refused, { value: result(), placement, dropped: keep ? [] : axes }, out);
}

function termsOf(of: Reduce["of"], value: ValueName, out: PatchWriter): ValueName {
  switch (of) {
    case "l1":
      return out.op("Abs", [value], "magnitude");
    case "l2":
    case "sumSquare":
      return out.op("Mul", [value, value], "square");
    case "logSumExp":
      return out.op("Exp", [value], "exp");
    default:
      return value;
  }
}

function finished(of: Reduce["of"], value: ValueName, out: PatchWriter): ValueName {
  if (of === "l2") return out.op("Sqrt", [value], "root");
  return of === "logSum" || of === "logSumExp" ? out.op("Log", [value], "log") : value;
}

/** exp(x) over the sum of exponentials so far. */
function writeShare(
  { node, source, axis }: RefusedNode,
  { log }: Extract<Reduction, { kind: "softmax" }>,
  { statistic, dims }: { readonly statistic: TimeStatistic; readonly dims: readonly number[] },
  out: PatchWriter,
): void {
  const [output = ""] = node.outputs;
  const weight = out.op("Exp", [source], "exp");
  const sum = statistic.sum?.(out, weight, { axis, dims }) ?? "";
  if (log) out.op("Sub", [source, out.op("Log", [sum], "log")], "", {}, output);
  else out.op("Div", [weight, sum], "", {}, output);
}
