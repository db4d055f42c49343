import { elements, sizeOf, tensorOf } from "../../ir/tensor.ts";
import { inputAt, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";
import { requantizeRows } from "./requantize-rows.ts";
import { rowProducts } from "./row-products.ts";

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
  const { transposed, packed } = form;
  const filters = filtersOf(numbersOf(w), { depth, columns, transposed, packed });
  const a = numbersOf(x);
  const sums = new Float64Array(rows * columns);
  for (let m = 0; m < matrices; m++) {
    const part = rowProducts({
      rows: a.subarray(m * rowsPerMatrix * depth, (m + 1) * rowsPerMatrix * depth),
      rowCount: rowsPerMatrix,
      weights: filters.subarray(m * depth * columns, (m + 1) * depth * columns),
      filterCount: columns,
      depth,
    });
    sums.set(part, m * rowsPerMatrix * columns);
  }
  const { shifts, relu } = form;
  return [
    tensorOf(requantizeRows(sums, bias, { outputs: columns, shifts, relu, record, rounding }), record.dims),
  ];
};

interface StoredMatrices {
  readonly depth: number;
  readonly columns: number;
  readonly transposed: boolean;
  /** Channels to a block, where they lie in the order of a filter. */
  readonly packed: number | undefined;
}

/** Matrices [depth, columns], in whatever order they lie, with every column as a row. */
function filtersOf(
  stored: ReturnType<typeof numbersOf>,
  { depth, columns, transposed, packed }: StoredMatrices,
): ReturnType<typeof numbersOf> {
  if (transposed) return stored;
  const block = packed ?? 0;
  const grouped = block === 0 ? 0 : columns - (columns % block);
  const place = (n: number, c: number): number => {
    if (packed === undefined) return c * columns + n;
    return n < grouped ? (n - (n % block)) * depth + c * block + (n % block) : n * depth + c;
  };
  const out = stored.slice();
  for (let base = 0; base < stored.length; base += depth * columns)
    for (let n = 0; n < columns; n++)
      for (let c = 0; c < depth; c++) out[base + n * depth + c] = stored[base + place(n, c)] as number;
  return out;
}
