import type { Model, ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { offlineReference } from "../core/stream/offline-reference.ts";
import { type Block, offlineInputs } from "./blocks.ts";
import { encodeGraph } from "./encode-graph.ts";
import { firstTrueStep, framesAfter, type MovingFact } from "./frames-of.ts";
import type { GraphOptimization, Runtime } from "./ports.ts";

/** The offline model over a whole input of chunk·steps frames: value → whole tensor, or [steps, …] if per step. */
export async function runOffline(
  runtime: Runtime,
  model: Model,
  analysis: StreamAnalysis,
  at: { readonly chunk: number; readonly steps: number; readonly optimization?: GraphOptimization },
  observe: readonly ValueName[],
  inputs: Block,
): Promise<Map<ValueName, Tensor>> {
  const { graph, outputs } = offlineReference(model, analysis, { ...at, observe });
  const { optimization } = at;
  const session = await runtime.open(encodeGraph(graph, model.opsets), optimization && { optimization });
  try {
    const given = offlineInputs(inputs, analysis);
    const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, given[name] as Tensor] as const));
    const results = await session.run(feeds);
    return new Map(outputs.map((name) => [name, results[name] as Tensor]));
  } finally {
    await session.release();
  }
}

/** Which frames of an offline value and of its streaming twin are the same frames: [from, from + length) of each. */
export interface Alignment {
  readonly axis: number;
  readonly offlineFrom: number;
  readonly streamingFrom: number;
  readonly length: number;
}

/**
 * Aligns by delay: streaming frame p is offline frame p − delay. Frames that only come out when a stream is flushed are
 * left out, and so are those that read padding behind the end. Per-step values align step by step from the first whole window on.
 */
export function align(
  fact: MovingFact,
  at: { readonly chunk: number; readonly steps: number },
  offline: { readonly extent: number; readonly cleanLag: number },
): Alignment {
  if (fact.kind === "perStep") {
    const from = Math.min(at.steps, firstTrueStep(fact, at.chunk));
    return { axis: 0, offlineFrom: from, streamingFrom: from, length: at.steps - from };
  }
  const physical = framesAfter(fact, at.chunk * at.steps);
  const clean = physical - fact.delay + Math.min(0, offline.cleanLag);
  const length = Math.max(0, Math.min(offline.extent, clean));
  return { axis: fact.axis, offlineFrom: 0, streamingFrom: fact.delay, length };
}
