import { numbers } from "../../ir/tensor.ts";
import { exponentOf, inputOf, type Lowering, outputOf, refused } from "./node-view.ts";

export const lowerReduce =
  (op: "mean" | "sum" | "max" | "min"): Lowering =>
  (view) => {
    const input = inputOf(view, 0);
    const given = view.inputs[1]?.data ? numbers(view.inputs[1].data) : view.attributes.optionalInts("axes");
    if (view.inputs[1] && !view.inputs[1].data) return refused("dynamicOperand");
    const rank = input.dims.length;
    const axes = (given ?? input.dims.map((_, i) => i)).map((a) => (a < 0 ? a + rank : a));
    return { kind: "reduce", op, axes, inputLog2: exponentOf(input), outputLog2: exponentOf(outputOf(view)) };
  };

export const lowerSoftmax =
  (logarithm: boolean): Lowering =>
  (view) => {
    const input = inputOf(view, 0);
    const axis = view.attributes.int("axis", -1);
    return {
      kind: "softmax",
      axis: axis < 0 ? axis + input.dims.length : axis,
      inputLog2: exponentOf(input),
      logarithm,
      // The 8-bit kernel sums a table of exponentials as they are.
      subtractMax: view.bits !== 8,
    };
  };
