import { byteLength, type DType, elements, sizeOf, type Tensor } from "../ir/tensor.ts";

/** Bits of the smallest finite float16. */
const LOWEST_FLOAT16 = 0xfbff;

/** The smallest finite number of a dtype. */
export function lowest(dtype: DType): number {
  switch (dtype) {
    case "float64":
      return -Number.MAX_VALUE;
    case "float16":
      return -65504;
    case "int8":
      return -128;
    case "int16":
      return -32768;
    case "int32":
      return -2147483648;
    case "uint8":
    case "uint16":
    case "uint32":
      return 0;
    default:
      return -3.4028234663852886e38;
  }
}

/** A tensor with every element at `value`. Of float16, only 0 and the lowest number can be told. */
export function filledTensor(dtype: DType, dims: readonly number[], value: number): Tensor {
  const bytes = new Uint8Array(byteLength(dtype, sizeOf(dims)));
  const tensor: Tensor = { dtype, dims, bytes };
  if (value === 0) return tensor;
  const data = elements(tensor);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(value));
  else if (dtype === "float16" && value === lowest(dtype)) data.fill(LOWEST_FLOAT16);
  else if (dtype === "float16" || dtype === "bfloat16") throw new TypeError(`${dtype} filled with ${value}`);
  else data.fill(value);
  return tensor;
}

/** A tensor as a cache holds it at reset: `init` in every element, or `init` itself. */
export function initialTensor(cache: {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly init: number | Tensor;
}): Tensor {
  const { dtype, shape, init } = cache;
  return typeof init === "number" ? filledTensor(dtype, shape, init) : init;
}
