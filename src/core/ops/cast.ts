import { dtypeOfElement } from "../ir/element-types.ts";
import { type DType, elements, numbers, type Tensor } from "../ir/tensor.ts";
import { defineOp, type OpDefinition } from "./op.ts";
import { emptyTensor, writer } from "./rules/fold.ts";
import { inferred, isInteger, vectorOf } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

const EXACT: ReadonlySet<DType> = new Set(["float32", "float64", "int32", "int64", "uint8", "int8", "bool"]);

/** Conversions between float, double, integers and bool that every runtime agrees on. */
function castTensor(t: Tensor, to: DType): Tensor | undefined {
  if (t.dtype === to) return t;
  if (!EXACT.has(t.dtype) || !EXACT.has(to)) return undefined;
  const out = emptyTensor(to, t.dims);
  const write = writer(out);
  if (isInteger(t.dtype) && to !== "bool") {
    let i = 0;
    for (const v of elements(t)) write(i++, v);
    return out;
  }
  for (const [i, v] of numbers(t).entries()) {
    // Out of range conversions differ between platforms: leave them to the runtime.
    if (isInteger(to) && !(Math.abs(v) < 2 ** 31)) return undefined;
    if ((to === "uint8" || to === "int8") && (v < -128 || v > 255)) return undefined;
    write(i, to === "bool" ? Number(v !== 0) : isInteger(to) ? Math.trunc(v) : v);
  }
  return out;
}

/**
 * Symbolic lengths survive a cast to float and back only through the integer path; a float copy of them keeps
 * `symbolic` too, because only shape arithmetic is ever recorded there.
 */
const cast = defineOp("Cast", "Converts elements to another type.", (attributes) => {
  const to = dtypeOfElement(attributes.int("to", 0));
  return {
    infer([x]) {
      const v = to && isInteger(to) && isInteger(x?.dtype) ? vectorOf(x) : undefined;
      return [inferred(to, x?.shape, v)];
    },
    stream: pointwiseRule,
    isIdentity: ([x]) => to !== undefined && x?.dtype === to,
    fold([x]) {
      const out = x?.constant && to && castTensor(x.constant, to);
      return out && [out];
    },
  };
});

const castLike = defineOp("CastLike", "Converts elements to the second input's type.", () => ({
  infer: ([x, like]) => [inferred(like?.dtype, x?.shape)],
  stream: pointwiseRule,
  fold([x, like]) {
    const out = x?.constant && like?.dtype && castTensor(x.constant, like.dtype);
    return out && [out];
  },
}));

export const castOps: readonly OpDefinition[] = [cast, castLike];
