import { byteLength, sizeOf } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { extentsFor } from "./extents.ts";
import type { CacheProposal } from "./module.ts";
import { ringsFor } from "./rings.ts";

/**
 * The caches that the model needs at a given chunk, one per value (and initial fill), in graph order. Parts that were
 * refused propose nothing.
 */
export function cacheProposals(analysis: StreamAnalysis, chunk = analysis.minimalChunk): CacheProposal[] {
  const extents = extentsFor(analysis, chunk);
  const nodes = analysis.graph.nodes.filter((node) => analysis.plans.has(node));
  return ringsFor(analysis, extents, nodes).all.map(({ value, axis, frames, readers }) => {
    const fact = analysis.facts.get(value);
    const shape = (extents.shape(value) ?? []).map((d, i) => (i === axis ? frames : d));
    return {
      value,
      axis,
      frames,
      bytes: byteLength(extents.dtype(value), sizeOf(shape)),
      delay: fact?.kind === "stream" ? fact.delay : 0,
      readers,
      shape,
    };
  });
}
