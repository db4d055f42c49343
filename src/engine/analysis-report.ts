import { inferFeatures } from "../core/audio/infer-features.ts";
import type { FeatureSettings } from "../core/plan/plan.ts";
import { cacheProposals } from "../core/stream/proposals.ts";
import type { Analysis } from "./analyse.ts";
import type { AnalysisReport } from "./reports.ts";

/** What the studio shows of an analysis: candidates, facts, refusals, proposals and the front ends that the shapes suggest. */
export function analysisReport({ stream, candidates }: Analysis): AnalysisReport {
  return {
    axes: candidates,
    facts: stream.facts,
    refusals: stream.refusals,
    proposals: cacheProposals(stream),
    minimalChunk: stream.minimalChunk,
    defaultFeatures: defaultFeatures({ stream }),
  };
}

/** Streaming input → front end inferred from its shape. */
export function defaultFeatures({ stream }: Pick<Analysis, "stream">): Record<string, FeatureSettings> {
  return Object.fromEntries(
    Object.entries(stream.axes).map(([name, axis]) => [
      name,
      inferFeatures(stream.inference.info(name).shape, axis).settings,
    ]),
  );
}
