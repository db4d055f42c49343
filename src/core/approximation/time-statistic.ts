import { pow } from "../base/elementary.ts";
import { intAttribute, intsAttribute, makeNode, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import type { PatchWriter } from "./patch-writer.ts";
import { scanTime } from "./time-scan.ts";

/** Where time is in a value, and its extents (1 for time and for an open batch). */
export interface TimeAxis {
  readonly axis: number;
  readonly dims: readonly number[];
}

/** A statistic over the past that has a value at every frame. */
export interface TimeStatistic {
  /** Mean of the frames that count. */
  mean(out: PatchWriter, value: ValueName, at: TimeAxis): ValueName;
  /** Their sum; absent where it has no meaning. */
  sum?(out: PatchWriter, value: ValueName, at: TimeAxis): ValueName;
  /** The largest of them; absent where it has no meaning. */
  largest?(out: PatchWriter, value: ValueName, at: TimeAxis): ValueName;
}

/** The smallest float32: minus infinity would make NaN of a difference. */
const LOWEST = -3.4028234663852886e38;

/** 1 at every true frame of a value, with extent 1 on all other axes: what a mean divides by. NaN and infinity count. */
function ones(out: PatchWriter, value: ValueName, { axis, dims }: TimeAxis): [ValueName, TimeAxis] {
  const others = dims.map((_, i) => i).filter((i) => i !== axis);
  const frames = out.op("Pow", [out.mean(value, others, "frames"), out.scalar(0, "zero")], "ones");
  return [frames, { axis, dims: dims.map(() => 1) }];
}

function cumulate(out: PatchWriter, value: ValueName, { axis }: TimeAxis, role: string): ValueName {
  return out.op("CumSum", [value, out.tensor(longTensor([axis], []), `${role}.axis`)], role, {
    exclusive: intAttribute(0),
    reverse: intAttribute(0),
  });
}

/** Weighted mean, from sums of the same weights over frames and over ones. No weight yet: `least` stands for it. */
function quotient(
  out: PatchWriter,
  sumOf: (value: ValueName, at: TimeAxis, role: string) => ValueName,
  [value, at]: readonly [ValueName, TimeAxis],
  least: number,
): ValueName {
  const sum = sumOf(value, at, "sum");
  const weight = sumOf(...ones(out, value, at), "weight");
  return out.op("Div", [sum, out.op("Max", [weight, out.scalar(least, "least")], "divisor")], "mean");
}

/** Over all frames so far. */
export const RUNNING: TimeStatistic = {
  mean: (out, value, at) => quotient(out, (v, a, role) => cumulate(out, v, a, role), [value, at], 1),
  sum: (out, value, at) => cumulate(out, value, at, "sum"),
  largest: (out, value, at) =>
    scanTime(
      out,
      value,
      at,
      {
        start: LOWEST,
        nodes: ({ past, frame, next }) => [makeNode("Max", [past, frame], [next])],
      },
      "largest",
    ),
};

/** Over the last `frames` frames. */
export function lastFrames(frames: number): TimeStatistic {
  const average = (out: PatchWriter, value: ValueName, at: TimeAxis, role: string): ValueName =>
    pooled(out, value, at, (moved, attributes) =>
      out.op("AveragePool", [moved], role, {
        ...poolAttributes(attributes, frames),
        count_include_pad: intAttribute(1),
      }),
    );
  return {
    mean: (out, value, at) =>
      quotient(out, (v, a, role) => average(out, v, a, role), [value, at], 0.5 / frames),
    sum: (out, value, at) =>
      out.op("Mul", [average(out, value, at, "share"), out.scalar(frames, "length")], "sum"),
    largest: (out, value, at) =>
      pooled(out, value, at, (moved, attributes) =>
        out.op("MaxPool", [moved], "largest", poolAttributes(attributes, frames)),
      ),
  };
}

/** The spatial axes of a pool, and which of them is time. */
interface Spatial {
  readonly count: number;
  readonly time: number;
}

function poolAttributes({ count, time }: Spatial, frames: number) {
  const kernel = Array.from({ length: count }, (_, i) => (i === time ? frames : 1));
  const pads = [...kernel.map((k) => k - 1), ...kernel.map(() => 0)];
  return { kernel_shape: intsAttribute(kernel), pads: intsAttribute(pads) };
}

/** Runs a pool over time, which pools expect behind batch and channels. */
function pooled(
  out: PatchWriter,
  value: ValueName,
  { axis, dims }: TimeAxis,
  pool: (moved: ValueName, spatial: Spatial) => ValueName,
): ValueName {
  const rank = dims.length;
  if (axis >= 2) return pool(value, { count: rank - 2, time: axis - 2 });
  const front = Array.from({ length: Math.max(0, 3 - rank) }, (_, i) => i);
  const wide = front.length === 0 ? value : out.op("Unsqueeze", [value, out.ints(front, "front")], "wide");
  const full = rank + front.length;
  const at = axis + front.length;
  const perm = [...Array.from({ length: full }, (_, i) => i).filter((i) => i !== at), at];
  const turned = at !== full - 1;
  const result = pool(turned ? transposed(out, wide, perm) : wide, { count: full - 2, time: full - 3 });
  const back = perm.map((_, i) => perm.indexOf(i));
  const placed = turned ? transposed(out, result, back) : result;
  return front.length === 0 ? placed : out.op("Squeeze", [placed, out.ints(front, "front")], "narrow");
}

function transposed(out: PatchWriter, value: ValueName, perm: readonly number[]): ValueName {
  return out.op("Transpose", [value], "moved", { perm: intsAttribute(perm) });
}

/** Exponentially forgetting: a frame counts half after `halfLifeFrames` frames. */
export function forgetting(halfLifeFrames: number): TimeStatistic {
  const keep = Math.fround(pow(0.5, 1 / halfLifeFrames));
  const leaky = (out: PatchWriter, value: ValueName, at: TimeAxis, role: string): ValueName => {
    const [kept, added] = [out.name(`${role}.kept`), out.name(`${role}.added`)];
    const [a, b] = [out.name(`${role}.keep`), out.name(`${role}.share`)];
    return scanTime(
      out,
      value,
      at,
      {
        start: 0,
        constants: { [a]: keep, [b]: 1 - keep },
        nodes: ({ past, frame, next }) => [
          makeNode("Mul", [past, a], [kept]),
          makeNode("Mul", [frame, b], [added]),
          makeNode("Add", [kept, added], [next]),
        ],
      },
      role,
    );
  };
  return {
    mean: (out, value, at) =>
      quotient(out, (v, a, role) => leaky(out, v, a, role), [value, at], (1 - keep) / 2),
  };
}
