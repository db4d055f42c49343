import type { Scheme } from "../quant/scheme.ts";

/** One deployment target: data only, with its sources. Passes ask features, never the id. */
export interface Target {
  readonly id: string;
  readonly label: string;
  /** Which artefact writer packages for it. */
  readonly exporter: "onnx-qdq";
  readonly weights: Scheme;
  readonly activations: Scheme;
  readonly bias: Scheme;
  /** ONNX opset that the written model declares at least. */
  readonly minOpset: number;
  readonly newestOpset: number;
  readonly sources: readonly string[];
}
