import { elements, sizeOf } from "../../ir/tensor.ts";
import { filled, inputAt, outputRecord, type Run, roundDouble } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";

type Product = Extract<KernelForm, { kind: "product" }>;

/**
 * Gemm and MatMul: rows of x times w, the bias added before the shift. w is one matrix for all rows, or one per batch of the same
 * leading dims. Source: esp-dl dl_base.hpp 133–368.
 */
export const runProduct: Run<Product> = (context) => {
  const { form, rounding, inputs } = context;
  const x = inputAt(context, 0);
  const w = inputAt(context, 1);
  const bias = inputs[2] ? Float64Array.from(elements(inputs[2]), Number) : undefined;
  const record = outputRecord(context);
  const depth = x.dims.at(-1) ?? 1;
  const columns = form.transposed ? (w.dims.at(-2) ?? 1) : (w.dims.at(-1) ?? 1);
  const rows = sizeOf(x.dims) / depth;
  const matrices = sizeOf(w.dims) / (depth * columns);
  const rowsPerMatrix = rows / matrices;
  const a = Float64Array.from(elements(x), Number);
  const stored = Float64Array.from(elements(w), Number);
  const b = form.packed === undefined ? stored : unpacked(stored, { block: form.packed, depth, columns });
  const [alongDepth, alongColumn] = form.transposed ? [1, depth] : [columns, 1];
  const round = roundDouble(rounding);
  return [
    filled(record, rows * columns, (i) => {
      const column = i % columns;
      const row = (i - column) / columns;
      let at = Math.floor(row / rowsPerMatrix) * depth * columns + column * alongColumn;
      let sum = bias ? (bias[bias.length === 1 ? 0 : column] ?? 0) : 0;
      for (let k = 0, from = row * depth; k < depth; k++, from++, at += alongDepth)
        sum += (a[from] as number) * (b[at] as number);
      const y = round(sum * 2 ** -(form.shifts[column] ?? form.shifts[0] ?? 0));
      return form.relu && y < 0 ? 0 : y;
    }),
  ];
};

/** Matrices [depth, columns] of what lies in the order of filters. */
function unpacked(
  stored: Float64Array,
  { block, depth, columns }: { readonly block: number; readonly depth: number; readonly columns: number },
): Float64Array {
  const size = depth * columns;
  const grouped = block === 0 ? 0 : columns - (columns % block);
  const out = new Float64Array(stored.length);
  for (let base = 0; base < stored.length; base += size)
    for (let n = 0; n < columns; n++)
      for (let c = 0; c < depth; c++) {
        const inside = n % block;
        const at = n < grouped ? (n - inside) * depth + c * block + inside : n * depth + c;
        out[base + c * columns + n] = stored[base + at] as number;
      }
  return out;
}
