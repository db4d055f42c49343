import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim, Shape } from "../ir/graph.ts";
import { longTensor, type Tensor } from "../ir/tensor.ts";
import type { OpDefinition } from "./op.ts";
import {
  defineOp,
  type OperandInfo,
  type QuantRule,
  refuse,
  type StreamRule,
  type UpgradeFacet,
} from "./op.ts";
import { divideExactly, floorDivide, productOf, sameDim } from "./rules/dim.ts";
import { keepsShape } from "./rules/movement.ts";
import { fromFront, inferred, intsFrom, knownDims, lengthOf, vectorOf } from "./rules/operand.ts";
import { reshapeRule } from "./rules/regroup.ts";
import { unaryAlong } from "./rules/time.ts";

const SAME: QuantRule = { inputs: ["activation", "plain"], output: "same" };

/** The elements in row-major order under another shape. */
function reshaped(source: Tensor | undefined, shape: Shape | undefined): readonly Tensor[] | undefined {
  const dims = knownDims(shape);
  return source && dims && [{ ...source, dims }];
}

/** Resolves 0 (copy) and −1 (the rest) of a Reshape target. */
export function resolveTarget(x: Shape | undefined, target: Shape, allowZero: boolean): Shape {
  const copied = target.map<Dim>((d, i) => (d === 0 && !allowZero ? (x?.[i] ?? null) : d));
  const free = copied.indexOf(-1);
  if (free < 0) return copied;
  // Axes that are copied unchanged cancel, so that an unknown extent does not spoil the rest.
  const kept = x ? target.map((d, i) => (d === 0 && !allowZero && i < x.length ? i : -1)) : [];
  const others = copied.filter((_, i) => i !== free && !kept.includes(i));
  const source = x?.filter((_, i) => !kept.includes(i));
  const rest = source ? quotient(productOf(source), productOf(others)) : null;
  return copied.map((d, i) => (i === free ? rest : d));
}

/** a / b, which must be whole: the runtime refuses lengths for which it is not. */
function quotient(a: Dim, b: Dim): Dim {
  const exact = divideExactly(a, b);
  return exact === null && typeof b === "number" && b > 0 ? floorDivide(a, b) : exact;
}

/** A target without symbolic entries: 0 where the input's extent is copied, −1 for one other. */
function settledTarget(
  x: Shape | undefined,
  target: Shape | undefined,
  zeroCopies: boolean,
): readonly number[] | undefined {
  const copied = target?.map((d, i): Dim => {
    if (typeof d === "number") return d;
    return zeroCopies && x && sameDim(d, x[i] ?? null) ? 0 : d;
  });
  const open = copied?.filter((d) => typeof d !== "number") ?? [];
  if (open.length > 1) return undefined;
  if (open.length === 0 || !copied?.includes(-1)) return copied?.map((d) => (typeof d === "number" ? d : -1));
  // The one free place is needed for the length: what stood there must be known.
  const resolved = target && resolveTarget(x, target, !zeroCopies);
  const stated = copied.map((d, i) => (d === -1 ? (resolved?.[i] ?? null) : d));
  if (stated.filter((d) => typeof d !== "number").length > 1) return undefined;
  return stated.map((d) => (typeof d === "number" ? d : -1));
}

/** Reshape-5 on; the attribute form is older than any supported model. */
const reshape = defineOp("Reshape", "Reads the elements in another shape.", (attributes) => {
  const allowZero = attributes.int("allowzero", 0) !== 0;
  const shapeOf = (x: OperandInfo | undefined, target: OperandInfo | undefined): Shape | undefined => {
    const wanted = attributes.optionalInts("shape") ?? vectorOf(target);
    if (wanted) return resolveTarget(x?.shape, wanted, allowZero);
    const rank = lengthOf(target);
    return rank === undefined ? undefined : new Array<Dim>(rank).fill(null);
  };
  return {
    infer([x, target]) {
      const shape = shapeOf(x, target);
      const v = vectorOf(x);
      return [inferred(x?.dtype, shape, shape && shape.length <= 1 ? v : undefined)];
    },
    stream: (context) =>
      unaryAlong(context, (axis) => {
        const from = context.operands[0]?.shape;
        const to = context.results[0]?.shape;
        if (!from || !to) return refuse("shapeUnknown");
        return reshapeRule(from, to, axis, { input: 1, operand: context.operands[1] });
      }),
    quant: SAME,
    isIdentity: keepsShape,
    fold: ([x, target]) => reshaped(x?.constant, shapeOf(x, target)),
    settle([x, target]) {
      const values =
        target && !target.constant ? settledTarget(x?.shape, vectorOf(target), !allowZero) : undefined;
      return new Map(values ? [[1, longTensor(values)]] : []);
    },
  };
});

/** Two axes: everything before `axis`, and the rest. */
const flatten = defineOp("Flatten", "Reads the elements as a matrix.", (attributes) => {
  const given = attributes.int("axis", 1);
  const shapeOf = (x: OperandInfo | undefined): Shape => {
    if (!x?.shape) return [null, null];
    const at = fromFront(given, x.shape.length);
    return [productOf(x.shape.slice(0, at)), productOf(x.shape.slice(at))];
  };
  return {
    infer: ([x]) => [inferred(x?.dtype, shapeOf(x))],
    stream: (context) =>
      unaryAlong(context, (axis, rank): StreamRule => {
        const x = context.operands[0]?.shape ?? [];
        const at = fromFront(given, rank);
        const group = axis < at ? x.slice(0, at) : x.slice(at);
        const own = axis < at ? axis : axis - at;
        const alone = group.every((d, i) => i === own || d === 1);
        return alone ? { kind: "perFrame", axis: axis < at ? 0 : 1 } : refuse("timeMerged");
      }),
    quant: SAME,
    isIdentity: keepsShape,
    fold: ([x]) => reshaped(x?.constant, shapeOf(x)),
  };
});

/** The axes attribute became an input in opset 13. */
const axesBecomeInput: UpgradeFacet = {
  before: 13,
  upgrade(node, attributes, { integers }) {
    const axes = attributes.optionalInts("axes");
    if (axes === undefined) return [node];
    const { axes: _, ...rest } = node.attributes;
    return [{ ...node, inputs: [node.inputs[0] ?? "", integers(axes)], attributes: rest }];
  },
};

/** Axes to drop, counted from the front; undefined if unknown. */
function squeezedAxes(
  attributes: AttributeReader,
  x: Shape,
  input: OperandInfo | undefined,
): readonly number[] | undefined {
  const given = intsFrom(attributes.optionalInts("axes"), input);
  if (given) return given.map((a) => fromFront(a, x.length));
  if (input || x.some((d) => d === null)) return undefined;
  return x.flatMap((d, i) => (d === 1 ? [i] : []));
}

const squeeze = defineOp(
  "Squeeze",
  "Drops axes of extent 1.",
  (attributes) => {
    const shapeOf = (x: OperandInfo | undefined, input: OperandInfo | undefined): Shape | undefined => {
      const axes = x?.shape && squeezedAxes(attributes, x.shape, input);
      return axes && x?.shape?.filter((_, i) => !axes.includes(i));
    };
    return {
      infer: ([x, axes]) => [inferred(x?.dtype, shapeOf(x, axes), vectorOf(x))],
      stream: (context) =>
        unaryAlong(context, (axis) => {
          const axes = squeezedAxes(attributes, context.operands[0]?.shape ?? [], context.operands[1]);
          if (!axes) return refuse("shapeUnknown");
          if (axes.includes(axis)) return refuse("timeMerged");
          return { kind: "perFrame", axis: axis - axes.filter((a) => a < axis).length };
        }),
      quant: SAME,
      isIdentity: keepsShape,
      fold: ([x, axes]) => reshaped(x?.constant, shapeOf(x, axes)),
      // Without axes, an open extent (a batch) would go too when it happens to be 1.
      settle([x, axes]) {
        const open = x?.shape?.some((d) => typeof d !== "number") ?? false;
        const known = open && !axes ? squeezedAxes(attributes, x?.shape ?? [], undefined) : undefined;
        return new Map(known && !attributes.has("axes") ? [[1, longTensor(known)]] : []);
      },
    };
  },
  axesBecomeInput,
);

/** Positions of the new axes in the result, sorted; undefined if unknown. */
function insertedAxes(
  attributes: AttributeReader,
  rank: number,
  input: OperandInfo | undefined,
): readonly number[] | undefined {
  const given = intsFrom(attributes.optionalInts("axes"), input);
  return given?.map((a) => fromFront(a, rank + given.length)).sort((a, b) => a - b);
}

/** Place of an old axis after new ones were inserted. */
function shifted(axis: number, inserted: readonly number[]): number {
  return inserted.reduce((at, a) => (a <= at ? at + 1 : at), axis);
}

const unsqueeze = defineOp(
  "Unsqueeze",
  "Inserts axes of extent 1.",
  (attributes) => {
    const shapeOf = (x: OperandInfo | undefined, input: OperandInfo | undefined): Shape | undefined => {
      const axes = x?.shape && insertedAxes(attributes, x.shape.length, input);
      if (!axes || !x?.shape) return undefined;
      const out: Dim[] = [...x.shape];
      for (const a of axes) out.splice(a, 0, 1);
      return out;
    };
    return {
      infer([x, axes]) {
        const shape = shapeOf(x, axes);
        return [inferred(x?.dtype, shape, shape?.length === 1 ? vectorOf(x) : undefined)];
      },
      stream: (context) =>
        unaryAlong(context, (axis, rank) => {
          const axes = insertedAxes(attributes, rank, context.operands[1]);
          return axes
            ? { kind: "perFrame", axis: shifted(axis, axes) }
            : refuse("dataDependent", named("axes"));
        }),
      quant: SAME,
      isIdentity: keepsShape,
      fold: ([x, axes]) => reshaped(x?.constant, shapeOf(x, axes)),
    };
  },
  axesBecomeInput,
);

export const reshapeOps: readonly OpDefinition[] = [reshape, flatten, squeeze, unsqueeze];
