import { floatAttribute } from "../../ir/graph.ts";
import { elements, floatTensor, type Tensor, tensorOf } from "../../ir/tensor.ts";
import type { FloatFunction } from "../float-function.ts";
import { rangeOf } from "../kernel-context.ts";
import { int8Table } from "../lookup-table.ts";
import type { Kernel, KernelForm, ProgramTensor } from "../program.ts";
import { exponentOf, inputOf, type NodeView, outputOf, refused } from "./node-view.ts";
import { constantTensor, kernelOf, type Spelled, type Spelling } from "./spelling.ts";

/** Both bounds always: the runtime's float kernel takes a missing lower one for the smallest positive number. Source: dl_module_clip.hpp. */
export const clipKernels: Spelling = (view, outputs, form) => {
  const [x, y] = [inputOf(view, 0), outputOf(view)];
  const { low, high } = openBounds(x);
  const [min, max] = [view.inputs[1], view.inputs[2]];
  const tensors = [
    ...(min ? [] : [constantTensor(`${y.name}.min`, low, x.exponents)]),
    ...(max ? [] : [constantTensor(`${y.name}.max`, high, x.exponents)]),
  ];
  const inputs = [x.name, min?.name ?? `${y.name}.min`, max?.name ?? `${y.name}.max`];
  return { kernels: [{ ...kernelOf(view, outputs, form), inputs }], tensors };
};

/**
 * PRelu with a slope per channel, or at 16 bits: the runtime's own kernel reads one rank only and rounds differently from chip to
 * chip. With a single slope it is a LeakyRelu; with several y = max(x, 0) + slope · min(x, 0), where one of the terms is always 0,
 * so that every element is rounded once. Source: dl_module_prelu.hpp, dl_base_prelu.cpp.
 */
export function slopeKernels(view: NodeView, outputs: readonly string[]): Spelled | undefined {
  if (view.node.op !== "PRelu") return undefined;
  const [x, slope, y] = [inputOf(view, 0), inputOf(view, 1), outputOf(view)];
  if (!slope.data) return refused("dynamicOperand");
  const single = elements(slope.data).length === 1;
  // The table of an 8-bit node needs no other kernel.
  if (single && view.bits === 8) return undefined;
  const kernel = kernelOf(view, outputs, { kind: "move" });
  if (single) {
    const alpha = Number(elements(slope.data)[0]) * 2 ** exponentOf(slope);
    const form = functionForm(view, { op: "LeakyRelu", alpha }, x, y);
    const attributes = { alpha: floatAttribute(alpha) };
    return { kernels: [{ ...kernel, op: "LeakyRelu", inputs: [x.name], attributes, form }], tensors: [] };
  }
  const named = (suffix: string, like: ProgramTensor): ProgramTensor => ({
    ...like,
    name: `${y.name}.${suffix}`,
    dims: y.dims,
  });
  const [positive, negative, scaled] = [named("positive", y), named("negative", x), named("scaled", y)];
  const { low } = openBounds(x);
  const min = constantTensor(`${y.name}.min`, low, x.exponents);
  const max = constantTensor(`${y.name}.max`, sized(x, 0), x.exponents);
  const step = (
    op: string,
    inputs: readonly ProgramTensor[],
    output: ProgramTensor,
    of: KernelForm,
  ): Kernel => ({
    name: output === y ? kernel.name : `${kernel.name}.${output.name.slice(y.name.length + 1)}`,
    op,
    inputs: inputs.map((t) => t.name),
    outputs: [output.name],
    attributes: {},
    form: of,
  });
  const log2 = exponentOf(x) + exponentOf(slope) - exponentOf(y);
  return {
    kernels: [
      step("Relu", [x], positive, functionForm(view, { op: "Relu" }, x, positive)),
      step("Clip", [x, min, max], negative, functionForm(view, { op: "Clip", high: 0 }, x, negative)),
      step("Mul", [negative, slope], scaled, { kind: "multiply", log2, relu: false }),
      step("Add", [positive, scaled], y, { kind: "sum", sign: 1, relu: false }),
    ],
    tensors: [positive, negative, scaled, min, max],
  };
}

function functionForm(
  { bits, rounding }: NodeView,
  f: FloatFunction,
  from: ProgramTensor,
  to: ProgramTensor,
): KernelForm {
  const [inputExponent, outputExponent] = [exponentOf(from), exponentOf(to)];
  if (bits === 8) return { kind: "table", table: int8Table(f, { inputExponent, outputExponent, rounding }) };
  return { kind: "float", f, inputLog2: inputExponent, outputLog2: outputExponent };
}

const LARGEST_FLOAT = 3.4028234663852886e38;

/** Bounds that change nothing. */
function openBounds(x: ProgramTensor): { low: Tensor; high: Tensor } {
  const { min, max } = x.exponents ? rangeOf(x.dtype) : { min: -LARGEST_FLOAT, max: LARGEST_FLOAT };
  return { low: sized(x, min), high: sized(x, max) };
}

function sized({ dtype, exponents }: ProgramTensor, value: number): Tensor {
  if (!exponents) return floatTensor([value], [1]);
  return tensorOf(dtype === "int16" ? Int16Array.of(value) : Int8Array.of(value), [1]);
}
