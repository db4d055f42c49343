import { makeNode } from "../../ir/graph.ts";
import { rulesFor } from "../../ops/catalogue.ts";
import { pair } from "../kernels/convolution.ts";
import type { Kernel, ProgramTensor, Window } from "../program.ts";

/**
 * Dims of a kernel's outputs from those of its inputs, as the runtime computes them: a file's declared shapes of inner values may
 * be those of another length. Throws RangeError where they do not fit together.
 */
export function outputDims(
  kernel: Pick<Kernel, "op" | "form" | "attributes" | "outputs" | "name">,
  inputs: readonly (ProgramTensor | undefined)[],
): (readonly number[])[] {
  const { form } = kernel;
  const dims = inputs[0]?.dims ?? [];
  switch (form.kind) {
    case "convolution":
      return [spatial(dims, form.window, form.layout, inputs[1]?.dims[0])];
    case "average":
    case "maximum":
      return [spatial(dims, form.window, form.layout)];
    case "product": {
      const w = inputs[1]?.dims ?? [];
      return [[...dims.slice(0, -1), (form.transposed ? w.at(-2) : w.at(-1)) ?? 1]];
    }
    case "sum":
    case "binary":
    case "compare":
    case "multiply":
    case "divide":
      return [broadcast(dims, inputs[1]?.dims ?? [])];
    case "insertZeros": {
      const first = form.layout === "channels-first" ? 2 : 1;
      return [
        dims.map((d, axis) => {
          const at = axis - first;
          const stride = form.strides[at];
          return at < 0 || stride === undefined ? d : (d - 1) * stride + 1 + (form.extra[at] ?? 0);
        }),
      ];
    }
    case "blocks": {
      const { layout, direction, block } = form;
      const channelAxis = layout === "channels-first" ? 1 : dims.length - 1;
      const grow = direction === "toSpace" ? block : 1 / block;
      return [dims.map((d, axis) => (axis === 0 ? d : axis === channelAxis ? d / grow / grow : d * grow))];
    }
    case "resize": {
      const first = form.layout === "channels-first" ? 2 : 1;
      return [dims.map((d, axis) => Math.floor(Math.fround(d * (form.factors[axis - first] ?? 1))))];
    }
    case "recurrent": {
      const { hidden, directions } = form;
      const state = [directions, 1, hidden];
      return [[dims[0] ?? 1, ...state], state, state].slice(0, kernel.outputs.length);
    }
    case "reduce":
    case "move":
      return inferred(kernel, inputs);
    default:
      return [dims];
  }
}

function spatial(
  dims: readonly number[],
  window: Window,
  layout: "channels-first" | "channels-last",
  channels?: number,
): number[] {
  const first = layout === "channels-first" ? 2 : 1;
  const channelAxis = layout === "channels-first" ? 1 : dims.length - 1;
  pair(window.kernel, 1);
  return dims.map((d, axis) => {
    if (axis === channelAxis) return channels ?? d;
    const at = axis - first;
    const kernel = window.kernel[at];
    if (kernel === undefined) return d;
    const reach = (kernel - 1) * (window.dilations[at] ?? 1) + 1;
    const padded = d + (window.padsBefore[at] ?? 0) + (window.padsAfter[at] ?? 0);
    return Math.floor((padded - reach) / (window.strides[at] ?? 1)) + 1;
  });
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`[${a}] and [${b}] do not broadcast`);
    return Math.max(x, y);
  });
}

function inferred(
  kernel: Pick<Kernel, "op" | "attributes" | "outputs" | "name">,
  inputs: readonly (ProgramTensor | undefined)[],
): number[][] {
  const node = makeNode(
    kernel.op,
    inputs.map((t) => t?.name ?? ""),
    kernel.outputs,
    kernel.attributes,
    kernel.name,
  );
  const operands = inputs.map(
    (t) => t && { dtype: t.dtype, shape: t.dims, ...(t.data && { constant: t.data }) },
  );
  const results = rulesFor(node)?.infer(operands) ?? [];
  return kernel.outputs.map((name, i) =>
    (results[i]?.shape ?? []).map((d) => {
      if (typeof d !== "number")
        throw new RangeError(`${kernel.name}: the dims of ${name} cannot be computed`);
      return d;
    }),
  );
}
