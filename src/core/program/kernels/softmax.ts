import { exp, log } from "../../base/elementary.ts";
import { sizeOf } from "../../ir/tensor.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";

type Softmax = Extract<KernelForm, { kind: "softmax" }>;

/**
 * Softmax and its logarithm, float32 out. The 8-bit kernel sums a table of exponentials without subtracting the maximum: logits above
 * 88 overflow on the chip and here. Source: esp-dl dl_module_softmax.hpp 60–216.
 */
export const runSoftmax: Run<Softmax> = (context) => {
  const { axis, inputLog2, logarithm, subtractMax } = context.form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const inner = sizeOf(input.dims.slice(axis + 1));
  const extent = input.dims[axis] ?? 1;
  const scale = 2 ** inputLog2;
  const out = new Float32Array(data.length);
  for (let base = 0; base < data.length; base += extent * inner) {
    for (let offset = 0; offset < inner; offset++) {
      const at = (k: number): number => base + k * inner + offset;
      let largest = subtractMax ? Number.NEGATIVE_INFINITY : 0;
      if (subtractMax) for (let k = 0; k < extent; k++) largest = Math.max(largest, data[at(k)] as number);
      let sum = 0;
      for (let k = 0; k < extent; k++) {
        const e = Math.fround(exp(((data[at(k)] as number) - largest) * scale));
        out[at(k)] = e;
        sum = Math.fround(sum + e);
      }
      for (let k = 0; k < extent; k++) {
        const i = at(k);
        out[i] = logarithm
          ? Math.fround(((data[i] as number) - largest) * scale) - Math.fround(log(sum))
          : Math.fround((out[i] as number) / sum);
      }
    }
  }
  return [filled(outputRecord(context), out.length, (i) => out[i] as number)];
};
