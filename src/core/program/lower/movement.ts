import { exponentOf, inputOf, type Lowering, outputOf, refused } from "./node-view.ts";

/** The integers of the input (of every quantized input for Concat) move as they are. */
export const lowerMovement: Lowering = (view) => {
  const e = exponentOf(outputOf(view));
  const carried = view.node.op === "Concat" ? view.inputs : view.inputs.slice(0, 1);
  const differs = carried.some((t) => t?.exponents !== undefined && exponentOf(t) !== e);
  return differs ? refused("exponentsDiffer") : { kind: "move" };
};

export const lowerInsertZeros: Lowering = (view) => {
  if (exponentOf(inputOf(view, 0)) !== exponentOf(outputOf(view))) return refused("exponentsDiffer");
  return {
    kind: "insertZeros",
    strides: view.attributes.ints("stride", []),
    extra: view.attributes.ints("output_padding", []),
    layout: view.layout,
  };
};
