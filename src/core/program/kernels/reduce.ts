import { exp, log } from "../../base/elementary.ts";
import { sizeOf } from "../../ir/tensor.ts";
import { stridesOf } from "../../ops/rules/broadcast.ts";
import {
  filled,
  inputAt,
  numbersOf,
  outputRecord,
  type Run,
  roundDouble,
  roundingInto,
} from "../kernel-context.ts";
import type { KernelForm, ReduceOp } from "../program.ts";
import { newtonRoot } from "./newton-root.ts";

type Reduce = Extract<KernelForm, { kind: "reduce" }>;

const f32 = Math.fround;

/** What is gathered over the elements (q raw, x = q·2^in), from `start` on. */
interface Fold {
  readonly start: number;
  readonly add: (sum: number, q: number, x: number) => number;
}

const SUM: Fold = { start: 0, add: (sum, q) => sum + q };
const SQUARES: Fold = { start: 0, add: (sum, q) => sum + q * q };

const FOLDS: Readonly<Record<ReduceOp, Fold>> = {
  mean: SUM,
  sum: SUM,
  logSum: SUM,
  max: { start: Number.NEGATIVE_INFINITY, add: (a, q) => Math.max(a, q) },
  min: { start: Number.POSITIVE_INFINITY, add: (a, q) => Math.min(a, q) },
  l1: { start: 0, add: (sum, q) => sum + Math.abs(q) },
  l2: SQUARES,
  sumSquare: SQUARES,
  prod: { start: 1, add: (product, _, x) => f32(product * x) },
  logSumExp: { start: 0, add: (sum, _, x) => f32(sum + f32(exp(x))) },
};

/**
 * Reductions over axes. Sums, absolute sums and sums of squares are integers, shifted and rounded; means, roots, products and
 * logarithms leave through float32; extremes pass the raw integer. Source: esp-dl dl_module_reduce_*.hpp.
 */
export const runReduce: Run<Reduce> = (context) => {
  const { form, rounding } = context;
  const { op, axes, inputLog2 } = form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const strides = stridesOf(input.dims);
  const kept = input.dims.flatMap((extent, axis) =>
    axes.includes(axis) ? [] : [{ extent, stride: strides[axis] ?? 0 }],
  );
  const folded = axes.map((axis) => ({ extent: input.dims[axis] ?? 1, stride: strides[axis] ?? 0 }));
  const offsets = offsetsOf(folded);
  const bases = offsetsOf(kept);
  const record = outputRecord(context);
  const { start, add } = FOLDS[op];
  const isFloat = input.dtype === "float32";
  const scale = 2 ** inputLog2;
  const finish = finishOf(
    form,
    offsets.length,
    roundingInto(record, rounding),
    roundDouble(rounding),
    isFloat,
  );
  return [
    filled(record, sizeOf(kept.map((k) => k.extent)), (i) => {
      const base = bases[i] ?? 0;
      let sum = start;
      for (let k = 0; k < offsets.length; k++) {
        const q = data[base + (offsets[k] ?? 0)] as number;
        sum = add(sum, q, q * scale);
      }
      return finish(isFloat ? f32(sum) : sum);
    }),
  ];
};

function finishOf(
  { op, inputLog2, outputLog2 }: Reduce,
  count: number,
  round: (x: number) => number,
  shift: (x: number) => number,
  isFloat: boolean,
): (sum: number) => number {
  const [scale, rescale] = [2 ** inputLog2, 2 ** -outputLog2];
  // A float result enters a float tensor as it is.
  const shifted = (log2: number) => (sum: number) => (isFloat ? sum : shift(sum * 2 ** log2));
  switch (op) {
    case "max":
    case "min":
      return (sum) => sum;
    case "sum":
    case "l1":
      return shifted(inputLog2 - outputLog2);
    case "sumSquare":
      return shifted(2 * inputLog2 - outputLog2);
    case "mean":
      return (sum) => round(f32(f32(f32(sum * scale) / count) * rescale));
    case "l2":
      return (sum) => round(newtonRoot(f32(sum * scale * scale)) * rescale);
    case "prod":
      return (product) => round(product * rescale);
    case "logSum":
      return (sum) => round(f32(log(f32(sum * scale))) * rescale);
    case "logSumExp":
      return (sum) => round(f32(log(sum)) * rescale);
    default:
      return op satisfies never;
  }
}

/** Offsets of every combination of indices, row-major. */
function offsetsOf(axes: readonly { readonly extent: number; readonly stride: number }[]): Int32Array {
  let offsets = Int32Array.of(0);
  for (const { extent, stride } of axes) {
    const next = new Int32Array(offsets.length * extent);
    for (let i = 0; i < offsets.length; i++)
      for (let k = 0; k < extent; k++) next[i * extent + k] = (offsets[i] ?? 0) + k * stride;
    offsets = next;
  }
  return offsets;
}
