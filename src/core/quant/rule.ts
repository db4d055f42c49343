/** Role of an input in quantization. */
export type InputRole =
  | "activation"
  /** Per-channel weight along `channelAxis` (see QuantRule); an activation if it is not constant. */
  | "weight"
  /** int32 with scale = scale(activation) · scale(weight). */
  | "bias"
  /** Stays as it is: shapes, indices, slopes that the runtime reads in float. */
  | "plain";

export interface QuantRule {
  readonly inputs: readonly InputRole[];
  /** Axis of the weight that indexes output channels; negative counts from the end. */
  readonly channelAxis?: number;
  /**
   * Output parameters: "own" range; "same" as input 0 (data movement, max pooling: the integers are the same);
   * "union" of all inputs (Concat); or a range known without calibration.
   */
  readonly output: "own" | "same" | "union" | readonly [number, number];
  /** True for Relu-like ops that fold into the quantized output of their producer. */
  readonly fusesIntoProducer?: boolean;
  /**
   * True for "same" and "union" ops that cannot take integers as they are (Pad fills with a float; no int8 kernel):
   * they run between DequantizeLinear and QuantizeLinear of equal parameters, which changes no integer.
   */
  readonly floatOnly?: boolean;
}
