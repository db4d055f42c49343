/** Rows of one matrix times rows of another: sums[r·filters + f] = Σ rows[r·depth + i] · weights[f·depth + i]. */
export interface RowProducts {
  readonly rows: ArrayLike<number>;
  readonly rowCount: number;
  readonly weights: ArrayLike<number>;
  readonly filterCount: number;
  readonly depth: number;
}

/** Products of 8 bits by 8 bits that surely fit into 32 bits together. */
const MOST_INT8_PRODUCTS = 2 ** 17 - 1;

/**
 * All the sums, exact: 8-bit operands in 32-bit integers, anything wider in doubles (below 2^53 for 16-bit operands up to 2^23
 * products). Two rows by four filters at a time, so that every load serves several products.
 */
export function rowProducts(input: RowProducts): Int32Array | Float64Array {
  const { rows, weights, depth } = input;
  if (rows instanceof Int8Array && weights instanceof Int8Array && depth <= MOST_INT8_PRODUCTS)
    return int8Products(rows, weights, input);
  return doubleProducts(input);
}

type Shape = Omit<RowProducts, "rows" | "weights">;

function int8Products(
  rows: Int8Array,
  weights: Int8Array,
  { rowCount, filterCount, depth }: Shape,
): Int32Array {
  const sums = new Int32Array(rowCount * filterCount);
  const wholeFilters = filterCount - (filterCount % 4);
  for (let r = 0; r < rowCount; r += 2) {
    // The last of an odd number of rows is computed twice.
    const second = r + 1 < rowCount ? r + 1 : r;
    const [from0, from1] = [r * depth, second * depth];
    const [to0, to1] = [r * filterCount, second * filterCount];
    for (let f = 0; f < wholeFilters; f += 4) {
      let [w0, w1, w2, w3] = [f * depth, (f + 1) * depth, (f + 2) * depth, (f + 3) * depth];
      let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let i = 0; i < depth; i++) {
        const x = rows[from0 + i] as number;
        const y = rows[from1 + i] as number;
        const p = weights[w0++] as number;
        const q = weights[w1++] as number;
        const s = weights[w2++] as number;
        const t = weights[w3++] as number;
        a0 = (a0 + Math.imul(x, p)) | 0;
        a1 = (a1 + Math.imul(x, q)) | 0;
        a2 = (a2 + Math.imul(x, s)) | 0;
        a3 = (a3 + Math.imul(x, t)) | 0;
        b0 = (b0 + Math.imul(y, p)) | 0;
        b1 = (b1 + Math.imul(y, q)) | 0;
        b2 = (b2 + Math.imul(y, s)) | 0;
        b3 = (b3 + Math.imul(y, t)) | 0;
      }
      sums[to0 + f] = a0;
      sums[to0 + f + 1] = a1;
      sums[to0 + f + 2] = a2;
      sums[to0 + f + 3] = a3;
      sums[to1 + f] = b0;
      sums[to1 + f + 1] = b1;
      sums[to1 + f + 2] = b2;
      sums[to1 + f + 3] = b3;
    }
    for (let f = wholeFilters; f < filterCount; f++) {
      let [a, b] = [0, 0];
      for (let i = 0, w = f * depth; i < depth; i++, w++) {
        const p = weights[w] as number;
        a = (a + Math.imul(rows[from0 + i] as number, p)) | 0;
        b = (b + Math.imul(rows[from1 + i] as number, p)) | 0;
      }
      sums[to0 + f] = a;
      sums[to1 + f] = b;
    }
  }
  return sums;
}

/** The same in doubles, one sum after the other. */
export function doubleProducts({ rows, weights, rowCount, filterCount, depth }: RowProducts): Float64Array {
  const a = rows instanceof Float64Array ? rows : Float64Array.from(rows);
  const b = weights instanceof Float64Array ? weights : Float64Array.from(weights);
  const sums = new Float64Array(rowCount * filterCount);
  let at = 0;
  for (let r = 0; r < rowCount; r++)
    for (let f = 0; f < filterCount; f++) {
      let sum = 0;
      for (let i = 0, x = r * depth, w = f * depth; i < depth; i++)
        sum += (a[x++] as number) * (b[w++] as number);
      sums[at++] = sum;
    }
  return sums;
}
