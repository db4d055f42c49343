import type { ValueName } from "../ir/graph.ts";
import type { DType, Tensor } from "../ir/tensor.ts";

/**
 * How a tensor's integers are read: real = scale · (integer − zero point). One scale and zero point, or one of each per channel.
 * A power-of-two exponent e is the scale 2^e with zero point 0.
 */
export interface Grid {
  readonly dtype: DType;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
}

/** Integers with their grid. */
export interface GridTensor extends Grid {
  readonly tensor: Tensor;
}

/**
 * The numbers of a quantized file, whatever its format: what two files have to agree in to compute the same. Names are those of
 * the float model where the file still has them; what a tool inserted under a running number is named by what it does,
 * such as "Transpose(x)", so that structures may differ.
 */
export interface QuantizedModel {
  readonly form: "espdl" | "qdq";
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  /** Activations. */
  readonly values: ReadonlyMap<ValueName, Grid>;
  /**
   * Weights and biases in ONNX order; a Gemm weight always as [C, N], a ConvTranspose filter as that of the convolution
   * over the input spread with zeros: [N, C, …kernel], taps reversed.
   */
  readonly parameters: ReadonlyMap<ValueName, GridTensor>;
  /** Tables of activation functions, by the value that they make. */
  readonly tables: ReadonlyMap<ValueName, GridTensor>;
  /** Test vectors of inputs and of whatever else the file tests. */
  readonly tests: ReadonlyMap<ValueName, GridTensor>;
}
