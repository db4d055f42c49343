import { exponentOf, inputOf, type Lowering, type NodeView, outputOf, refused } from "./node-view.ts";
import { isSpatialRank, windowOf } from "./windows.ts";

/** e_out − e_w − e_in, per output channel where the filter's exponents are. */
function shiftsOf(view: NodeView): number[] {
  const base = exponentOf(outputOf(view)) - exponentOf(inputOf(view, 0));
  return (inputOf(view, 1).exponents ?? [0]).map((e) => base - e);
}

/** Conv: constant filter, group 1 or depthwise, as the runtime has kernels for. */
export const lowerConvolution: Lowering = (view) => {
  const filter = inputOf(view, 1);
  if (!filter.data) return refused("dynamicOperand");
  if (!isSpatialRank(filter.dims.length)) return refused("rank");
  const group = view.attributes.int("group", 1);
  const { dims } = inputOf(view, 0);
  const channels = (view.layout === "channels-first" ? dims[1] : dims.at(-1)) ?? 1;
  if (group !== 1 && (group !== channels || filter.dims[0] !== channels)) return refused("groups");
  const window = windowOf(view.attributes, filter.dims.slice(2));
  const pads = [...window.padsBefore, ...window.padsAfter];
  // Negative ones send its loops past the end; a single tap ignores all of them and reads outside the value.
  if (pads.some((p) => p < 0)) return refused("attribute");
  if (window.kernel.every((k) => k === 1) && pads.some((p) => p !== 0)) return refused("attribute");
  return {
    kind: "convolution",
    window,
    group,
    layout: view.layout,
    shifts: shiftsOf(view),
    relu: view.relu,
  };
};

/** Gemm as y = x·w + b: other forms have no kernel. */
export const lowerGemm: Lowering = (view) => {
  const { attributes, relu } = view;
  if (!inputOf(view, 1).data) return refused("dynamicOperand");
  const plain =
    attributes.float("alpha", 1) === 1 &&
    attributes.float("beta", 1) === 1 &&
    attributes.int("transA", 0) === 0;
  if (!plain) return refused("attribute");
  return { kind: "product", transposed: attributes.int("transB", 0) === 1, shifts: shiftsOf(view), relu };
};

/** Matrices and up to two axes of batches in front of them. */
export const lowerMatMul: Lowering = (view) => {
  const ranks = [inputOf(view, 0), inputOf(view, 1)].map((t) => t.dims.length);
  if (ranks.some((rank) => rank < 2 || rank > 4)) return refused("rank");
  return { kind: "product", transposed: false, shifts: shiftsOf(view), relu: view.relu };
};
