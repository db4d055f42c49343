import { elements, numbers, sizeOf } from "../../ir/tensor.ts";
import { exponentOf, inputOf, type Lowering, type NodeView, outputOf, refused } from "./node-view.ts";

/** Ops whose inputs from 1 on say where elements go; the runtime reads them when it loads the model. */
const CONSTANT_INPUTS: ReadonlySet<string> = new Set([
  "Reshape",
  "Slice",
  "Pad",
  "Split",
  "Squeeze",
  "Unsqueeze",
  "Gather",
  "ScatterND",
  "ReverseSequence",
]);

/** The integers of the input (of every quantized input for Concat and ScatterND) move as they are. */
export const lowerMovement: Lowering = (view) => {
  const { node, inputs, attributes } = view;
  const e = exponentOf(outputOf(view));
  const carried =
    node.op === "Concat" ? inputs : node.op === "ScatterND" ? [inputs[0], inputs[2]] : inputs.slice(0, 1);
  if (carried.some((t) => t?.exponents !== undefined && exponentOf(t) !== e))
    return refused("exponentsDiffer");
  // The updates of a ScatterND are data.
  const places = node.op === "ScatterND" ? inputs.slice(1, 2) : inputs.slice(1);
  if (CONSTANT_INPUTS.has(node.op) && places.some((t) => t && !t.data)) return refused("dynamicOperand");
  if (node.op === "Pad" && attributes.string("mode", "constant") === "wrap") return refused("attribute");
  if (node.op === "Pad" && inputOf(view, 0).dims.length > 4) return refused("rank");
  if (node.op === "Slice" && !slicesAlike(view)) return refused("differs");
  if (node.op === "ScatterND" && attributes.string("reduction", "none") !== "none")
    return refused("attribute");
  // It takes places from the front only.
  const indexed = node.op === "ScatterND" ? inputs[1]?.data : undefined;
  if (indexed && numbers(indexed).some((i) => i < 0)) return refused("attribute");
  return { kind: "move" };
};

/**
 * For a negative step the runtime counts both bounds from the other end, slices forwards and turns the result round: what ONNX
 * selects only where as much is left out before as behind. Source: esp-dl dl_tensor_base.cpp _slice.
 */
function slicesAlike(view: NodeView): boolean {
  const { dims } = inputOf(view, 0);
  const constant = (i: number): number[] | undefined => {
    const data = view.inputs[i]?.data;
    return data && numbers(data);
  };
  const [starts = [], ends = []] = [constant(1), constant(2)];
  return (constant(4) ?? []).every((step, i) => {
    const axis = constant(3)?.[i] ?? i;
    const extent = dims.at(axis);
    if (step > 0 || extent === undefined || !Number.isInteger(extent)) return true;
    const place = (at: number): number => (at < 0 ? at + extent : at);
    const first = Math.min(place(starts[i] ?? 0), extent - 1);
    const end = Math.max(place(ends[i] ?? 0), -1);
    const last = first + step * Math.floor((end + 1 - first) / step);
    return first + last === extent - 1;
  });
}

export const lowerInsertZeros: Lowering = (view) => {
  if (exponentOf(inputOf(view, 0)) !== exponentOf(outputOf(view))) return refused("exponentsDiffer");
  return {
    kind: "insertZeros",
    strides: view.attributes.ints("stride", []),
    extra: view.attributes.ints("output_padding", []),
    layout: view.layout,
  };
};

/**
 * DepthToSpace and SpaceToDepth, where the runtime's order of channels is that of ONNX: its DCR form divides by the block where
 * ONNX divides by the channels that come out, its SpaceToDepth keeps a channel's blocks together.
 */
export const lowerBlocks =
  (direction: "toSpace" | "toDepth"): Lowering =>
  (view) => {
    const { attributes, layout } = view;
    const [input, output] = [inputOf(view, 0), outputOf(view)];
    if (exponentOf(input) !== exponentOf(output)) return refused("exponentsDiffer");
    const block = attributes.int("blocksize", 1);
    const columnMajor = direction === "toSpace" && attributes.string("mode", "DCR") === "CRD";
    const channels = (layout === "channels-first" ? input.dims[1] : input.dims.at(-1)) ?? 1;
    const fits =
      direction === "toDepth" ? channels === 1 : columnMajor || channels / (block * block) === block;
    if (!fits && block > 1) return input.dims.length === 4 ? refused("differs") : refused("rank");
    return { kind: "blocks", direction, block, columnMajor, layout };
  };

/** Nearest with floor of i / factor, linear with half-pixel or aligned corners; other forms have no kernel. */
export const lowerResize: Lowering = (view) => {
  const { attributes, inputs, layout } = view;
  const [input, output] = [inputOf(view, 0), outputOf(view)];
  if ((inputs[2] && !inputs[2].data) || (inputs[3] && !inputs[3].data)) return refused("dynamicOperand");
  const mode = attributes.string("mode", "nearest");
  const coordinates = attributes.string("coordinate_transformation_mode", "half_pixel");
  const plain = attributes.int("antialias", 0) === 0 && attributes.int("exclude_outside", 0) === 0;
  const known =
    mode === "nearest"
      ? coordinates === "asymmetric" && attributes.string("nearest_mode", "round_prefer_floor") === "floor"
      : mode === "linear" && (coordinates === "half_pixel" || coordinates === "align_corners");
  const spatial = (dims: readonly number[]): readonly number[] =>
    layout === "channels-first" ? dims.slice(2) : dims.slice(1, -1);
  const from = spatial(input.dims);
  const rank = input.dims.length;
  if (!plain || !known || attributes.optionalInts("axes") || (rank !== 3 && rank !== 4))
    return refused("attribute");
  // Interpolating from a single place reads before the tensor on the chip.
  if (mode === "linear" && from.includes(1)) return refused("attribute");
  const given = (i: number): number[] | undefined => {
    const data = inputs[i]?.data;
    return data && sizeOf(data.dims) === rank ? Array.from(elements(data), Number).slice(2) : undefined;
  };
  const [scales, sizes] = [given(2), given(3)];
  if (!scales && !sizes) return refused("attribute");
  return {
    kind: "resize",
    mode: mode === "linear" ? "linear" : "nearest",
    alignCorners: coordinates === "align_corners",
    factors: from.map((extent, i) => scales?.[i] ?? (sizes?.[i] ?? extent) / extent),
    layout,
    inputLog2: exponentOf(input),
    outputLog2: exponentOf(output),
  };
};
