import { elements, sizeOf } from "../../ir/tensor.ts";
import { isTabled } from "../../quant/esp/op-roles.ts";
import { dividesByReciprocal } from "../division.ts";
import { floatFunction } from "../float-function.ts";
import { GOLDEN_TABLE_STEP, INT16_TABLE_STEP, int8Table, int16Table } from "../lookup-table.ts";
import type { ProgramTensor, Relation } from "../program.ts";
import { exponentOf, inputOf, type Lowering, type NodeView, outputOf, refused } from "./node-view.ts";

/** Axes that the runtime's elementwise kernels walk through. Source: esp-dl dl_base_elemwise.cpp, `merged_dims`. */
const MOST_AXES = 4;

/** Whether the operands have more axes than that, once neighbours that broadcast alike are one. */
function tooManyAxes(view: NodeView): boolean {
  const [a, b] = [inputOf(view, 0).dims, inputOf(view, 1).dims];
  const rank = Math.max(a.length, b.length);
  const kinds = Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return Object.is(x, y) ? (x === 1 ? "any" : "both") : x === 1 ? "second" : "first";
  }).filter((kind) => kind !== "any");
  return kinds.filter((kind, i) => kind !== kinds[i - 1]).length > MOST_AXES;
}

/** A kernel of two operands, where it walks through as many axes. */
export const pairwise =
  (lower: Lowering): Lowering =>
  (view) =>
    tooManyAxes(view) ? refused("rank") : lower(view);

/** Add and Sub of raw integers: all exponents must be equal. Floats have none. */
export const lowerSum =
  (sign: 1 | -1): Lowering =>
  (view) => {
    const e = exponentOf(outputOf(view));
    if (exponentOf(inputOf(view, 0)) !== e || exponentOf(inputOf(view, 1)) !== e)
      return refused("exponentsDiffer");
    return { kind: "sum", sign, relu: view.relu };
  };

export const lowerMultiply: Lowering = (view) => ({
  kind: "multiply",
  log2: exponentOf(inputOf(view, 0)) + exponentOf(inputOf(view, 1)) - exponentOf(outputOf(view)),
  relu: view.relu,
});

export const lowerDivide: Lowering = (view) => {
  const operands = [inputOf(view, 0), inputOf(view, 1)] as const;
  // Of 8 bits by one element the runtime makes a table when it first runs, and keeps it whatever that element becomes.
  if (view.bits === 8 && operands.some((t) => !t.data && sizeOf(t.dims) === 1))
    return refused("dynamicOperand");
  const [a, b] = operands;
  const log2 = exponentOf(a) - exponentOf(b) - exponentOf(outputOf(view));
  return { kind: "divide", log2, reciprocal: dividesByReciprocal(a.dims, b.dims, a.dtype) };
};

export const lowerBinary =
  (op: "mod" | "pow"): Lowering =>
  (view) => {
    // The runtime has the remainder of C only, whose sign is the dividend's.
    if (op === "mod" && view.attributes.int("fmod", 0) !== 1) return refused("attribute");
    return {
      kind: "binary",
      op,
      aLog2: exponentOf(inputOf(view, 0)),
      bLog2: exponentOf(inputOf(view, 1)),
      outputLog2: exponentOf(outputOf(view)),
    };
  };

export const lowerComparison =
  (relation: Relation): Lowering =>
  (view) =>
    exponentOf(inputOf(view, 0)) === exponentOf(inputOf(view, 1))
      ? { kind: "compare", relation }
      : refused("exponentsDiffer");

/** A function of one variable: a table at 8 bits, float32 arithmetic at 16 bits and where nothing is quantized. */
export const lowerFunction: Lowering = (view) => {
  // A table that the runtime cannot step through; those that it can are read from the file.
  if (view.node.op === "LUT") return refused("attribute");
  // Raw integers change their sign, whatever the exponents.
  const negated = view.node.op === "Neg" && view.bits !== undefined;
  if (negated && exponentOf(inputOf(view, 0)) !== exponentOf(outputOf(view)))
    return refused("exponentsDiffer");
  const slope = view.node.op === "PRelu" ? view.inputs[1] : undefined;
  if (slope?.data && elements(slope.data).length > 1) return refused("channelSlopes");
  // Its 16-bit kernel reads slopes of rank 3 only, and rounds them differently from chip to chip.
  if (slope && view.bits === 16) return refused("width16");
  const bounds = boundsOf(view);
  if (bounds === undefined) return refused("dynamicOperand");
  // ESP-PPQ knows one Gelu.
  const { approximate, ...exact } = floatFunction(view.node.op, view.attributes);
  const f = { ...exact, ...bounds, ...(approximate && !view.compatible && { approximate }) };
  const [inputExponent, outputExponent] = [exponentOf(inputOf(view, 0)), exponentOf(outputOf(view))];
  const format = { inputExponent, outputExponent, rounding: view.rounding };
  if (view.bits === 8) return { kind: "table", table: int8Table(f, format) };
  // Of the 16-bit functions with a name of their own only Gelu reads its table.
  if (view.bits === 16 && (f.op === "Gelu" || isTabled(f.op))) {
    const step = view.compatible ? GOLDEN_TABLE_STEP : INT16_TABLE_STEP;
    return { kind: "coarseTable", table: int16Table(f, format, step) };
  }
  return { kind: "float", f, inputLog2: inputExponent, outputLog2: outputExponent };
};

/** Clip's bounds and PRelu's slope as the integers of the model say; undefined if they are not constant. */
function boundsOf({ node, inputs }: NodeView): { low?: number; high?: number; alpha?: number } | undefined {
  const scalar = (tensor: ProgramTensor | undefined): number | undefined => {
    if (!tensor?.data) return undefined;
    const values = elements(tensor.data);
    return values.length === 1 ? Number(values[0]) * 2 ** exponentOf(tensor) : undefined;
  };
  if (node.op === "PRelu") {
    const alpha = scalar(inputs[1]);
    return alpha === undefined ? undefined : { alpha };
  }
  if (node.op !== "Clip") return {};
  const [low, high] = [scalar(inputs[1]), scalar(inputs[2])];
  if ((inputs[1] && low === undefined) || (inputs[2] && high === undefined)) return undefined;
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}
