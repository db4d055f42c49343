import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Shape } from "../ir/graph.ts";
import type { Inferred } from "./op.ts";
import {
  defineOp,
  type OpDefinition,
  type OperandInfo,
  type QuantRule,
  type Reduction,
  refuse,
  type StreamRule,
  type UpgradeFacet,
} from "./op.ts";
import { productOf } from "./rules/dim.ts";
import { fromFront, inferred, intsFrom, isInteger, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Axes being reduced, from the attribute or input 1; undefined if they are not known. */
function reducedAxes(
  attributes: AttributeReader,
  axes: OperandInfo | undefined,
  rank: number,
): readonly number[] | undefined {
  const given = intsFrom(attributes.optionalInts("axes"), axes);
  if (given === undefined && axes !== undefined) return undefined;
  if (given === undefined || given.length === 0) {
    return attributes.int("noop_with_empty_axes", 0) !== 0 ? [] : Array.from({ length: rank }, (_, i) => i);
  }
  return given.map((a) => fromFront(a, rank));
}

function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return keep ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}

/** Time axis after the axes were reduced; refused if time is one of them. */
function alongReduced(axis: number, axes: readonly number[], keep: boolean): StreamRule {
  if (axes.includes(axis)) return refuse("timeReduced");
  return { kind: "perFrame", axis: keep ? axis : axis - axes.filter((a) => a < axis).length };
}

function inferReduce(
  attributes: AttributeReader,
  [x, axesInput]: readonly (OperandInfo | undefined)[],
  fold?: (v: Shape) => Shape[number],
): Inferred {
  const keep = attributes.int("keepdims", 1) !== 0;
  if (!x?.shape) return inferred(x?.dtype);
  const axes = reducedAxes(attributes, axesInput, x.shape.length);
  if (!axes) return inferred(x.dtype, keep ? x.shape.map(() => null) : undefined);
  const shape = reducedShape(x.shape, axes, keep);
  const v = fold && isInteger(x.dtype) && x.shape.length === 1 && axes.length === 1 ? vectorOf(x) : undefined;
  return inferred(x.dtype, shape, v && fold && [fold(v)]);
}

function reductionOf(
  attributes: AttributeReader,
  of: ReduceTraits["of"],
  x: OperandInfo | undefined,
  axesInput: OperandInfo | undefined,
): Reduction | undefined {
  const axes = x?.shape && reducedAxes(attributes, axesInput, x.shape.length);
  return of && axes && { kind: "reduce", of, axes, keep: attributes.int("keepdims", 1) !== 0 };
}

/** The axes attribute became an input in opset 13 (ReduceSum) and 18 (the others). */
const axesBecomeInput = (before: number): UpgradeFacet => ({
  before,
  upgrade(node, attributes, { integers }) {
    const axes = attributes.optionalInts("axes");
    const { axes: _, ...rest } = node.attributes;
    if (axes === undefined) return [node];
    return [{ ...node, inputs: [node.inputs[0] ?? "", integers(axes)], attributes: rest }];
  },
});

interface ReduceTraits {
  readonly inputSince?: number;
  readonly quant?: QuantRule;
  readonly symbolic?: (v: Shape) => Shape[number];
  readonly of?: Extract<Reduction, { kind: "reduce" }>["of"];
}

function reduce(op: string, doc: string, traits: ReduceTraits = {}): OpDefinition {
  return defineOp(
    op,
    doc,
    (attributes) => ({
      infer: (operands) => [inferReduce(attributes, operands, traits.symbolic)],
      stream: (context) =>
        unaryAlong(context, (axis, rank) => {
          const axes = reducedAxes(attributes, context.operands[1], rank);
          return axes
            ? alongReduced(axis, axes, attributes.int("keepdims", 1) !== 0)
            : refuse("dataDependent", named("axes"));
        }),
      reduction: ([x, axesInput]) => reductionOf(attributes, traits.of, x, axesInput),
      ...(traits.quant && { quant: traits.quant }),
    }),
    axesBecomeInput(traits.inputSince ?? 18),
  );
}

const OWN: QuantRule = { inputs: ["activation", "plain"], output: "own" };

const reduceMean = reduce("ReduceMean", "Mean over axes.", { quant: OWN, of: "mean" });
const reduceSum = reduce("ReduceSum", "Sum over axes.", { quant: OWN, inputSince: 13, of: "sum" });
const reduceProd = reduce("ReduceProd", "Product over axes.", { symbolic: productOf });
const reduceMax = reduce("ReduceMax", "Largest value over axes.", {
  of: "max",
  quant: { inputs: ["activation", "plain"], output: "same" },
});
const reduceMin = reduce("ReduceMin", "Smallest value over axes.", {
  of: "min",
  quant: { inputs: ["activation", "plain"], output: "same" },
});
const reduceL1 = reduce("ReduceL1", "Sum of magnitudes over axes.", { of: "l1" });
const reduceL2 = reduce("ReduceL2", "Root of the sum of squares over axes.", { of: "l2" });
const reduceLogSum = reduce("ReduceLogSum", "Logarithm of the sum over axes.", { of: "logSum" });
const reduceLogSumExp = reduce("ReduceLogSumExp", "Logarithm of the sum of exponentials over axes.", {
  of: "logSumExp",
});
const reduceSumSquare = reduce("ReduceSumSquare", "Sum of squares over axes.", { of: "sumSquare" });

function argReduce(op: string, doc: string): OpDefinition {
  return defineOp(op, doc, (attributes) => {
    const keep = attributes.int("keepdims", 1) !== 0;
    const axisIn = (rank: number): number[] => [fromFront(attributes.int("axis", 0), rank)];
    return {
      infer: ([x]) => [inferred("int64", x?.shape && reducedShape(x.shape, axisIn(x.shape.length), keep))],
      stream: (context) => unaryAlong(context, (axis, rank) => alongReduced(axis, axisIn(rank), keep)),
    };
  });
}

const argMax = argReduce("ArgMax", "Index of the largest value along an axis.");
const argMin = argReduce("ArgMin", "Index of the smallest value along an axis.");

export const reduceOps: readonly OpDefinition[] = [
  reduceMean,
  reduceSum,
  reduceProd,
  reduceMax,
  reduceMin,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceSumSquare,
  argMax,
  argMin,
];
