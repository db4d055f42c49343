import { intAttribute, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import type { PatchWriter } from "./patch-writer.ts";

/** Where time is in a value. */
export interface TimeAxis {
  readonly axis: number;
  readonly rank: number;
}

/** A statistic over the past that has a value at every frame. */
export interface TimeStatistic {
  /** Mean of the frames that count, frame by frame. */
  mean(out: PatchWriter, value: ValueName, at: TimeAxis): ValueName;
  /** Their sum; absent where it has no meaning. */
  sum?(out: PatchWriter, value: ValueName, at: TimeAxis): ValueName;
}

/** 1 at every true frame of a value, with extent 1 on all other axes: what a mean divides by. NaN and infinity count. */
export function ones(out: PatchWriter, value: ValueName, { axis, rank }: TimeAxis): ValueName {
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  return out.op("Pow", [out.mean(value, others, "frames"), out.scalar(0, "zero")], "ones");
}

function cumulate(out: PatchWriter, value: ValueName, { axis }: TimeAxis, role: string): ValueName {
  return out.op("CumSum", [value, out.tensor(longTensor([axis], []), `${role}.axis`)], role, {
    exclusive: intAttribute(0),
    reverse: intAttribute(0),
  });
}

/** Over all frames so far. */
export const RUNNING: TimeStatistic = {
  mean(out, value, at) {
    const sum = cumulate(out, value, at, "sum");
    const count = cumulate(out, ones(out, value, at), at, "count");
    // Before the first true frame nothing was counted.
    const divisor = out.op("Max", [count, out.scalar(1, "one")], "divisor");
    return out.op("Div", [sum, divisor], "mean");
  },
  sum: (out, value, at) => cumulate(out, value, at, "sum"),
};
