import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import type { Model, Shape } from "../src/core/ir/graph.ts";
import { elements, floatTensor, sizeOf, type Tensor } from "../src/core/ir/tensor.ts";
import { realInputs } from "../src/core/ir/walk.ts";
import type { Runtime } from "../src/engine/ports.ts";
import { createRuntime } from "../src/runtime/ort.ts";

const runtime: Runtime = createRuntime();

/** Outputs of a model, run once without graph optimisations; undefined if onnxruntime does not take it. */
export async function outputsOf(
  model: Model,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor> | undefined> {
  try {
    const session = await runtime.open(encodeModel(model), { optimization: "disabled" });
    try {
      return await session.run(feeds);
    } finally {
      await session.release();
    }
  } catch {
    return undefined;
  }
}

/** Repeatable values in [-1, 1) for every float32 input; symbolic extents become `length`. */
export function randomFeeds(model: Model, length: number, seed = 1): Record<string, Tensor> {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Object.fromEntries(
    realInputs(model.graph).map((input) => {
      const dims = sizesOf(input.shape ?? [], length);
      return [input.name, floatTensor(Array.from({ length: sizeOf(dims) }, next), dims)];
    }),
  );
}

function sizesOf(shape: Shape, length: number): number[] {
  return shape.map((d) => (typeof d === "number" ? d : length));
}

/**
 * Largest difference of two answers relative to the range of the first; Infinity where names, shapes, types or the
 * places of NaN differ.
 */
export function relativeDifference(
  a: Readonly<Record<string, Tensor>>,
  b: Readonly<Record<string, Tensor>>,
): number {
  if (`${Object.keys(a)}` !== `${Object.keys(b)}`) return Infinity;
  let worst = 0;
  for (const [name, x] of Object.entries(a)) {
    const y = b[name];
    if (!y || x.dtype !== y.dtype || `${x.dims}` !== `${y.dims}`) return Infinity;
    worst = Math.max(worst, tensorDifference(x, y));
  }
  return worst;
}

function tensorDifference(x: Tensor, y: Tensor): number {
  if (x.dtype === "string" || Buffer.compare(x.bytes, y.bytes) === 0) return 0;
  const [p, q] = [elements(x), elements(y)];
  let range = 0;
  let worst = 0;
  for (let i = 0; i < p.length; i++) {
    const [u, v] = [Number(p[i]), Number(q[i])];
    if (Object.is(u, v) || u === v) continue;
    const difference = Math.abs(u - v);
    if (!Number.isFinite(difference)) return Infinity;
    worst = Math.max(worst, difference);
  }
  for (const value of p) if (Number.isFinite(Number(value))) range = Math.max(range, Math.abs(Number(value)));
  return worst === 0 ? 0 : worst / (range || 1);
}
