import { pow } from "../../base/elementary.ts";
import { sizeOf, tensorOf } from "../../ir/tensor.ts";
import { broadcastOffsets } from "../../ops/rules/broadcast.ts";
import { roundFloat32 } from "../../quant/esp/rounding.ts";
import { roundHalfEven } from "../../quant/round.ts";
import {
  emptyOf,
  filled,
  inputAt,
  type KernelContext,
  numberRange,
  numbersOf,
  outputRecord,
  type Run,
  roundDouble,
  roundingInto,
} from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";
import { runtimeFunction } from "../runtime-function.ts";
import { eachElement, lookUp } from "./byte-table.ts";
import { bytesFrom, combinedBytes, floorOf } from "./byte-vectors.ts";

type Form<K extends KernelForm["kind"]> = Extract<KernelForm, { kind: K }>;

/** The two operands of an elementwise kernel, broadcast to the output. */
function operands(context: KernelContext): {
  count: number;
  a: (i: number) => number;
  b: (i: number) => number;
} {
  const { dims } = outputRecord(context);
  const [a, b] = [0, 1].map((index) => {
    const tensor = inputAt(context, index);
    const data = numbersOf(tensor);
    const offsets = broadcastOffsets(tensor.dims, dims);
    if (!offsets) return (i: number): number => data[i] as number;
    return (i: number): number => data[offsets[i] as number] as number;
  }) as [(i: number) => number, (i: number) => number];
  return { count: sizeOf(dims), a, b };
}

type Numbers = ReturnType<typeof numbersOf>;

/** The operands' elements where nothing is broadcast. */
function sameShaped(context: KernelContext): readonly [Numbers, Numbers] | undefined {
  const count = sizeOf(outputRecord(context).dims);
  const [a, b] = [numbersOf(inputAt(context, 0)), numbersOf(inputAt(context, 1))];
  return a.length === count && b.length === count ? [a, b] : undefined;
}

function sumsOf([a, b]: readonly [Numbers, Numbers], context: KernelContext<Form<"sum">>): Numbers {
  const { sign, relu } = context.form;
  const { dtype } = outputRecord(context);
  const { min, max } = numberRange(dtype);
  const low = relu ? Math.max(0, min) : min;
  if (a instanceof Int8Array && b instanceof Int8Array && dtype === "int8")
    return combinedBytes(a, b, sign, low) ?? narrowSums(a, b, { sign, low, out: new Int8Array(a.length) });
  const out = emptyOf(dtype, a.length);
  for (let i = 0; i < a.length; i++) {
    const y = (a[i] as number) + sign * (b[i] as number);
    out[i] = y < low ? low : y > max ? max : y;
  }
  return out;
}

function narrowSums(
  a: Int8Array,
  b: Int8Array,
  { sign, low, out }: { readonly sign: 1 | -1; readonly low: number; readonly out: Int8Array },
): Int8Array {
  for (let i = 0; i < out.length; i++) {
    const y = (a[i] as number) + sign * (b[i] as number);
    out[i] = y < low ? low : y > 127 ? 127 : y;
  }
  return out;
}

/** Raw integers added; the exponents are equal by construction. Source: esp-dl dl_base_add.cpp, dl_base_sub.cpp. */
export const runSum: Run<Form<"sum">> = (context) => {
  const { sign, relu } = context.form;
  const together = sameShaped(context);
  if (together) return [tensorOf(sumsOf(together, context), outputRecord(context).dims)];
  const { count, a, b } = operands(context);
  return [
    filled(outputRecord(context), count, (i) => {
      const y = a(i) + sign * b(i);
      return relu && y < 0 ? 0 : y;
    }),
  ];
};

/** Source: esp-dl dl_base_mul.cpp 8–46: the integer product becomes float32 before it is scaled. */
export const runMultiply: Run<Form<"multiply">> = (context) => {
  const { count, a, b } = operands(context);
  const record = outputRecord(context);
  const round = roundingInto(record, context.rounding);
  const scale = 2 ** context.form.log2;
  const { relu } = context.form;
  return [
    filled(record, count, (i) => {
      const y = round(Math.fround(a(i) * b(i)) * scale);
      return relu && y < 0 ? 0 : y;
    }),
  ];
};

/**
 * Division in float32, or multiplication by a rounded reciprocal. By zero integers saturate with the sign of the dividend, and 0/0 is 0;
 * the table of a single 8-bit dividend has the lowest integer there. Source: esp-dl dl_base_div.cpp.
 */
export const runDivide: Run<Form<"divide">> = (context) => {
  const { count, a, b } = operands(context);
  const record = outputRecord(context);
  const round = roundingInto(record, context.rounding);
  const { log2, reciprocal } = context.form;
  const scale = 2 ** log2;
  const quotient = reciprocal
    ? (top: number, bottom: number): number => Math.fround(top * Math.fround(scale / bottom))
    : (top: number, bottom: number): number => Math.fround((top * scale) / bottom);
  const isFloat = record.dtype === "float32";
  const tabled = record.dtype === "int8" && sizeOf(inputAt(context, 0).dims) === 1;
  const zeroByZero = tabled ? Number.NEGATIVE_INFINITY : 0;
  return [
    filled(record, count, (i) => {
      const [top, bottom] = [a(i), b(i)];
      if (bottom !== 0 || isFloat) return round(quotient(top, bottom));
      if (top === 0) return zeroByZero;
      return top > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    }),
  ];
};

/** Remainder (0 where the divisor is) and power in float32. Source: esp-dl dl_base_mod.cpp, dl_base_pow.cpp. */
export const runBinary: Run<Form<"binary">> = (context) => {
  const { count, a, b } = operands(context);
  const { op, aLog2, bLog2, outputLog2 } = context.form;
  const record = outputRecord(context);
  const round = roundingInto(record, context.rounding);
  const [aScale, bScale, rescale] = [2 ** aLog2, 2 ** bLog2, 2 ** -outputLog2];
  const f = op === "pow" ? pow : (x: number, y: number): number => (y === 0 ? 0 : x % y);
  return [filled(record, count, (i) => round(Math.fround(f(a(i) * aScale, b(i) * bScale)) * rescale))];
};

export const runTable: Run<Form<"table">> = (context) => {
  const data = numbersOf(inputAt(context, 0));
  const { table } = context.form;
  const record = outputRecord(context);
  if (data instanceof Int8Array && record.dtype === "int8") {
    const floor = floorOf(table);
    const vectors = floor === undefined ? undefined : bytesFrom(data, floor);
    return [tensorOf(vectors ?? lookUp(data, table), record.dims)];
  }
  return [filled(record, data.length, (i) => table[(data[i] as number) + 128] as number)];
};

/** The nearest entry of a coarse table, no interpolation. Source: esp-dl dl_base_lut.cpp 50–77. */
export const runCoarseTable: Run<Form<"coarseTable">> = (context) => {
  const data = numbersOf(inputAt(context, 0));
  const { table } = context.form;
  const step = 65536 / (table.length - 1);
  const round = roundDouble(context.rounding);
  return [
    filled(
      outputRecord(context),
      data.length,
      (i) => table[round(((data[i] as number) + 32768) / step)] as number,
    ),
  ];
};

export const runFloat: Run<Form<"float">> = (context) => {
  const { f, inputLog2, outputLog2 } = context.form;
  const evaluate = runtimeFunction(f);
  const round = roundFloat32(context.rounding);
  const [inScale, outScale] = [2 ** inputLog2, 2 ** -outputLog2];
  const at: (x: number) => number =
    outputRecord(context).dtype === "float32"
      ? (x) => evaluate(x * inScale)
      : (x) => round(evaluate(x * inScale) * outScale);
  return [eachElement(context, inputAt(context, 0), at)];
};

/** Quantize, dequantize, requantize: one routine, chosen by the types. Source: esp-dl dl_tensor_base.cpp 223–401. */
export const runRescale: Run<Form<"rescale">> = (context) => {
  const input = inputAt(context, 0);
  const record = outputRecord(context);
  const from = 2 ** (context.inputRecords[0]?.exponents?.[0] ?? 0);
  const to = 2 ** -(record.exponents?.[0] ?? 0);
  if (record.dtype === "float32") return [eachElement(context, input, (x) => x * from)];
  const data = numbersOf(input);
  if (data instanceof Float32Array && record.dtype === "int8" && context.rounding === "half-even")
    return [tensorOf(quantized(data, from, to), record.dims)];
  const round = roundFloat32(context.rounding);
  return [eachElement(context, input, (x) => round(Math.fround(x * from) * to))];
};

/** Floats to 8 bits, ties to even. */
function quantized(data: Float32Array, from: number, to: number): Int8Array {
  const out = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const q = roundHalfEven(Math.fround((data[i] as number) * from) * to);
    out[i] = q < -128 ? -128 : q > 127 ? 127 : q;
  }
  return out;
}
