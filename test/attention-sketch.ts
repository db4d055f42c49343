import { floatTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { type GraphSketch, integers } from "./stream-lab.ts";

/* Self-attention over [1, 2, T] as exporters decompose it: products, scale, additive mask, softmax. */

const SCALE = 1 / 16;

/** Which keys a query reads, from their distance i − j, or from both. */
export interface MaskLaw {
  /** Additive mask of [T, T] with T taken from the input: distances between −right and left pass. */
  readonly left?: number;
  readonly right?: number;
  /** A constant mask of this many frames: true where query i reads key j. */
  readonly table?: { readonly frames: number; reads(i: number, j: number): boolean };
}

const ints = (seed: number, dims: readonly number[]): Tensor => integers(seed, dims, 2);

/** Positions 0 … T − 1, as an exporter writes `torch.arange(x.size(2))`. */
export function positions(g: GraphSketch, x: string): string {
  const length = g.op("Gather", [
    g.op("Shape", [x]),
    g.constant(`two${g.size}`, { ...longScalar(2n), dims: [] }),
  ]);
  const zero = g.constant(`zero${g.size}`, longScalar(0n));
  const one = g.constant(`one${g.size}`, longScalar(1n));
  return g.op("Range", [zero, length, one]);
}

function longScalar(value: bigint): Tensor {
  return { dtype: "int64", dims: [], bytes: new Uint8Array(BigInt64Array.of(value).buffer) };
}

/** [T, T]: i − j. */
export function distances(g: GraphSketch, x: string): string {
  const at = positions(g, x);
  return g.op("Sub", [g.op("Unsqueeze", [at, g.longs([1])]), g.op("Unsqueeze", [at, g.longs([0])])]);
}

function maskOf(g: GraphSketch, x: string, { left, right, table }: MaskLaw): string | undefined {
  const blocked = Number.NEGATIVE_INFINITY;
  if (table) {
    const { frames, reads } = table;
    const rows = Array.from({ length: frames * frames }, (_, at) =>
      reads(Math.floor(at / frames), at % frames) ? 0 : blocked,
    );
    return g.constant(`mask${g.size}`, floatTensor(rows, [frames, frames]));
  }
  if (left === undefined || right === undefined) return undefined;
  const distance = distances(g, x);
  const near = g.op("LessOrEqual", [distance, g.constant(`left${g.size}`, longScalar(BigInt(left)))]);
  const far = g.op("GreaterOrEqual", [distance, g.constant(`right${g.size}`, longScalar(BigInt(-right)))]);
  const [open, shut] = [g.constant(`open${g.size}`, floatTensor([0], [])), floatTensor([blocked], [])];
  return g.op("Where", [g.op("And", [near, far]), open, g.constant(`shut${g.size}`, shut)]);
}

export interface AttentionParts {
  /** What queries and keys, [1, T, 2], become before they meet. */
  readonly rotate?: (g: GraphSketch, part: string) => string;
  /** What is added to the scores beside the mask. */
  readonly bias?: (g: GraphSketch) => string;
}

/** One layer: [1, 2, T] → [1, 2, T]. */
export function attend(
  g: GraphSketch,
  x: string,
  mask: MaskLaw,
  { rotate = (_, part) => part, bias }: AttentionParts = {},
): string {
  const rows = g.op("Transpose", [x], { perm: [0, 2, 1] });
  const project = (seed: number): string =>
    g.op("MatMul", [rows, g.constant(`p${g.size}`, ints(seed + g.size, [2, 2]))]);
  const [q, k, v] = [rotate(g, project(1)), rotate(g, project(2)), project(3)];
  const scores = g.op("MatMul", [q, g.op("Transpose", [k], { perm: [0, 2, 1] })]);
  let scaled = g.op("Mul", [scores, g.constant(`scale${g.size}`, floatTensor([SCALE], []))]);
  if (bias) scaled = g.op("Add", [scaled, bias(g)]);
  const added = maskOf(g, x, mask);
  const weights = g.op("Softmax", [added ? g.op("Add", [scaled, added]) : scaled], { axis: -1 });
  return g.op("Transpose", [g.op("MatMul", [weights, v])], { perm: [0, 2, 1] });
}
