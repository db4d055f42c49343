import type { AttributeReader } from "../ir/attributes.ts";
import { dtypeOfElement } from "../ir/element-types.ts";
import { floatTensor, longTensor, numbers, sizeOf, type Tensor } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, type OperandInfo, refuse } from "./op.ts";
import { productOf } from "./rules/dim.ts";
import { emptyTensor, moveElements, writer } from "./rules/fold.ts";
import {
  fromFront,
  inferred,
  isInteger,
  knownDims,
  knownScalar,
  lengthOf,
  vectorOf,
} from "./rules/operand.ts";

/** Shape-1, with start and end since 15. */
const shape = defineOp("Shape", "Dimensions of a tensor as an int64 vector.", (attributes) => {
  const slice = (x: OperandInfo | undefined) => {
    if (!x?.shape) return undefined;
    const rank = x.shape.length;
    const clamp = (i: number) => Math.min(Math.max(fromFront(i, rank), 0), rank);
    return x.shape.slice(clamp(attributes.int("start", 0)), clamp(attributes.int("end", rank)));
  };
  return {
    infer([x]) {
      const dims = slice(x);
      return [inferred("int64", [dims ? dims.length : null], dims)];
    },
    stream: () => refuse("dataDependent", { code: "readsLength" }),
    fold([x]) {
      const dims = knownDims(slice(x));
      return dims && [longTensor(dims)];
    },
  };
});

const size = defineOp("Size", "Number of elements of a tensor.", () => ({
  infer: ([x]) => [inferred("int64", [], x?.shape && [productOf(x.shape)])],
  stream: () => refuse("dataDependent", { code: "readsLength" }),
  fold([x]) {
    const dims = knownDims(x?.shape);
    return dims && [longTensor([sizeOf(dims)], [])];
  },
}));

/** The value of a Constant node in any of its spellings; undefined for sparse values. */
function constantValue(attributes: AttributeReader): Tensor | undefined {
  const tensor = attributes.tensor("value");
  if (tensor) return tensor;
  const float = attributes.optionalFloat("value_float");
  if (float !== undefined) return floatTensor([float], []);
  const floats = attributes.floats("value_floats");
  if (floats) return floatTensor(floats, [floats.length]);
  const int = attributes.optionalInt("value_int");
  if (int !== undefined) return longTensor([int], []);
  const ints = attributes.optionalInts("value_ints");
  return ints && longTensor(ints);
}

const constant = defineOp("Constant", "A tensor stored in the node.", (attributes) => ({
  infer() {
    const t = constantValue(attributes);
    return [inferred(t?.dtype, t?.dims)];
  },
  fold() {
    const t = constantValue(attributes);
    return t && [t];
  },
}));

/** One element of `value` (default float32 zero) repeated to the shape in input 0. */
const constantOfShape = defineOp(
  "ConstantOfShape",
  "A tensor of the given shape with one value everywhere.",
  (attributes) => {
    const value = attributes.tensor("value") ?? floatTensor([0], [1]);
    return {
      infer([dims]) {
        const known = vectorOf(dims);
        const rank = lengthOf(dims);
        const shape = known ?? (rank === undefined ? undefined : Array.from({ length: rank }, () => null));
        const short = shape?.length === 1 && typeof shape[0] === "number" && shape[0] <= 64;
        const values =
          short && isInteger(value.dtype)
            ? Array.from({ length: Number(shape?.[0]) }, () => numbers(value)[0] ?? 0)
            : undefined;
        return [inferred(value.dtype, shape, values)];
      },
      fold([dims]) {
        const known = knownDims(vectorOf(dims));
        const out = known && moveElements(value, known, () => 0);
        return out && [out];
      },
    };
  },
);

const range = defineOp("Range", "start, start+delta, … below limit.", () => {
  const count = (operands: readonly (OperandInfo | undefined)[]): number | undefined => {
    const [start, limit, delta] = operands.map(
      (o) => knownScalar(o) ?? (typeof o?.symbolic?.[0] === "number" ? o.symbolic[0] : undefined),
    );
    if (start === undefined || limit === undefined || delta === undefined) return undefined;
    return Math.max(Math.ceil((limit - start) / delta), 0);
  };
  return {
    infer(operands) {
      const [start, limit, delta] = operands;
      const n = count(operands);
      const end = limit?.symbolic?.[0];
      const from = vectorOf(start)?.[0];
      const symbolic = from === 0 && vectorOf(delta)?.[0] === 1 ? end : undefined;
      return [inferred(start?.dtype ?? limit?.dtype, [n ?? symbolic ?? null])];
    },
    fold(operands) {
      const [start, limit, delta] = operands.map(knownScalar);
      const dtype = operands[0]?.dtype;
      const n = count(operands);
      if (start === undefined || limit === undefined || delta === undefined || n === undefined)
        return undefined;
      if (!dtype || !isInteger(dtype)) return undefined;
      const out = emptyTensor(dtype, [n]);
      const write = writer(out);
      for (let i = 0; i < n; i++) write(i, start + i * delta);
      return [out];
    },
  };
});

/** Ones on a diagonal. */
const eyeLike = defineOp("EyeLike", "Identity matrix of the input's shape.", (attributes) => ({
  infer: ([x]) => [inferred(dtypeOfElement(attributes.int("dtype", 0)) ?? x?.dtype, x?.shape)],
}));

const nonZero = defineOp("NonZero", "Coordinates of all elements that are not zero.", () => ({
  infer: ([x]) => [inferred("int64", [x?.shape ? x.shape.length : null, null])],
  stream: () => refuse("dataDependent"),
}));

const oneHot = defineOp("OneHot", "A vector with one entry on, for every index.", (attributes) => ({
  infer([indices, depth, values]) {
    if (!indices?.shape) return [inferred(values?.dtype)];
    const rank = indices.shape.length + 1;
    const axis = fromFront(attributes.int("axis", -1), rank);
    const out = [...indices.shape];
    out.splice(axis, 0, vectorOf(depth)?.[0] ?? knownScalar(depth) ?? null);
    return [inferred(values?.dtype, out)];
  },
}));

export const shapeDataOps: readonly OpDefinition[] = [
  shape,
  size,
  constant,
  constantOfShape,
  range,
  eyeLike,
  nonZero,
  oneHot,
];
