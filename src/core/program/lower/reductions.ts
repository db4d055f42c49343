import { numbers } from "../../ir/tensor.ts";
import { LARGEST_EXPONENT, LARGEST_LEFT_SHIFT, LARGEST_SHIFT } from "../../quant/esp/op-roles.ts";
import type { ReduceOp } from "../program.ts";
import { exponentOf, inputOf, type Lowering, outputOf, refused } from "./node-view.ts";

const MOST_AXES = 4;

export const lowerReduce =
  (op: ReduceOp): Lowering =>
  (view) => {
    const [input, output] = [inputOf(view, 0), outputOf(view)];
    if (view.inputs[1] && !view.inputs[1].data) return refused("dynamicOperand");
    if ((op === "max" || op === "min") && exponentOf(input) !== exponentOf(output))
      return refused("exponentsDiffer");
    const rank = input.dims.length;
    const given = view.inputs[1]?.data ? numbers(view.inputs[1].data) : view.attributes.optionalInts("axes");
    const all = input.dims.map((_, i) => i);
    const none = view.attributes.int("noop_with_empty_axes", 0) === 1;
    if (none && (given ?? []).length === 0) return refused("attribute");
    const axes = (given && given.length > 0 ? given : all).map((a) => fromFront(a, rank));
    // Neighbours that are reduced alike are one axis to the kernel; it walks through four.
    const turns = all.filter((i) => i > 0 && axes.includes(i) !== axes.includes(i - 1)).length;
    if (turns + 1 > MOST_AXES) return refused("rank");
    const [inputLog2, outputLog2] = [exponentOf(input), exponentOf(output)];
    if (view.bits !== undefined && !shiftsWithin(op, view.bits, inputLog2, outputLog2))
      return refused("shiftRange");
    return { kind: "reduce", op, axes, inputLog2, outputLog2 };
  };

/** Whether the shifts of a sum, or of the scale of squares, are defined. Source: dl_module_reduce_*.hpp. */
function shiftsWithin(op: ReduceOp, bits: 8 | 16, inputLog2: number, outputLog2: number): boolean {
  if (op === "l2") return Math.abs(2 * inputLog2) <= LARGEST_EXPONENT;
  if (op !== "sum" && op !== "l1" && op !== "sumSquare") return true;
  const shift = outputLog2 - (op === "sumSquare" ? 2 : 1) * inputLog2;
  return shift <= LARGEST_SHIFT[bits] && shift >= -LARGEST_LEFT_SHIFT;
}

export const lowerSoftmax =
  (logarithm: boolean): Lowering =>
  (view) => {
    const input = inputOf(view, 0);
    if (outputOf(view).dtype !== "float32") return refused("noKernel");
    return {
      kind: "softmax",
      axis: fromFront(view.attributes.int("axis", -1), input.dims.length),
      inputLog2: exponentOf(input),
      logarithm,
      // The 8-bit kernel sums a table of exponentials as they are.
      subtractMax: view.bits !== 8,
    };
  };

export const lowerNormalization =
  (family: "layer" | "rms" | "lp"): Lowering =>
  (view) => {
    const { attributes, inputs, outputs } = view;
    const [input, output] = [inputOf(view, 0), outputOf(view)];
    const p = attributes.int("p", 2);
    // Mean and deviation as further outputs have another meaning in the runtime's quantized kernels.
    if (outputs.length > 1 || (family === "lp" && p !== 1 && p !== 2)) return refused("attribute");
    return {
      kind: "normalize",
      op: family === "lp" ? (p === 1 ? "l1" : "l2") : family,
      axis: fromFront(attributes.int("axis", -1), input.dims.length),
      epsilon: attributes.float("epsilon", 1e-5),
      inputLog2: exponentOf(input),
      scaleLog2: exponentOf(inputs[1]),
      biasLog2: exponentOf(inputs[2]),
      outputLog2: exponentOf(output),
    };
  };

function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
