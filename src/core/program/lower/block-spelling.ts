import { intAttribute, intsAttribute } from "../../ir/graph.ts";
import type { Kernel, ProgramTensor } from "../program.ts";
import { inputOf, type NodeView, outputOf } from "./node-view.ts";
import { indices, isConcrete, kernelOf, type Spelled } from "./spelling.ts";

/**
 * DepthToSpace and SpaceToDepth where the runtime orders channels otherwise than ONNX: blocks get axes of their own, change places,
 * and join again. Only the exchange moves data.
 */
export function blockKernels(view: NodeView, outputs: readonly string[]): Spelled {
  const [x, y] = [inputOf(view, 0), outputOf(view)];
  const b = view.attributes.int("blocksize", 1);
  const [n = 1, c = 1, h = 1, w = 1] = x.dims;
  const toSpace = view.node.op === "DepthToSpace";
  // Only the other order of DepthToSpace, columns first, is the runtime's own.
  const split = toSpace ? [n, b, b, c / (b * b), h, w] : [n, c, h / b, b, w / b, b];
  const perm = toSpace ? [0, 3, 4, 1, 5, 2] : [0, 3, 5, 1, 2, 4];
  const kernel = kernelOf(view, outputs, { kind: "move" });
  // Support is asked for before lengths are known.
  if (!isConcrete([...split, ...y.dims])) return { kernels: [kernel], tensors: [] };
  const named = (suffix: string, dims: readonly number[]): ProgramTensor => ({
    ...y,
    name: `${y.name}.${suffix}`,
    dims,
  });
  const blocks = named("blocks", split);
  const turned = named(
    "turned",
    perm.map((axis) => split[axis] ?? 1),
  );
  const [apart, together] = [indices(`${y.name}.apart`, split), indices(`${y.name}.together`, y.dims)];
  const step = (op: string, inputs: readonly string[], output: string, change: Partial<Kernel>): Kernel => ({
    ...kernel,
    op,
    inputs,
    outputs: [output],
    attributes: { allowzero: intAttribute(0) },
    ...change,
  });
  return {
    kernels: [
      step("Reshape", [x.name, apart.name], blocks.name, { name: `${kernel.name}.blocks` }),
      step("Transpose", [blocks.name], turned.name, {
        name: `${kernel.name}.turned`,
        attributes: { perm: intsAttribute(perm) },
      }),
      step("Reshape", [turned.name, together.name], y.name, {}),
    ],
    tensors: [blocks, turned, apart, together],
  };
}
