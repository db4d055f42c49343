import type { AttributeReader } from "../../ir/attributes.ts";
import { wholeWindow } from "../kernels/pooling.ts";
import type { Layout, Window } from "../program.ts";
import { exponentOf, inputOf, type Lowering, type NodeView, outputOf, refused } from "./node-view.ts";

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

/** Windows run over one axis of space or two. */
export function isSpatialRank(rank: number): boolean {
  return rank === 3 || rank === 4;
}

/** A pool whose last window would run over the end: the runtime leaves it out. */
function roundsUp(view: NodeView, window: Window): boolean {
  if (view.attributes.int("ceil_mode", 0) === 0) return false;
  const from = spatialDims(inputOf(view, 0).dims, view.layout);
  return from.some((extent, i) => {
    const padded = extent + (window.padsBefore[i] ?? 0) + (window.padsAfter[i] ?? 0);
    return !Number.isInteger((padded - (window.kernel[i] ?? 1)) / (window.strides[i] ?? 1));
  });
}

export const lowerAveragePool: Lowering = (view) => {
  const window = windowOf(view.attributes, view.attributes.ints("kernel_shape", []));
  if (!isSpatialRank(inputOf(view, 0).dims.length)) return refused("rank");
  if (window.dilations.some((d) => d !== 1)) return refused("dilatedPool");
  if (roundsUp(view, window)) return refused("attribute");
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

export const lowerGlobalAveragePool: Lowering = (view) => {
  const input = inputOf(view, 0);
  if (!isSpatialRank(input.dims.length)) return refused("rank");
  return {
    kind: "average",
    window: wholeWindow(spatialDims(input.dims, view.layout)),
    layout: view.layout,
    inputLog2: exponentOf(input),
    outputLog2: exponentOf(outputOf(view)),
  };
};

export const lowerMaxPool: Lowering = (view) => {
  const window = windowOf(view.attributes, view.attributes.ints("kernel_shape", []));
  if (view.node.outputs.length > 1 && view.node.outputs[1] !== "") return refused("attribute");
  if (!isSpatialRank(inputOf(view, 0).dims.length)) return refused("rank");
  if (window.dilations.some((d) => d !== 1)) return refused("dilatedPool");
  if (roundsUp(view, window)) return refused("attribute");
  return { kind: "maximum", window, layout: view.layout };
};
