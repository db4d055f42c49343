import type { AttributeReader } from "../../ir/attributes.ts";
import { wholeWindow } from "../kernels/pooling.ts";
import type { Layout, Window } from "../program.ts";
import { exponentOf, inputOf, type Lowering, outputOf, refused } from "./node-view.ts";

/** The window of a Conv or pool whose pads are explicit. */
export function windowOf(attributes: AttributeReader, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  const pads = attributes.ints("pads", [...kernel, ...kernel].fill(0));
  return {
    kernel,
    strides: attributes.ints("strides", ones),
    dilations: attributes.ints("dilations", ones),
    padsBefore: pads.slice(0, kernel.length),
    padsAfter: pads.slice(kernel.length),
  };
}

/** Extents of the spatial axes of an activation. */
export function spatialDims(dims: readonly number[], layout: Layout): readonly number[] {
  return layout === "channels-first" ? dims.slice(2) : dims.slice(1, -1);
}

export const lowerAveragePool: Lowering = (view) => {
  const window = windowOf(view.attributes, view.attributes.ints("kernel_shape", []));
  if (window.dilations.some((d) => d !== 1)) return refused("dilatedPool");
  const padded = [...window.padsBefore, ...window.padsAfter].some((p) => p > 0);
  const excluded = view.attributes.int("count_include_pad", 0) === 0;
  if (padded && excluded && view.compatible !== true) return refused("excludedPadding");
  return {
    kind: "average",
    window,
    layout: view.layout,
    inputLog2: exponentOf(inputOf(view, 0)),
    outputLog2: exponentOf(outputOf(view)),
  };
};

export const lowerGlobalAveragePool: Lowering = (view) => ({
  kind: "average",
  window: wholeWindow(spatialDims(inputOf(view, 0).dims, view.layout)),
  layout: view.layout,
  inputLog2: exponentOf(inputOf(view, 0)),
  outputLog2: exponentOf(outputOf(view)),
});

export const lowerMaxPool: Lowering = (view) => {
  const window = windowOf(view.attributes, view.attributes.ints("kernel_shape", []));
  if (view.node.outputs.length > 1 && view.node.outputs[1] !== "") return refused("attribute");
  if (window.dilations.some((d) => d !== 1)) return refused("dilatedPool");
  return { kind: "maximum", window, layout: view.layout };
};
