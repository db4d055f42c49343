import { type DType, elements, type Tensor, tensorOf } from "../ir/tensor.ts";
import { integersOf } from "../quant/esp/number-format.ts";
import { roundFloat32 } from "../quant/esp/rounding.ts";
import { roundHalfEven } from "../quant/round.ts";
import type { Rounding } from "../quant/scheme.ts";
import type { Kernel, ProgramTensor } from "./program.ts";

/** What a kernel sees when it runs. Input tensors follow the kernel's inputs; absent optional ones are undefined. */
export interface KernelContext<Form extends Kernel["form"] = Kernel["form"]> {
  readonly kernel: Kernel;
  readonly form: Form;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly inputRecords: readonly (ProgramTensor | undefined)[];
  readonly outputRecords: readonly ProgramTensor[];
  readonly rounding: Rounding;
}

export type Run<Form extends Kernel["form"]> = (context: KernelContext<Form>) => Tensor[];

/** Rounds a double to an integer as the chip rounds an accumulator: ties to even, or up. Exact below 2^51. */
export function roundDouble(rounding: Rounding): (x: number) => number {
  if (rounding === "half-even") return roundHalfEven;
  if (rounding === "half-up") return (x) => Math.floor(x + 0.5);
  return (x) => (x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5));
}

/** How results enter the output: rounded where it is integer, as they are (to float32) where it is float. */
export function roundingInto(record: ProgramTensor, rounding: Rounding): (x: number) => number {
  return record.dtype === "float32" ? Math.fround : roundFloat32(rounding);
}

const WIDTHS: Partial<Record<DType, number>> = { int8: 8, int16: 16, int32: 32 };

/** Integers that an element type holds. */
export function rangeOf(dtype: DType): { readonly min: number; readonly max: number } {
  const bits = WIDTHS[dtype];
  if (bits === undefined) throw new Error(`${dtype} holds no quantized activations`);
  return integersOf(bits);
}

/** Elements of an activation: integers or float32. */
export function numbersOf(tensor: Tensor): Int8Array | Int16Array | Int32Array | Float32Array {
  const data = elements(tensor);
  if (
    data instanceof Int8Array ||
    data instanceof Int16Array ||
    data instanceof Int32Array ||
    data instanceof Float32Array
  )
    return data;
  throw new Error(`${tensor.dtype} is no activation`);
}

/** The same, and everything for a float. */
export function numberRange(dtype: DType): { readonly min: number; readonly max: number } {
  return dtype === "float32"
    ? { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }
    : rangeOf(dtype);
}

/** Zeros of an activation's element type. */
export function emptyOf(dtype: DType, count: number): ReturnType<typeof numbersOf> {
  if (dtype === "float32") return new Float32Array(count);
  if (dtype === "int8") return new Int8Array(count);
  return dtype === "int16" ? new Int16Array(count) : new Int32Array(count);
}

/** A new tensor of an activation's type, filled element by element, saturated where it is integer. */
export function filled(record: ProgramTensor, count: number, at: (i: number) => number): Tensor {
  const { min, max } = numberRange(record.dtype);
  const out = emptyOf(record.dtype, count);
  for (let i = 0; i < count; i++) {
    const q = at(i);
    out[i] = q < min ? min : q > max ? max : q;
  }
  return tensorOf(out, record.dims);
}

/** The input at that place. A missing one is a bug of the lowering. */
export function inputAt(context: Pick<KernelContext, "inputs" | "kernel">, index: number): Tensor {
  const tensor = context.inputs[index];
  if (!tensor) throw new Error(`${context.kernel.name} misses input ${index}`);
  return tensor;
}

export function outputRecord(context: Pick<KernelContext, "outputRecords" | "kernel">): ProgramTensor {
  const [record] = context.outputRecords;
  if (!record) throw new Error(`${context.kernel.name} has no output`);
  return record;
}
