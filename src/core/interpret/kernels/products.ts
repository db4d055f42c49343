import { sizeOf, type Tensor } from "../../ir/tensor.ts";
import { broadcastIndex, broadcastPair } from "../../ops/rules/broadcast.ts";
import { doubles, zeros } from "../doubles.ts";
import { residue, whole } from "../exact.ts";
import { type Kernel, needed } from "../kernel.ts";

interface Matrices {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly out: Float64Array;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** out[to…] += a[aFrom…] · b[bFrom…], row-major; terms are added in the order of the inner axis. */
function multiplyInto(
  { a, b, out, rows, inner, columns }: Matrices,
  aFrom: number,
  bFrom: number,
  to: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[aFrom + r * inner + k] as number;
      const row = bFrom + k * columns;
      const target = to + r * columns;
      for (let c = 0; c < columns; c++)
        out[target + c] = (out[target + c] as number) + factor * (b[row + c] as number);
    }
  }
}

const matMul: Kernel = ([left, right]) => {
  const [x, y] = [needed(left), needed(right)];
  const xDims = x.dims.length === 1 ? [1, ...x.dims] : x.dims;
  const yDims = y.dims.length === 1 ? [...y.dims, 1] : y.dims;
  const [rows, inner, columns] = [xDims.at(-2) ?? 1, xDims.at(-1) ?? 1, yDims.at(-1) ?? 1];
  const [xBatch, yBatch] = [xDims.slice(0, -2), yDims.slice(0, -2)];
  const batch = broadcastPair(xBatch, yBatch).map(Number);
  const { data: out, tensor } = zeros([...batch, rows, columns]);
  const parts = { a: doubles(x).map(whole), b: doubles(y).map(whole), out, rows, inner, columns };
  const [xAt, yAt] = [broadcastIndex(xBatch, batch), broadcastIndex(yBatch, batch)];
  for (let i = 0; i < sizeOf(batch); i++)
    multiplyInto(parts, xAt(i) * rows * inner, yAt(i) * inner * columns, i * rows * columns);
  for (let i = 0; i < out.length; i++) out[i] = residue(out[i] as number);
  const dims = tensor.dims.filter((_, i) => {
    const fromEnd = tensor.dims.length - i;
    return !((fromEnd === 2 && x.dims.length === 1) || (fromEnd === 1 && y.dims.length === 1));
  });
  return [{ ...tensor, dims }];
};

function transposed(t: Tensor, flip: boolean): Float64Array {
  const source = doubles(t);
  const [rows = 1, columns = 1] = t.dims;
  if (!flip) return source.map(whole);
  const data = new Float64Array(source.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) data[c * rows + r] = whole(source[r * columns + c] as number);
  return data;
}

/** alpha and beta are left out: they scale both sides alike. */
const gemm: Kernel = ([left, right, bias], attributes) => {
  const [x, y] = [needed(left), needed(right)];
  const [flipX, flipY] = [attributes.int("transA", 0) !== 0, attributes.int("transB", 0) !== 0];
  const [rows, inner] = flipX ? [x.dims[1] ?? 1, x.dims[0] ?? 1] : [x.dims[0] ?? 1, x.dims[1] ?? 1];
  const columns = (flipY ? y.dims[0] : y.dims[1]) ?? 1;
  const { data: out, tensor } = zeros([rows, columns]);
  multiplyInto({ a: transposed(x, flipX), b: transposed(y, flipY), out, rows, inner, columns }, 0, 0, 0);
  const offsets = bias && doubles(bias).map(whole);
  const at = bias && broadcastIndex(bias.dims, [rows, columns]);
  for (let i = 0; i < out.length; i++)
    out[i] = residue((out[i] as number) + (offsets && at ? (offsets[at(i)] ?? 0) : 0));
  return [tensor];
};

export const productKernels: Readonly<Record<string, Kernel>> = { MatMul: matMul, Gemm: gemm };
