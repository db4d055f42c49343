import type { ValueName } from "../ir/graph.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { Reduction } from "../ops/op.ts";
import type { RefusedNode } from "./approximation-rule.ts";
import type { PatchWriter } from "./patch-writer.ts";
import { placementOf } from "./placement.ts";
import type { TimeStatistic } from "./time-mean.ts";

type Reduce = Extract<Reduction, { kind: "reduce" }>;

/** What a refused node sums over time, if that is what it does. */
export function reductionOf({ node, inference, axis, reason }: RefusedNode): Reduction | undefined {
  if (reason !== "timeReduced") return undefined;
  const operands = node.inputs.map((name) => (name === "" ? undefined : inference.info(name)));
  const reduction = rulesFor(node)?.reduction?.(operands);
  if (!reduction) return undefined;
  return reduction.kind === "softmax" || reduction.axes.includes(axis) ? reduction : undefined;
}

/** Whether a statistic over the past can stand in for what the node sums. */
export function canReplace(refused: RefusedNode, statistic: TimeStatistic): boolean {
  const reduction = reductionOf(refused);
  switch (reduction?.kind) {
    case undefined:
      return false;
    case "reduce": {
      const [output = ""] = refused.node.outputs;
      if (reduction.of === "max" || reduction.of === "min") return false;
      if (reduction.of !== "mean" && !statistic.sum) return false;
      return placementOf(refused, output, reduction.keep) !== undefined;
    }
    case "normalize":
    case "softmax":
      return false;
    default:
      return reduction satisfies never;
  }
}

/** Writes a node's sums over time as sums over the past. Answers false where `canReplace` does. */
export function replaceStatistic(refused: RefusedNode, statistic: TimeStatistic, out: PatchWriter): boolean {
  const reduction = reductionOf(refused);
  if (!reduction || !canReplace(refused, statistic)) return false;
  out.serve(refused.node.outputs[0] ?? "");
  if (reduction.kind === "reduce") writeReduce(refused, reduction, statistic, out);
  out.remove(refused.node);
  return true;
}

function writeReduce(
  refused: RefusedNode,
  { of, axes, keep }: Reduce,
  statistic: TimeStatistic,
  out: PatchWriter,
): void {
  const { node, axis, rank, source } = refused;
  const [output = ""] = node.outputs;
  const placement = placementOf(refused, output, keep);
  const at = { axis, rank };
  const newest = placement === "perStep" ? trimmed(refused, out) : source;
  const others = axes.filter((a) => a !== axis);
  const terms = termsOf(of, newest, out);
  const over = (value: ValueName): ValueName => {
    if (of === "mean" || !statistic.sum) return statistic.mean(out, out.mean(value, others, "rest"), at);
    const rest =
      others.length === 0 ? value : out.op("ReduceSum", [value, out.ints(others, "rest.axes")], "rest");
    return statistic.sum(out, rest, at);
  };
  const result = finished(of, over(terms), out);
  const squeezed = keep ? [] : axes;
  if (placement === "perStep") {
    const last = out.slice(result, axis, [-1, 2 ** 31 - 1], "last");
    if (squeezed.length > 0) out.op("Squeeze", [last, out.ints(squeezed, "dropped")], "", {}, output);
    else out.op("Identity", [last], "", {}, output);
  } else {
    out.op("Identity", [result], "", {}, output);
  }
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

/** The source without the last frames, which offline computes from padding behind the end: a stream has no such frames. */
export function trimmed({ analysis, source, axis }: RefusedNode, out: PatchWriter): ValueName {
  const lag = analysis.lags.get(source) ?? 0;
  const padded = lag - Math.max(0, analysis.cleanLags.get(source) ?? 0);
  return padded > 0 ? out.slice(source, axis, [0, -padded], "trimmed") : source;
}
