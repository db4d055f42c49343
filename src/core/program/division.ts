import type { DType } from "../ir/tensor.ts";
import type { Program } from "./program.ts";

/**
 * Whether the runtime multiplies rows of the dividend by the reciprocal of their one divisor instead of dividing every element. It does
 * where the divisor is broadcast along the innermost axis along which anything varies, so the dims have to be those of the file. A
 * quotient that is a single element is a division only at 8 bits. Source: esp-dl dl_base_div.cpp elemwise_div, create_div_lut,
 * dl_base_elemwise.cpp.
 */
export function dividesByReciprocal(
  dividend: readonly number[],
  divisor: readonly number[],
  dtype: DType,
): boolean {
  for (let back = 1; back <= Math.max(dividend.length, divisor.length); back++) {
    const [a = 1, b = 1] = [dividend.at(-back), divisor.at(-back)];
    if (a !== 1 || b !== 1) return b === 1;
  }
  return dtype !== "int8";
}

/**
 * The program with its divisions done as the programs of the chip's files do those of the same values: the layout of a file and the
 * length of its chunk decide between two ways that differ where a quotient lies halfway between two integers.
 */
export function withDivisionsOf(program: Program, files: readonly Program[]): Program {
  const reciprocal = new Map<string, boolean>();
  for (const { kernels } of [...files].reverse())
    for (const { form, outputs } of kernels)
      if (form.kind === "divide") reciprocal.set(outputs[0] ?? "", form.reciprocal);
  if (reciprocal.size === 0) return program;
  const kernels = program.kernels.map((kernel) => {
    const { form } = kernel;
    const inFile = reciprocal.get(kernel.outputs[0] ?? "");
    if (form.kind !== "divide" || inFile === undefined) return kernel;
    return { ...kernel, form: { ...form, reciprocal: inFile } };
  });
  return { ...program, kernels };
}
