import { sizeOf } from "../../ir/tensor.ts";
import { stridesOf } from "../../ops/rules/broadcast.ts";
import { roundFloat32 } from "../../quant/esp/rounding.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";

type Reduce = Extract<KernelForm, { kind: "reduce" }>;

/**
 * Reductions over axes. The mean divides the scaled sum by the count before it leaves float32, in this order; extremes pass the
 * raw integer. Source: esp-dl dl_module_reduce_mean.hpp 37–45.
 */
export const runReduce: Run<Reduce> = (context) => {
  const { op, axes, inputLog2, outputLog2 } = context.form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const strides = stridesOf(input.dims);
  const kept = input.dims.flatMap((extent, axis) =>
    axes.includes(axis) ? [] : [{ extent, stride: strides[axis] ?? 0 }],
  );
  const folded = axes.map((axis) => ({ extent: input.dims[axis] ?? 1, stride: strides[axis] ?? 0 }));
  const offsets = offsetsOf(folded);
  const bases = offsetsOf(kept);
  const round = roundFloat32(context.rounding);
  const [scale, toOutput] = [2 ** inputLog2, 2 ** -outputLog2];
  const combine = op === "max" ? Math.max : op === "min" ? Math.min : (a: number, b: number) => a + b;
  return [
    filled(outputRecord(context), sizeOf(kept.map((k) => k.extent)), (i) => {
      const base = bases[i] ?? 0;
      let sum = data[base + (offsets[0] ?? 0)] as number;
      for (let k = 1; k < offsets.length; k++) sum = combine(sum, data[base + (offsets[k] ?? 0)] as number);
      if (op === "max" || op === "min") return sum;
      const real = Math.fround(sum * scale);
      const value = op === "mean" ? Math.fround(real / offsets.length) : real;
      return round(Math.fround(value * toOutput));
    }),
  ];
};

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
