import { attributesOf } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import { floats } from "../ir/tensor.ts";
import type { PassContext } from "./pass.ts";

/** y = factor·x + shift per channel, in double. */
export interface Affine {
  readonly factor: Float64Array;
  /** The shift of a channel whose input has this bias. */
  readonly shift: (channel: number, bias: number) => number;
}

/** What a BatchNormalization computes: γ/√(σ²+ε) and β − μ·γ/√(σ²+ε). Undefined in training, and where a statistic is computed. */
export function affineOf(norm: Node, context: PassContext): Affine | undefined {
  const attributes = attributesOf(norm);
  const [gamma, beta, mean, variance] = norm.inputs.slice(1, 5).map((name) => {
    const { constant } = context.inference.info(name);
    return constant?.dtype === "float32" ? floats(constant) : undefined;
  });
  if (!gamma || !beta || !mean || !variance || attributes.int("training_mode", 0) !== 0) return undefined;
  if (norm.outputs.slice(1).some((o) => o !== "")) return undefined;
  const epsilon = attributes.float("epsilon", Math.fround(1e-5));
  const factor = Float64Array.from(gamma, (g, c) => g / Math.sqrt((variance[c] ?? 0) + epsilon));
  return {
    factor,
    shift: (c, bias) => (bias - (mean[c] ?? 0)) * (factor[c] ?? 0) + (beta[c] ?? 0),
  };
}
