import { floats, sizeOf } from "../../ir/tensor.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run, roundingInto } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";
import { newtonRoot } from "./newton-root.ts";

type Normalize = Extract<KernelForm, { kind: "normalize" }>;

const f32 = Math.fround;

/**
 * Layer and RMS normalisation of slices, and division by an L1 or L2 norm: float32 throughout, in the order of the runtime.
 * Source: esp-dl dl_module_layer_normalization.hpp, dl_module_rms_normalization.hpp, dl_base_norm.cpp, dl_module_lp_normalization.hpp.
 */
export const runNormalize: Run<Normalize> = (context) => {
  const { op } = context.form;
  return op === "l1" || op === "l2" ? runNorm(context) : runDeviation(context);
};

const runDeviation: Run<Normalize> = (context) => {
  const { form, rounding, inputs } = context;
  const { op, axis, epsilon, inputLog2, scaleLog2, biasLog2, outputLog2 } = form;
  const input = inputAt(context, 0);
  const x = numbersOf(input);
  const scale = inputs[1] && numbersOf(inputs[1]);
  const bias = inputs[2] && numbersOf(inputs[2]);
  const record = outputRecord(context);
  const round = roundingInto(record, rounding);
  const length = sizeOf(input.dims.slice(axis));
  const [unit, rescale] = [2 ** inputLog2, 2 ** -outputLog2];
  const out = new Float64Array(x.length);
  for (let from = 0; from < x.length; from += length) {
    let [sum, squares] = [0, 0];
    for (let j = 0; j < length; j++) sum += x[from + j] as number;
    if (op === "rms") {
      for (let j = 0; j < length; j++) squares += (x[from + j] as number) ** 2;
      const root = f32(1 / f32(Math.sqrt(f32(f32(f32(f32(squares) * unit * unit) / length) + f32(epsilon)))));
      const factor = f32(root * unit * rescale);
      for (let j = 0; j < length; j++) {
        const scaled = f32(f32((x[from + j] as number) * factor) * (scale?.[j] ?? 1));
        out[from + j] = round(scaled);
      }
      continue;
    }
    const mean = f32(sum / length);
    for (let j = 0; j < length; j++) {
      const difference = f32((x[from + j] as number) - mean);
      squares = f32(squares + f32(difference * difference));
    }
    const variance = f32((squares * unit * unit) / length);
    const inverse = f32(1 / newtonRoot(f32(variance + f32(epsilon))));
    for (let j = 0; j < length; j++) {
      const normal = f32(f32((x[from + j] as number) * unit - f32(mean * unit)) * inverse);
      const scaled = f32(normal * ((scale?.[j] ?? 1) * 2 ** (scale ? scaleLog2 : 0)));
      out[from + j] = round(f32(scaled + (bias?.[j] ?? 0) * 2 ** biasLog2) * rescale);
    }
  }
  return [filled(record, out.length, (i) => out[i] as number)];
};

/** The norm is one of raw integers: their exponent cancels. */
const runNorm: Run<Normalize> = (context) => {
  const { op, axis, outputLog2 } = context.form;
  const input = inputAt(context, 0);
  const x = input.dtype === "float32" ? floats(input) : numbersOf(input);
  const record = outputRecord(context);
  const round = roundingInto(record, context.rounding);
  const length = input.dims[axis] ?? 1;
  const inner = sizeOf(input.dims.slice(axis + 1));
  const rescale = 2 ** -outputLog2;
  const out = new Float64Array(x.length);
  for (let base = 0; base < x.length; base += length * inner) {
    for (let offset = 0; offset < inner; offset++) {
      let norm = 0;
      for (let k = 0; k < length; k++) {
        const value = x[base + k * inner + offset] as number;
        norm += op === "l1" ? Math.abs(value) : value * value;
      }
      const root = op === "l1" ? f32(norm) : f32(Math.sqrt(f32(norm)));
      const inverse = root > 0 ? f32(1 / root) : 0;
      for (let k = 0; k < length; k++) {
        const i = base + k * inner + offset;
        out[i] = round(f32((x[i] as number) * inverse) * rescale);
      }
    }
  }
  return [filled(record, out.length, (i) => out[i] as number)];
};
