import type { Rounding } from "../scheme.ts";

/** What a chip family computes with, for one bit width. Every scale is a power of two, every zero point 0. */
export interface NumberFormat {
  /** Of activations and weights. */
  readonly bits: 8 | 16;
  /** Of the biases of Conv, ConvTranspose and Gemm. */
  readonly biasBits: 20 | 32 | 40 | 64;
  /** Of the whole run, also where single ops have another width. */
  readonly rounding: Rounding;
  /** Whether filters of Conv, ConvTranspose and Gemm have one exponent per output channel. */
  readonly perChannelFilters: boolean;
}

/** Integers of a two's complement width. */
export function integersOf(bits: number): { readonly min: number; readonly max: number } {
  return { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}
