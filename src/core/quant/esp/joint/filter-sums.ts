import { floats, type Tensor } from "../../../ir/tensor.ts";
import type { Rounding } from "../../scheme.ts";
import { integersOf } from "../number-format.ts";
import { quantizeToExponent, roundFloat32 } from "../rounding.ts";

/** Sums of the integers of one output channel's weights. */
export interface FilterSums {
  readonly positive: number;
  /** Not above zero. */
  readonly negative: number;
}

/** The weights of a filter by output channel. */
export class FilterChannels {
  readonly count: number;
  private readonly channels: readonly Float32Array[];
  private readonly known = new Map<string, FilterSums>();

  /** `axis`: along which output channels stand. */
  constructor(tensor: Tensor, axis: number) {
    const values = floats(tensor);
    const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
    this.count = tensor.dims[axis] ?? 1;
    const perChannel = values.length / this.count;
    const filled = new Int32Array(this.count);
    const channels = Array.from({ length: this.count }, () => new Float32Array(perChannel));
    for (let i = 0; i < values.length; i++) {
      const channel = Math.floor(i / inner) % this.count;
      const at = filled[channel] as number;
      filled[channel] = at + 1;
      (channels[channel] as Float32Array)[at] = values[i] as number;
    }
    this.channels = channels;
  }

  weights(channel: number): Float32Array {
    return this.channels[channel] ?? new Float32Array(0);
  }

  /** What a channel's integers sum up to at an exponent. */
  sums(channel: number, exponent: number, bits: number, rounding: Rounding): FilterSums {
    const key = `${channel} ${exponent}`;
    const known = this.known.get(key);
    if (known) return known;
    const range = integersOf(bits);
    const round = roundFloat32(rounding);
    let [positive, negative] = [0, 0];
    for (const w of this.weights(channel)) {
      const q = quantizeToExponent(w, exponent, range, round);
      if (q > 0) positive += q;
      else negative += q;
    }
    const sums = { positive, negative };
    this.known.set(key, sums);
    return sums;
  }
}

/**
 * Bound of every partial sum of bias and products, in any order, for inputs between `low` ≤ 0 and `high` ≥ 0: what the chip's
 * accumulator must hold.
 */
export function largestSum(
  { positive, negative }: FilterSums,
  low: number,
  high: number,
  bias: number,
): number {
  const above = Math.max(bias, 0) + positive * high + negative * low;
  const below = Math.min(bias, 0) + positive * low + negative * high;
  return Math.max(above, -below);
}
