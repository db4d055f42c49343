import { fail } from "../base/problem.ts";
import { gcd, lcm } from "../base/rational.ts";
import type { Node, ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { readsOf } from "./scope.ts";

/** Model-input frames after which every value has advanced by whole frames. Throws `stream.chunkMultiple` for no length. */
export function roundFramesOf({ minimalChunk }: StreamAnalysis, chunk: number): number {
  if (!Number.isInteger(chunk) || chunk < 1) fail({ code: "stream.chunkMultiple", chunk, minimalChunk });
  return lcm(chunk, minimalChunk);
}

/**
 * Per part, in running order: how many chunks it waits for (reference: §7 of the theory, multi-rate scheduling). A part
 * whose values all advance by whole frames runs at every chunk; one behind a stride collects chunks until they do. Never
 * less than the part before, so that only slower parts read from faster ones; what is made once per step belongs to the
 * slowest. Throws `stream.chunkMultiple` if no part can take a single chunk.
 */
export function chunksPerRun(
  analysis: StreamAnalysis,
  parts: readonly (readonly Node[])[],
  chunk: number,
): number[] {
  const { minimalChunk } = analysis;
  const periods: number[] = [];
  for (const nodes of parts) {
    periods.push(lcm(chunksForNodes(analysis, nodes, chunk), periods.at(-1) ?? 1));
  }
  if (periods[0] !== 1) fail({ code: "stream.chunkMultiple", chunk, minimalChunk });
  return periods;
}

/** The fewest chunks that these nodes can take at once. */
export function chunksForNodes(analysis: StreamAnalysis, nodes: Iterable<Node>, chunk: number): number {
  const values = new Set<ValueName>();
  for (const node of nodes)
    for (const name of [...readsOf(analysis, node), ...node.outputs]) values.add(name);
  return [...values].reduce((n, value) => lcm(n, chunksForValue(analysis, value, chunk)), 1);
}

function chunksForValue(analysis: StreamAnalysis, value: ValueName, chunk: number): number {
  const attention = analysis.grids.get(value)?.frame;
  // Attention in blocks of frames takes whole blocks.
  if (attention) return chunksForFrames(analysis, attention.query, attention.period, chunk);
  const kind = analysis.facts.get(value)?.kind;
  if (kind === "perStep") return roundFramesOf(analysis, chunk) / chunk;
  return kind === "stream" ? chunksForFrames(analysis, value, 1, chunk) : 1;
}

/** The fewest chunks in which a stream advances by a multiple of `frames`. */
function chunksForFrames(analysis: StreamAnalysis, stream: ValueName, frames: number, chunk: number): number {
  const fact = analysis.facts.get(stream);
  if (fact?.kind !== "stream") throw new Error(`${stream} does not stream`);
  const inputFrames = frames * fact.rate.den;
  return inputFrames / gcd(inputFrames, fact.rate.num * chunk);
}
