import { sizeOf } from "../ir/tensor.ts";
import { type Program, tensorIn } from "./program.ts";

/** Products of filters and matrices in one run; what lies in padding counts, as it does on most chips. */
export function programMacs(program: Program): number {
  let macs = 0;
  for (const { form, inputs, outputs } of program.kernels) {
    if (form.kind !== "convolution" && form.kind !== "product") continue;
    const [, filter = ""] = inputs;
    const [output = ""] = outputs;
    const { dims } = tensorIn(program, filter);
    // A filter is [outputs, inputs / group, …kernel], a matrix […, inputs, outputs] or turned.
    const perOutput =
      form.kind === "convolution" ? sizeOf(dims.slice(1)) : (dims.at(form.transposed ? -1 : -2) ?? 1);
    macs += sizeOf(tensorIn(program, output).dims) * perOutput;
  }
  return macs;
}
