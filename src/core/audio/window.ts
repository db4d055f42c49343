import { cos } from "../base/elementary.ts";
import type { FeatureSettings } from "../plan/plan.ts";

/** A periodic window of `length` samples (the convention of STFTs: w[length] would equal w[0]). */
export function makeWindow(shape: FeatureSettings["window"], length: number): Float64Array {
  const cosine = (i: number): number => cos((2 * Math.PI * i) / length);
  switch (shape) {
    case "hann":
      return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * cosine(i));
    case "sqrt-hann":
      return Float64Array.from({ length }, (_, i) => Math.sqrt(0.5 - 0.5 * cosine(i)));
    case "hamming":
      return Float64Array.from({ length }, (_, i) => 0.54 - 0.46 * cosine(i));
    case "rectangular":
      return new Float64Array(length).fill(1);
    default:
      throw new Error(`window ${shape satisfies never}`);
  }
}
