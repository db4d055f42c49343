import { lowerToKernel } from "./catalogue.ts";
import { type NodeView, outputOf } from "./node-view.ts";
import { kernelOf, type Spelled } from "./spelling.ts";

/**
 * A softmax whose output ESP-PPQ's alignment makes integers, which the runtime's kernel cannot write: floats, quantized behind it to what
 * they are there. Undefined for every other node. Source: esp-dl dl_module_softmax.hpp, dl_module_log_softmax.hpp.
 */
export function floatOutputKernels(view: NodeView, outputs: readonly string[]): Spelled | undefined {
  const { op } = view.node;
  if ((op !== "Softmax" && op !== "LogSoftmax") || outputOf(view).dtype === "float32") return undefined;
  const y = outputOf(view);
  const floats = { name: `${y.name}.float`, dtype: "float32", dims: y.dims } as const;
  const form = lowerToKernel({ ...view, outputs: [floats] });
  if ("refused" in form) return form;
  const kernel = kernelOf(view, [floats.name], form);
  return {
    kernels: [
      kernel,
      {
        name: `${kernel.name}.quantize`,
        op: "QuantizeLinear",
        inputs: [floats.name],
        outputs,
        attributes: {},
        form: { kind: "rescale" },
      },
    ],
    tensors: [floats],
  };
}
