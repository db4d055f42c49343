import { doubleTensor } from "../../core/interpret/doubles.ts";
import type { Replacements } from "../../core/interpret/graph-runner.ts";
import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import { consumersOf } from "../../core/ir/walk.ts";

/** Inputs of operators that are nothing but weights of a contraction. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  MatMul: [0, 1],
  Gemm: [0, 1, 2],
  LSTM: [1, 2, 3],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
};

const CHOICES = [-2, -1, 1, 2] as const;

/**
 * Small whole numbers in place of the weights of contractions, the same for the same seed. None is zero, so that every
 * tap and every bias counts. Constants that the converter computes with (the fill of a delay) stay as they are.
 */
export function structuralWeights(graph: Graph, seed: number): Replacements {
  const next = randomBits(seed);
  const readers = consumersOf(graph);
  const replaced = new Map<Tensor, Tensor>();
  for (const [name, tensor] of graph.initializers) {
    if (tensor.dtype !== "float32" || !(readers.get(name) ?? []).every((n) => isWeight(name, n.op, n.inputs)))
      continue;
    const data = Float64Array.from({ length: sizeOf(tensor.dims) }, () => CHOICES[next() & 3] as number);
    replaced.set(tensor, doubleTensor(data, tensor.dims));
  }
  return replaced;
}

function isWeight(name: ValueName, op: string, inputs: readonly ValueName[]): boolean {
  const places = WEIGHTS[op] ?? [];
  return inputs.every((input, i) => input !== name || places.includes(i));
}

/** The high bits of xorshift32 (Marsaglia 2003), whose steps are exact everywhere. */
export function randomBits(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 8;
  };
}

/** A seed from a model's SHA-256. */
export function seedOf(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 8), 16) || 1;
}
