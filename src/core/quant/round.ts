import type { Rounding } from "./scheme.ts";

/** 1.5·2^52: adding and subtracting it rounds any |x| < 2^51 to an integer, ties to even, by IEEE addition alone. */
const TO_INTEGER = 6755399441055744;

/** Nearest integer, ties to even, for |x| < 2^51. */
export function roundHalfEven(x: number): number {
  return x + TO_INTEGER - TO_INTEGER;
}

/** Nearest integer with ties as the rounding says, for |x| < 2^51. */
export function roundTo(x: number, rounding: Rounding): number {
  switch (rounding) {
    case "half-even":
      return roundHalfEven(x);
    case "half-up":
      return Math.floor(x) + (x - Math.floor(x) >= 0.5 ? 1 : 0);
    case "half-away":
      return x < 0 ? -roundTo(-x, "half-up") : roundTo(x, "half-up");
    default:
      return rounding satisfies never;
  }
}
