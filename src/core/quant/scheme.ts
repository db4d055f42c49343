export type Rounding = "half-even" | "half-up" | "half-away";

/** How one class of tensors is quantized. */
export interface Scheme {
  readonly bits: 4 | 8 | 16 | 32;
  readonly symmetric: boolean;
  readonly granularity: "tensor" | "channel";
  readonly scale: "float" | "pow2";
  readonly rounding: Rounding;
  /** Symmetric weights in [-127, 127] instead of [-128, 127]. */
  readonly narrow: boolean;
}

/** Affine parameters: real = scale · (q − zeroPoint). One entry per tensor, or per channel along `axis`. */
export interface QuantParams {
  readonly dtype: "int8" | "int16" | "uint8" | "int32";
  /** float32-representable numbers. */
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** Present for per-channel parameters. */
  readonly axis?: number;
}

export type CalibrationMethod = "kl" | "minmax" | "percentile" | "mse";
export const CALIBRATION_METHODS: readonly CalibrationMethod[] = ["kl", "minmax", "percentile", "mse"];
