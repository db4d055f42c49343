import { elements } from "../../ir/tensor.ts";
import { floatFunction } from "../float-function.ts";
import { int8Table } from "../lookup-table.ts";
import type { ProgramTensor } from "../program.ts";
import { exponentOf, inputOf, type Lowering, type NodeView, outputOf, refused } from "./node-view.ts";

/** Add and Sub of raw integers: all exponents must be equal. */
export const lowerSum =
  (sign: 1 | -1): Lowering =>
  (view) => {
    const [a, b] = [inputOf(view, 0), inputOf(view, 1)];
    if (view.bits === undefined) return refused("floatKernel");
    const e = exponentOf(outputOf(view));
    if (exponentOf(a) !== e || exponentOf(b) !== e) return refused("exponentsDiffer");
    return { kind: "sum", sign, relu: view.relu };
  };

export const lowerMultiply: Lowering = (view) =>
  view.bits === undefined
    ? refused("floatKernel")
    : {
        kind: "multiply",
        log2: exponentOf(inputOf(view, 0)) + exponentOf(inputOf(view, 1)) - exponentOf(outputOf(view)),
        relu: view.relu,
      };

export const lowerDivide: Lowering = (view) =>
  view.bits === undefined
    ? refused("floatKernel")
    : {
        kind: "divide",
        log2: exponentOf(inputOf(view, 0)) - exponentOf(inputOf(view, 1)) - exponentOf(outputOf(view)),
      };

/** A function of one variable: a table at 8 bits, float32 arithmetic at 16 bits and where nothing is quantized. */
export const lowerFunction: Lowering = (view) => {
  const bounds = boundsOf(view);
  if (bounds === undefined) return refused("dynamicOperand");
  const f = { ...floatFunction(view.node.op, view.attributes), ...bounds };
  const [inputExponent, outputExponent] = [exponentOf(inputOf(view, 0)), exponentOf(outputOf(view))];
  if (view.bits === 8)
    return { kind: "table", table: int8Table(f, { inputExponent, outputExponent, rounding: view.rounding }) };
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
