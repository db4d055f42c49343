import { stringAttribute } from "../../ir/graph.ts";
import { isTabled } from "../../quant/esp/op-roles.ts";
import { blockKernels } from "./block-spelling.ts";
import { lowerToKernel } from "./catalogue.ts";
import { clipKernels, slopeKernels } from "./clip-spelling.ts";
import { floatOutputKernels } from "./float-output.ts";
import { gatherKernels, padKernels, splitKernels, squeezeKernels } from "./move-spelling.ts";
import { type NodeView, refused } from "./node-view.ts";
import { gemmKernels } from "./product-spelling.ts";
import { sliceKernels } from "./slice-spelling.ts";
import { kernelOf, type Spelled, type Spelling } from "./spelling.ts";

/** Nodes whose ONNX form the runtime would read otherwise. */
const SPELLINGS: ReadonlyMap<string, Spelling> = new Map<string, Spelling>([
  ["Split", splitKernels],
  ["Squeeze", squeezeKernels],
  ["Unsqueeze", squeezeKernels],
  ["Pad", padKernels],
  ["Gather", gatherKernels],
  ["Clip", clipKernels],
  ["Gemm", gemmKernels],
  ["Concat", concatKernels],
]);

/**
 * The kernels of a node as the chip's runtime has to read them: what ONNX leaves to a default, counts from the end or broadcasts is
 * spelled out, what has no kernel of its own is made of others that compute the same. `outputs`: names, "" where none is wanted.
 */
export function kernelsOf(view: NodeView, outputs: readonly string[]): Spelled {
  const slopes = slopeKernels(view, outputs);
  if (slopes) return slopes;
  const floats = floatOutputKernels(view, outputs);
  if (floats) return floats;
  const form = lowerToKernel(view);
  if (view.node.op === "Slice" && (!("refused" in form) || form.refused === "differs"))
    return sliceKernels(view, outputs);
  // ESP-PPQ's own simulation has the runtime's order: its numbers are not those of the model.
  if ("refused" in form && form.refused === "differs" && !view.compatible) return blockKernels(view, outputs);
  if ("refused" in form)
    return view.compatible && form.refused === "exponentsDiffer" ? refused("exponentsForced") : form;
  if (isTabled(view.node.op)) return tableKernel(view, outputs, form);
  const spelling = SPELLINGS.get(view.node.op);
  return spelling ? spelling(view, outputs, form) : { kernels: [kernelOf(view, outputs, form)], tensors: [] };
}

/** The operator that reads a table and nothing else, with a note of what is in it, as ESP-PPQ makes it. */
function tableKernel(...[view, outputs, form]: Parameters<Spelling>): Spelled {
  const attributes = { original_op_type: stringAttribute(view.node.op) };
  return { kernels: [{ ...kernelOf(view, outputs, form), op: "LUT", attributes }], tensors: [] };
}

/** The runtime joins two values or more. */
function concatKernels(...[view, outputs, form]: Parameters<Spelling>): Spelled {
  const kernel = kernelOf(view, outputs, form);
  if (view.inputs.length > 1) return { kernels: [kernel], tensors: [] };
  return { kernels: [{ ...kernel, op: "Identity", attributes: {} }], tensors: [] };
}
