import { roundHalfEven } from "../round.ts";
import type { Rounding } from "../scheme.ts";

/** Rounds one float32 value to an integer. */
export type Round = (x: number) => number;

/**
 * The rounding that ESP-PPQ applies to float32 tensors. half-even is exact; half-up adds 0.5 in float32 before the floor,
 * which matters for the float32 predecessor of 0.5 and above 2^22.
 * Source: esp-ppq 1.3.5, utils/round.py 28–44.
 */
export function roundFloat32(rounding: Rounding): Round {
  switch (rounding) {
    case "half-even":
      return roundHalfEven;
    case "half-up":
      return (x) => Math.floor(Math.fround(x + 0.5));
    case "half-away":
      return (x) => (x < 0 ? -Math.floor(Math.fround(0.5 - x)) : Math.floor(Math.fround(x + 0.5)));
    default:
      return rounding satisfies never;
  }
}

/** clamp(round(x / 2^exponent)); `x` is a float32 value. The division is exact but for subnormals. Never −0. */
export function quantizeToExponent(
  x: number,
  exponent: number,
  range: { readonly min: number; readonly max: number },
  round: Round,
): number {
  const q = round(x * 2 ** -exponent);
  return (q < range.min ? range.min : q > range.max ? range.max : q) + 0;
}
