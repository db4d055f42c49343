import { absMax, type Range, withZero } from "./range.ts";
import { roundHalfEven } from "./round.ts";
import type { QuantParams, Scheme } from "./scheme.ts";

/** Range given to tensors that never moved; their integers are then all zero points. */
export const IDLE_RANGE: Range = { low: 0, high: 1e-4 };

/** Smallest normal float32: a smaller scale loses precision, and 0 divides by zero. */
const SMALLEST_SCALE = 2 ** -126;

/** Integers that a scheme uses; `narrow` gives up the most negative one. */
export function integerRange(scheme: Pick<Scheme, "bits" | "narrow">): { min: number; max: number } {
  const max = 2 ** (scheme.bits - 1) - 1;
  return { min: scheme.narrow ? -max : -max - 1, max };
}

/** Integers that a dtype holds. */
export function dtypeRange(dtype: QuantParams["dtype"]): { min: number; max: number } {
  switch (dtype) {
    case "int8":
      return { min: -128, max: 127 };
    case "uint8":
      return { min: 0, max: 255 };
    case "int16":
      return { min: -32768, max: 32767 };
    case "int32":
      return { min: -(2 ** 31), max: 2 ** 31 - 1 };
    default:
      return dtype satisfies never;
  }
}

/**
 * Scale and zero point of one tensor, by ONNX Runtime's rule (`compute_scale_zp`): the range is widened to include
 * zero; scale = (high − low)/(max − min) in float64, stored as float32; zero point = round-half-even(min − low/scale)
 * with the unrounded scale. Symmetric: scale = |range|/max, zero point 0 (uint8: 128). A range too small for a normal
 * float32 scale is replaced by IDLE_RANGE.
 */
export function paramsFor(range: Range, scheme: Scheme, dtype: QuantParams["dtype"]): QuantParams {
  const real = withZero(range);
  const { min, max } = integersOf(scheme, dtype);
  const middle = dtype === "uint8" ? 128 : 0;
  const steps = scheme.symmetric ? max - middle : max - min;
  const span = scheme.symmetric ? absMax(real) : real.high - real.low;
  const scale = span / steps;
  if (!(scale >= SMALLEST_SCALE)) return paramsFor(IDLE_RANGE, scheme, dtype);
  if (scheme.scale === "pow2") return single(dtype, powerOfTwoAbove(scale), middle);
  const zeroPoint = scheme.symmetric ? middle : roundHalfEven(min - real.low / scale);
  return single(dtype, Math.fround(scale), zeroPoint);
}

/** Per-channel parameters from one range per channel. */
export function channelParams(
  ranges: readonly Range[],
  axis: number,
  scheme: Scheme,
  dtype: QuantParams["dtype"],
): QuantParams {
  const each = ranges.map((range) => paramsFor(range, scheme, dtype));
  return {
    dtype,
    scales: each.flatMap((p) => p.scales),
    zeroPoints: each.flatMap((p) => p.zeroPoints),
    axis,
  };
}

function single(dtype: QuantParams["dtype"], scale: number, zeroPoint: number): QuantParams {
  return { dtype, scales: [scale], zeroPoints: [zeroPoint] };
}

function integersOf(scheme: Scheme, dtype: QuantParams["dtype"]): { min: number; max: number } {
  const { min, max } = integerRange(scheme);
  const offset = dtype === "uint8" ? 2 ** (scheme.bits - 1) : 0;
  return { min: min + offset, max: max + offset };
}

/** Smallest power of two that is not below `scale`. */
function powerOfTwoAbove(scale: number): number {
  let power = 1;
  while (power < scale) power *= 2;
  while (power / 2 >= scale) power /= 2;
  return power;
}

/** The integer that stands for a real number, saturated: what a cache of quantized values is filled with at reset. */
export function quantizedFill(real: number, params: QuantParams): number {
  const { min, max } = dtypeRange(params.dtype);
  const zero = params.zeroPoints[0] ?? 0;
  const ratio = Math.fround(real / (params.scales[0] ?? 1));
  return roundHalfEven(Math.min(max - zero, Math.max(min - zero, ratio))) + zero;
}
